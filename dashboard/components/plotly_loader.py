"""What front-end parts share: the chart library, loaded once from beside the page, and the page's colours for it."""

LIBRARY = """
let loading;
function library() {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = new URL('app/static/plotly.min.js', document.baseURI).href;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { loading = undefined; reject(new Error('The chart library did not load.')); };
    document.head.appendChild(script);
  });
  return loading;
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
