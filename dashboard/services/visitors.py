"""The number of visitors: who is served, and how often pages update."""

import sys
import threading

import streamlit as st

from models.spec.installation_limits import Limits

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
        """Count a session unless there are already `most`; return whether it was counted."""
        with self._lock:
            if self._taken >= most:
                return False
            self._taken += 1
            return True

    def leave(self) -> None:
        """Remove a session from the count."""
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
        again: Whether it was served before; such a session is always served.
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
    """Return how long a page waits between two updates: longer with many visitors.

    Args:
        seconds: The pause for a single visitor.
    """
    return seconds * max(1.0, visitor_count().taken / _VISITORS_AT_FULL_PACE)
