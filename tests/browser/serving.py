"""Start the application as a visitor's host does, and the browser in front of it."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
PATIENCE = 90_000  # milliseconds: two cores may be busy with other things


def chromium_path() -> str | None:
    """Return the browser's path, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """A running application.

    Attributes:
        url: Where it listens.
        log: What it wrote so far.
        pid: Its process.
    """

    url: str
    log: Path
    pid: int

    def written(self) -> str:
        """Return the log."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def serving(folder: Path, script: Path | None = None, **variables: str) -> Iterator[Server]:
    """Run a Streamlit script, the application unless told otherwise, with its data and log in a folder."""
    log, port = folder / "server.log", free_port()
    environment = {**os.environ, "GATESCOPE_DATA_DIR": str(folder / "data"), **variables}
    command = [sys.executable, "-m", "streamlit", "run", str(script or "streamlit_app.py"), "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.fileWatcherType", "none"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    running = Server(url=f"http://127.0.0.1:{port}", log=log, pid=process.pid)
    try:
        _await_health(running, process)
        yield running
    finally:
        _end(process)


def _await_health(server: Server, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2):  # noqa: S310
            return
        assert process.poll() is None, server.written()
        time.sleep(0.2)
    raise AssertionError(f"the server did not answer: {server.written()}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)
