"""What every chart's front end shares: the one bundle of the chart library, and the page's colours for it.

All charts, moving or not, are drawn by the bundle beside the page; Streamlit's own chart element would fetch a second
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
