"""A small real training and a digest of its numbers."""

import hashlib
from typing import Any

from models.spec.experiment_settings import ExperimentSpec


def small_spec() -> ExperimentSpec:
    """Return an experiment that trains in a second."""
    return ExperimentSpec(
        dataset="adding", options=(("length", 10),), hidden_size=4, seeds=2, updates=30, batch_size=8, evaluations=5
    )


def digest(result: Any) -> str:
    """Return a hash over every weight, curve and test metric of a result's runs: equal bits, equal digest."""
    assert result is not None
    found = hashlib.sha256()
    for run in result.runs:
        for name in sorted(run.weights):
            found.update(run.weights[name].tobytes())
        for name in ("training_loss", "validation_loss", "metric", "gradient_norm"):
            found.update(run.curves[name].tobytes())
        found.update(repr([seed.test_metrics for seed in run.seeds]).encode())
    return found.hexdigest()
