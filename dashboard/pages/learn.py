"""Learn: equations, gates, comparison, lessons, takeaways; every claim with what checks it."""

from collections.abc import Callable

import streamlit as st

from dashboard import state
from dashboard.components.choice import choose_one
from dashboard.formatting import sentence_of
from dashboard.navigation import PageInfo
from dashboard.sections.learn import show_cells, show_comparison, show_reading, show_takeaways, show_vanishing
from dashboard.sections.lesson_list import show_lessons
from dashboard.sections.statements import show_statements
from models.errors import GatescopeError

PAGE = PageInfo(
    title="Learn",
    icon=":material/school:",
    url="learn",
    order=50,
    question="What is said about LSTM and GRU, and is it true?",
)
NAME = "learn"  # of the settings in the address
PARTS: dict[str, tuple[str, Callable[[], None]]] = {
    "vanishing": ("The vanishing gradient", show_vanishing),
    "equations": ("Equations and gates", show_cells),
    "side-by-side": ("Side by side", show_comparison),
    "statements": ("Is it true?", show_statements),
    "lessons": ("Lessons", show_lessons),
    "takeaways": ("Key takeaways", show_takeaways),
    "reading": ("Reading list", show_reading),
}


def page() -> None:
    """Draw the page from top to bottom."""
    st.title("Learn", anchor=False)
    st.caption("No claims without evidence: each comes with a formula, a source or an experiment that checks it.")
    state.open_settings(NAME)
    key = state.setting(NAME, "part", next(iter(PARTS)), lambda value: value in PARTS)
    part = choose_one("Part", {name: title for name, (title, _) in PARTS.items()}, key=key)
    state.commit_settings(NAME)
    st.sidebar.caption("Some parts have settings; they appear here.")
    title, show = PARTS[part]
    st.header(title, anchor=part)
    try:
        show()
    except GatescopeError as error:
        st.error(sentence_of(error))


if __name__ == "__main__":
    page()
