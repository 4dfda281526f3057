"""How far a sweep is, told from made-up experiments."""

from dataclasses import replace

import pytest

from models.engine.sweep_progress import SweepProgress
from models.records.results import ExperimentView, RunView
from models.records.summaries import run_without_arrays
from models.records.sweep import FoundRun, SweepRecord
from models.spec.sweep import SweepSpec
from models.spec.sweep_plan import plan_sweep
from tests.models.records.samples import a_result, a_spec

SWEEP = SweepSpec(base=a_spec(architectures=("lstm", "gru")), axes=(("option.length", (10, 20)),))
RUNS = plan_sweep(SWEEP).runs


class Clock:
    """Seconds that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def begun(clock: Clock | None = None) -> SweepProgress:
    """Return a sweep whose first point is under way."""
    made = SweepProgress(SweepRecord(spec=SWEEP), RUNS, clock=clock or Clock())
    made.begin(made.next_runs(frozenset()), "first")
    return made


def a_view(*statuses: str, update: int = 0, message: str = "") -> ExperimentView:
    """Return the first point's experiment with each run in a status."""
    runs = tuple(
        RunView(
            spec=run.run,
            status=status,
            update=update,
            message=message,
            result=a_result(run.run, status=status) if status in ("finished", "diverged", "stopped") else None,
        )
        for run, status in zip(RUNS, statuses, strict=False)
    )
    return ExperimentView(id="first", spec=RUNS[0].run.experiment, status="running", runs=runs)


def statuses(progress: SweepProgress) -> list[str]:
    """Return the status of every run."""
    return [outcome.status for outcome in progress.outcomes()]


def test_point_by_point_and_nothing_twice() -> None:
    """Runs come one experiment after the other; what another sweep has under way is waited for."""
    progress = begun()
    assert statuses(progress) == ["running", "running", "waiting", "waiting"]
    assert [run.point for run in progress.next_runs(frozenset())] == [1, 1]
    assert [run.key for run in progress.next_runs(frozenset({RUNS[2].key}))] == [RUNS[3].key]
    assert progress.live() == ("first",)


def test_results_are_kept_without_arrays_and_divergence_is_a_result() -> None:
    """A diverged run is settled: the same again would diverge again."""
    progress = begun()
    progress.take_view("first", a_view("finished", "diverged"))
    first, second = progress.outcomes()[:2]
    assert (first.status, second.status) == ("finished", "diverged")
    assert first.result is not None
    assert not first.result.weights
    assert first.experiment == "first"
    assert progress.view().done == 2


def test_failed_run_is_tried_once_more_and_then_given_up() -> None:
    """The sweep goes on without it and says so at the end."""
    progress = begun()
    progress.take_view("first", a_view("finished", "failed", message="Too large."))
    assert statuses(progress)[1] == "waiting"
    progress.begin(progress.next_runs(frozenset()), "second")
    view = a_view("finished", "failed", message="Too large.")
    progress.take_view("second", view)
    assert statuses(progress) == ["finished", "failed", "waiting", "waiting"]
    progress.take_found({run.key: FoundRun("other", run_without_arrays(a_result(run.run))) for run in RUNS})
    for experiment in progress.live():
        progress.close(experiment)
    assert progress.over()
    assert statuses(progress) == ["finished", "failed", "finished", "finished"]
    record = progress.closing_record()
    assert (record.status, record.message) == ("finished", "1 of 4 runs failed. The first: Too large.")


@pytest.mark.parametrize("gone", [True, False])
def test_lost_experiment_is_begun_anew(gone: bool) -> None:
    """One that was deleted or interrupted does not count as a failure."""
    progress = begun()
    progress.take_view("first", None if gone else a_view("interrupted", "interrupted"))
    assert statuses(progress) == ["waiting"] * 4


def test_stop_keeps_what_is_done_and_gives_the_rest_up() -> None:
    """A stopped run is no result, and a stopped sweep can go on."""
    progress = begun()
    progress.take_view("first", a_view("finished", "running"))
    progress.stopping = True
    assert not progress.over()
    progress.take_view("first", a_view("finished", "stopped"))
    assert not progress.over()
    progress.close("first")
    assert progress.over()
    assert statuses(progress) == ["finished", "waiting", "waiting", "waiting"]
    assert progress.closing_record().status == "stopped"


def test_run_that_a_person_stopped_alone_is_not_tried_again() -> None:
    """The sweep goes on with the others."""
    progress = begun()
    progress.take_view("first", a_view("finished", "stopped"))
    assert progress.outcomes()[1].message == "It was stopped."
    assert statuses(progress)[1] == "failed"


def test_time_left_follows_the_pace_and_leaves_out_what_was_there() -> None:
    """Twice as long a run counts twice; runs from the store teach nothing about the pace."""
    runs = [replace(run, seconds=float(dict(run.values)["option.length"])) for run in RUNS]
    clock = Clock()
    progress = SweepProgress(SweepRecord(spec=SWEEP), runs, clock=clock)
    assert progress.estimate() == 60
    assert progress.seconds_left() is None
    progress.take_found({RUNS[0].key: FoundRun("other", run_without_arrays(a_result(RUNS[0].run)))})
    progress.begin(progress.next_runs(frozenset()), "first")
    clock.now = 4.0
    assert progress.seconds_left() is None
    view = a_view("finished", "running", update=10)
    progress.take_view("first", view)
    assert progress.seconds_left() == pytest.approx(45 * 4.0 / 5)


def test_points_that_ask_for_the_same_run_share_it() -> None:
    """It is trained once and shown at both."""
    progress = SweepProgress(SweepRecord(spec=SWEEP), (*RUNS, replace(RUNS[0], point=9, values=())))
    progress.begin(progress.next_runs(frozenset()), "first")
    progress.take_view("first", a_view("finished", "running"))
    assert statuses(progress) == ["finished", "running", "waiting", "waiting", "finished"]
    assert progress.outcomes()[-1].run.point == 9
