"""The worker process ends while there is no work, and starts again when there is."""

from collections.abc import Iterator

import psutil
import pytest

from models.engine.connection import RESTING, Connection, EngineSettings
from models.engine.engine import Engine
from models.engine.idle_worker import IdleWorker
from models.spec.plan import plan_for
from models.store.sql.in_memory import MemoryStore
from tests.models.engine.conftest import final, until
from tests.models.engine.fake import TRAINER, fake_spec
from tests.timing import PATIENCE

PROCESS = "tests.models.engine.fake:process"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Return an engine whose worker ends after half a second without work."""
    made = Engine(MemoryStore(), EngineSettings(threads=2, trainer=TRAINER, idle=0.5))
    made.start()
    yield made
    made.close()


def worker(engine: Engine) -> int:
    """Return the process id of the worker, started if need be."""
    return int(engine.call(PROCESS).result(PATIENCE))


def rested(engine: Engine, pid: int) -> None:
    """Wait until a worker process is gone for lack of work."""
    until(lambda: engine.state is RESTING)
    until(lambda: not psutil.pid_exists(pid))


def test_worker_ends_without_work_and_a_call_starts_another(engine: Engine) -> None:
    """The answer comes from a new process."""
    first = worker(engine)
    rested(engine, first)
    assert worker(engine) != first


def test_experiment_starts_the_worker_again_and_finishes(engine: Engine) -> None:
    """It is accepted while there is no worker, and none of its runs counts as lost."""
    rested(engine, worker(engine))
    view = final(engine, engine.submit(plan_for(fake_spec())))
    assert (view.status, {run.attempt for run in view.runs}) == ("finished", {1})


def test_worker_does_not_end_while_an_experiment_trains(engine: Engine) -> None:
    """A run that takes several times the idle time keeps its process."""
    view = final(engine, engine.submit(plan_for(fake_spec("lstm", updates=300, milliseconds=8))))
    assert (view.status, view.runs[0].attempt) == ("finished", 1)


def test_visit_starts_the_worker_before_anything_is_pressed(engine: Engine) -> None:
    """`wake` alone brings the engine back."""
    rested(engine, worker(engine))
    engine.wake()
    until(lambda: engine.state.name == "ready")


class FakeLink:
    """A link that notes whether it was closed."""

    connected, threads = True, 2

    def __init__(self, local: bool) -> None:
        self.local, self.closed = local, False

    def close(self) -> None:
        """Note it."""
        self.closed = True


@pytest.mark.parametrize(("local", "after", "ends"), [(True, 1e-9, True), (False, 1e-9, False), (True, 0.0, False)])
def test_only_a_worker_on_this_machine_ends_and_only_if_allowed(local: bool, after: float, ends: bool) -> None:
    """A cluster's workers belong to somebody else, and 0 means never."""
    found = Connection(EngineSettings(), lambda command: command(), up=_ignore, down=_ignore, unreachable=_ignore)
    link = FakeLink(local)
    found.link = link  # type: ignore[assignment]
    IdleWorker(found, after=after, working=lambda: False).tick()
    assert (found.link is None) is ends
    until(lambda: link.closed is ends)


def _ignore(*_: object) -> None:
    pass
