"""Leases: one per store object, so that experiments of a dead server are found and ended.

A lease from this machine is valid while its process lives: same id, same start time, not a zombie. One from
elsewhere is valid while its heartbeat counter grows, so that no two clocks are compared.
"""

import functools
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy import Connection, Row, delete, insert, select, update

from models.records.experiment import new_id
from models.records.results import FINAL
from models.store.sql import schema

BEAT_SECONDS = 10.0
SILENT_SECONDS = 45.0
INTERRUPTED = "The server ended before this experiment did; train it again to get the same numbers."
_DEAD = frozenset("ZXx")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A process that runs experiments.

    Attributes:
        machine: Boot id, process namespace and host name; a process id is only unique within it.
        pid: Process id.
        started: Start time of the process, in the system's own units.
        id: Identity of the lease.
    """

    machine: str
    pid: int
    started: str
    id: str = field(default_factory=new_id)


def this_process() -> Owner:
    """Return this process as an owner."""
    return Owner(machine=_machine(), pid=os.getpid(), started=_start_time(os.getpid()))


@functools.lru_cache(maxsize=1)
def _machine() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        boot, namespace = f"{psutil.boot_time():.0f}", ""
    return f"{boot} {namespace} {socket.gethostname()}"


def _start_time(pid: int) -> str:
    """Return when a living process started, or an empty string if there is none; a zombie counts as dead."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return "" if fields[0] in _DEAD else fields[19]
    except FileNotFoundError:
        return "" if Path("/proc/self/stat").exists() else _start_time_without_proc(pid)
    except OSError:
        return ""


def _start_time_without_proc(pid: int) -> str:
    try:
        process = psutil.Process(pid)
        return "" if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.0f}"
    except psutil.Error:
        return ""


class Leases:
    """Renews this owner's lease and finds dead owners.

    Args:
        owner: Owner of the lease.
        clock: Monotonic seconds, to measure how long owners on other machines have been silent.
    """

    def __init__(self, owner: Owner, clock: Callable[[], float] = time.monotonic) -> None:
        self.owner = owner
        self._clock = clock
        self._heard: dict[str, tuple[int, float]] = {}

    def beat(self, connection: Connection) -> None:
        """Renew the lease, or create it."""
        table, owner = schema.lease, self.owner
        renewed = connection.execute(update(table).where(table.c.id == owner.id).values(beat=table.c.beat + 1))
        if renewed.rowcount == 0:
            values = {"id": owner.id, "machine": owner.machine, "pid": owner.pid, "started": owner.started, "beat": 1}
            connection.execute(insert(table).values(values))

    def dead(self, connection: Connection) -> list[str]:
        """Return the ids of leases whose owner is dead; on another machine, one that has been silent for a while."""
        rows = connection.execute(select(schema.lease).where(schema.lease.c.id != self.owner.id)).all()
        self._heard = {key: heard for key, heard in self._heard.items() if key in {row.id for row in rows}}
        return [row.id for row in rows if self._is_dead(row)]

    def _is_dead(self, row: "Row[tuple[object, ...]]") -> bool:
        if row.machine == self.owner.machine:
            return bool(_start_time(row.pid) != row.started)
        beat, since = self._heard.setdefault(row.id, (row.beat, self._clock()))
        if beat != row.beat:
            self._heard[row.id] = (row.beat, self._clock())
            return False
        return self._clock() - since >= SILENT_SECONDS


def interrupt(connection: Connection, lease: str, message: str = INTERRUPTED) -> int:
    """End the unfinished experiments of a dead owner and remove its lease; return how many there were."""
    table, runs = schema.experiment, schema.run
    theirs = select(table.c.id).where(table.c.lease == lease)
    ended = {"status": "interrupted", "message": message, "written_by": lease}
    connection.execute(update(runs).where(runs.c.experiment.in_(theirs), runs.c.status.not_in(FINAL)).values(**ended))
    changed = connection.execute(
        update(table).where(table.c.lease == lease, table.c.status.not_in(FINAL)).values(**ended)
    ).rowcount
    connection.execute(delete(schema.lease).where(schema.lease.c.id == lease))
    return changed
