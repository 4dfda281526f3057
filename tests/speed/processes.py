"""Idle processor time and peak memory of a server and its worker."""

import resource
import subprocess
import sys
import tempfile
import threading
import time
from types import TracebackType

import psutil

from tests.browser.serving import ROOT

COMMAND_LINE = """
import os, sys, time
from models.networks.selection import warm
from models.engine.run_here import run_experiment
from models.spec.experiment_settings import ExperimentSpec
warm()
begun = time.perf_counter()
run_experiment(ExperimentSpec.from_query(sys.argv[1]))
print(time.perf_counter() - begun)
"""


def family(pid: int) -> list[psutil.Process]:
    """Return a process and all that it started."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def processor_share(pid: int, seconds: float) -> float:
    """Return how much of a core a server and its processes take over some seconds, in per cent."""

    def used() -> float:
        return sum(sum(one.cpu_times()[:2]) for one in family(pid))

    before = used()
    time.sleep(seconds)
    return 100 * (used() - before) / seconds


def megabytes(pid: int) -> float:
    """Return the memory of a server and its processes; what they share counts once."""
    total = 0.0
    for one in family(pid):
        try:
            total += one.memory_full_info().pss / 2**20
        except psutil.NoSuchProcess:
            continue
    return total


class Peak:
    """A context manager that records the peak memory of a server and its processes."""

    def __init__(self, pid: int) -> None:
        self.megabytes = 0.0
        self._pid, self._over = pid, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            self.megabytes = max(self.megabytes, megabytes(self._pid))

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()


def compile_seconds() -> float:
    """Return the processor time that compiling the kernels of LSTM and GRU takes, float32."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "models.kernels.build", "parts", "lstm", "gru", "float32"]
        subprocess.run(command, cwd=ROOT, env={**_environment(), "NUMBA_CACHE_DIR": folder}, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def command_line_seconds(query: str) -> float:
    """Return the seconds of a training without server and browser, imports and compilation excluded."""
    command = [sys.executable, "-c", COMMAND_LINE, query]
    done = subprocess.run(command, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
