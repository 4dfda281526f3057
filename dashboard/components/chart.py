"""A chart with its text alternative and its data as CSV."""

from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.components.plotly_chart import mount
from data.escape_output import csv_bytes


def chart(figure: go.Figure, *, key: str) -> None:
    """Show a static figure.

    Args:
        figure: The figure.
        key: Identity on the page; also the file name of a saved picture.
    """
    mount(figure, key=key, name=key)


def footer(caption: str, make: Callable[[], pd.DataFrame], *, name: str) -> None:
    """Write below a chart how to read it, with a download of its data.

    Args:
        caption: How to read the chart.
        make: Returns the data.
        name: File name of the data without an ending; unique on the page.
    """
    left, right = st.columns([0.88, 0.12], vertical_alignment="top")
    with left:
        st.caption(caption)
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        csv_button(make, name=name)


def csv_button(make: Callable[[], pd.DataFrame], *, name: str, label: str = "CSV") -> None:
    """Offer a frame as a CSV file, created on request.

    Args:
        make: Returns the frame.
        name: File name without an ending; unique on the page.
        label: Text of the button.
    """
    st.download_button(
        label,
        lambda: csv_bytes(make()),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"csv_{name}",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
        help=f"Download the data as {name}.csv",
    )
