"""Setup of every page: tab title, logo, style."""

from pathlib import Path

import streamlit as st

from dashboard import error_boundary
from dashboard.components.browser import remember
from dashboard.components.press_feedback import answer_presses
from dashboard.components.style import apply_style
from dashboard.session_limit import enter_or_wait
from dashboard.state import control

_ASSETS = Path(__file__).resolve().parent / "assets"


def set_up_page() -> None:
    """Set up the page's frame and the error boundary."""
    error_boundary.install()
    st.set_page_config(page_title="Gatescope", page_icon=str(_ASSETS / "icon.svg"), layout="wide")
    st.logo(str(_ASSETS / "logo.svg"), size="large", icon_image=str(_ASSETS / "icon.svg"))
    apply_style()
    answer_presses()
    enter_or_wait()
    remember(control())
