"""The example uploads can be learned: seconds of training beat their naive baselines."""

from itertools import count

import numpy as np
import pytest

from data.catalog import get_dataset
from data.uploads.inspect import Example, digest, examples
from models.records.results import RunResult
from models.spec.cost import estimate_run
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec
from models.spec.sizes import DataShape
from models.training.loop import train

SECONDS = 9.0  # by the formula for the cost; no clock decides how much is trained


def run(example: Example) -> tuple[ExperimentSpec, RunResult]:
    """Train a GRU with two seeds under the recommended settings until it is done or the time is up."""
    entry = get_dataset(example.dataset)
    options = {**example.options, "content": digest(example.content)}
    spec = ExperimentSpec(
        dataset=example.dataset, options=tuple(options.items()), architectures=("gru",), seeds=2, **entry.recommended
    )
    plan = RunSpec(
        experiment=spec,
        architecture="gru",
        hidden_size=spec.hidden_size,
        updates=spec.updates,
        learning_rate=spec.learning_rate,
    )
    data = entry.load(spec.dataset_options(), 0, example.content)
    share = SECONDS / estimate_run(plan, DataShape.of(data)).seconds
    updates = count(1)
    training = train(plan, data, should_stop=lambda: next(updates) >= share * plan.updates)
    while True:
        try:
            next(training)
        except StopIteration as end:
            return spec, end.value


@pytest.mark.slow
@pytest.mark.parametrize("example", examples(), ids=lambda example: example.filename)
def test_example_is_learned_better_than_naively(example):
    """A GRU beats every naive baseline of the example on average over two seeds."""
    spec, result = run(example)
    entry, options = spec.source(), spec.dataset_options()
    metric, sign = entry.metric(options), 1 if entry.higher_is_better(options) else -1
    score = float(np.mean(result.test_scores(metric)))
    baselines = entry.baselines(options, entry.load(options, 0, example.content))
    naive = (baseline for baseline in baselines if baseline.name != "ridge")  # a linear opponent, not a naive predictor
    scores = {baseline.name: baseline.metrics[metric] for baseline in naive}
    assert all(sign * score > sign * naive for naive in scores.values()), (score, scores)
