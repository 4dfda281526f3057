"""What stands where something will appear: at once, as tall as it will be, so that nothing moves when it comes."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def waiting(told: str, *, height: int) -> Iterator[None]:
    """Show a sentence and a skeleton until the block ends.

    Args:
        told: What is being done.
        height: Pixels that the result will take.
    """
    place = st.empty()
    with place.container():
        st.caption(told)
        st.skeleton(height=height)
    try:
        yield
    finally:
        place.empty()
