"""A placeholder for slow content, with its final height, so that nothing moves when the content arrives."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard import state


@contextmanager
def waiting(caption: str, *, height: int, name: str, needed: bool) -> Iterator[None]:
    """Show a sentence and a skeleton until the block ends, if nothing was drawn before.

    On reruns the old content stays, faded, until the new one is ready. The container is always drawn, so that the elements
    after it keep their positions whether or not there is something to wait for.

    Args:
        caption: What is being done.
        height: Height of the result in pixels.
        name: Identity of the result.
        needed: Whether there is anything to wait for.
    """
    place, drawn = st.empty(), f"drawn_{name}"
    if needed and not state.get(drawn):
        with place.container():
            st.caption(caption)
            st.skeleton(height=height)
    yield
    place.empty()
    state.put(drawn, True)
