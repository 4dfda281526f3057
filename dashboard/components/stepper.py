"""Charts that are animated together in the browser, without reruns: play, pause, step, speed, slider.

Each figure either carries frames named "0", "1", ... (one per step), or has a first shape that marks the current step.
The arithmetic is MathML, generated on the server for every step.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from dashboard.components.plotly_loader import LIBRARY


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """One figure of a stepper.

    Attributes:
        figure: With frames, or with a first shape that is moved to the current step.
        name: File name of a saved picture.
        wide: Whether it takes the whole width.
    """

    figure: go.Figure
    name: str
    wide: bool = False


_HTML = """
<div class="stepper">
  <div class="stepper-bar" role="group" aria-label="Animation">
    <button type="button" data-do="back" title="One step back (left arrow)" aria-label="Step back" aria-keyshortcuts="ArrowLeft">&#9664;</button>
    <button type="button" data-do="play" title="Play (space)" aria-label="Play" aria-keyshortcuts="Space">&#9654; Play</button>
    <button type="button" data-do="forward" title="One step on (right arrow)" aria-label="Step forward" aria-keyshortcuts="ArrowRight">&#9654;&#9654;</button>
    <input type="range" min="1" value="1" step="1" aria-label="Step">
    <span class="stepper-now" aria-live="polite"></span>
    <label>Speed <select aria-label="Speed">
      <option value="1600">slow</option><option value="800" selected>normal</option>
      <option value="350">fast</option><option value="120">very fast</option>
    </select></label>
  </div>
  <div class="stepper-figures"></div>
  <div class="stepper-arithmetic"></div>
</div>
"""

_CSS = """
.stepper { color: var(--st-text-color); font-family: var(--st-font); }
.stepper-bar { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; position: sticky; top: 0; z-index: 5;
  background: var(--st-background-color); padding: .5rem 0; }
.stepper-bar button, .stepper-bar select { font: inherit; color: inherit; background: var(--st-secondary-background-color);
  border: 1px solid var(--st-border-color, rgba(128,136,148,.4)); border-radius: .5rem; padding: .3rem .7rem; cursor: pointer; }
.stepper-bar button:focus-visible, .stepper-bar select:focus-visible, .stepper-bar input:focus-visible {
  outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.stepper-bar button[data-do=play] { min-width: 6.2rem; }
.stepper-bar input { flex: 1 1 8rem; min-width: 6rem; accent-color: var(--st-primary-color); }
.stepper-bar label { font-size: .85rem; }
.stepper-now { min-width: 10.5rem; font-variant-numeric: tabular-nums; }
.stepper-figures { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .75rem 1.25rem; }
.stepper-arithmetic { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .75rem 1.25rem; margin-top: .75rem; }
.stepper-wide { grid-column: 1 / -1; }
@media (max-width: 760px) { .stepper-figures, .stepper-arithmetic { grid-template-columns: minmax(0, 1fr); } }
.stepper-arithmetic h4 { margin: .25rem 0 .5rem; font-size: 1rem; }
.stepper-line { padding: .35rem 0; border-top: 1px solid var(--st-border-color, rgba(128,136,148,.25)); overflow-x: auto; }
.stepper-line b { font-weight: 600; } .stepper-line small { opacity: .8; }
.stepper-line math { display: block; margin: .15rem 0; font-size: 1rem; }
"""

_JS = (
    LIBRARY
    + """
// what these keys do; elements that use them themselves keep them
const KEYS = { ' ': 'play', ArrowLeft: 'back', ArrowRight: 'forward' };
const OWN_ARROWS = 'input, select, textarea, [contenteditable], [role=radiogroup], [role=slider], [role=tablist], '
  + '[role=listbox], [role=combobox], [role=grid], [role=group]:not(.stepper-bar), [role=dialog], canvas';
const OWN_SPACE = OWN_ARROWS + ', button, summary, a, label';
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector('.stepper');
  if (!root || !data) return;
  const bar = root.querySelector('.stepper-bar'), range = bar.querySelector('input');
  const figures = root.querySelector('.stepper-figures'), sums = root.querySelector('.stepper-arithmetic');
  const now = root.querySelector('.stepper-now'), play = bar.querySelector('[data-do=play]');
  const state = root.state ??= { step: data.start, timer: 0, moved: false };
  state.data = data;
  if (!state.moved) state.step = data.start;
  range.max = data.steps;
  state.step = Math.min(state.step, data.steps - 1);
  while (figures.children.length > data.figures.length) figures.lastChild.remove();
  while (figures.children.length < data.figures.length) figures.appendChild(document.createElement('div'));
  const move = (step) => {
    state.step = Math.max(0, Math.min(state.data.steps - 1, step));
    range.value = state.step + 1;
    now.textContent = `Current step: ${state.step + 1} / ${state.data.steps}`;
    sums.innerHTML = state.data.arithmetic.map((part) => `<section><h4>${part.title}</h4>${part.steps[state.step]}</section>`).join('');
    library().then((plotly) => state.data.figures.forEach((one, index) => {
      const canvas = figures.children[index];
      if (!canvas.isConnected || !canvas.drawn) return;
      if (one.frames.length) {
        const pace = Math.min(250, Number(bar.querySelector('select').value) / 2);
        plotly.animate(canvas, [String(state.step)], { mode: 'immediate', frame: { duration: 0, redraw: false }, transition: { duration: pace } });
      } else if ((one.figure.layout.shapes || []).length) {
        plotly.relayout(canvas, { 'shapes[0].x0': state.step + 0.5, 'shapes[0].x1': state.step + 1.5 });
      }
    }));
  };
  const pause = () => {
    clearInterval(state.timer); state.timer = 0;
    play.innerHTML = '&#9654; Play'; play.setAttribute('aria-label', 'Play'); play.title = 'Play (space)';
  };
  const start = () => {
    if (state.step >= state.data.steps - 1) move(0);
    play.innerHTML = '&#10074;&#10074; Pause'; play.setAttribute('aria-label', 'Pause'); play.title = 'Pause (space)';
    clearInterval(state.timer);
    state.timer = setInterval(() => {
      if (!root.isConnected || state.step >= state.data.steps - 1) return pause();
      move(state.step + 1);
    }, Number(bar.querySelector('select').value));
  };
  const act = (what) => {
    state.moved = true;
    if (what === 'play') { state.timer ? pause() : start(); }
    if (what === 'back') { pause(); move(state.step - 1); }
    if (what === 'forward') { pause(); move(state.step + 1); }
  };
  state.act = act;
  bar.onclick = (event) => { const what = event.target.closest('button')?.dataset.do; if (what) act(what); };
  range.oninput = () => { state.moved = true; pause(); move(Number(range.value) - 1); };
  bar.querySelector('select').onchange = () => { if (state.timer) start(); };
  const draw = () => library().then(async (plotly) => {
    for (const [index, one] of state.data.figures.entries()) {
      const canvas = figures.children[index];
      canvas.className = one.wide ? 'stepper-wide' : '';
      canvas.setAttribute('role', 'figure'); canvas.setAttribute('aria-label', one.figure.layout.meta);
      canvas.style.minHeight = one.figure.layout.height + 'px';
      const config = { responsive: true, displaylogo: false, displayModeBar: toolbar(),
        modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d', 'sendChartToCloud'], toImageButtonOptions: { format: 'svg', filename: one.name } };
      await plotly.react(canvas, structuredClone(one.figure.data), themed(structuredClone(one.figure.layout), root), config);
      if (one.frames.length) {
        const old = (canvas._transitionData?._frames || []).map((_, place) => place);
        if (old.length) await plotly.deleteFrames(canvas, old);
        await plotly.addFrames(canvas, structuredClone(one.frames));
      }
      canvas.drawn = true;
    }
    move(state.step);
  });
  draw();
  if (!root.watching) {
    root.watching = true;
    const keys = (event) => {
      if (!root.isConnected) return document.removeEventListener('keydown', keys);
      const what = KEYS[event.key], own = event.target.closest?.(event.key === ' ' ? OWN_SPACE : OWN_ARROWS);
      if (!what || own || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      event.preventDefault();
      root.state.act(what);
    };
    document.addEventListener('keydown', keys);
    const app = parentElement.closest('.stApp') || document.body;
    new MutationObserver(() => { if (root.isConnected) draw(); }).observe(app, { attributes: true, attributeFilter: ['class', 'style'] });
  }
}
"""
)

_mount = st.components.v2.component("gatescope_stepper", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


def stepper(
    figures: Sequence[Moving],
    arithmetic: Sequence[tuple[str, Sequence[str]]],
    *,
    steps: int,
    key: str,
    start: int = 0,
) -> None:
    """Show figures that are animated together.

    Args:
        figures: The figures, two in a row if the screen is wide enough.
        arithmetic: Title and HTML of each step, per column. The HTML is not escaped: it must contain no untrusted text.
        steps: Number of steps.
        key: Identity on the page; a later call with the same key keeps a step that the visitor chose.
        start: Step, from 0, that is shown first, and again when another one becomes the start before the visitor moved.
    """
    parts = []
    for one in figures:
        plain = json.loads(one.figure.to_json())
        frames = plain.pop("frames", [])
        parts.append({"figure": plain, "frames": frames, "name": one.name, "wide": one.wide})
    sums = [{"title": title, "steps": list(html)} for title, html in arithmetic]
    _mount(key=key, data={"figures": parts, "arithmetic": sums, "steps": steps, "start": start})
