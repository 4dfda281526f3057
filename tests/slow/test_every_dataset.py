"""Every dataset can be learned: seconds of training beat its naive baselines, or its lesson says why not."""

from itertools import count

import numpy as np
import pytest

from data.catalog import Dataset, catalogue
from data.task import TaskData
from models.records.results import RunResult
from models.spec.cost import estimate_run
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec
from models.spec.sizes import DataShape
from models.training.loop import train

ENTRIES = {name: entry for name, entry in catalogue().items() if entry.family != "own"}
SECONDS = 9.0  # by the formula for the cost, per architecture; no clock decides how much is trained
SEEDS = 2
ARCHITECTURES = ("gru", "lstm")
LINEAR = {"ridge"}  # a linear model of the same window is an opponent, not a naive predictor

# Baselines that a network with the recommended settings does not beat, and the words of the lesson that say so.
UNBEATEN = {
    "co2": (
        {"persistence", "seasonal_naive", "drift", "autoregression"},
        "every network fails and even the last value beats it",
    ),
    "daily_values": ({"persistence"}, "where a pattern repeats, and not where there is none"),  # the default is a walk
    "seattle_forecast": ({"autoregression"}, "a linear model comes close to it"),
    "us_macro": ({"autoregression"}, "a linear autoregression is hard to beat"),
}


def run(entry: Dataset, data: TaskData, architecture: str, **changes: object) -> RunResult:
    """Train with the recommended settings until they are done or have had the work of some seconds."""
    fields = {**entry.recommended, "architectures": (architecture,), "seeds": SEEDS, **changes}
    spec = ExperimentSpec(dataset=entry.name, **fields)
    plan = RunSpec(
        experiment=spec,
        architecture=architecture,
        hidden_size=spec.hidden_size,
        updates=spec.updates,
        learning_rate=spec.learning_rate,
    )
    share = SECONDS / estimate_run(plan, DataShape.of(data)).seconds
    updates = count(1)
    training = train(plan, data, should_stop=lambda: next(updates) >= share * plan.updates)
    while True:
        try:
            next(training)
        except StopIteration as end:
            result: RunResult = end.value
            return result


def unbeaten(entry: Dataset, data: TaskData, score: float) -> set[str]:
    """Return the baselines that are at least as good as a score."""
    options = entry.parse({})
    metric, sign = entry.metric(options), 1 if entry.higher_is_better(options) else -1
    naive = (baseline for baseline in entry.baselines(options, data) if baseline.name not in LINEAR)
    return {baseline.name for baseline in naive if sign * baseline.metrics[metric] >= sign * score}


@pytest.mark.slow
@pytest.mark.parametrize("name", ENTRIES)
def test_dataset_is_learned_better_than_naively(name: str) -> None:
    """GRU or LSTM beats every naive baseline on average over two seeds, but for those that the lesson names."""
    entry = ENTRIES[name]
    options = entry.parse({})
    data = entry.load(options, 0)
    allowed, words = UNBEATEN.get(name, (set(), ""))
    assert words in entry.lesson
    left = {}
    for architecture in ARCHITECTURES:
        scores = run(entry, data, architecture).test_scores(entry.metric(options))
        left[architecture] = unbeaten(entry, data, float(np.mean(scores)))
        if left[architecture] <= allowed:
            return
    pytest.fail(f"{name}: not beaten {left}")


@pytest.mark.slow
def test_co2_networks_fail_without_differencing_and_win_with_it() -> None:
    """The lesson on carbon dioxide holds: the last value beats the network, until changes are predicted."""
    entry = ENTRIES["co2"]
    scores = {}
    for differencing in ("none", "first"):
        options = entry.parse({"differencing": differencing})
        data = entry.load(options, 0)
        result = run(entry, data, "gru", options=(("differencing", differencing),), updates=300)
        scores[differencing] = float(np.mean(result.test_scores("rmse_ppm")))
    (persistence,) = [b for b in entry.baselines(options, data) if b.name == "persistence"]
    assert scores["first"] < persistence.metrics["rmse_ppm"] < scores["none"] / 2
