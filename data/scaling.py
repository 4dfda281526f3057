"""Scales of inputs and targets, fitted on the training part alone."""

import numpy as np

from data.task import Array, Scaler


def fit_scaler(values: Array, scaling: str) -> Scaler:
    """Fit a scale per column.

    Args:
        values: `(N, C)` values of the training part.
        scaling: `standard`, `range` or `none`.

    Returns:
        The scale; a constant column is only shifted.
    """
    mean, std = np.zeros(values.shape[-1]), np.ones(values.shape[-1])
    if scaling == "standard":
        mean, std = values.mean(axis=0), values.std(axis=0)
    elif scaling == "range":
        mean, std = values.min(axis=0), np.ptp(values, axis=0)
    steady = std <= 1e-12 * np.maximum(1.0, np.abs(mean))
    return Scaler(mean=mean, std=np.where(steady, 1.0, std))


def plain_scale(columns: int) -> Scaler:
    """Return the scale that changes nothing: mean 0 and deviation 1."""
    return Scaler(mean=np.zeros(columns), std=np.ones(columns))
