"""Experiments of sweeps: they take no visitor's place, and make room for visitors."""

import numpy as np
import pytest

from models.engine.engine import Engine
from models.engine.experiment_queue import ExperimentQueue
from models.errors import CapacityError
from models.records.experiment import ExperimentRecord, new_id
from models.spec.fairness import plan_runs
from models.spec.plan import plan_for
from tests.models.engine.conftest import final, running
from tests.models.engine.fake import fake_spec


def a_record(*names: str, seed: int = 0, sweep: str = "") -> ExperimentRecord:
    """Return an accepted experiment."""
    spec = fake_spec(*names, seed=seed)
    return ExperimentRecord(id=new_id(), spec=spec, runs=plan_runs(spec), control="", sweep=sweep)


def test_board_puts_visitors_first_and_counts_their_places_alone() -> None:
    """Background experiments wait behind all others and leave the queue's places free."""
    live_queue, records = (
        ExperimentQueue(1),
        [a_record(seed=seed, sweep=sweep) for seed, sweep in enumerate(("key", "key", ""))],
    )
    live_queue.add(records[0])
    live_queue.add(records[1])
    live_queue.claim_place()
    live_queue.add(records[2])
    first = live_queue.next_waiting()
    assert first is not None
    assert first[0].record is records[2]
    assert [view.position for record in records if (view := live_queue.view(record.id))] == [2, 3, 1]
    with pytest.raises(CapacityError):
        live_queue.claim_place()


def test_board_asks_as_many_runs_to_give_way_as_visitors_need() -> None:
    """The one with the least to lose goes first; one that is about to end, or was asked already, is left alone."""
    live_queue, sweep, visitor = ExperimentQueue(5), a_record("lstm", "gru", "rnn", sweep="key"), a_record("lstm")
    live_queue.add(sweep)
    live = live_queue.find(sweep.id)
    assert live is not None
    for number, (run, update) in enumerate(zip(live.runs, (5, 2, 9), strict=True)):
        run.begin(number)
        run.update = update
    assert live_queue.to_give_way(3) == []
    live_queue.claim_place()
    live_queue.add(visitor)
    assert live_queue.to_give_way(4) == []
    assert [run for _, run in live_queue.to_give_way(3)] == [live.runs[1]]
    live.runs[1].yielding = True
    assert live_queue.to_give_way(3) == []
    live.runs[1].yielding, live.runs[1].update = False, 10
    live.runs[1]._pace.extend([(0.0, 0), (1.0, 9)])
    assert [run for _, run in live_queue.to_give_way(3)] == [live.runs[0]]


def test_run_of_a_sweep_makes_room_and_ends_with_the_same_bits(engine: Engine) -> None:
    """A visitor's experiment starts at once; the sweep's runs start again later, however often that happens."""
    spec = fake_spec(updates=500, milliseconds=10, seed=3)
    undisturbed = final(engine, engine.submit(plan_for(fake_spec(updates=500, milliseconds=0.1, seed=3))))
    sweep = engine.submit(plan_for(spec), sweep="key")
    for _ in range(2):
        running(engine, sweep)
        visitor = engine.submit(plan_for(fake_spec(updates=20)))
        final(engine, visitor)
        assert not engine.view(sweep).final
    view = final(engine, sweep)
    assert [run.status for run in view.runs] == ["finished"] * 2
    assert all(run.attempt >= 2 for run in view.runs)
    for run, reference in zip(view.runs, undisturbed.runs, strict=True):
        assert run.result is not None
        np.testing.assert_array_equal(run.result.curves["metric"], reference.curves["metric"])


def test_experiment_that_gives_way_can_be_stopped(engine: Engine) -> None:
    """A stop that comes while it makes room, or waits again, ends it for good."""
    sweep = engine.submit(plan_for(fake_spec(updates=50_000)), sweep="key")
    running(engine, sweep)
    visitor = engine.submit(plan_for(fake_spec(updates=300, milliseconds=2)))
    engine.stop(sweep)
    assert final(engine, sweep).status == "stopped"
    assert final(engine, visitor).status == "finished"
