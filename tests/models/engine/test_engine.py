"""The engine with one worker process and a trainer that costs nothing."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from models.engine.engine import Engine, EngineSettings
from models.errors import CapacityError, EngineError
from models.records.experiment import ExperimentQuery
from models.records.results import ExperimentView
from models.spec.installation_limits import Limits
from models.spec.plan import plan_for
from models.store.sql.in_memory import MemoryStore
from tests.models.engine import fake
from tests.models.engine.conftest import final, running, until
from tests.models.engine.fake import fake_spec
from tests.timing import PATIENCE

FAKE = "tests.models.engine.fake"


def curve(view: ExperimentView, index: int = 0) -> np.ndarray:
    """Return the training losses of a run."""
    return np.asarray(view.runs[index].curves["training_loss"])


def test_engine_trains_both_architectures_and_keeps_the_result(engine: Engine, store: MemoryStore) -> None:
    """The store has status, curves, results and baselines in the end."""
    experiment = engine.submit(plan_for(fake_spec()), control="token")
    view = final(engine, experiment)
    assert (view.status, view.message, view.position) == ("finished", "", 0)
    until(lambda: (kept := store.view(experiment)) is not None and kept.final)
    kept = store.view(experiment)
    assert kept is not None
    assert kept.result is not None
    assert [run.spec.architecture for run in kept.result.runs] == ["lstm", "gru"]
    assert list(kept.result.baselines) == ["Always the mean (1)"]
    assert len(curve(kept)) == 10
    assert (record := store.record(experiment)) is not None
    assert record.control == "token"


def test_submit_waits_for_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for data, nor for the engine's thread, which may be busy with the network."""
    held, free = threading.Event(), threading.Event()
    engine._dispatcher.post(lambda: (held.set(), free.wait(PATIENCE)))
    assert held.wait(PATIENCE)
    try:
        plan = plan_for(fake_spec(seed=4321))
        with monkeypatch.context() as patched, ThreadPoolExecutor() as pool:
            patched.setattr("models.spec.task_data.task_data", _not_now)
            patched.setattr("models.worker.execute.repeated_data", _not_now)
            patched.setattr("models.worker.task.task_data", _not_now)
            experiment = pool.submit(engine.submit, plan).result(PATIENCE / 4)
            assert engine.view(experiment).status == "queued"
    finally:
        free.set()
    final(engine, experiment)


def _not_now(*_: object) -> None:
    raise AssertionError("data was loaded while a page waits")


def test_progress_reaches_the_view_while_it_trains(engine: Engine) -> None:
    """Curve, speed and time left are there before the end."""
    experiment = engine.submit(plan_for(fake_spec("lstm", updates=2000)))
    view = running(engine, experiment, update=300)
    run = view.runs[0]
    assert view.status == "running"
    assert 0 < run.updates_per_second < 1100  # the trainer sleeps a millisecond for each
    assert run.seconds_left == pytest.approx((2000 - run.update) / run.updates_per_second)
    assert run.curves["update"][-1] == run.update == len(run.curves["update"])
    engine.stop(experiment)
    final(engine, experiment)


def test_queue_shows_positions_keeps_order_and_is_bounded(engine: Engine) -> None:
    """Two runs at a time; the fourth waiting experiment is refused; stopping one moves the others up."""
    first = engine.submit(plan_for(fake_spec(updates=50_000)))
    running(engine, first)
    waiting = [engine.submit(plan_for(fake_spec(seed=index))) for index in range(3)]
    views = [engine.view(one) for one in waiting]
    assert [view.position for view in views if view] == [1, 2, 3]
    assert [view.status for view in views if view] == ["queued"] * 3
    with pytest.raises(CapacityError, match="3 experiments are already waiting"):
        engine.submit(plan_for(fake_spec()))
    engine.stop(waiting[0])
    assert final(engine, waiting[0]).status == "stopped"
    assert [view.position for one in waiting[1:] if (view := engine.view(one))] == [1, 2]
    engine.stop(first)
    ends = [final(engine, one) for one in waiting[1:]]
    assert [view.status for view in ends] == ["finished"] * 2


def test_stop_ends_a_run_and_keeps_what_it_learned(engine: Engine) -> None:
    """The result holds the curve up to the stop."""
    experiment = engine.submit(plan_for(fake_spec(updates=50_000)))
    running(engine, experiment)
    engine.stop(experiment)
    view = final(engine, experiment)
    assert view.status == "stopped"
    assert view.result is not None
    assert [3 <= len(run.curves["update"]) < 50_000 for run in view.result.runs] == [True, True]
    engine.stop(experiment)


def test_same_spec_gives_the_same_bits_alone_and_in_company(engine: Engine) -> None:
    """What else runs does not matter."""
    alone = final(engine, engine.submit(plan_for(fake_spec("lstm", seed=5))))
    company = engine.submit(plan_for(fake_spec("gru", updates=50_000)))
    running(engine, company)
    together = final(engine, engine.submit(plan_for(fake_spec("lstm", seed=5))))
    engine.stop(company)
    np.testing.assert_array_equal(curve(alone), curve(together))


@pytest.mark.parametrize(
    ("seed", "sentence"),
    [
        (fake.RAISES, "LSTM: It failed: an unexpected ValueError occurred; the server log has the details."),
        (fake.REFUSES, "LSTM: This data is too short."),
    ],
)
def test_error_in_training_fails_the_run_with_a_sentence(engine: Engine, seed: int, sentence: str) -> None:
    """The curve up to the error stays, the error's own text is shown only if it was meant for a reader."""
    view = final(engine, engine.submit(plan_for(fake_spec("lstm", seed=seed))))
    assert (view.status, view.message, view.runs[0].message) == ("failed", sentence, sentence)
    assert view.result is None


def test_plan_beyond_the_limits_is_refused_and_not_kept(store: MemoryStore) -> None:
    """The engine accepts no plan that has a problem."""
    mine = ExperimentQuery(control="nobody else")
    kept = store.list_experiments(mine).total
    refusing = Engine(store, EngineSettings())
    refusing._started = True
    with pytest.raises(CapacityError, match="`hidden_size`"):
        refusing.submit(plan_for(fake_spec(), limits=Limits(hidden_size=2)), control="nobody else")
    assert store.list_experiments(mine).total == kept
    refusing._started = False
    refusing.close()


def test_call_goes_before_training_that_fills_every_thread(engine: Engine) -> None:
    """Analysis does not wait for training."""
    training = [engine.submit(plan_for(fake_spec(updates=50_000, seed=index))) for index in range(2)]
    running(engine, training[0])
    worker = engine.call(f"{FAKE}:process").result(PATIENCE)
    assert not any(view.final for view in map(engine.view, training))
    assert worker != os.getpid()
    for experiment in reversed(training):
        engine.stop(experiment)
    for experiment in training:
        final(engine, experiment)


def test_call_that_fails_raises_one_sentence(engine: Engine) -> None:
    """Errors of the function arrive as errors a page can show."""
    with pytest.raises(EngineError, match="an unexpected KeyError"):
        engine.call(f"{FAKE}:fail").result(PATIENCE)


def test_worker_does_not_know_the_database(engine: Engine) -> None:
    """Only the server writes; the address with its password is not inherited."""
    name = "GATESCOPE_DATABASE_URL"
    assert engine.call(f"{FAKE}:environment", name).result(PATIENCE) == {name: ""}


def test_worker_has_one_thread_per_run_and_no_malloc_setting(engine: Engine) -> None:
    """Dask's default for malloc slows training by more than half."""
    names = ("MALLOC_TRIM_THRESHOLD_", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    found = engine.call(f"{FAKE}:environment", *names).result(PATIENCE)
    assert found == {"MALLOC_TRIM_THRESHOLD_": None, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    assert engine.call(f"{FAKE}:torch_threads").result(PATIENCE) == 1


def test_unknown_experiment_has_no_view(engine: Engine) -> None:
    """An id from elsewhere is answered with None, and stopping it does nothing."""
    assert engine.view("nobody-knows-this-oneAA") is None
    engine.stop("nobody-knows-this-oneAA")
