"""Memory: how far back can each remember, and where does the gradient die?"""

from collections.abc import Callable

import streamlit as st

from dashboard import state
from dashboard.formatting import sentence_of
from dashboard.navigation import PageInfo
from dashboard.sections.gradient_flow import show_gradient_flow
from dashboard.sections.length_generalisation import show_length_generalisation
from dashboard.sections.memory_form import PAGE as NAME
from dashboard.sections.memory_form import part_choice
from dashboard.sections.memory_horizon import show_memory_horizon
from dashboard.sections.trainability import show_trainability
from models.errors import GatescopeError, InvalidSpecError

PAGE = PageInfo(
    title="Memory",
    icon=":material/history:",
    url="memory",
    order=30,
    question="How far back can each remember, and where does the gradient die?",
)
PARTS: dict[str, tuple[str, Callable[[], None]]] = {
    "flow": ("Gradient flow", show_gradient_flow),
    "horizon": ("Memory horizon", show_memory_horizon),
    "length": ("Length generalisation", show_length_generalisation),
    "map": ("Trainability map", show_trainability),
}


def page() -> None:
    """Draw the page from top to bottom."""
    st.title("How far back can each remember?", anchor=False)
    st.caption(
        "Where the gradient dies, at which lag learning stops, what happens beyond, and which settings learn at all."
    )
    state.open_settings(NAME)
    part = part_choice({name: title for name, (title, _) in PARTS.items()})
    title, show = PARTS[part]
    st.header(title, anchor=part)
    try:
        show()
    except InvalidSpecError as error:
        for problem in error.problems:
            st.error(sentence_of(problem))
    except GatescopeError as error:
        st.error(sentence_of(error))


if __name__ == "__main__":
    page()
