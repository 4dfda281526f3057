"""The few CSS rules for which Streamlit's theme has no setting."""

import streamlit as st

from dashboard import theme
from dashboard.components import browser, file_drop, press_feedback
from dashboard.components.cards import CARD_STYLE
from dashboard.components.place import PLACE_STYLE
from dashboard.navigation import BAR_STYLE
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
_FAINT = "light-dark(#5A6472, #A3ACB8)"  # Streamlit's own caption colour has too little contrast: 4.2 to 1
_ON_ACCENT = "light-dark(#FFFFFF, #10151D)"  # text on the accent colour, which is bright in dark mode
_GROUND = f"light-dark({theme.BACKGROUND['light']}, {theme.BACKGROUND['dark']})"
_TWO_LINES = "4rem"  # height of a progress bar with two lines of text, kept when the text gets shorter
# A line along the upper edge after a press, and whenever a script takes noticeably long; not during training, where
# progress bars show it.
_APP = "[data-testid='stApp']"
_RUNS = (
    f"{_APP}[data-test-script-state='running']:not(:has([class*='st-key-stop'], [class*='st-key-measuring_']))::after"
)
_LINE = (
    f"{_APP}[{press_feedback.PRESSED}]::after, {_RUNS} {{ content: ''; position: fixed; inset: 0 0 auto 0; height: 3px;"
    " z-index: 1000000; pointer-events: none; background-size: 40% 100%; background-repeat: no-repeat; opacity: 0;"
    f" background-image: linear-gradient(90deg, transparent, {theme.INPUT}, transparent);"
    f" animation: working 1.1s linear infinite; }} {_RUNS} {{ animation-delay: 60ms; }}"
    f"{_APP}[{press_feedback.PRESSED}]::after {{ opacity: 1; animation-delay: 0ms; }}"
    "@keyframes working { from { opacity: 1; background-position: -70% 0; } to { opacity: 1; background-position: 170% 0; } }"
    "@media (prefers-reduced-motion: reduce) { @keyframes working { from, to { opacity: 1; background-size: 100% 100%; } } }"
)
# Over everything while a file is dragged, with the text that the script put into the application's attribute.
_DROP = (
    f"{_APP}[{file_drop.HINT}]::before {{ content: attr({file_drop.HINT}); position: fixed; inset: 12px; z-index: 1000001;"
    " display: flex; align-items: center; justify-content: center; text-align: center; padding: 1rem;"
    " pointer-events: none; border-radius: 12px; font-size: 1.5rem; font-weight: 600;"
    f" border: 3px dashed {theme.INPUT}; background: light-dark(rgba(255, 255, 255, 0.9), rgba(16, 21, 29, 0.9)); }}"
)
# A shadow along an edge behind which a table goes on; ground that scrolls with the table covers it at the ends.
_SHADOW = "light-dark(rgba(16, 21, 29, 0.22), rgba(200, 210, 225, 0.35))"
_EDGES = (
    f"background: linear-gradient(to right, {_GROUND} 30%, transparent) left / 36px 100%,"
    f" linear-gradient(to left, {_GROUND} 30%, transparent) right / 36px 100%,"
    f" linear-gradient(to right, {_SHADOW}, transparent) left / 12px 100%,"
    f" linear-gradient(to left, {_SHADOW}, transparent) right / 12px 100%;"
    " background-repeat: no-repeat; background-attachment: local, local, scroll, scroll;"
)
# The headline of Compare has room for two lines and one below, so that nothing moves when it changes.
ANSWER_STYLE = (
    ".headline { min-height: 4.75rem; display: flex; flex-direction: column; justify-content: center; }"
    ".finding { font-size: 1.3rem; font-weight: 600; line-height: 1.25; }"
    f".sureness {{ color: {_FAINT}; font-size: .9rem; line-height: 1.35; }}"
    ".st-key-actions { min-height: 2.5rem; }"
    # on the line of the buttons that save a picture
    ".st-key-curves_tools, .st-key-differences_tools { margin-top: -2.6rem; position: relative; z-index: 1; pointer-events: none; }"
    ":is(.st-key-curves_tools, .st-key-differences_tools) > * { pointer-events: auto; }"
    "@media (max-width: 640px) { .headline { min-height: 6.6rem; justify-content: flex-start; }"
    " .finding { font-size: 1.15rem; } }"
    ".unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }"
)
_TABLE_WIDTH = 960  # pixels below which the comparison's columns would not be readable


def apply_style() -> None:
    """Add the rules to the page."""
    st.html(f"<style>{style()}</style>")


def style() -> str:
    """Return the rules: less space at the top, bars in the architectures' colours, wide tables that scroll."""
    bars = "".join(
        f".st-key-progress_{name} [data-testid='stProgressBarTrack'] > div {{ background-color: {theme.hue(name)}; }}"
        for name in architectures()
    )
    hidden = ", ".join(f"> .st-key-{part.KEY}" for part in (browser, file_drop, press_feedback))
    text = ", ".join([f".js-plotly-plot {part}" for part in _CHART_TEXT] + [".st-key-predictions .heatmap-label text"])
    return (
        "[data-testid='stMainBlockContainer'] { padding-top: 4.4rem; padding-bottom: 4rem; max-width: 1280px; }"
        f"[class*='st-key-{SCROLLED}'] {{ overflow-x: auto; {_EDGES} }}"
        f"[class*='st-key-{SCROLLED}'] .table * {{ pointer-events: none !important; }}"  # Plotly would move columns where a finger scrolls
        f"[class*='st-key-{SCROLLED}'] [data-testid='stElementContainer'] {{ min-width: {_TABLE_WIDTH}px; }}"
        f"[data-testid='stLayoutWrapper']:has({hidden}) {{ display: none; }}"
        f"{text} {{ fill: currentColor !important; }}"
        f"[data-testid='stCaptionContainer'] {{ color: {_FAINT}; opacity: 1; }}"
        f"[data-testid='stBaseButton-primary']:not(:disabled) * {{ color: {_ON_ACCENT}; }}"
        f"[data-testid='stMultiSelect'] span[title] {{ color: {_ON_ACCENT}; }}"
        ".st-key-changed_settings { gap: .35rem; }"
        ".st-key-changed_settings button { min-height: 1.75rem; padding: 0 .5rem; }"
        ".st-key-changed_settings button p { font-size: .82rem; }"
        "[data-testid='stStatusWidget'] button { display: none; }"  # Streamlit's Stop ends the drawing, not the training
        "[data-testid='stTable'] td > div { max-width: none !important; }"
        "[data-testid='stTable'] :is(th, td):first-child { padding-left: 0; }"
        ".katex-display { overflow: auto hidden !important; padding: 3px 3px 3px 0; }"
        f"{bars}{_LINE}{_DROP}{CARD_STYLE}{PLACE_STYLE}{ANSWER_STYLE}{BAR_STYLE}"
        f".annotation-text {{ paint-order: stroke; stroke: {_GROUND}; stroke-width: 3px; stroke-linejoin: round; }}"
        f"@media (max-width: 640px) {{ [class*='st-key-progress_'] {{ min-height: {_TWO_LINES}; }} }}"
    )
