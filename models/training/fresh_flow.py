"""Gradient flow of networks that were never trained: what the initialisation alone lets through."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.networks.build import build_network
from models.spec.experiment import ExperimentSpec
from models.spec.fairness import plan_runs
from models.training.gradient_flow import gradient_flow


def fresh_flow(spec: dict[str, Any]) -> dict[str, dict[str, NDArray[Any]]]:
    """Measure every architecture of a spec before any training.

    Args:
        spec: Plain values of an `ExperimentSpec`.

    Returns:
        Architecture to what `gradient_flow` returns.
    """
    experiment = ExperimentSpec.from_dict(spec)
    data = experiment.source().load(experiment.dataset_options(), experiment.seed)
    found = {}
    for run in plan_runs(experiment):
        weights = {name: value.numpy() for name, value in build_network(run, data).weights().items()}
        found[run.architecture] = {name: np.asarray(v) for name, v in gradient_flow(run, data, weights).items()}
    return found
