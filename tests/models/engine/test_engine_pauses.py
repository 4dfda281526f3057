"""An experiment is paused, makes single updates and goes on; nothing of it can be seen in its numbers."""

import time

import numpy as np
import pytest

from models.engine.engine import Engine
from models.records.results import ExperimentView
from models.spec.plan import plan_for
from tests.models.engine.conftest import final, running, until
from tests.models.engine.fake import fake_spec


def standing(engine: Engine, experiment: str) -> list[int]:
    """Wait until no run moves any more; return the update of each."""

    def same() -> bool:
        before = updates(engine, experiment)
        time.sleep(0.8)
        return updates(engine, experiment) == before

    until(same)
    return updates(engine, experiment)


def updates(engine: Engine, experiment: str) -> list[int]:
    """Return the update of each run."""
    view = engine.view(experiment)
    assert isinstance(view, ExperimentView)
    return [run.update for run in view.runs]


def test_pause_holds_single_updates_move_and_going_on_ends_with_the_same_bits(engine: Engine) -> None:
    """Both runs wait; each press moves each by one; the results equal those of an undisturbed experiment."""
    spec = fake_spec(updates=400, milliseconds=5, seed=4)
    reference = final(engine, engine.submit(plan_for(fake_spec(updates=400, milliseconds=0.1, seed=4))))
    paused = engine.submit(plan_for(spec))
    running(engine, paused)
    engine.pause(paused)
    until(lambda: engine.view(paused).paused)
    before = standing(engine, paused)
    for _ in range(2):
        engine.step(paused)
    assert standing(engine, paused) == [update + 2 for update in before]
    engine.go_on(paused)
    view = final(engine, paused)
    assert not view.paused
    for run, other in zip(view.runs, reference.runs, strict=True):
        assert run.result is not None
        assert run.status == "finished"
        np.testing.assert_array_equal(run.result.curves["metric"], other.curves["metric"])


def test_paused_experiment_can_be_stopped(engine: Engine) -> None:
    """It ends at once with what it has."""
    paused = engine.submit(plan_for(fake_spec(updates=50_000, milliseconds=5)))
    running(engine, paused)
    engine.pause(paused)
    standing(engine, paused)
    engine.stop(paused)
    assert final(engine, paused).status == "stopped"


def test_long_pause_ends_by_itself(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a forgotten experiment does not keep others waiting for ever."""
    monkeypatch.setattr(engine._dispatcher.pauses, "longest", 0.5)
    paused = engine.submit(plan_for(fake_spec(updates=100, milliseconds=5)))
    running(engine, paused)
    engine.pause(paused)
    assert final(engine, paused).status == "finished"
