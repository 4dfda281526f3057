"""A result for a shared screen: large type, no controls; the address has `present=1`."""

import streamlit as st

from dashboard import services, state
from dashboard.formatting import escaped
from dashboard.sections.overview import show_overview
from dashboard.sections.result_tabs import show_tabs
from models.analysis.wording import question
from models.errors import GatescopeError

_STYLE = (
    "html { font-size: 125%; }"
    "[data-testid='stHeader'], [data-testid='stSidebar'], [data-testid='stSidebarCollapsedControl'], .chart-pictures,"
    " .st-key-curves_tools, .st-key-differences_tools { display: none !important; }"
    "[data-testid='stMainBlockContainer'] { max-width: none; padding: 1rem 2rem; }"
    ".js-plotly-plot [class$='tick'] text { font-size: 14px !important; }"
    ".js-plotly-plot :is(.gtitle, [class$='title']) { font-size: 18px !important; }"
)


def show_presentation() -> bool:
    """Draw the experiment of the address without controls; return whether there is one."""
    try:
        view = services.view(state.experiment())
    except GatescopeError:
        return False
    if view is None:
        state.put(state.PRESENT, False)
        return False
    state.commit(view.spec)
    st.html(f"<style>{_STYLE}</style>")
    left, right = st.columns([0.85, 0.15], vertical_alignment="center")
    with left:
        text = question(view.spec)
        st.title(escaped(text, longest=len(text)), anchor=False)
    with right:
        st.button(
            "Leave",
            icon=":material/close:",
            key="leave",
            on_click=state.put,
            args=(state.PRESENT, False),
            width="stretch",
        )
    show_overview(view.spec, view)
    if view.result is not None:
        show_tabs(view, view.result)
    return True
