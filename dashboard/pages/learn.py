"""Learn: equations, gates, comparison, takeaways; every claim with what checks it."""

import streamlit as st

from dashboard.navigation import PageInfo
from dashboard.sections.lessons import show_cells, show_comparison, show_takeaways, show_vanishing
from dashboard.sections.statements import show_statements
from models.errors import GatescopeError

PAGE = PageInfo(
    title="Learn",
    icon=":material/school:",
    url="learn",
    order=50,
    question="What is said about LSTM and GRU, and is it true?",
)


def page() -> None:
    """Draw the page from top to bottom."""
    st.title("Learn")
    st.caption("No claims without evidence: each comes with a formula, a source or an experiment that checks it.")
    try:
        show_vanishing()
        show_cells()
        show_comparison()
        st.header("Is it true?", anchor="statements")
        st.caption(
            "A claim is supported or refuted by the verdict's rule, or undecided. Check it sets the experiment up."
        )
        show_statements()
        show_takeaways()
    except GatescopeError as error:
        st.error(str(error))


if __name__ == "__main__":
    page()
