"""The first start on a fresh machine asks nothing and warns of nothing."""

import contextlib
import os
import pty
import select
import shutil
import signal
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from tests.browser.serving import free_port
from tests.load.client import Visitor

ROOT = Path(__file__).resolve().parent.parent
NOT_IN_A_CLONE = (".git", ".venv", ".*_cache", ".hypothesis", ".gatescope", "__pycache__", "tests", "plotly.min.js")
PATIENCE = 90.0


class Terminal:
    """A Streamlit server at a terminal of its own, with an empty home and a screen to open a browser on."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.port, self.text = free_port(), ""
        self.process, self._screen = pty.fork()
        if self.process == 0:
            self._become_the_server(folder, home)
        threading.Thread(target=self._read, daemon=True).start()

    def _become_the_server(self, folder: Path, home: Path) -> None:
        environment = {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "dumb", "LANG": "C.UTF-8"}
        environment |= {"DISPLAY": ":99", "BROWSER": "true"}  # `true` stands for a browser that opens and is fine
        address = ["--server.address", "127.0.0.1", "--server.port", str(self.port)]
        os.chdir(folder)
        os.execve(  # noqa: S606
            sys.executable, [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", *address], environment
        )

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while select.select([self._screen], [], []):
                self.text += os.read(self._screen, 65_536).decode(errors="replace")

    def await_health(self) -> None:
        """Wait until the server answers."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and "Email" not in self.text:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2):  # noqa: S310
                return
            time.sleep(0.2)
        raise AssertionError(f"the server did not start: {self.text}")

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """End the server."""
        os.kill(self.process, signal.SIGTERM)
        os.waitpid(self.process, 0)


@pytest.mark.slow
def test_first_start_asks_nothing_and_warns_of_nothing(tmp_path: Path) -> None:
    """A clone, an empty home, a terminal: no question for an e-mail address, no warning, also with a first visitor."""
    folder, home = tmp_path / "gatescope", tmp_path / "home"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_IN_A_CLONE))
    home.mkdir()
    terminal = Terminal(folder, home)
    try:
        terminal.await_health()
        with Visitor(terminal.url) as visitor:
            visitor.open()
            visitor.stay(5)  # the engine starts behind the first page
            assert visitor.errors == []
        written = terminal.text  # before it is stopped, in the middle of preparing its worker
    finally:
        terminal.close()
    assert terminal.url in written
    for word in ("warn", "error", "traceback", "email", "deprecat"):
        lines = [line for line in written.splitlines() if word in line.lower()]
        assert not lines, written
