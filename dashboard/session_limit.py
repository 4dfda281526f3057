"""Shown when the session limit is reached."""

import streamlit as st

from dashboard import services, state

_RETRY_SECONDS = 10.0  # seconds between two attempts
_ADMITTED = "seated"


def enter_or_wait() -> None:
    """Return if this session is served; otherwise show that the server is full, and stop the script.

    A session that was served before is still served after a short loss of connection.
    """
    if services.admitted(again=bool(state.get(_ADMITTED))):
        state.put(_ADMITTED, True)
        return
    st.title("This server is full", anchor=False)
    st.markdown(
        "Too many people are using it at the moment. This page retries every few seconds and continues as soon as somebody "
        "leaves. The address keeps your settings."
    )
    st.fragment(_try_again, run_every=_RETRY_SECONDS)()
    st.stop()


def _try_again() -> None:
    if services.admitted():
        state.put(_ADMITTED, True)
        st.rerun()
