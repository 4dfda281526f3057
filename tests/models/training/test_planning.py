"""Planning: equal seconds."""

import time
from dataclasses import replace

import pytest

from data.repeat_splits import RepeatedData
from data.task import TaskData
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import best_rate, needs_measuring, plan_runs
from models.spec.plan import make_plan
from models.spec.sizes import DataShape
from models.training.group import TrainingGroup
from models.training.planning import measure_speeds, trimmed_mean
from tests.models.training.test_loop import small_adding

SMALL = {"options": (("length", 10),), "hidden_size": 8, "seeds": 2, "batch_size": 16, "updates": 80}


def task(spec: ExperimentSpec) -> TaskData:
    """Return the spec's adding problem, cut to few sequences."""
    return small_adding(plan_runs(spec)[0])


def spec_of(**fields: object) -> ExperimentSpec:
    """Return a small adding experiment."""
    return ExperimentSpec(dataset="adding", **SMALL | fields)


def test_best_rate_never_is_one_that_diverged() -> None:
    """Infinite and missing losses lose against any finite one."""
    assert best_rate(((0.1, float("inf")), (0.2, float("nan")), (0.3, 5.0))) == 0.3


def test_needs_measuring_only_for_time() -> None:
    """Other rules are decided by formula alone, and learning rates are searched by the runs."""
    assert not needs_measuring(spec_of(fairness="same_parameters"))
    assert needs_measuring(spec_of(fairness="same_time"))
    assert not needs_measuring(spec_of(rate_search=2))


def test_trimmed_mean_ignores_a_hiccup() -> None:
    """One update that took a second among forty of a millisecond does not count."""
    assert trimmed_mean([0.001] * 40 + [1.0]) == pytest.approx(0.001)


def test_measure_speeds_survives_a_rate_that_diverges() -> None:
    """A group whose every replica diverged is timed by what it did."""
    spec = spec_of(architectures=("rnn",), learning_rate=1.0, optimiser="sgd", clip=0.0)
    data = task(spec)
    data = replace(data, train=replace(data.train, targets=data.train.targets * 1e30))
    assert measure_speeds(spec, data)["rnn"] > 0


@pytest.mark.slow
@pytest.mark.timing
def test_same_time_keeps_seconds_within_ten_percent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planned updates of LSTM, GRU and tanh RNN take the same time when done side by side."""
    monkeypatch.setattr(time, "perf_counter", time.thread_time)  # what else runs here takes none of this thread's time
    spec = spec_of(
        architectures=("lstm", "gru", "rnn"),
        fairness="same_time",
        options=(("length", 40),),
        hidden_size=32,
        updates=600,
    )
    data = task(spec)
    spreads = [_spread(spec, data)]
    while spreads[-1] >= 1.1 and len(spreads) < 4:  # something else may have taken the processor in between
        spreads.append(_spread(spec, data))
    assert spreads[-1] < 1.1, spreads


def _spread(spec: ExperimentSpec, data: TaskData) -> float:
    """Plan an experiment, train its groups side by side, and return their longest time over their shortest."""
    plan = make_plan(spec, DataShape.of(data), speeds=measure_speeds(spec, data))
    groups = [TrainingGroup(item.run, RepeatedData.shared(data, spec.seeds)) for item in plan.runs]
    most = max(item.run.updates for item in plan.runs)
    for turn in range(most):
        for group in groups:
            if group.update < group.run.updates * (turn + 1) / most:
                group.step()
    seconds = [trimmed_mean(group.durations) * group.run.updates for group in groups]
    assert [group.update for group in groups] == [group.run.updates for group in groups]
    assert len({group.run.updates for group in groups}) > 1
    return max(seconds) / min(seconds)
