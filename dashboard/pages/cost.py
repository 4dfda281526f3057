"""Cost: what does each architecture cost in parameters, FLOPs, memory and time, in theory and here?"""

from dataclasses import asdict
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.forms import field_widget
from dashboard.navigation import PageInfo
from dashboard.sections.cost import show_measured, show_measuring, show_parts, show_scaling, show_table
from data import fields
from models.analysis.costs import CostSettings
from models.cells import architectures
from models.errors import GatescopeError

PAGE = PageInfo(
    title="Cost",
    icon=":material/scale:",
    url="cost",
    order=40,
    question="What does each cost in parameters, FLOPs, memory and time, in theory and here?",
)
FIRST = ("lstm", "gru", "rnn")


def page() -> None:
    """Draw the page from top to bottom."""
    st.title("What does each cost?", anchor=False)
    st.caption("Parameters, memory and FLOPs by formula; time and memory measured on this machine, every kernel named.")
    settings, names = _settings()
    if not names:
        st.info("Choose at least one architecture.")
        return
    try:
        report = show_measuring(settings, names)
        show_table(settings, names, report)
        if report is not None:
            st.header("Measured against theory", anchor="measured")
            show_measured(settings, report)
        st.header("Where it goes", anchor="parts")
        show_parts(settings, names)
        st.header("How it grows", anchor="scaling")
        show_scaling(settings, names)
    except GatescopeError as error:
        st.error(str(error))


def _settings() -> tuple[CostSettings, tuple[str, ...]]:
    """Draw the sidebar: architectures and sizes."""
    cells = architectures()
    with st.sidebar:
        _restore({"architectures": list(FIRST)} | asdict(CostSettings()))
        names = st.pills(
            "Architectures",
            list(cells),
            selection_mode="multi",
            format_func=lambda name: cells[name].title,
            key="cost_architectures",
        )
        values = {name: field_widget(f"cost_{name}", info) for name, info in fields.infos(CostSettings).items()}
    state.put("cost_kept", {"architectures": names} | values)
    return CostSettings(**values), tuple(name for name in cells if name in names)


def _restore(first: dict[str, Any]) -> None:
    """Give widgets without a value what they had when the page was left, or their first value."""
    for name, value in (first | state.get("cost_kept", {})).items():
        if state.get(f"cost_{name}") is None:
            state.put(f"cost_{name}", value)


if __name__ == "__main__":
    page()
