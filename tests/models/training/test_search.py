"""The search of a learning rate: fair, repeatable, blind to every test, and independent of the number of repeats."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from data.repeat_splits import RepeatedData
from models.spec.cost import search_updates
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import best_rate, plan_runs
from models.spec.run import RunSpec
from models.spec.task_data import repeated_data
from models.training.loop import never, train
from models.training.search import candidate_rates, search_rate
from tests.models.training.test_loop import small_adding

SMALL = {"options": (("length", 10),), "hidden_size": 8, "seeds": 2, "batch_size": 16, "updates": 80}


def spec_of(**fields: object) -> ExperimentSpec:
    """Return a small adding experiment on one split."""
    return ExperimentSpec(dataset="adding", **SMALL | {"resampling": "start"} | fields)


def last(steps: Generator[object, None, Any]) -> Any:
    """Return what a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def searched(run: RunSpec, data: RepeatedData | None = None) -> RunSpec:
    """Return the run after its search."""
    if data is None:
        data = RepeatedData.shared(small_adding(run), run.experiment.seeds)
    return last(search_rate(run, data, attempt=1, should_stop=never))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("search", "rate", "expected"),
    [
        (1, 0.003, (0.003,)),
        (3, 0.003, (0.000949, 0.003, 0.00949)),
        (5, 0.1, (0.01, 0.0316, 0.1, 0.316, 1.0)),
        (5, 1.0, (0.1, 0.316, 1.0)),
    ],
)
def test_candidate_rates_surround_the_chosen_one(search: int, rate: float, expected: tuple[float, ...]) -> None:
    """Half decades below and above, within the bounds of the setting."""
    assert candidate_rates(spec_of(rate_search=search, learning_rate=rate)) == pytest.approx(expected)


def test_search_finds_the_rate_that_learns_and_is_repeatable() -> None:
    """Of crawling, good and destructive rates a good one wins, twice with the same losses."""
    spec = spec_of(rate_search=5, learning_rate=0.01, optimiser="sgd", clip=0.0, architectures=("gru",))
    run = plan_runs(spec)[0]
    first = searched(run)
    assert first == searched(run)
    losses = dict(first.tried)
    assert len(losses) == 5
    assert first.learning_rate == best_rate(first.tried)
    assert losses[first.learning_rate] == min(losses.values())


def test_search_gives_every_architecture_the_same_budget() -> None:
    """The same rates for all, a quarter of the updates, and each one's best is kept."""
    runs = [searched(run) for run in plan_runs(spec_of(rate_search=3))]
    assert [rate for rate, _ in runs[0].tried] == [rate for rate, _ in runs[1].tried]
    assert search_updates(400) == 100
    assert search_updates(10) == 10


def test_search_does_not_depend_on_the_number_of_repeats() -> None:
    """More repeats do not change the rate, so that they can be added to a finished experiment."""
    few, many = (plan_runs(ExperimentSpec(dataset="airline", updates=40, seeds=count))[0] for count in (2, 12))
    found = [searched(run, repeated_data(run.experiment)).tried for run in (few, many)]
    assert found[0] == found[1]
    assert few.key() != many.key()


def test_search_sees_nothing_that_a_repeat_is_tested_on() -> None:
    """Whatever stands in the rows from the oldest stretch on, the rates and their losses stay the same."""
    run = plan_runs(ExperimentSpec(dataset="airline", updates=40))[0]
    data = repeated_data(run.experiment)
    broken = [
        replace(task, train=_noise(task.train), validation=_noise(task.validation), test=_noise(task.test))
        for task in data.tasks[:-1]
    ]
    oldest = replace(data.tasks[-1], test=_noise(data.tasks[-1].test))
    other = RepeatedData(tasks=(*broken, oldest), numbers=data.numbers)
    assert searched(run, data).tried == searched(run, other).tried


def _noise(part: Any) -> Any:
    return replace(part, inputs=np.full_like(part.inputs, 1e3), targets=np.full_like(part.targets, -1e3))


def test_train_searches_first_and_keeps_what_it_found() -> None:
    """The result's run names the rates and the best; its key is the one that was planned; a stop ends the search, too."""
    run = plan_runs(spec_of(rate_search=3, architectures=("gru",)))[0]
    result = last(train(run, small_adding(run)))
    assert len(result.spec.tried) == 3
    assert result.spec.learning_rate == best_rate(result.spec.tried)
    assert result.spec.key() == run.key()
    assert result.cost["search_seconds"] > 0
    stopped = last(train(run, small_adding(run), should_stop=lambda: True))
    assert (stopped.status, stopped.spec.tried, stopped.seeds[0].updates) == ("stopped", (), 0)


def test_search_reports_how_far_it_is() -> None:
    """Its records rise from none to all of the search at update 0; those of the training say nothing of it."""
    run = plan_runs(spec_of(rate_search=3, architectures=("gru",)))[0]
    records = list(train(run, small_adding(run)))
    searching = [record for record in records if record.search is not None]
    assert [record.search for record in searching] == [0.0, 0.5, 1.0]  # 20 updates, a record every 10
    assert {record.update for record in searching} == {0}
    assert records[: len(searching)] == searching
