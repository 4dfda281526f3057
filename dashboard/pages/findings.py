"""Findings: what is published about LSTM and GRU, and does it come out here?"""

import streamlit as st

from dashboard import state
from dashboard.formatting import sentence_of
from dashboard.navigation import PageInfo
from dashboard.sections.findings import CHOSEN, choose_topic, show_finding, show_table
from dashboard.sections.findings import PAGE as NAME
from models.errors import GatescopeError

PAGE = PageInfo(
    title="Findings",
    icon=":material/menu_book:",
    url="findings",
    order=48,
    question="What is published about LSTM and GRU, and does it come out here?",
)


def page() -> None:
    """Draw the page from top to bottom."""
    st.title("Does it come out here?", anchor=False)
    st.caption("Published findings as experiments that anybody can repeat. A rule decides by the numbers alone.")
    state.open_settings(NAME)
    try:
        chosen = show_table(choose_topic())
        show_finding(chosen)
        state.commit_settings(NAME, **{CHOSEN: chosen})
    except GatescopeError as error:
        st.error(sentence_of(error))


if __name__ == "__main__":
    page()
