"""The empty place of a chart, as high as the chart with its tools, so that nothing moves when it comes."""

from html import escape

import streamlit as st

PLACE_STYLE = (
    ".place { height: 386px; border: 1px dashed light-dark(#C9D0D9, #3A4350); border-radius: .5rem; display: flex;"
    " align-items: center; justify-content: center; text-align: center; padding: 1rem; }"
    ".place-low { height: 130px; }"
    "@media (max-width: 640px) { .place { height: 110px; } }"
)


def show_place(title: str, sentence: str, *, low: bool = False) -> None:
    """Draw it, with what will be there or why nothing is.

    Args:
        title: Name of the chart.
        sentence: What will be there, or why nothing is.
        low: Whether it is lower than the chart, to leave room for what helps before a training.
    """
    st.html(
        f'<div class="place{" place-low" if low else ""}"><div><b>{escape(title)}</b><br>{escape(sentence)}</div></div>'
    )
