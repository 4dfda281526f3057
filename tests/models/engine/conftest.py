"""One engine for all tests of this folder: starting a worker process takes seconds."""

from collections.abc import Callable, Iterator

import pytest

from models.engine.engine import Engine, EngineSettings
from models.records.results import ExperimentView
from models.store.sql.in_memory import MemoryStore
from tests.models.engine.fake import TRAINER
from tests.timing import wait_until

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


until = wait_until


def final(engine: Engine, experiment: str) -> ExperimentView:
    """Wait for the end of an experiment and return its view."""
    until(lambda: _view(engine, experiment).final)
    return _view(engine, experiment)


def running(engine: Engine, experiment: str, update: int = 3) -> ExperimentView:
    """Wait until every run of an experiment has done some updates."""
    until(lambda: all(run.update >= update for run in _view(engine, experiment).runs))
    return _view(engine, experiment)


def _view(engine: Engine, experiment: str) -> ExperimentView:
    found = engine.view(experiment)
    assert found is not None
    return found
