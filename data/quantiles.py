"""Quantiles of a forecast: their levels, their order, and the pinball loss that judges them. NumPy.

The outputs of a network that predicts quantiles may cross. Its quantiles are its outputs in ascending order: this rearrangement
never increases the pinball loss (Chernozhukov, Fernandez-Val and Galichon 2010, Econometrica 78(3), proposition 4). Training sorts
in the same way, so that the loss is that of the quantiles one reads. Axes: Q levels, N samples, O outputs (steps and targets).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

QUANTILES = (0.1, 0.5, 0.9)
BAND = round(100 * (QUANTILES[-1] - QUANTILES[0]))  # percent of points that should lie between the outer levels
MEDIAN = QUANTILES.index(0.5)
Array = NDArray[Any]


def ascending(outputs: Array) -> Array:
    """Turn a head's outputs `(..., Q * O)` into quantiles `(Q, ..., O)` that do not cross."""
    levels = len(QUANTILES)
    each = outputs.reshape(*outputs.shape[:-1], levels, outputs.shape[-1] // levels)
    return np.moveaxis(np.sort(each, axis=-2), -2, 0)


def pinball(truth: Array, said: Array) -> Array:
    """Return the pinball loss of each level (Koenker and Bassett 1978): its mean is smallest at the true quantile.

    Args:
        truth: `(...)` what came.
        said: `(Q, ...)` predicted quantiles, in the order of `QUANTILES`.
    """
    levels = np.asarray(QUANTILES).reshape(-1, *[1] * truth.ndim)
    error = truth - said
    result: Array = np.maximum(levels * error, (levels - 1) * error)
    return result


def inside(truth: Array, said: Array) -> Array:
    """Return whether each value lies between the outer quantiles."""
    result: Array = (said[0] <= truth) & (truth <= said[-1])
    return result


def error_quantiles(errors: Array) -> Array:
    """Return `(Q, ...)` quantiles of truth minus prediction `(N, ...)`; added to a prediction they make it a forecast of quantiles."""
    result: Array = np.quantile(errors, QUANTILES, axis=0)
    return result


def quantile_metric(metric: str) -> str:
    """Return the metric of quantiles in place of one of values: `rmse_celsius` becomes `pinball_celsius`, `mase` `scaled_pinball`."""
    return "scaled_pinball" if metric == "mase" else metric.replace("rmse", "pinball", 1)
