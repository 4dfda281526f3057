"""Function calls that pages send to a worker: analyses too slow for a page to wait for."""

import concurrent.futures
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from models.engine.dask_link import Link
from models.engine.task_outcome import Failed, Lost, Outcome
from models.errors import CapacityError, EngineError

MAX_CALLS = 200
_MAX_TRIES = 2


@dataclass
class Call:
    """One call and the future that its caller holds."""

    function: str
    args: tuple[Any, ...]
    future: "concurrent.futures.Future[Any]" = field(default_factory=concurrent.futures.Future)
    tries: int = 0


class Calls:
    """The unanswered calls. All methods belong to the engine's thread.

    Args:
        submit: Submits a call to a link; `settle` is then called with its outcome.
    """

    def __init__(self, submit: Callable[[Link, Call], None]) -> None:
        self._submit = submit
        self._waiting: list[Call] = []
        self._open: list[Call] = []

    @property
    def pending(self) -> bool:
        """Whether a call is unanswered."""
        return bool(self._waiting or self._open)

    def add(self, call: Call, link: Link | None, unreachable: str) -> None:
        """Accept a call; it starts at once if there is a link.

        Args:
            call: The call.
            link: The link, if there is one.
            unreachable: Why no link is expected, in one sentence; empty if one is.
        """
        if unreachable:
            call.future.set_exception(EngineError(unreachable))
        elif len(self._open) + len(self._waiting) >= MAX_CALLS:
            call.future.set_exception(
                CapacityError(f"{MAX_CALLS} analyses are already waiting; try again in a minute.")
            )
        elif call.future.set_running_or_notify_cancel():
            self._waiting.append(call)
            self.start(link)

    def start(self, link: Link | None) -> None:
        """Submit waiting calls to a link."""
        while link is not None and self._waiting:
            call = self._waiting.pop(0)
            call.tries += 1
            self._open.append(call)
            self._submit(link, call)

    def settle(self, call: Call, outcome: Outcome, link: Link | None) -> None:
        """Answer a call, or retry once if its worker was lost."""
        if call not in self._open:
            return
        self._open.remove(call)
        if isinstance(outcome, Lost) and call.tries < _MAX_TRIES:
            self._waiting.append(call)
            self.start(link)
        elif isinstance(outcome, (Lost, Failed)):
            call.future.set_exception(EngineError(outcome.message))
        else:
            call.future.set_result(outcome.value)

    def lose_link(self) -> None:
        """Make every open call wait for the next link."""
        self._waiting, self._open = self._open + self._waiting, []

    def fail_all(self, message: str) -> None:
        """Answer every call with a sentence."""
        calls, self._waiting, self._open = self._open + self._waiting, [], []
        for call in calls:
            call.future.set_exception(EngineError(message))
