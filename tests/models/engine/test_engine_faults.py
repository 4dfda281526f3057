"""What the engine does when processes die and connections break."""

import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import psutil
import pytest

from models.engine import connection, dask_link, stops
from models.engine.engine import Engine, EngineSettings
from models.errors import EngineError, StoreError
from models.spec.plan import plan_for
from models.store.sql.in_memory import MemoryStore
from tests.models.engine import fake
from tests.models.engine.conftest import final, running, until
from tests.models.engine.fake import TRAINER, fake_spec
from tests.models.engine.outside import Outside
from tests.timing import PATIENCE

PROCESS = "tests.models.engine.fake:process"


def test_killed_worker_is_replaced_and_its_runs_give_the_same_bits(engine: Engine, store: MemoryStore) -> None:
    """Both runs of the worker start over as attempt 2; what waits is not disturbed."""
    spec = fake_spec(updates=300, milliseconds=5)
    undisturbed = final(engine, engine.submit(plan_for(spec)))
    experiment, waiting = engine.submit(plan_for(spec)), engine.submit(plan_for(fake_spec(seed=9)))
    running(engine, experiment, update=20)
    os.kill(engine.call(PROCESS).result(PATIENCE), signal.SIGKILL)
    view = final(engine, experiment)
    assert [(run.status, run.attempt) for run in view.runs] == [("finished", 2)] * 2
    for run, reference in zip(view.runs, undisturbed.runs, strict=True):
        assert run.result is not None
        assert run.result.attempt == 2
        np.testing.assert_array_equal(run.curves["training_loss"], reference.curves["training_loss"])
    assert [run.attempt for run in final(engine, waiting).runs] == [1, 1]
    until(lambda: (kept := store.view(experiment)) is not None and kept.final)
    assert (kept := store.view(experiment)) is not None
    assert [run.attempt for run in kept.runs] == [2, 2]


@pytest.mark.slow
def test_run_that_always_kills_its_worker_fails_after_three_attempts(engine: Engine) -> None:
    """It is not retried for ever."""
    view = final(engine, engine.submit(plan_for(fake_spec("lstm", seed=fake.DIES_ALWAYS))))
    assert (view.status, view.runs[0].attempt) == ("failed", 3)
    assert "3 attempts ended like this" in view.message
    assert final(engine, engine.submit(plan_for(fake_spec("lstm")))).status == "finished"


def test_run_that_ignores_a_stop_is_given_up(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop always ends, and the next run is not held up."""
    monkeypatch.setattr(stops, "GRACE", 0.3)
    experiment = engine.submit(plan_for(fake_spec("lstm", updates=2000, seed=fake.DEAF)))
    running(engine, experiment)
    engine.stop(experiment)
    view = final(engine, experiment)
    assert (view.status, view.result) == ("stopped", None)
    assert "did not react" in view.message
    assert final(engine, engine.submit(plan_for(fake_spec("lstm")))).status == "finished"


def test_engine_that_cannot_be_reached_fails_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong address is said in a sentence."""
    monkeypatch.setitem(connection._ABANDON_SECONDS, False, 0.3)
    engine = Engine(MemoryStore(), EngineSettings(scheduler="tcp://127.0.0.1:1", trainer=TRAINER))
    experiment, answer = engine.submit(plan_for(fake_spec())), engine.call(PROCESS)
    assert final(engine, experiment).message.startswith("The engine at tcp://127.0.0.1:1 cannot be reached.")
    with pytest.raises(EngineError, match="cannot be reached"):
        answer.result(PATIENCE)
    engine.close()


def test_local_engine_that_is_starting_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a busy machine takes: only an attempt that failed counts as no engine."""
    free, began = threading.Event(), threading.Event()

    def slow(*_: object, **__: object) -> object:
        began.set()
        free.wait(PATIENCE)
        raise OSError("no process could be started")

    monkeypatch.setitem(connection._ABANDON_SECONDS, True, 0.0)
    monkeypatch.setattr(connection, "open_link", slow)
    engine = Engine(MemoryStore(), EngineSettings(trainer=TRAINER))
    experiment = engine.submit(plan_for(fake_spec()))
    assert began.wait(PATIENCE)
    until(lambda: "so far" in engine.state.message)
    assert engine.state.name == "starting"
    assert engine.view(experiment).status == "queued"
    free.set()
    assert "cannot be reached" in final(engine, experiment).message
    engine.close()


def test_results_wait_in_memory_while_the_store_is_away(engine: Engine, store: MemoryStore, monkeypatch: Any) -> None:
    """A page sees the result and a notice; when the store is back, it gets everything."""
    with monkeypatch.context() as broken:
        for name in ("record", "set_status", "save_result"):
            broken.setattr(store, name, _away)
        experiment = engine.submit(plan_for(fake_spec("lstm")))
        view = final(engine, experiment)
        assert view.result is not None
        until(lambda: engine.notice)
        assert engine.notice.endswith("The database is away.")
    until(lambda: (kept := store.view(experiment)) is not None and kept.result is not None)
    assert engine.notice == ""


def _away(*_: object) -> None:
    raise StoreError("The database is away.")


@pytest.mark.slow
def test_stopped_worker_is_named_and_its_runs_start_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is silent, the state says so; it is replaced when it stays silent, and the numbers are the same."""
    monkeypatch.setattr(dask_link, "_GIVEN_UP", "6s")
    engine = Engine(MemoryStore(), EngineSettings(threads=2, trainer=TRAINER))
    spec = fake_spec(updates=300, milliseconds=5)
    undisturbed = final(engine, engine.submit(plan_for(spec)))
    worker = engine.call(PROCESS).result(PATIENCE)
    experiment = engine.submit(plan_for(spec))
    running(engine, experiment, update=20)
    os.kill(worker, signal.SIGSTOP)
    until(lambda: engine.state.name == "silent")
    assert "The worker process has not answered for" in engine.state.message
    view = final(engine, experiment)
    assert [(run.status, run.attempt) for run in view.runs] == [("finished", 2)] * 2
    for run, reference in zip(view.runs, undisturbed.runs, strict=True):
        np.testing.assert_array_equal(run.curves["training_loss"], reference.curves["training_loss"])
    until(lambda: engine.state.name == "ready")
    assert not psutil.pid_exists(worker)
    engine.close()


@pytest.mark.slow
def test_worker_that_answers_again_goes_on_where_it_was(engine: Engine) -> None:
    """A machine that was suspended for seconds loses no run."""
    experiment = engine.submit(plan_for(fake_spec(updates=300, milliseconds=5)))
    running(engine, experiment, update=20)
    worker = engine.call(PROCESS).result(PATIENCE)
    os.kill(worker, signal.SIGSTOP)
    until(lambda: engine.state.name == "silent")
    os.kill(worker, signal.SIGCONT)
    assert [run.attempt for run in final(engine, experiment).runs] == [1, 1]
    until(lambda: engine.state.name == "ready")


@pytest.mark.slow
def test_closing_interrupts_what_runs_and_leaves_no_process() -> None:
    """The store knows, worker processes are gone, and new work is refused."""
    store = MemoryStore()
    closing = Engine(store, EngineSettings(threads=1, trainer=TRAINER))
    experiment, waiting = (
        closing.submit(plan_for(fake_spec("lstm", updates=50_000))),
        closing.submit(plan_for(fake_spec())),
    )
    running(closing, experiment)
    worker = closing.call(PROCESS).result(PATIENCE)
    closing.close()
    until(lambda: not psutil.pid_exists(worker))
    kept = [view for one in (experiment, waiting) if (view := store.view(one))]
    assert [view.status for view in kept] == ["interrupted"] * 2
    assert "shut down" in kept[0].message
    with pytest.raises(EngineError, match="shut down"):
        closing.submit(plan_for(fake_spec()))


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    """Return a scheduler and two workers in processes of their own."""
    with Outside(workers=2) as cluster:
        yield cluster


@pytest.mark.slow
def test_outside_cluster_trains_and_takes_lost_runs_up_again(outside: Outside) -> None:
    """A worker without a nanny is killed; the other one takes its run, and the attempt counts up."""
    engine = Engine(MemoryStore(), EngineSettings(scheduler=outside.address, trainer=TRAINER))
    spec = fake_spec(updates=400, milliseconds=5)
    undisturbed = final(engine, engine.submit(plan_for(spec)))
    assert undisturbed.status == "finished"
    until(lambda: "2 runs at a time" in engine.state.message)
    experiment = engine.submit(plan_for(spec))
    running(engine, experiment, update=20)
    outside.kill_worker()
    view = final(engine, experiment)
    assert view.status == "finished"
    assert sorted(run.attempt for run in view.runs) == [1, 2]
    for run, reference in zip(view.runs, undisturbed.runs, strict=True):
        np.testing.assert_array_equal(run.curves["training_loss"], reference.curves["training_loss"])
    engine.close()
    assert outside.alive()


@pytest.mark.slow
def test_scheduler_that_dies_fails_the_runs() -> None:
    """Nobody waits for an engine that is gone, and the state says so."""
    with Outside(workers=1) as cluster:
        engine = Engine(MemoryStore(), EngineSettings(scheduler=cluster.address, trainer=TRAINER))
        experiment, waiting = engine.submit(plan_for(fake_spec(updates=50_000))), engine.submit(plan_for(fake_spec()))
        until(lambda: (view := engine.view(experiment)) is not None and view.runs[0].update > 3)
        cluster.kill_scheduler()
        view = final(engine, experiment)
        assert view.status == "failed"
        assert "cannot be reached" in view.message
        assert final(engine, waiting).status == "failed"
        assert engine.state.name == "unreachable"
        with pytest.raises(EngineError, match="cannot be reached"):
            engine.submit(plan_for(fake_spec()))
        with pytest.raises(EngineError, match="cannot be reached"):
            engine.call(PROCESS).result(PATIENCE)
        cluster.start_scheduler()
        cluster.start_worker()
        until(lambda: engine.state.name == "ready")
        assert final(engine, engine.submit(plan_for(fake_spec()))).status == "finished"
        engine.close()
