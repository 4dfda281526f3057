"""A page with a fake engine behind it."""

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import services
from tests.dashboard.fake_sweeps import FakeSweeps
from tests.dashboard.fakes import FakeEngine

ENTRY = Path(__file__).resolve().parents[2] / "streamlit_app.py"
HOMES = {name: getattr(services, name).__module__ for name in services.__all__}
OpenPage = Callable[..., AppTest]


class _Failures(logging.Handler):
    """Collects what the error boundary logs."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.records.append(record)


@pytest.fixture(autouse=True)
def failures() -> Iterator[list[logging.LogRecord]]:
    """No page may reach the error boundary; a test that expects this empties the list."""
    log, handler = logging.getLogger("gatescope.page"), _Failures()
    log.addHandler(handler)
    yield handler.records
    log.removeHandler(handler)
    assert not handler.records, [record.exc_info for record in handler.records]


def replace_service(monkeypatch: pytest.MonkeyPatch, name: str, stand_in: Callable[..., Any]) -> None:
    """Replace a service by a function, for pages and for the other services."""
    monkeypatch.setattr(services, name, stand_in)
    monkeypatch.setattr(sys.modules[HOMES[name]], name, stand_in)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """Replace the engine by a fake that finishes everything at once."""
    fake = FakeEngine()
    replace_service(monkeypatch, "engine", lambda: fake)
    replace_service(monkeypatch, "sweeps", FakeSweeps)
    yield fake
    st.cache_resource.clear()


@pytest.fixture
def sweeps(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> FakeSweeps:
    """Replace sweeps by ones that train nothing, and return them."""
    fake = FakeSweeps()
    replace_service(monkeypatch, "sweeps", lambda: fake)
    return fake


@pytest.fixture
def open_page(engine: FakeEngine) -> OpenPage:
    """Open the app at an address."""

    def opened(**address: str) -> AppTest:
        page = AppTest.from_file(str(ENTRY), default_timeout=240)
        for name, value in address.items():
            page.query_params[name] = value
        return page.run()

    return opened
