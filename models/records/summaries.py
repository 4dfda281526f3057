"""Summaries of results for lists: everything but the arrays, plus a short loss curve per run."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from models.records.experiment import SPARKLINE
from models.records.results import Array, RunResult


def run_without_arrays(result: RunResult) -> RunResult:
    """Return a run result without curves, gradient flow, weights, snapshots and samples."""
    nothing = np.empty(0, dtype=np.float32)
    return replace(
        result,
        curves={},
        gradient_flow={},
        weights={},
        snapshots=(),
        sample_indices=np.empty(0, dtype=np.int64),
        sample_outputs=nothing,
    )


def loss_line(curves: Mapping[str, Array], most: int = SPARKLINE) -> tuple[float, ...]:
    """Return the validation loss averaged over seeds at up to `most` evaluations, without infinite values."""
    if not curves or not len(curves["update"]):
        return ()
    updates, places = np.unique(curves["update"], return_inverse=True)
    losses = np.asarray(curves["validation_loss"], dtype=np.float64)
    finite = np.isfinite(losses)
    counts = np.bincount(places[finite], minlength=len(updates))
    sums = np.bincount(places[finite], weights=losses[finite], minlength=len(updates))
    line = sums[counts > 0] / counts[counts > 0]
    if not len(line):
        return ()
    picked = np.unique(np.linspace(0, len(line) - 1, min(most, len(line))).round().astype(int))
    return tuple(float(value) for value in line[picked])


def array_bytes(result: RunResult) -> int:
    """Return the memory of a result's arrays."""
    arrays = [*result.curves.values(), *result.weights.values(), result.sample_indices, result.sample_outputs]
    arrays += [*result.gradient_flow.values()]
    arrays += [value for snapshot in result.snapshots for value in snapshot.weights.values()]
    return sum(array.nbytes for array in arrays)
