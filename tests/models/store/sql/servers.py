"""Servers that only pretend to be processes, so that tests can let them die."""

import itertools

import pytest

from models.store.sql import lease
from models.store.sql.lease import Owner

_NUMBERS = itertools.count(1)


class Processes:
    """Processes of a pretended machine, by id."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._alive: dict[int, str] = {}
        monkeypatch.setattr(lease, "_start_time", lambda pid: self._alive.get(pid, ""))

    def start(self, machine: str = "here") -> Owner:
        """Return the owner that stands for a new living process."""
        number = next(_NUMBERS)
        self._alive[number] = f"started {number}"
        return Owner(machine=machine, pid=number, started=self._alive[number])

    def kill(self, owner: Owner) -> None:
        """Let a process die without a word."""
        del self._alive[owner.pid]

    def reuse(self, owner: Owner) -> None:
        """Give a dead process's id to another one."""
        self._alive[owner.pid] = "started later"
