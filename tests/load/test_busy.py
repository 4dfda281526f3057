"""The page of a full server, on a real server: it appears, and goes away when somebody leaves."""

from pathlib import Path

import pytest

from models.spec.installation_limits import variable
from tests.load.client import Visitor
from tests.load.server import Application
from tests.timing import PATIENCE

pytestmark = pytest.mark.slow
BUSY = "This server is full"


def test_visitor_gets_the_seat_of_one_who_left(tmp_path: Path) -> None:
    """The second visitor sees a page without a form, and the application once the first is gone."""
    with Application(tmp_path, {variable("sessions"): "1"}) as server, Visitor(server.url) as second:
        with Visitor(server.url) as first:
            first.open()
            assert ("button", "Train") in first.widgets
            second.open()
            assert BUSY in second.texts
            assert not second.widgets
        assert second.stay(PATIENCE, lambda: ("button", "Train") in second.widgets)
        assert second.errors == []
