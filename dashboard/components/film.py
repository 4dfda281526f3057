"""Charts that one slider replays: every frame is sent once, so moving the slider needs no server."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard.components.plotly_loader import LIBRARY

_HTML = """
<div class="film">
  <div class="film-controls">
    <button type="button" class="film-play" aria-label="Play">&#9654;</button>
    <input type="range" class="film-slider" min="0" step="1" aria-label="Snapshot">
    <output class="film-label"></output>
  </div>
  <div class="film-charts"></div>
</div>
"""

_CSS = """
.film-controls { display: flex; align-items: center; gap: 0.75rem; flex-wrap: wrap; padding-bottom: 0.5rem; }
.film-slider { flex: 1 1 12rem; accent-color: var(--st-primary-color); height: 1.6rem; }
.film-play { border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); width: 2.4rem;
  height: 2.4rem; background: var(--st-secondary-background-color); color: var(--st-text-color); cursor: pointer; }
.film-play:focus-visible, .film-slider:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.film-label { min-width: 9rem; color: var(--st-text-color); font-variant-numeric: tabular-nums; }
.film-charts { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); }
.film-charts > * { min-width: 0; }
.film-wide { grid-column: 1 / -1; }
"""

_JS = (
    LIBRARY
    + """
function unpack(change) {
  const bytes = atob(change.packed);
  const [rows, columns] = change.shape;
  const z = [];
  for (let row = 0; row < rows; row++) {
    const line = new Float32Array(columns);
    for (let column = 0; column < columns; column++) {
      line[column] = ((bytes.charCodeAt(row * columns + column) << 24) >> 24) / 100;
    }
    z.push(line);
  }
  return { z };
}
function changed(traces, changes) {
  const copy = traces.slice();
  for (const change of changes) {
    copy[change.trace] = { ...copy[change.trace], ...(change.packed ? unpack(change) : change.values) };
  }
  return copy;
}
function setUp(film) {
  film.slider = film.querySelector('.film-slider');
  film.label = film.querySelector('.film-label');
  film.play = film.querySelector('.film-play');
  film.charts = film.querySelector('.film-charts');
  const stop = () => { clearInterval(film.timer); film.timer = undefined; film.play.textContent = '\\u25B6';
    film.play.setAttribute('aria-label', 'Play'); };
  film.slider.addEventListener('input', () => { stop(); film.show(Number(film.slider.value)); });
  film.play.addEventListener('click', () => {
    if (film.timer) return stop();
    film.play.textContent = '\\u23F8';
    film.play.setAttribute('aria-label', 'Pause');
    if (Number(film.slider.value) >= Number(film.slider.max)) film.slider.value = -1;
    film.timer = setInterval(() => {
      if (!film.isConnected) return clearInterval(film.timer);
      film.slider.value = Number(film.slider.value) + 1;
      film.show(Number(film.slider.value));
      if (Number(film.slider.value) >= Number(film.slider.max)) stop();
    }, 450);
  });
  const root = film.closest('.stApp') || document.body;
  new MutationObserver(() => { if (film.isConnected) film.show(Number(film.slider.value)); })
    .observe(root, { attributes: true, attributeFilter: ['class', 'style'] });
}
export default function ({ data, parentElement }) {
  const film = parentElement.querySelector('.film');
  if (!film || !data) return;
  if (!film.charts) setUp(film);
  const last = data.labels.length - 1;
  const first = film.latest === undefined;
  film.latest = data;
  film.slider.max = last;
  if (first) film.slider.value = last;
  while (film.charts.children.length > data.figures.length) film.charts.lastChild.remove();
  while (film.charts.children.length < data.figures.length) {
    film.charts.appendChild(document.createElement('div')).className = 'film-chart';
  }
  const config = { responsive: true, displaylogo: false, displayModeBar: toolbar(),
    modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d', 'sendChartToCloud'] };
  film.show = (frame) => library().then((plotly) => {
    if (!film.isConnected) return;
    const { figures, labels } = film.latest;
    const shown = Math.min(frame, labels.length - 1);
    film.label.textContent = labels[shown];
    film.slider.setAttribute('aria-valuetext', labels[shown]);
    figures.forEach(({ figure, frames, wide, name }, index) => {
      const canvas = film.charts.children[index];
      canvas.classList.toggle('film-wide', wide);
      canvas.setAttribute('role', 'figure');
      canvas.setAttribute('aria-label', figure.layout.meta);
      canvas.style.minHeight = figure.layout.height + 'px';
      const layout = themed(structuredClone(figure.layout), film);
      plotly.react(canvas, changed(figure.data, frames[shown]), layout,
        { ...config, toImageButtonOptions: { format: 'svg', filename: name } });
    });
  });
  film.show(Number(film.slider.value));
}
"""
)

_mount = st.components.v2.component("gatescope_film", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reel:
    """One chart of a film.

    Attributes:
        figure: The chart without the changing parts.
        frames: The changes of each frame; see `dashboard.charts.film`.
        name: File name of a saved picture, without an ending.
        wide: Whether it takes the whole width.
    """

    figure: go.Figure
    frames: Sequence[Sequence[dict[str, Any]]]
    name: str
    wide: bool = False


def film(reels: Sequence[Reel], labels: Sequence[str], *, key: str) -> None:
    """Show charts with one slider over their frames; all charts have the same number of frames.

    Args:
        reels: The charts.
        labels: Label of each frame.
        key: Identity on the page.
    """
    figures = [
        {
            "figure": json.loads(reel.figure.to_json()),
            "frames": reel.frames,
            "name": reel.name,
            "wide": reel.wide,
        }
        for reel in reels
    ]
    _mount(key=key, data={"figures": figures, "labels": list(labels)})
