"""Summaries of results for lists: everything but the arrays, plus one line of losses per run."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from models.records.experiment import SPARKLINE
from models.records.results import Array, ExperimentView, RunResult


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


def view_without_arrays(view: ExperimentView) -> ExperimentView:
    """Return a view, its runs and its result without their arrays."""
    runs = tuple(
        replace(run, curves={}, samples=(), result=None if run.result is None else run_without_arrays(run.result))
        for run in view.runs
    )
    kept = tuple(run.result for run in runs if run.result is not None)
    result = None if view.result is None else replace(view.result, runs=kept)
    return replace(view, runs=runs, result=result)


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
