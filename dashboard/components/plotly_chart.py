"""The front end of every Plotly chart: drawn when it is about to scroll into view, redrawn in place, one bundle for all.

Streamlit's own chart element is rebuilt whenever its data changes, which loses zoom, and it fetches a second bundle;
`Plotly.react` on the same element does neither. A chart below the fold is an empty frame of its final height until
somebody scrolls near it. A live chart waits between two redraws four times as long as a redraw takes, so that a machine
that both shows and trains spends most of its time training.
"""

import weakref
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from plotly.io.json import to_json_plotly

from dashboard.components.plotly_loader import LIBRARY

_HTML = """
<div class="chart-frame">
  <div class="chart" role="figure"><div class="chart-canvas"></div></div>
  <div class="chart-pictures">
    <button type="button" data-format="png">PNG</button><button type="button" data-format="svg">SVG</button>
  </div>
</div>
"""

_CSS = """
.chart { width: 100%; }
.chart-pictures { display: flex; justify-content: flex-end; gap: .15rem; height: 24px; pointer-events: none; }
.chart-pictures button { font: .8rem var(--st-font); color: var(--st-text-color); opacity: .75; cursor: pointer; pointer-events: auto; padding: 0 .5rem;
  background: none; border: 1px solid transparent; border-radius: .35rem; }
.chart-pictures button:hover { opacity: 1; border-color: rgba(128, 136, 148, .45); }
.chart-pictures button:focus-visible { opacity: 1; outline: 2px solid var(--st-primary-color); }
.chart[data-drawn='no'] { background: var(--st-secondary-background-color); border-radius: var(--st-base-radius); }
"""

_JS = (
    LIBRARY
    + """
const REACH = '300px';  // how far beyond the edge of the window charts are drawn
const SHARE = 4;  // redraws wait this many times as long as the last one took

function watch(frame) {
  const canvas = frame.querySelector('.chart-canvas');
  const root = frame.closest('.stApp') || document.body;
  const redrawn = () => { if (frame.isConnected) frame.draw(true); else forget(); };
  const reach = () => { frame.reached = true; seen.disconnect(); frame.draw(); };
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    if (root.dataset.testScriptState !== 'running' || frame.classList.contains('live-chart')) return reach();
    // later content may still push it below the fold: check again
    seen.unobserve(frame);
    setTimeout(() => seen.observe(frame), 150);
  }, { rootMargin: REACH });
  const themes = new MutationObserver(redrawn);
  const sizes = new ResizeObserver(() => {
    if (!frame.isConnected) return forget();
    const fresh = frame.clientWidth && frame.drawnWidth && Math.abs(frame.clientWidth - frame.drawnWidth) > 1;
    if (!fresh || !window.Plotly) return;
    frame.drawnWidth = frame.clientWidth;
    window.Plotly.Plots.resize(canvas);
  });
  const print = () => { frame.reached = true; frame.draw(); };
  const forget = () => {
    [seen, themes, sizes].forEach((observer) => observer.disconnect());
    window.removeEventListener('beforeprint', print);
  };
  seen.observe(frame);
  themes.observe(root, { attributes: true, attributeFilter: ['class', 'style'] });
  sizes.observe(frame);
  window.addEventListener('beforeprint', print);
}

function paint(frame, plotly) {
  const canvas = frame.querySelector('.chart-canvas');
  const begun = performance.now();
  const { traces, layout, name } = frame.latest;
  const config = {
    displaylogo: false, displayModeBar: toolbar(),
    modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d', 'toImage', 'sendChartToCloud'],
  };
  frame.drawnWidth = frame.clientWidth;
  return plotly.react(canvas, traces, { ...themed(structuredClone(layout), frame), autosize: true }, config).then(() => {
    if (!canvas.listening) {
      canvas.listening = true;
      canvas.on('plotly_click', (event) => {
        const picked = event.points[0]?.customdata;
        if (frame.latest.picks && picked !== undefined) {
          frame.trigger('picked', ArrayBuffer.isView(picked) ? Array.from(picked) : picked);
        }
      });
    }
    frame.dataset.drawn = 'yes';
    frame.due = performance.now() + SHARE * (performance.now() - begun);
  });
}

function save(frame, format) {
  const ground = getComputedStyle(frame).getPropertyValue('--st-background-color').trim();
  frame.reached = true;
  return library().then((plotly) => {
    const { traces, layout, name } = frame.latest;
    const look = { ...themed(structuredClone(layout), frame), paper_bgcolor: ground, plot_bgcolor: ground };
    look.font.family = 'Arial, Helvetica, sans-serif';  // the page's own font is not in the file
    look.margin = { ...look.margin, r: (look.margin?.r ?? 8) + 24 };
    const size = { width: frame.clientWidth, height: layout.height };
    return plotly.downloadImage({ data: structuredClone(traces), layout: { ...look, ...size } },
      { format, filename: name, scale: format === 'png' ? 2 : 1, ...size });
  }).catch((problem) => console.warn(problem));
}

function setUp(frame) {
  frame.due = 0;
  frame.draw = (again) => {
    if (!frame.reached || frame.pending || (again && frame.dataset.drawn === 'no')) return;
    frame.pending = true;
    const wait = Math.max(0, frame.due - performance.now());
    const now = () => library().then((plotly) => {
      frame.pending = false;
      if (frame.isConnected) return paint(frame, plotly);
    }).catch((problem) => { frame.pending = false; console.warn(problem); });
    if (wait) setTimeout(now, wait); else now();
  };
  watch(frame);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector('.chart');
  if (!frame || !data) return;
  const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
  frame.trigger = setTriggerValue;
  if (frame.text === text) return;
  frame.text = text;
  const { figure, name, live, picks } = JSON.parse(text);
  frame.latest = { traces: figure.data, layout: figure.layout, name, picks };
  frame.setAttribute('aria-label', figure.layout.meta);
  frame.classList.toggle('live-chart', live);
  frame.querySelector('.chart-canvas').classList.toggle('live-chart-canvas', live);
  frame.style.minHeight = figure.layout.height + 'px';
  parentElement.querySelectorAll('.chart-pictures button').forEach((button) => {
    const format = button.dataset.format;
    button.title = `Save the chart as ${format.toUpperCase()}`;
    button.setAttribute('aria-label', `Save the chart ${name} as ${format.toUpperCase()}`);
    button.onclick = () => save(frame, format);
  });
  frame.dataset.drawn ??= 'no';
  if (!frame.draw) setUp(frame);
  frame.draw();
}
"""
)

PICTURES = 24  # pixels below a chart for the buttons that save it

_mount = st.components.v2.component("gatescope_chart", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)
_written: dict[int, tuple["weakref.ref[go.Figure]", str]] = {}  # the serialised form of figures, as long as they exist


def mount(figure: go.Figure, *, key: str, name: str, live: bool = False, picked: Any = None) -> Any:
    """Draw a figure on the page; a later call with the same key redraws it in place.

    Args:
        figure: The figure; do not modify it afterwards. `layout.uirevision` decides how long zoom is kept, `layout.meta`
            is its text alternative.
        key: Identity on the page.
        name: File name of a saved picture, without an ending.
        live: Whether it is updated while the page is open.
        picked: Called before the page is drawn again when a point was clicked.

    Returns:
        The component's result; `picked` is the `customdata` of the clicked point.
    """
    tall = int(figure.layout.height) + PICTURES  # reserved from the start
    frame = to_json_plotly({"name": name, "live": live, "picks": picked is not None})
    content = f'{frame[:-1]},"figure":{_as_json(figure)}}}'.encode()
    callbacks = {} if picked is None else {"on_picked_change": picked}
    return _mount(key=key, height=tall, data=content, **callbacks)


def _as_json(figure: go.Figure) -> str:
    place = id(figure)
    known = _written.get(place)
    if known is not None and known[0]() is figure:
        return known[1]
    text = str(to_json_plotly(figure.to_dict()))
    _written[place] = (weakref.ref(figure, lambda gone: _written.pop(place, None)), text)
    return text
