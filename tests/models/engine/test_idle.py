"""What the engine does while nothing is asked of it."""

import time

import pytest

from models.engine import stops
from models.engine.engine import Engine
from models.store.sql.in_memory import MemoryStore
from tests.timing import PATIENCE, wait_until

MAX_WAKINGS = 8.0  # per second, of a worker's event loop; with Dask's defaults it is over 150
MAX_STEPS = 2.0  # per second, of the dispatcher; looking at what changed every quarter of a second would be 4


@pytest.mark.slow
def test_worker_and_dispatcher_rest_while_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """No profiler, no health checks many times a second; the engine's own thread waits for commands."""
    engine = Engine(MemoryStore())
    steps: list[float] = []
    looked = stops.Stops.end_overdue
    monkeypatch.setattr(stops.Stops, "end_overdue", lambda self: (steps.append(time.monotonic()), looked(self)))
    try:
        wakings = engine.call("tests.models.engine.fake:wakings").result(PATIENCE)
        wait_until(lambda: engine.state.name == "ready")
        time.sleep(1.0)
        begun, since = len(steps), time.monotonic()
        time.sleep(4.0)
        assert len(steps) - begun <= MAX_STEPS * (time.monotonic() - since)
    finally:
        engine.close()
    assert "profile" not in wakings
    assert sum(wakings.values()) <= MAX_WAKINGS, wakings
