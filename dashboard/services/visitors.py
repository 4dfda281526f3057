"""How many visitors there are, and what that means for each."""

import sys
import threading

import streamlit as st

from models.spec.limits import Limits

_VISITORS_AT_FULL_PACE = 8


class VisitorCount:
    """Counts sessions. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = 0

    @property
    def taken(self) -> int:
        """How many sessions there are."""
        return self._taken

    def take(self, most: int) -> bool:
        """Count one session more unless there are `most` already; return whether it was counted."""
        with self._lock:
            if self._taken >= most:
                return False
            self._taken += 1
            return True

    def leave(self) -> None:
        """Count one session less."""
        with self._lock:
            self._taken -= 1


class _Full(Exception):  # noqa: N818
    """The server is full; raised so that nothing is cached."""


def visitor_count() -> VisitorCount:
    """Return the count of this server's visitors."""
    found: VisitorCount = _visitor_count()
    return found


@st.cache_resource(show_spinner=False)
def _visitor_count() -> VisitorCount:
    return VisitorCount()


def admitted(*, again: bool = False) -> bool:
    """Return whether this session is served, and count it if it is.

    Args:
        again: Whether it was served before; then it is in any case.
    """
    try:
        _place(again)
    except _Full:
        return False
    return True


@st.cache_resource(show_spinner=False, max_entries=1, scope="session", on_release=lambda count: count.leave())
def _place(_again: bool) -> VisitorCount:
    found = visitor_count()
    if not found.take(sys.maxsize if _again else Limits.from_environment().sessions):
        raise _Full
    return found


def pace(seconds: float) -> float:
    """Return how long a page waits between two looks at what goes on: longer where many visitors look.

    Args:
        seconds: What suits a visitor who is alone.
    """
    return seconds * max(1.0, visitor_count().taken / _VISITORS_AT_FULL_PACE)
