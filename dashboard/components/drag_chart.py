"""A line whose points can be dragged up and down, with a finger, the mouse or the keyboard.

One focusable element is a slider: left and right arrows choose a step, up and down change its value. The page hears of a change when the
point is let go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard import state

HEIGHT = 240  # pixels

_HTML = """
<div class="drag-chart">
  <div class="drag-chart-title"></div>
  <svg role="slider" tabindex="0" preserveAspectRatio="none"></svg>
</div>
"""

_CSS = """
.drag-chart { color: var(--st-text-color); font-family: var(--st-font); }
.drag-chart-title { font-weight: 600; font-size: .95rem; padding-bottom: .25rem; }
.drag-chart svg { width: 100%; height: 210px; display: block; overflow: visible; touch-action: pan-y; border-radius: .25rem; }
.drag-chart svg:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: -2px; }
.drag-chart text { fill: currentColor; font-size: 12px; }
.drag-chart .drag-grid { stroke: currentColor; stroke-opacity: .18; }
.drag-chart .drag-original { fill: none; stroke: currentColor; stroke-opacity: .6; stroke-width: 1.5; stroke-dasharray: 5 4; }
.drag-chart .drag-edited { fill: none; stroke: var(--st-primary-color); stroke-width: 2.5; }
.drag-chart .drag-point { fill: var(--st-primary-color); }
.drag-chart .drag-chosen { fill: var(--st-background-color); stroke: var(--st-primary-color); stroke-width: 3; }
.drag-chart .drag-hold { fill: transparent; cursor: ns-resize; touch-action: none; }
"""

_JS = """
const LEFT = 56, RIGHT = 12, TOP = 10, BOTTOM = 24, TALL = 210;
const NAMES = 'http://www.w3.org/2000/svg';
function add(svg, tag, facts, text) {
  const one = svg.appendChild(document.createElementNS(NAMES, tag));
  for (const [name, value] of Object.entries(facts)) one.setAttribute(name, value);
  if (text !== undefined) one.textContent = text;
  return one;
}
const written = (value) => String(Number(value.toPrecision(4)));
function draw(chart) {
  const { svg, values, data } = chart, { low, high, original, labels } = data;
  const wide = Math.max(200, svg.clientWidth), count = values.length;
  const across = (step) => LEFT + (count < 2 ? 0.5 : step / (count - 1)) * (wide - LEFT - RIGHT);
  const up = (value) => TOP + (1 - (value - low) / (high - low)) * (TALL - TOP - BOTTOM);
  chart.valueAt = (y) => Math.min(high, Math.max(low, low + (1 - (y - TOP) / (TALL - TOP - BOTTOM)) * (high - low)));
  svg.setAttribute('viewBox', `0 0 ${wide} ${TALL}`);
  svg.replaceChildren();
  for (const share of [0, 0.5, 1]) {
    const value = low + share * (high - low);
    add(svg, 'line', { class: 'drag-grid', x1: LEFT, x2: wide - RIGHT, y1: up(value), y2: up(value) });
    add(svg, 'text', { x: LEFT - 6, y: up(value) + 4, 'text-anchor': 'end' }, written(value));
  }
  const pace = Math.max(1, Math.ceil(count / Math.max(2, Math.floor(wide / 110))));
  labels.forEach((label, step) => {
    if (step % pace === 0) add(svg, 'text', { x: across(step), y: TALL - 4, 'text-anchor': 'middle' }, label);
  });
  const line = (numbers) => numbers.map((value, step) => `${across(step)},${up(value)}`).join(' ');
  add(svg, 'polyline', { class: 'drag-original', points: line(original) });
  add(svg, 'polyline', { class: 'drag-edited', points: line(values) });
  const reach = Math.max(7, Math.min(16, (wide - LEFT - RIGHT) / count / 2));
  values.forEach((value, step) => {
    const chosen = step === chart.step;
    const place = { cx: across(step), cy: up(value) };
    add(svg, 'circle', { class: chosen ? 'drag-chosen' : 'drag-point', r: chosen ? 7 : count > 60 ? 3 : 5, ...place });
  });
  values.forEach((value, step) =>
    add(svg, 'circle', { class: 'drag-hold', r: reach, cx: across(step), cy: up(value), 'data-step': step }));
  const now = values[chart.step];
  svg.setAttribute('aria-label', `${data.title}. Left and right choose a step, up and down change it`);
  for (const [name, value] of [['min', low], ['max', high], ['now', now]]) svg.setAttribute(`aria-value${name}`, value);
  svg.setAttribute('aria-valuetext', `${data.names[chart.step]}: ${written(now)}`);
}
function setUp(chart) {
  const { svg } = chart;
  const tell = () => chart.trigger('moved', { step: chart.step, value: chart.values[chart.step], column: chart.data.column });
  svg.addEventListener('pointerdown', (event) => {
    const step = event.target.dataset?.step;
    if (step === undefined) return;
    event.preventDefault();
    svg.focus({ preventScroll: true });
    chart.step = Number(step);
    chart.dragging = true;
    svg.setPointerCapture(event.pointerId);
    draw(chart);
  });
  svg.addEventListener('pointermove', (event) => {
    if (!chart.dragging) return;
    const box = svg.getBoundingClientRect();
    chart.values[chart.step] = chart.valueAt((event.clientY - box.top) * TALL / box.height);
    draw(chart);
  });
  const end = () => { if (chart.dragging) { chart.dragging = false; tell(); } };
  svg.addEventListener('pointerup', end);
  svg.addEventListener('pointercancel', end);
  let later;
  svg.addEventListener('keydown', (event) => {
    const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key], up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!across && !up) return;
    event.preventDefault();
    const { low, high } = chart.data;
    if (across) chart.step = Math.max(0, Math.min(chart.values.length - 1, chart.step + across));
    if (up) {
      chart.values[chart.step] = Math.min(high, Math.max(low, chart.values[chart.step] + up * (high - low) / 40));
      clearTimeout(later);
      later = setTimeout(() => { later = undefined; tell(); }, 400);
    }
    draw(chart);
  });
  svg.addEventListener('blur', () => { if (later) { clearTimeout(later); later = undefined; tell(); } });
  new ResizeObserver(() => { if (svg.isConnected && Math.abs(svg.clientWidth - chart.width) > 1) {
    chart.width = svg.clientWidth; draw(chart); } }).observe(svg);
}
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector('.drag-chart');
  if (!root || !data) return;
  const svg = root.querySelector('svg');
  const fresh = !root.chart;
  const chart = root.chart ??= { svg, step: 0, width: svg.clientWidth };
  chart.trigger = setTriggerValue;
  root.querySelector('.drag-chart-title').textContent = data.title;
  if (chart.dragging) return;
  const text = JSON.stringify(data);
  if (chart.text === text) return;
  chart.text = text;
  chart.data = data;
  chart.values = [...data.values];
  chart.step = Math.min(chart.step, chart.values.length - 1);
  if (fresh) setUp(chart);
  draw(chart);
}
"""

_mount = st.components.v2.component("gatescope_drag_chart", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dragged:
    """What can be dragged.

    Attributes:
        title: What the line shows, with its unit.
        column: Name that is given back with a change.
        values: Value of each step.
        original: Its values before any change, drawn dashed.
        low: Lower end of the axis; nothing can be dragged below it.
        high: Upper end.
        labels: Label of each step on the axis.
        names: Name of each step, as it is read out.
    """

    title: str
    column: int
    values: Sequence[float]
    original: Sequence[float]
    low: float
    high: float
    labels: Sequence[str]
    names: Sequence[str]


def drag_chart(line: Dragged, *, key: str, moved: Callable[[int, int, float], None]) -> None:
    """Show a line of points that can be dragged.

    Args:
        line: The line.
        key: Identity on the page.
        moved: Takes column, step (from 0) and value when a point was let go, before the page is drawn again.
    """

    def changed() -> None:
        change = getattr(state.get(key), "moved", None)
        if change is not None:
            moved(*_checked(change, line))

    data = {
        "title": line.title,
        "column": line.column,
        "values": list(line.values),
        "original": list(line.original),
        "low": line.low,
        "high": line.high,
        "labels": list(line.labels),
        "names": list(line.names),
    }
    _mount(key=key, height=HEIGHT, data=data, on_moved_change=changed)


def _checked(change: Any, line: Dragged) -> tuple[int, int, float]:
    """Return column, step and value within their bounds: a browser may send anything."""
    step = min(max(int(change["step"]), 0), len(line.values) - 1)
    return line.column, step, min(max(float(change["value"]), line.low), line.high)
