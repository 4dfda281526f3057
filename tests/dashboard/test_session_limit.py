"""What visitors see when the session limit is reached."""

import pytest
import streamlit as st

from dashboard import services
from dashboard.services.visitors import VisitorCount
from models.spec.installation_limits import variable
from tests.dashboard.conftest import OpenPage
from tests.dashboard.fakes import FakeEngine


def test_seats_are_bounded_and_come_back() -> None:
    """Two seats; a third visitor waits until one leaves."""
    visitor_count = VisitorCount()
    assert [visitor_count.take(2) for _ in range(3)] == [True, True, False]
    visitor_count.leave()
    assert visitor_count.take(2)
    assert visitor_count.taken == 2


def test_full_server_shows_a_light_page(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """No form, no chart, no engine: one sentence."""
    monkeypatch.setenv(variable("sessions"), "1")
    assert services.visitor_count().take(1)
    page = open_page()
    assert page.title[0].value == "This server is full"
    assert not page.button
    assert not page.selectbox
    services.visitor_count().leave()
    page.run()
    assert page.title[0].value.startswith("LSTM and GRU")


def test_pages_look_less_often_where_many_look(engine: FakeEngine) -> None:
    """Eight visitors are served at full pace; with sixteen a page waits twice as long."""
    assert services.pace(0.4) == 0.4
    for _ in range(16):
        services.visitor_count().take(100)
    assert services.pace(0.4) == 0.8


def test_visitor_keeps_the_seat_over_reruns(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session counts once, however often it acts, and stays counted after a short loss of connection."""
    monkeypatch.setenv(variable("sessions"), "1")
    page = open_page()
    page.run()
    assert services.visitor_count().taken == 1
    st.cache_resource.clear()
    assert services.visitor_count().take(1)
    page.run()
    assert page.title[0].value.startswith("LSTM and GRU")
