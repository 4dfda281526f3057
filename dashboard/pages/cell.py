"""Cell explorer: how does one step work? Let me turn the knobs."""

import streamlit as st

from dashboard.formatting import sentence_of
from dashboard.navigation import PageInfo
from dashboard.sections.explorer_form import explorer_form
from dashboard.sections.explorer_view import show_explored
from models.errors import GatescopeError

PAGE = PageInfo(
    title="Cell explorer",
    icon=":material/memory:",
    url="cell",
    order=20,
    question="How does one step work? Let me turn the knobs.",
    short="Cell",
)


def page() -> None:
    """Draw the page from top to bottom."""
    st.title("Cell explorer")
    st.caption(
        "Every number in a cell, step by step. Play it, or hold a gate in the sidebar and see what happens to the memory. "
        "Keys: space plays and pauses, arrows step."
    )
    try:
        show_explored(explorer_form())
    except GatescopeError as error:
        st.error(sentence_of(error))
    _conventions()


def _conventions() -> None:
    with st.expander("Two ways to write a GRU, and who uses which"):
        st.markdown(
            "**Reset before or after the recurrent product.** Cho et al. (2014) reset the state before the product; "
            "PyTorch and cuDNN reset after it, and so does Keras by default (`reset_after=True`); Keras can also do the "
            "former. The two differ in what the candidate sees, not in the number of gates.\n\n"
            "**What 1 means.** In Cho et al. (2014), in PyTorch and in Keras, an update gate of 1 *keeps* the state. "
            "Chung et al. (2014) and most textbooks write it the other way round: 1 *writes* the candidate. Pictures here "
            "show the textbook's gate, which is one minus PyTorch's, unless you choose otherwise."
        )


if __name__ == "__main__":
    page()
