"""A Dask cluster in processes of its own, started as a person would."""

import os
import socket
import subprocess
import sys
from types import TracebackType

from models.worker.preload import PREPARE


class Outside:
    """`dask scheduler` and `dask worker` on loopback.

    Args:
        workers: How many workers with one thread each.
        nanny: Whether each worker is watched by a nanny.
        prepare: Whether each worker prepares its kernels at the start.
    """

    def __init__(self, *, workers: int, nanny: bool = False, prepare: bool = False) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._count, self._nanny = workers, nanny
        self._environment = {PREPARE: str(int(prepare)), "OMP_NUM_THREADS": "1", "PYTHONPATH": os.getcwd()}
        self._scheduler: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes]] = []

    @property
    def address(self) -> str:
        """Where the scheduler listens."""
        return f"tcp://127.0.0.1:{self._port}"

    def __enter__(self) -> "Outside":
        self.start_scheduler()
        for _ in range(self._count):
            self.start_worker()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in (*self._workers, self._scheduler):
            if process is not None:
                process.kill()
                process.wait(10)

    def start_scheduler(self) -> None:
        """Start the scheduler."""
        quiet = ("--no-dashboard", "--dashboard-address", "127.0.0.1:0")
        self._scheduler = self._dask("scheduler", "--host", "127.0.0.1", "--port", str(self._port), *quiet)

    def start_worker(self) -> None:
        """Start a worker with one thread."""
        nanny = "--nanny" if self._nanny else "--no-nanny"
        preload = ("--preload", "models.worker.preload")
        self._workers.append(self._dask("worker", self.address, "--nthreads", "1", nanny, "--no-dashboard", *preload))

    def kill_worker(self) -> None:
        """Kill the oldest worker."""
        worker = self._workers.pop(0)
        worker.kill()
        worker.wait(10)

    def kill_scheduler(self) -> None:
        """Kill the scheduler."""
        assert self._scheduler is not None
        self._scheduler.kill()
        self._scheduler.wait(10)

    def alive(self) -> bool:
        """Say whether scheduler and workers are there."""
        return all(process is not None and process.poll() is None for process in (*self._workers, self._scheduler))

    def _dask(self, *arguments: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            env=os.environ | self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
