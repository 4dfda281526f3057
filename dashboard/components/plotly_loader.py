"""Shared by the front ends of all charts: one Plotly bundle, and the page's colours.

All charts use the bundle in `static/`; Streamlit's own chart element would fetch a second one of the same size. The
bundle is loaded when the first chart is about to scroll into view and the browser is idle, because it takes longer to
parse than the rest of the page.
"""

import json

from dashboard import theme

LIBRARY = (
    f"const DARK_SCALES = {json.dumps(theme.DARK_SCALES)};"
    + """
function whenIdle() {
  return new Promise((resolve) => window.requestIdleCallback
    ? requestIdleCallback(resolve, { timeout: 1500 }) : setTimeout(resolve, 50));
}
function loadFrom(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = new URL(address, document.baseURI).href;
    script.onload = () => window.Plotly ? resolve(window.Plotly) : reject(new Error('The chart library is empty.'));
    script.onerror = () => reject(new Error('The chart library did not load.'));
    document.head.appendChild(script);
  });
}
function library() {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  window.chartLibrary ??= whenIdle().then(() => loadFrom('app/static/plotly.min.js'))
    .catch(() => loadFrom('component/dashboard.services.singletons.plotly_bundle/plotly.min.js'))  // `static/` is read-only
    .catch((error) => { window.chartLibrary = undefined; throw error; });
  return window.chartLibrary;
}
// On a narrow screen or under a finger the toolbar would cover titles, and dragging would zoom instead of scrolling.
const narrow = () => window.matchMedia('(max-width: 760px), (hover: none)').matches;
const toolbar = () => narrow() ? false : 'hover';
function darkScales(layout, style) {
  const dark = style.color.match(/[0-9.]+/g)?.slice(0, 3).reduce((sum, part) => sum + Number(part), 0) > 384;
  const scales = {};
  for (const [name, axis] of Object.entries(dark ? layout : {})) {
    const scale = name.startsWith('coloraxis') && DARK_SCALES[axis.colorscale?.[0]?.[1]];
    if (scale) scales[name] = { ...axis, colorscale: scale };
  }
  return scales;
}
function themed(layout, element) {
  const style = getComputedStyle(element);
  const text = style.getPropertyValue('--st-text-color').trim();
  const ground = style.getPropertyValue('--st-secondary-background-color').trim();
  const font = { ...(layout.font || {}), color: text };
  const family = style.getPropertyValue('--st-font').trim();
  if (family) font.family = family;
  const drag = narrow() ? { dragmode: false } : {};
  return { ...layout, ...drag, ...darkScales(layout, style), font, hoverlabel: { bgcolor: ground, font: { color: text } } };
}
"""
)
