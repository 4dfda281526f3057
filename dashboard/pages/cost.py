"""Cost: what does each architecture cost in parameters, FLOPs, memory and time, in theory and here?"""

import streamlit as st

from dashboard import state
from dashboard.formatting import sentence_of
from dashboard.forms import field_widget
from dashboard.navigation import PageInfo
from dashboard.sections.cost import PAGE as NAME
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
    state.open_settings(NAME)
    settings, names = _settings()
    if names:
        _show(settings, names)
    else:
        st.info("Choose at least one architecture.")
    state.commit_settings(NAME)


def _show(settings: CostSettings, names: tuple[str, ...]) -> None:
    """Draw everything that depends on the settings."""
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
        st.error(sentence_of(error))


def _settings() -> tuple[CostSettings, tuple[str, ...]]:
    """Draw the sidebar: architectures and sizes; a link holds them."""
    cells, usual = architectures(), CostSettings()
    with st.sidebar:
        names = st.pills(
            "Architectures",
            list(cells),
            selection_mode="multi",
            format_func=lambda name: cells[name].title,
            key=state.setting(NAME, "architectures", list(FIRST), lambda value: set(value) <= set(cells)),
        )
        values = {}
        for name, info in fields.infos(CostSettings).items():
            fits = lambda value, info=info: info.low <= value <= info.high  # noqa: E731 - bound to this field
            values[name] = field_widget(state.setting(NAME, name, getattr(usual, name), fits), info)
    return CostSettings(**values), tuple(name for name in cells if name in names)


if __name__ == "__main__":
    page()
