"""How many visitors there are, and what that means for each."""

import sys
import threading

import streamlit as st

from models.spec.limits import Limits

_VISITORS_AT_FULL_PACE = 8


class Seats:
    """Counts sessions. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = 0

    @property
    def taken(self) -> int:
        """How many sessions there are."""
        return self._taken

    def take(self, most: int) -> bool:
        """Take a seat unless all `most` are taken; return whether there was one."""
        with self._lock:
            if self._taken >= most:
                return False
            self._taken += 1
            return True

    def leave(self) -> None:
        """Give a seat back."""
        with self._lock:
            self._taken -= 1


class _Full(Exception):  # noqa: N818
    """There is no seat; raised so that nothing is cached."""


def seats() -> Seats:
    """Return the count of this server's visitors."""
    found: Seats = _seats()
    return found


@st.cache_resource(show_spinner=False)
def _seats() -> Seats:
    return Seats()


def seated(*, again: bool = False) -> bool:
    """Say whether this session has a seat, and take one if there is one.

    Args:
        again: Whether it had one before; then it gets one in any case.
    """
    try:
        _seat(again)
    except _Full:
        return False
    return True


@st.cache_resource(show_spinner=False, max_entries=1, scope="session", on_release=lambda seats: seats.leave())
def _seat(_again: bool) -> Seats:
    found = seats()
    if not found.take(sys.maxsize if _again else Limits.from_environment().sessions):
        raise _Full
    return found


def pace(seconds: float) -> float:
    """Return how long a page waits between two looks at what goes on: longer where many visitors look.

    Args:
        seconds: What suits a visitor who is alone.
    """
    return seconds * max(1.0, seats().taken / _VISITORS_AT_FULL_PACE)
