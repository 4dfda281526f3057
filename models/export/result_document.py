"""The JSON of the command line; its names are a stable interface."""

from typing import Any

from models.records.results import ExperimentResult, RunResult, SeedResult
from models.records.sweep import SweepView

SCHEMA = 1


def result_document(result: ExperimentResult) -> dict[str, Any]:
    """Return a result as plain values.

    Returns:
        `schema`, `spec`, `key`, `status`, `environment`, `baselines` (metric name to value per baseline, means over the
        repeats), `repeat_baselines` (the same for each repeat), `results` (one entry per architecture) and `verdict` (see
        docs/verdict.md).
    """
    from models.analysis.verdict import verdict_document

    return {
        "schema": SCHEMA,
        "spec": result.spec.to_dict(),
        "key": result.spec.key(),
        "status": result.status,
        "environment": dict(result.runs[0].environment) if result.runs else {},
        "baselines": {name: dict(metrics) for name, metrics in result.baselines.items()},
        "repeat_baselines": [
            {name: dict(metrics) for name, metrics in baselines.items()} for baselines in result.repeat_baselines
        ],
        "results": [_run(run) for run in result.runs],
        "verdict": verdict_document(result),
    }


def sweep_document(view: SweepView) -> dict[str, Any]:
    """Return a sweep as plain values.

    Returns:
        `schema`, `sweep` (its base and axes), `key`, `status`, and `results`: one entry per finished run with the axes'
        `values`, the run's `key`, and the fields of an entry of `results` in `result_document`.
    """
    return {
        "schema": SCHEMA,
        "sweep": view.spec.to_dict(),
        "key": view.spec.key(),
        "status": view.status,
        "results": [
            {"values": dict(outcome.run.values), "key": outcome.run.key, **_run(outcome.result)}
            for outcome in view.outcomes
            if outcome.result is not None
        ],
    }


def _run(run: RunResult) -> dict[str, Any]:
    return {
        "architecture": run.spec.architecture,
        "hidden_size": run.spec.hidden_size,
        "updates": run.spec.updates,
        "learning_rate": run.spec.learning_rate,
        "rates_tried": [list(pair) for pair in run.spec.tried],
        "parameters": run.parameters,
        "kernel": run.kernel,
        "status": run.status,
        "milliseconds_per_update": run.cost.get("milliseconds_per_update"),
        "cost": dict(run.cost),
        "seeds": [_seed(seed) for seed in run.seeds],
    }


def _seed(seed: SeedResult) -> dict[str, Any]:
    return {
        "seed": seed.seed,
        "status": seed.status,
        "updates": seed.updates,
        "seconds": seed.seconds,
        "best_update": seed.best_update,
        "validation_loss": seed.validation_loss,
        "final_validation_loss": seed.final_validation_loss,
        "test_loss": seed.test_loss,
        "test_metrics": dict(seed.test_metrics),
        "solved_update": seed.solved_update,
        "solved_seconds": seed.solved_seconds,
        "stretch": None if seed.stretch is None else {"from": seed.stretch.first, "to": seed.stretch.last},
        "stretch_index": seed.stretch_index,
        "series_scores": dict(seed.series_scores),
        "series_baselines": dict(seed.series_baselines),
    }
