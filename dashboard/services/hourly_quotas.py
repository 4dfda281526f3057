"""How often one visitor may upload, import, write, sweep and train on own data within an hour."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from dashboard import state
from dashboard.formatting import count
from models.errors import CapacityError
from models.spec.installation_limits import Limits

Kind = Literal["uploads", "imports", "own_experiments", "sweeps", "notes"]
_HOUR = 3600.0
_VISITORS_PER_ADDRESS = 10  # a class behind one router has one address
_MAX_KNOWN = 10_000  # visitors whose hour is remembered
_SAID: dict[Kind, str] = {
    "uploads": "uploaded files",
    "imports": "opened experiments",
    "own_experiments": "experiments on own data",
    "sweeps": "sweeps",
    "notes": "notes, tags and decisions",
}


class Allowance:
    """Counts what visitors did within the last hour. Every method may be called from any thread.

    Args:
        clock: Returns seconds that never run backwards.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._done: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def take(self, kind: Kind, visitor: str, most: int) -> None:
        """Count one more.

        Raises:
            CapacityError: If there were `most` within the last hour; it says when the next is possible.
        """
        self.take_all(kind, [(visitor, most)])

    def take_all(self, kind: Kind, limits: Sequence[tuple[str, int]]) -> None:
        """Count one more for each of several names of a visitor, or for none of them; see `take`."""
        with self._lock:
            now = self._clock()
            entries = [(self._recent(kind, name, now), most) for name, most in limits]
            waits = [entry[0] + _HOUR - now for entry, most in entries if len(entry) >= most]
            if waits:
                raise CapacityError(
                    f"At most {min(most for _, most in limits):,} {_SAID[kind]} per hour are allowed here; the next is "
                    f"possible in {count(max(1, round(max(waits) / 60)), 'minute')}."
                )
            for entry, _ in entries:
                entry.append(now)

    def _recent(self, kind: Kind, name: str, now: float) -> "deque[float]":
        entry = self._done.setdefault((kind, name), deque())
        self._done.move_to_end((kind, name))
        while entry and entry[0] <= now - _HOUR:
            entry.popleft()
        if len(self._done) > _MAX_KNOWN:
            self._done.popitem(last=False)
        return entry


@st.cache_resource(show_spinner=False)
def _allowance() -> Allowance:
    return Allowance()


def use(kind: Kind) -> None:
    """Count something that this visitor does, by browser and, where it is known, by address.

    Raises:
        CapacityError: If it was done too often within the last hour; it says when it is possible again.
    """
    most: int = getattr(Limits.from_environment(), f"{kind}_per_hour")
    address = st.context.ip_address  # None on this machine
    names = [(f"browser {state.control()}", most)]
    names += [(f"address {address}", _VISITORS_PER_ADDRESS * most)] if address else []
    _allowance().take_all(kind, names)
