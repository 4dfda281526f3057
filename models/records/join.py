"""Join a result with repeats that were trained later; apart from times, it equals the result of training all at once."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.errors import InvalidSpecError
from models.records.results import CURVE_COLUMNS, Array, ExperimentResult, RunResult, Snapshot
from models.spec.experiment_settings import ExperimentSpec
from models.spec.memory import MAX_SNAPSHOT_BYTES
from models.spec.run import RunSpec


def continued_runs(before: ExperimentResult, spec: ExperimentSpec) -> tuple[RunSpec, ...]:
    """Return the runs of an experiment with more repeats, at the sizes and learning rates of the finished one.

    Args:
        before: The finished result.
        spec: Its settings with more repeats.

    Raises:
        InvalidSpecError: With one sentence that says why it cannot be continued.
    """
    if replace(spec, seeds=before.spec.seeds) != before.spec:
        raise InvalidSpecError(["Repeats can be added only with the same settings: change nothing but `seeds`."])
    if spec.seeds <= before.spec.seeds:
        raise InvalidSpecError(
            [f"The experiment has {before.spec.seeds} repeats already: ask for more than that with `seeds`."]
        )
    complete = len(before.runs) == len(spec.architectures) and before.status in ("finished", "diverged")
    if not complete or not all(run.weights and len(run.seeds) == before.spec.seeds for run in before.runs):
        raise InvalidSpecError(["Repeats can be added only to a finished experiment that was trained here."])
    return tuple(replace(run.spec, experiment=spec) for run in before.runs)


def join_runs(before: RunResult, added: RunResult) -> RunResult:
    """Return one result of all repeats.

    Args:
        before: The existing repeats.
        added: Those that were trained later; their numbers continue those of `before`.
    """
    outputs = _same_steps(before.sample_outputs, added.sample_outputs)
    return replace(
        added,
        status=_status(before, added),
        seeds=before.seeds + added.seeds,
        curves=_curves(before, added),
        weights={name: np.concatenate([value, added.weights[name]]) for name, value in before.weights.items()},
        snapshots=_snapshots(before, added),
        sample_outputs=np.concatenate(outputs),
        gradient_flow={
            name: np.concatenate([value, added.gradient_flow[name]])
            for name, value in before.gradient_flow.items()
            if name in added.gradient_flow
        },
        cost=_cost(before, added),
    )


def _status(before: RunResult, added: RunResult) -> str:
    if all(seed.status == "diverged" for seed in before.seeds + added.seeds):
        return "diverged"
    return added.status if added.status == "stopped" else "finished"


def _curves(before: RunResult, added: RunResult) -> dict[str, Array]:
    both = {name: np.concatenate([before.curves[name], added.curves[name]]) for name in CURVE_COLUMNS}
    order = np.argsort(both["update"], kind="stable")
    return {name: values[order] for name, values in both.items()}


def _snapshots(before: RunResult, added: RunResult) -> tuple[Snapshot, ...]:
    """Return snapshots of all repeats, or of the first ones where all would be too large."""
    later = {snapshot.update: snapshot.weights for snapshot in added.snapshots}
    if not before.snapshots or before.snapshots[0].replicas < len(before.seeds):
        return before.snapshots
    if any(snapshot.update not in later for snapshot in before.snapshots):
        return before.snapshots
    kept = max(1, MAX_SNAPSHOT_BYTES // max(1, 4 * before.parameters * len(before.snapshots)))
    return tuple(
        Snapshot(
            update=one.update,
            weights={name: np.concatenate([v, later[one.update][name]])[:kept] for name, v in one.weights.items()},
        )
        for one in before.snapshots
    )


def _same_steps(before: Array, added: Array) -> Sequence[Array]:
    """Return outputs `(R, n, T, C)` padded to the same number of steps; other shapes unchanged."""
    if before.ndim < 4:
        return before, added
    steps = max(before.shape[2], added.shape[2])
    widths = [((0, 0), (0, 0), (0, steps - one.shape[2]), (0, 0)) for one in (before, added)]
    return [np.pad(one, width) for one, width in zip((before, added), widths, strict=True)]


def _cost(before: RunResult, added: RunResult) -> dict[str, float]:
    """Return the cost of both trainings, which ran one after the other."""
    first, second = before.cost, added.cost
    times = [cost.get("milliseconds_per_update", 0.0) for cost in (first, second)]
    speeds = [cost.get("sequences_per_second", 0.0) for cost in (first, second)]
    total = sum(times)
    joined = {
        "milliseconds_per_update": total,
        "sequences_per_second": sum(t * s for t, s in zip(times, speeds, strict=True)) / total if total else 0.0,
        "worker_megabytes": max(first.get("worker_megabytes", 0.0), second.get("worker_megabytes", 0.0)),
    }
    return {**first, **joined}
