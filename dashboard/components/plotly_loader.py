"""Shared by every chart's front end: one Plotly bundle, and the page's colours.

All charts, static or live, use the bundle in `static/`; Streamlit's own chart element would fetch a second
one of the same size. It is loaded when the first chart comes into reach, and not before the browser has nothing more
urgent to do: it takes longer to read than the rest of the page together.
"""

LIBRARY = """
function whenIdle() {
  return new Promise((resolve) => window.requestIdleCallback
    ? requestIdleCallback(resolve, { timeout: 1500 }) : setTimeout(resolve, 50));
}
function library() {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  window.chartLibrary ??= whenIdle().then(() => new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = new URL('app/static/plotly.min.js', document.baseURI).href;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { window.chartLibrary = undefined; reject(new Error('The chart library did not load.')); };
    document.head.appendChild(script);
  }));
  return window.chartLibrary;
}
function themed(layout, element) {
  const style = getComputedStyle(element);
  const text = style.getPropertyValue('--st-text-color').trim();
  const ground = style.getPropertyValue('--st-secondary-background-color').trim();
  const font = { ...(layout.font || {}), color: text };
  const family = style.getPropertyValue('--st-font').trim();
  if (family) font.family = family;
  return { ...layout, font, hoverlabel: { bgcolor: ground, font: { color: text } } };
}
"""
