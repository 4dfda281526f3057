"""A server with its own data, and a real Chromium in front of it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.browser.serving import ARGUMENTS, PATIENCE, Server, chromium_path, serving

REQUIRED = "GATESCOPE_REQUIRE_BROWSER"
OpenTab = Callable[..., Any]
# Charts are drawn when they come into reach. Most tests ask what is drawn, and see the whole page at once.
EVERYTHING_IN_REACH = """window.IntersectionObserver = class {
  constructor(tell) { this.tell = tell; }
  observe(target) { setTimeout(() => this.tell([{ target, isIntersecting: true, intersectionRatio: 1 }], this)); }
  unobserve() {} disconnect() {} takeRecords() { return []; }
};"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(item.path).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start the application as a visitor's host does; its log may hold no traceback and no deprecation notice."""
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running
        written = running.written()  # before it is stopped: trainings that are under way may complain about that
    for word in ("Please replace", "Traceback", "missing ScriptRunContext"):
        assert word not in written, written[-4000:]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Start the browser; without one the tests are skipped visibly, or fail where one is required."""
    path = chromium_path()
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
    """Errors that a browser reported."""

    lines: list[str] = field(default_factory=list)

    def watch(self, tab: Any) -> None:
        """Record console errors, uncaught exceptions and failed requests of a tab."""
        tab.on("console", lambda message: message.type == "error" and self._note(message))
        tab.on("pageerror", lambda error: self.lines.append(str(error)))

    def _note(self, message: Any) -> None:
        # a page opened by its own address asks for the server below that address first, and is refused
        if "/_stcore/" not in message.location.get("url", ""):
            self.lines.append(message.text)


@pytest.fixture
def open_tab(chromium: Any, server: Server) -> Iterator[OpenTab]:
    """Open the application in a fresh browser profile; no console error may occur until the test ends."""
    contexts, problems = [], Problems()

    def opened(
        address: str = "/", *, width: int = 1280, height: int = 900, scheme: str = "light", scrolls: bool = False
    ) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True
        )
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(PATIENCE)
        if not scrolls:
            tab.add_init_script(EVERYTHING_IN_REACH)
        problems.watch(tab)
        tab.goto(address if address.startswith("http") else server.url + address)
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert not problems.lines
