"""The empty place of a chart, as high as the chart with its tools, so that nothing moves when it comes."""

from html import escape

import streamlit as st

PLACE_STYLE = (
    ".place { height: 412px; border: 1px dashed light-dark(#C9D0D9, #3A4350); border-radius: .5rem; display: flex;"
    " align-items: center; justify-content: center; text-align: center; padding: 1rem; }"
    "@media (max-width: 640px) { .place { height: 120px; } }"
)


def show_place(title: str, sentence: str) -> None:
    """Draw it, with what will be there or why nothing is."""
    st.html(f'<div class="place"><div><b>{escape(title)}</b><br>{escape(sentence)}</div></div>')
