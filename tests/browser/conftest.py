"""A server with its own data, and a real Chromium in front of it."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUIRED = "GATESCOPE_REQUIRE_BROWSER"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
PATIENCE = 90_000  # milliseconds: two cores may be busy with other things
OpenTab = Callable[..., Any]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(item.path).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


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
    """

    url: str
    log: Path

    def written(self) -> str:
        """Return the log."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start the application as a visitor's host does; its log may hold no traceback and no deprecation notice."""
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    log = folder / "server.log"
    environment = {**os.environ, "GATESCOPE_DATA_DIR": str(folder / "data")}
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.fileWatcherType", "none"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    running = Server(url=f"http://127.0.0.1:{port}", log=log)
    try:
        _await_health(running, process)
        yield running
    finally:
        _end(process)
    for word in ("Please replace", "Traceback", "missing ScriptRunContext"):
        assert word not in running.written(), running.written()[-4000:]


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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Start the browser; without one the tests are skipped visibly, or fail where one is required."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{REQUIRED}=1 and there is no Chromium on PATH, or no playwright")
        pytest.skip("no Chromium on PATH, or no playwright: the browser tests did not run")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Problems:
    """What a browser complained about."""

    lines: list[str] = field(default_factory=list)

    def watch(self, tab: Any) -> None:
        """Write down console errors, uncaught exceptions and failed requests of a tab."""
        tab.on("console", lambda message: message.type == "error" and self._note(message))
        tab.on("pageerror", lambda error: self.lines.append(str(error)))

    def _note(self, message: Any) -> None:
        # a page opened by its own address asks for the server below that address first, and is refused
        if "/_stcore/" not in message.location.get("url", ""):
            self.lines.append(message.text)


@pytest.fixture
def open_tab(chromium: Any, server: Server) -> Iterator[OpenTab]:
    """Open the application in a fresh browser profile; no console error may come up until the test ends."""
    contexts, problems = [], Problems()

    def opened(address: str = "/", *, width: int = 1280, height: int = 900, scheme: str = "light") -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True
        )
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(PATIENCE)
        problems.watch(tab)
        tab.goto(address if address.startswith("http") else server.url + address)
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert not problems.lines
