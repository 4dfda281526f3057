"""The light page of whoever comes when every place on the server is taken."""

import streamlit as st

from dashboard import services, state

_AGAIN = 10.0  # seconds between two tries
_SEATED = "seated"


def ask_for_seat() -> None:
    """Let the page go on if there is a seat for this session; else show the light page and end here.

    A session that had a seat keeps it when its connection was lost for a moment.
    """
    if services.seated(again=bool(state.get(_SEATED))):
        state.put(_SEATED, True)
        return
    st.title("Many people are here just now", anchor=False)
    st.markdown(
        "This server is small, and every place on it is taken. This page asks again every few seconds and goes on by "
        "itself as soon as somebody leaves; the address with its settings stays."
    )
    st.fragment(_try_again, run_every=_AGAIN)()
    st.stop()


def _try_again() -> None:
    if services.seated():
        state.put(_SEATED, True)
        st.rerun()
