"""The application in a process of its own, on this machine only, and what it takes of memory."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.browser.serving import ROOT, free_port
from tests.timing import PATIENCE

HOST = "127.0.0.1"


@dataclass
class Application:
    """A server that a test may kill and start again on the same data.

    Attributes:
        folder: Where its data and log lie.
        environment: Variables on top of this process's.
    """

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> str:
        """Return what it wrote so far."""
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> "Application":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it answers."""
        environment = {**os.environ, "GATESCOPE_DATA_DIR": str(self.folder / "data"), **self.environment}
        command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.headless", "true"]
        command += ["--server.address", HOST, "--server.port", str(self.port), "--server.fileWatcherType", "none"]
        with (self.folder / "server.log").open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        end = time.monotonic() + PATIENCE
        while not self._answers():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < end, self.log
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self) -> None:
        """End it as a host does; after twenty seconds by force."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it without a chance to say anything."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE)

    def family(self) -> list[psutil.Process]:
        """Return all processes below the server."""
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def workers(self) -> list[psutil.Process]:
        """Return the processes that train: those that hold the most memory."""
        return [process for process in self.family() if _megabytes(process) > 150]

    def megabytes(self) -> tuple[float, float]:
        """Return memory of the server and of all processes below it."""
        assert self.process is not None
        return _megabytes(psutil.Process(self.process.pid)), sum(map(_megabytes, self.family()))


def _megabytes(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 1e6
    except psutil.Error:
        return 0.0
