"""The engine's memory of experiments: attempts, curves, speed, positions."""

from typing import Any

import numpy as np
import pytest

from models.engine.experiment_queue import ExperimentQueue
from models.engine.live_state import LiveRun
from models.errors import CapacityError
from models.records.experiment import ExperimentRecord, new_id
from models.records.results import overall_status
from models.spec.fairness import plan_runs
from tests.models.engine.fake import fake_spec


def message(update: int, *, execution: str = "a", clock: float = 0.0, points: int = 1) -> dict[str, Any]:
    """Return a progress message as a worker sends it."""
    rows = [[0.0, float(update), 0.1, 1.0, 2.0, 3.0, 4.0]] * points
    return {
        "submission": 1,
        "execution": execution,
        "update": update,
        "seconds": 0.1,
        "clock": clock,
        "points": rows,
        "samples": [],
    }


def live_run() -> LiveRun:
    """Return a submitted run of 100 updates."""
    run = LiveRun(spec=plan_runs(fake_spec("lstm", updates=100))[0])
    run.begin(1)
    return run


def record(name: str = "lstm") -> ExperimentRecord:
    """Return an accepted experiment."""
    spec = fake_spec(name)
    return ExperimentRecord(id=new_id(), spec=spec, runs=plan_runs(spec), control="")


def test_live_run_measures_speed_and_time_left_over_a_window() -> None:
    """Speed forgets what is older than a few seconds."""
    run = live_run()
    run.take(message(0, clock=0.0))
    assert run.view().seconds_left is None
    for second in range(1, 21):
        run.take(message(second if second < 10 else 10 + (second - 10) * 4, clock=float(second)))
    view = run.view()
    assert view.updates_per_second == pytest.approx(4.0)
    assert view.seconds_left == pytest.approx((100 - 50) / 4.0)


def test_live_run_says_that_it_searches_and_does_not_count_that_as_slow_training() -> None:
    """A search is shown while it goes on, has no speed, and leaves none behind."""
    run = live_run()
    run.take(message(0, clock=0.0) | {"search": 0.0})
    run.take(message(0, clock=3.0) | {"search": 0.5})
    assert (run.view().search, run.view().updates_per_second) == (0.5, 0.0)
    run.take(message(0, clock=4.0))
    run.take(message(10, clock=5.0))
    assert run.view().search is None
    assert run.view().updates_per_second == pytest.approx(10.0)


def test_live_run_collects_every_point() -> None:
    """The curve has one row per point, in order."""
    run = live_run()
    run.take(message(1, points=2))
    assert len(run.view().curves["update"]) == 2
    run.take(message(2))
    np.testing.assert_array_equal(run.view().curves["update"], [1.0, 1.0, 2.0])


def test_live_run_starts_over_when_another_execution_reports() -> None:
    """A second execution of the same submission is a new attempt; late words of the first are ignored."""
    run = live_run()
    run.take(message(50))
    run.take(message(3, execution="b"))
    assert (run.attempt, run.update, len(run.view().curves["update"])) == (2, 3, 1)
    assert run.take(message(60)) == []
    assert run.update == 3


def test_live_run_keeps_its_first_final_status() -> None:
    """A run ends once."""
    run = live_run()
    run.end("stopped")
    run.end("failed", "too late")
    assert (run.status, run.message) == ("stopped", "")
    assert run.take(message(5)) == []


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["finished", "finished"], "finished"),
        (["finished", "diverged"], "finished"),
        (["diverged", "diverged"], "diverged"),
        (["finished", "stopped"], "stopped"),
        (["stopped", "failed"], "failed"),
    ],
)
def test_overall_status_follows_the_runs(statuses: list[str], expected: str) -> None:
    """One failed or stopped run decides; diverging does only if all do."""
    assert overall_status(statuses) == expected


def test_board_counts_positions_of_waiting_experiments() -> None:
    """Positions start at 1 and move up when the first one begins."""
    live_queue, records = ExperimentQueue(5), [record() for _ in range(3)]
    for one in records:
        live_queue.claim_place()
        live_queue.add(one)
    assert [view.position for one in records if (view := live_queue.view(one.id))] == [1, 2, 3]
    pair = live_queue.next_waiting()
    assert pair is not None
    pair[1].begin(1)
    assert [view.position for one in records if (view := live_queue.view(one.id))] == [0, 1, 2]


def test_board_refuses_more_than_its_limit() -> None:
    """Reserved places count, and come back."""
    live_queue = ExperimentQueue(1)
    live_queue.claim_place()
    with pytest.raises(CapacityError, match="1 experiments are already waiting"):
        live_queue.claim_place()
    live_queue.return_place()
    live_queue.claim_place()


def test_board_offers_a_lost_run_before_later_experiments() -> None:
    """A run that is taken up again keeps its place."""
    live_queue, records = ExperimentQueue(5), [record(), record()]
    for one in records:
        live_queue.claim_place()
        live_queue.add(one)
    for number in (1, 2):
        pair = live_queue.next_waiting()
        assert pair is not None
        pair[1].begin(number)
    lost = live_queue.by_submission(1)
    assert lost is not None
    lost[1].start_over()
    lost[1].submission = None
    offered = live_queue.next_waiting()
    assert offered is not None
    assert offered[0].record.id == records[0].id
