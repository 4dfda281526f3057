"""How many visitors there are, and what that means for each."""

import sys

import streamlit as st

from dashboard import services
from dashboard.seats import Seats
from models.spec.limits import Limits

_VISITORS_AT_FULL_PACE = 8


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
    found = services.seats()
    if not found.take(sys.maxsize if _again else Limits.from_environment().sessions):
        raise _Full
    return found


def pace(seconds: float) -> float:
    """Return how long a page waits between two looks at what goes on: longer where many visitors look.

    Args:
        seconds: What suits a visitor who is alone.
    """
    return seconds * max(1.0, services.seats().taken / _VISITORS_AT_FULL_PACE)
