"""Small made-up experiments and results for tests of the store and of what is exported."""

from typing import Any

import numpy as np

from models.records.experiment import ExperimentRecord, new_id
from models.records.results import CURVE_COLUMNS, ExperimentResult, RunResult, SeedResult, Snapshot, Stretch
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec
from models.spec.weight_shapes import weight_shapes


def a_spec(**changes: Any) -> ExperimentSpec:
    """Return a small experiment on generated data."""
    values = {"dataset": "adding", "hidden_size": 4, "seeds": 2, "updates": 20, "evaluations": 4}
    return ExperimentSpec(**(values | changes))


def the_runs(spec: ExperimentSpec) -> tuple[RunSpec, ...]:
    """Return one run per architecture, nothing matched."""
    return tuple(
        RunSpec(
            experiment=spec,
            architecture=name,
            hidden_size=spec.hidden_size,
            updates=spec.updates,
            learning_rate=spec.learning_rate,
        )
        for name in spec.architectures
    )


def a_record(spec: ExperimentSpec | None = None, **changes: Any) -> ExperimentRecord:
    """Return an accepted experiment."""
    spec = spec or a_spec()
    values = {"id": new_id(), "spec": spec, "runs": the_runs(spec), "control": new_id()}
    return ExperimentRecord(**(values | {"baselines": {"Mean": {"rmse": 0.41, "loss": float("inf")}}} | changes))


def points(spec: ExperimentSpec, first: int = 0, count: int | None = None) -> list[tuple[float, ...]]:
    """Return rows of a falling curve, one per evaluation and seed."""
    updates = spec.evaluation_updates()[first : None if count is None else first + count]
    return [
        (seed, update, update / 100, 1 / update, 1.5 / update + seed / 10, 2 / update, 0.5)
        for update in updates
        for seed in spec.seed_values()
    ]


def a_result(run: RunSpec, *, inputs: int = 2, outputs: int = 1, draw: int = 0, status: str = "finished") -> RunResult:
    """Return a complete result whose weights are random numbers."""
    spec, random = run.experiment, np.random.default_rng(draw)
    shapes = weight_shapes(run, inputs, outputs)
    weights = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    rows = np.array(points(spec))
    return RunResult(
        spec=run,
        status=status,
        parameters=sum(value[0].size for value in weights.values()),
        kernel="reference",
        seeds=tuple(a_seed(seed, updates=run.updates, draw=draw) for seed in spec.seed_values()),
        curves={name: rows[:, index] for index, name in enumerate(CURVE_COLUMNS)},
        weights=weights,
        snapshots=(Snapshot(update=0, weights=weights), Snapshot(update=run.updates, weights=weights)),
        sample_indices=np.arange(3),
        sample_outputs=random.normal(size=(spec.seeds, 3, outputs)).astype(np.float32),
        cost={"milliseconds_per_update": 1.25, "sequences_per_second": 2000.0},
        gradient_flow={"initial_hidden": random.random((spec.seeds, 5)), "trained_horizon": random.random(spec.seeds)},
        environment={"python": "3.11", "torch": "2.13.0"},
    )


def a_seed(seed: int, *, updates: int, draw: int = 0) -> SeedResult:
    """Return one replica's outcome; one number is not finite."""
    return SeedResult(
        seed=seed,
        status="finished",
        updates=updates,
        seconds=1.5,
        best_update=updates,
        validation_loss=0.25 + seed / 100 + draw / 1000,
        final_validation_loss=float("nan"),
        test_loss=0.3,
        test_metrics={"rmse": 0.5 + seed / 100 + draw / 1000},
        solved_update=None if seed else updates,
        solved_seconds=None if seed else 1.2,
        stretch=Stretch(f"19{90 - seed}", f"19{94 - seed}"),
        stretch_index=seed,
    )


def an_experiment_result(spec: ExperimentSpec | None = None) -> ExperimentResult:
    """Return a finished comparison."""
    spec = spec or a_spec()
    runs = tuple(a_result(run, draw=index) for index, run in enumerate(the_runs(spec)))
    return ExperimentResult(spec=spec, status="finished", runs=runs, baselines={"Mean": {"rmse": 0.41}})
