"""A chart whose points can be clicked."""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard import state


def pick_chart(figure: go.Figure, *, key: str, alt: str, picked: Callable[[Any], None]) -> None:
    """Show a figure; a click on a point calls `picked` with its `customdata` before the page is drawn again.

    Args:
        figure: The figure.
        key: Identity on the page; also the file name of a saved picture.
        alt: What it shows, in words.
        picked: Takes the point's `customdata`.
    """

    def selected() -> None:
        points = state.get(key, {}).get("selection", {}).get("points", [])
        if points and points[0].get("customdata") is not None:
            picked(points[0]["customdata"])

    figure.update_layout(clickmode="event+select")
    config = {
        "displaylogo": False,
        "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
        "toImageButtonOptions": {"format": "svg", "filename": key},
    }
    st.plotly_chart(figure, key=key, alt=alt, config=config, on_select=selected, selection_mode="points")
