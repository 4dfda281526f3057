"""Gates: what do its gates do, when, and does it need them?"""

import streamlit as st

from dashboard import services
from dashboard.formatting import sentence_of
from dashboard.navigation import PageInfo
from dashboard.sections.gates_tabs import show_tabs
from dashboard.sections.own_network import choose_mode, choose_own_network
from dashboard.sections.selection import Selection, choose_experiment, choose_place, with_weights
from models.errors import GatescopeError

PAGE = PageInfo(
    title="Gates",
    icon=":material/door_open:",
    url="gates",
    order=10,
    question="What do its gates do, when, and does it need them?",
)


def page() -> None:
    """Draw the page from top to bottom."""
    st.title("What do the gates do?", anchor=False)
    st.caption("Look inside trained networks, for one sample or many, and switch parts of them off.")
    try:
        selection = choose_own_network() if choose_mode() else _of_experiment()
    except GatescopeError as error:
        st.error(sentence_of(error))
        return
    if selection is not None:
        show_tabs(selection)


def _of_experiment() -> Selection | None:
    """Draw the choice of experiment, sample, repeat and layer."""
    view = choose_experiment()
    result = with_weights(view.result) if view is not None and view.result is not None else None
    if view is None or result is None:
        return None
    place, order = choose_place(view.id, result)
    data = services.task_data(view.spec, place.replica)
    return Selection(identity=view.id, result=result, data=data, place=place, order=order)


if __name__ == "__main__":
    page()
