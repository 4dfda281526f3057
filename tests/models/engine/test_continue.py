"""A finished experiment continued with more repeats equals one that was asked for all at once."""

from dataclasses import replace

import numpy as np
import pytest

from models.engine.run_here import run_experiment
from models.errors import InvalidSpecError
from models.records.join import continued_runs
from models.spec.experiment_settings import ExperimentSpec

SPEC = ExperimentSpec(dataset="airline", hidden_size=5, updates=20, evaluations=2, seeds=2, architectures=("gru",))


def test_added_repeats_give_the_same_bits_as_all_at_once() -> None:
    """Weights, scores, answers, curves, snapshots, gradients, the rates that were tried and the key agree."""
    spec = replace(SPEC, seeds=3)
    joined = run_experiment(spec, earlier=run_experiment(SPEC))
    at_once = run_experiment(spec)
    assert joined.repeat_baselines == at_once.repeat_baselines
    one, other = joined.runs[0], at_once.runs[0]
    assert (one.spec, one.spec.key(), one.status) == (other.spec, other.spec.key(), other.status)
    for name, value in other.weights.items():
        np.testing.assert_array_equal(one.weights[name], value)
    for name, value in other.gradient_flow.items():
        np.testing.assert_array_equal(one.gradient_flow[name], value)
    np.testing.assert_array_equal(one.sample_outputs, other.sample_outputs)
    for column in ("seed", "update", "validation_loss", "metric"):
        np.testing.assert_array_equal(one.curves[column], other.curves[column])
    assert [seed.test_metrics for seed in one.seeds] == [seed.test_metrics for seed in other.seeds]
    assert [seed.stretch for seed in one.seeds] == [seed.stretch for seed in other.seeds]
    for first, second in zip(one.snapshots, other.snapshots, strict=True):
        for name, value in second.weights.items():
            np.testing.assert_array_equal(first.weights[name], value)


@pytest.mark.parametrize(
    ("changes", "sentence"), [({"seeds": 2}, "2 repeats already"), ({"seeds": 4, "updates": 30}, "nothing but `seeds`")]
)
def test_what_cannot_be_continued_is_said(changes: dict[str, int], sentence: str) -> None:
    """Fewer repeats, or other settings."""
    with pytest.raises(InvalidSpecError, match=sentence):
        continued_runs(run_experiment(replace(SPEC, updates=2)), replace(SPEC, **{"updates": 2} | changes))
