"""Two visitors of one server: not one byte of the one's file reaches the other, and a link gives no control."""

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from dashboard.navigation import declared
from tests.load.client import Visitor
from tests.load.ledger import Ledger
from tests.load.server import Application
from tests.timing import PATIENCE

pytestmark = pytest.mark.slow
NAME, VALUE = "zebrafinch", 31337.270996
CANARIES = (NAME.encode(), b"31337.27", struct.pack("<d", VALUE), struct.pack("<f", VALUE))
SETTINGS = "dataset=own_series&updates=50000&evaluations=6&seeds=4&hidden_size=64&architectures=lstm"


def content() -> bytes:
    """Return a series in which name and values are found again."""
    rows = [f"{day},{VALUE if day % 7 == 0 else day % 11}" for day in range(200)]
    return "\n".join([f"step,{NAME}", *rows]).encode()


def found(visitor: Visitor) -> list[bytes]:
    """Return the canaries among all bytes that a visitor received."""
    return [canary for canary in CANARIES if any(canary in message for message in visitor.received)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Start the application."""
    with Application(tmp_path_factory.mktemp("isolation")) as running:
        yield running


def look_around(visitor: Visitor) -> None:
    """Visit every page."""
    for info in declared().values():
        visitor.page = info.url
        visitor.open()
    visitor.page = ""


def test_upload_reaches_nobody_else_and_a_link_gives_no_control(server: Application) -> None:
    """The stranger has the same settings, visits every page, and forges the Stop of an experiment that was shared."""
    ledger = Ledger(folder=server.folder)
    with Visitor(server.url, SETTINGS, keep=True) as owner, Visitor(server.url, SETTINGS, keep=True) as stranger:
        owner.open()
        stranger.open()
        owner.upload("Your file", "mine.csv", content())
        assert NAME.encode() in found(owner)
        look_around(stranger)
        assert found(stranger) == []
        stranger.query = owner.query  # a link names the columns that are used, and holds nothing else of the file
        look_around(stranger)
        owner.press("Train")
        assert owner.experiment
        owner.stay(PATIENCE, lambda: ledger.statuses().get(owner.experiment) == "running")
        look_around(stranger)
        stranger.query = SETTINGS
        stranger.open()
        assert set(found(stranger)) <= {NAME.encode()}
        stop = owner.widgets[("button", "Stop")]
        stranger.query = owner.query
        stranger.widgets.clear()
        stranger.open()
        assert ("button", "Stop") not in stranger.widgets
        stranger.forge(WidgetState(id=stop, trigger_value=True))
        owner.stay(1.5)
        assert ledger.statuses()[owner.experiment] == "running"
        owner.press("Stop")
        assert owner.stay(PATIENCE, lambda: ledger.statuses()[owner.experiment] == "stopped")
        assert owner.errors == stranger.errors == []


def test_forged_states_are_answered_without_details(server: Application) -> None:
    """Wrong types, unknown widgets, enormous values: a sentence or a page, and the next visitor notices nothing."""
    with Visitor(server.url, "dataset=adding&option.length=10", keep=True) as visitor:
        visitor.open()
        seeds = visitor.widgets[("number_input", "Repeats")]
        dataset = visitor.widgets[("selectbox", "Dataset")]
        forged = [
            WidgetState(id=seeds, string_value="x" * 100_000),
            WidgetState(id=seeds, double_array_value={"data": [1e308]}),
            WidgetState(id=dataset, string_value="../../etc/passwd"),
            WidgetState(id=dataset, int_value=10**6),
            WidgetState(id="$$ID-nobody-None", trigger_value=True),
            WidgetState(id=seeds, json_value='{"a": [' * 50),
        ]
        for state in forged:
            visitor.forge(state)
            assert visitor.texts
        shown = [raw for raw in visitor.received if ForwardMsg.FromString(raw).WhichOneof("type") == "delta"]
        told = b"".join(shown)
        assert str(Path(__file__).resolve().parents[2]).encode() not in told
        assert b"Traceback" not in told
    with Visitor(server.url, "dataset=adding&option.length=10") as visitor:
        visitor.open()
        assert "LSTM and GRU on Adding problem" in visitor.texts
        assert visitor.errors == []
