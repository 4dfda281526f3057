"""Monitor runs inside a worker: one that takes too much memory or time is stopped, the others continue.

Several runs share a process and its memory: above the limit, the run with the largest estimate is stopped.
A run that no longer answers is left to the engine (time) and to Dask's nanny (memory), which replaces the process.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType

import psutil

from models.spec.installation_limits import MEGABYTE, Limits

CHECK_SECONDS = 0.2  # seconds between two checks
HARD = 1.5  # times the limit: at this point the nanny kills the process
_DATA = 2.0  # times the limit: at this point the system refuses to allocate
_LOCK = threading.Lock()
_WATCHED: "list[Watchdog]" = []


def process_bytes() -> int:
    """Return the resident memory of this process."""
    return int(psutil.Process(os.getpid()).memory_info().rss)


class Watchdog:
    """A context manager that watches one run.

    Args:
        needed: Estimated bytes of the run.
        limits: What is allowed.
        memory: Returns the bytes that the process uses.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        *,
        needed: int,
        limits: Limits,
        memory: Callable[[], int] = process_bytes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.needed, self._limits, self._memory, self._clock = needed, limits, memory, clock
        self._deadline = clock() + 60 * limits.run_minutes
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="gatescope-watchdog", daemon=True)
        self.out_of_memory = ""
        self.out_of_time = ""

    def requested(self) -> bool:
        """Return whether the run should end."""
        return bool(self.out_of_memory or self.out_of_time)

    def __enter__(self) -> "Watchdog":
        with _LOCK:
            _WATCHED.append(self)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        with _LOCK:
            _WATCHED.remove(self)

    def _watch(self) -> None:
        while not self._over.wait(CHECK_SECONDS):
            self.check()

    def check(self) -> None:
        """Compare time and memory with what is allowed."""
        if self._clock() > self._deadline and not self.requested():
            self.out_of_time = (
                f"It was stopped after {self._limits.run_minutes:,.3g} minutes, the limit for a run here; its results so "
                "far are kept."
            )
        used = self._memory()
        if used > self._limits.worker_megabytes * MEGABYTE and self._is_first():
            self.out_of_memory = self.sentence(used)

    def _is_first(self) -> bool:
        """Return whether this run must stop: the largest one does, and only one at a time."""
        with _LOCK:
            if not _WATCHED or any(watched.out_of_memory for watched in _WATCHED):
                return False
            return max(_WATCHED, key=lambda watched: watched.needed) is self

    def sentence(self, used: int = 0) -> str:
        """Return a sentence for visitors about a run that ran out of memory."""
        return out_of_memory(self.needed, self._limits, used)


def out_of_memory(needed: int, limits: Limits, used: int = 0) -> str:
    """Say how much memory a run needed and how much is allowed.

    Args:
        needed: Its estimated bytes.
        limits: What is allowed.
        used: Bytes that its process used, 0 if unknown.
    """
    reached = f"; its worker process had reached {used / MEGABYTE:,.0f} MB" if used else ""
    return (
        f"It ran out of memory: this run needs an estimated {max(1.0, needed / MEGABYTE):,.0f} MB, and a worker process "
        f"may use {limits.worker_megabytes:,.0f} MB here{reached}. Choose a smaller batch, fewer repeats or fewer hidden "
        "units."
    )


def lacks_memory(error: BaseException) -> bool:
    """Return whether an error means that memory ran out; NumPy and torch word it differently."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and ("allocate memory" in text or "out of memory" in text)
    )


def bound_process(limits: Limits) -> None:
    """Make the system refuse memory far above the limit, and kill this process before the server when memory runs out."""
    if sys.platform != "linux":
        return
    import resource

    most = int(_data_bytes() + _DATA * limits.worker_megabytes * MEGABYTE)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
            score.write("500")
    except OSError:
        return  # a container may forbid it; the kernel then chooses by size


def _data_bytes() -> int:
    return int(psutil.Process(os.getpid()).memory_info().data)
