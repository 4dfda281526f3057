"""A Plotly chart that is updated while the page is open, and keeps zoom and legend choices."""

import plotly.graph_objects as go

from dashboard.components.plotly_chart import mount


def live_chart(figure: go.Figure, *, key: str, name: str) -> None:
    """Show a figure; a later call with the same key redraws it in place.

    Args:
        figure: The figure; `layout.uirevision` decides how long zoom is kept.
        key: Identity of the chart on the page.
        name: File name of a saved picture, without an ending.
    """
    mount(figure, key=key, name=name, live=True)
