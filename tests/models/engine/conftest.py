"""One engine for all tests of this folder: starting a worker process takes seconds."""

import time
from collections.abc import Callable, Iterator

import pytest

from models.engine.engine import Engine, EngineSettings
from models.records.results import ExperimentView
from models.store.in_memory import MemoryStore
from tests.models.engine.fake import TRAINER

PATIENCE = 240.0  # seconds; other work may share the machine

Wait = Callable[..., ExperimentView]


@pytest.fixture(scope="session")
def store() -> MemoryStore:
    """Return the store that the engine writes to."""
    return MemoryStore()


@pytest.fixture(scope="session")
def engine(store: MemoryStore) -> Iterator[Engine]:
    """Return an engine with the fake trainer, two runs at a time and three places in the queue."""
    made = Engine(store, EngineSettings(threads=2, trainer=TRAINER, queue=3))
    made.start()
    until(lambda: made.state.name == "ready")
    yield made
    made.close()


def until(happened: Callable[[], object], seconds: float = PATIENCE) -> float:
    """Wait until something is so; return the seconds it took."""
    start = time.monotonic()
    while not happened():
        assert time.monotonic() - start < seconds, "waited in vain"
        time.sleep(0.01)
    return time.monotonic() - start


def final(engine: Engine, experiment: str, seconds: float = PATIENCE) -> ExperimentView:
    """Wait for the end of an experiment and return its view."""
    until(lambda: _view(engine, experiment).final, seconds)
    return _view(engine, experiment)


def running(engine: Engine, experiment: str, update: int = 3) -> ExperimentView:
    """Wait until every run of an experiment has done some updates."""
    until(lambda: all(run.update >= update for run in _view(engine, experiment).runs))
    return _view(engine, experiment)


def _view(engine: Engine, experiment: str) -> ExperimentView:
    found = engine.view(experiment)
    assert found is not None
    return found
