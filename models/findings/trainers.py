"""Where a finding's experiments train: in this process, or on the cluster that `GATESCOPE_SCHEDULER` names."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from models.errors import EngineError
from models.records.results import ExperimentResult, ProgressRecord
from models.spec.experiment_settings import ExperimentSpec
from models.spec.plan import plan_for
from models.spec.run import RunSpec

if TYPE_CHECKING:
    from models.engine.engine import Engine
    from models.store.interface import Store

Train = Callable[[ExperimentSpec], ExperimentResult]
PAUSE = 0.2  # seconds between two looks at a cluster
COMPLETE = frozenset({"finished", "diverged"})
_SWEEP = "findings"  # experiments of a sweep wait in no visitor's queue


def train_here(spec: ExperimentSpec, *, stop: threading.Event | None = None) -> ExperimentResult:
    """Train an experiment in this process, one architecture after another.

    Args:
        spec: What to train.
        stop: Ends the training soon after it is set.

    Raises:
        EngineError: If it failed or was stopped.
    """
    from models.engine.run_here import run_experiment  # imports the training code only when needed

    def watch(run: RunSpec, record: ProgressRecord) -> None:
        if stop is not None and stop.is_set():
            raise EngineError("stopped.")

    return _complete(run_experiment(spec, threads=1, on_progress=watch))


@contextmanager
def trainer(stop: threading.Event) -> Iterator[Train]:
    """Provide what trains: this process, or a cluster. It may be called from several threads.

    Args:
        stop: Ends trainings in this process.

    Raises:
        EngineError: If the cluster does not answer.
    """
    from models.engine.connection import SCHEDULER

    if not os.environ.get(SCHEDULER):
        yield partial(train_here, stop=stop)
        return
    from models.engine.engine import Engine
    from models.store.sql.in_memory import MemoryStore

    store = MemoryStore()
    engine = Engine(store)
    try:
        _connect(engine)
        yield partial(_train_there, engine, store, stop)
    finally:
        engine.close()
        store.close()


def _connect(engine: "Engine") -> None:
    engine.start()
    while engine.state.name in ("idle", "starting"):
        time.sleep(PAUSE)
    if engine.state.name in ("unreachable", "closed"):
        raise EngineError(engine.state.message)


def _train_there(engine: "Engine", store: "Store", stop: threading.Event, spec: ExperimentSpec) -> ExperimentResult:
    identity = engine.submit(plan_for(spec), sweep=_SWEEP)
    while engine.live(identity) is not None:
        if stop.wait(PAUSE):
            engine.stop(identity)
            raise EngineError("stopped.")
    view = store.view(identity)
    if view is None or view.result is None:
        raise EngineError(view.message if view is not None and view.message else "the cluster returned no result.")
    return _complete(view.result)


def _complete(result: ExperimentResult) -> ExperimentResult:
    """Return a result that was trained to its end.

    Raises:
        KeyboardInterrupt: If it was stopped from the keyboard.
        EngineError: If it has no result.
    """
    if result.status == "stopped":
        raise KeyboardInterrupt
    if result.status not in COMPLETE:
        raise EngineError(f"an experiment ended as {result.status}.")
    return result
