"""A Plotly chart that is redrawn in place: zoom and legend choices stay while it grows.

Streamlit's own chart is built anew at every change of its data; `Plotly.react` on the same element is not.
"""

import json

import plotly.graph_objects as go
import streamlit as st

from dashboard.components.plotly_loader import LIBRARY

_HTML = """
<div class="live-chart" role="figure"><div class="live-chart-canvas"></div></div>
"""

_CSS = """
.live-chart { width: 100%; }
"""

_JS = (
    LIBRARY
    + """
export default function ({ data, parentElement }) {
  const frame = parentElement.querySelector('.live-chart');
  const canvas = parentElement.querySelector('.live-chart-canvas');
  if (!frame || !canvas || !data) return;
  frame.setAttribute('aria-label', data.alt);
  frame.style.minHeight = data.figure.layout.height + 'px';
  const config = {
    responsive: true, displaylogo: false, displayModeBar: 'hover',
    modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d'],
    toImageButtonOptions: { format: 'svg', filename: data.name },
  };
  const draw = () => library().then((plotly) => {
    const { data: traces, layout } = canvas.latest;
    if (canvas.isConnected) plotly.react(canvas, traces, themed(structuredClone(layout), frame), config);
  });
  canvas.latest = data.figure;
  draw();
  if (!canvas.watching) {
    canvas.watching = true;
    const root = parentElement.closest('.stApp') || document.body;
    new MutationObserver(() => { if (canvas.isConnected) draw(); })
      .observe(root, { attributes: true, attributeFilter: ['class', 'style'] });
  }
}
"""
)

_mount = st.components.v2.component("gatescope_live_chart", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


def live_chart(figure: go.Figure, *, key: str, alt: str, name: str) -> None:
    """Show a figure; a later call with the same key redraws it in place.

    Args:
        figure: The figure; `layout.uirevision` decides how long zoom is kept.
        key: Identity of the chart on the page.
        alt: What it shows, in words.
        name: File name of a saved picture, without an ending.
    """
    tall = int(figure.layout.height)  # is kept free from the first moment
    _mount(key=key, height=tall, data={"figure": json.loads(figure.to_json()), "alt": alt, "name": name})
