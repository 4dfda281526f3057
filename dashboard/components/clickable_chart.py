"""A chart whose points can be clicked."""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go

from dashboard import state
from dashboard.components.plotly_chart import mount


def pick_chart(figure: go.Figure, *, key: str, picked: Callable[[Any], None]) -> None:
    """Show a figure; a click on a point calls `picked` with its `customdata` before the page is drawn again.

    Args:
        figure: The figure.
        key: Identity on the page; also the file name of a saved picture.
        picked: Takes the point's `customdata`.
    """

    def clicked() -> None:
        point = getattr(state.get(key), "picked", None)
        if point is not None:
            picked(point)

    mount(figure, key=key, name=key, picked=clicked)
