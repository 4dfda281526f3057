"""The few rules of style that Streamlit's theme has no setting for."""

import streamlit as st

from dashboard import theme
from dashboard.components.browser import KEY
from models.cells import architectures

SCROLLED = "scrolled"
_CHART_TEXT = (
    ".gtitle",
    "[class$='title']",  # of every axis of a figure with several: xtitle, x2title ...
    "[class$='tick'] text",
    ".legendtext",
    ".annotation-text",
    ".table text",
    ".colorbar text",
)  # drawn in the page's own text colour, so that it reads in light and dark alike
_FAINT = "light-dark(#5A6472, #A3ACB8)"  # Streamlit's own captions are too faint to read: 4.2 to 1
_ON_ACCENT = "light-dark(#FFFFFF, #10151D)"  # words on the accent, which is bright in the dark
_TABLE_WIDTH = 960  # pixels below which the comparison's columns would not be readable


def apply_style() -> None:
    """Add the rules to the page."""
    st.html(f"<style>{style()}</style>")


def style() -> str:
    """Return the rules: less air at the top, bars in the architectures' hues, a wide table that scrolls by itself."""
    bars = "".join(
        f".st-key-progress_{name} [data-testid='stProgress'] [role='progressbar'] > div > div > div "
        f"{{ background-color: {theme.hue(name)}; }}"
        for name in architectures()
    )
    text = ", ".join([f".js-plotly-plot {part}" for part in _CHART_TEXT] + [".st-key-predictions .heatmap-label text"])
    return (
        "[data-testid='stMainBlockContainer'] { padding-top: 4.4rem; padding-bottom: 4rem; max-width: 1280px; }"
        f"[class*='st-key-{SCROLLED}'] {{ overflow-x: auto; }}"
        f"[class*='st-key-{SCROLLED}'] [data-testid='stElementContainer'] {{ min-width: {_TABLE_WIDTH}px; }}"
        f".st-key-{KEY} {{ display: none; }}"
        f"{text} {{ fill: currentColor !important; }}"
        f"[data-testid='stCaptionContainer'] {{ color: {_FAINT}; opacity: 1; }}"
        f"[data-testid='stBaseButton-primary']:not(:disabled) * {{ color: {_ON_ACCENT}; }}"
        ".katex-display { overflow: auto hidden !important; padding: 3px 3px 3px 0; }"
        f"{bars}"
    )
