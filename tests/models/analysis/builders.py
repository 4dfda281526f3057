"""Results made of given numbers, for tests of what is computed from results."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from models.records.results import CURVE_COLUMNS, ExperimentResult, RunResult, SeedResult, Stretch
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec

METRIC = "mae_value"  # of the adding problem: lower is better


def seed_result(
    seed: int, score: float, *, status: str = "finished", solved: int | None = None, updates: int = 100
) -> SeedResult:
    """Return one seed's outcome with the given test score."""
    return SeedResult(
        seed=seed,
        status=status,
        updates=updates,
        seconds=2.0,
        best_update=90 + seed,
        validation_loss=score,
        final_validation_loss=score + 0.1,
        test_loss=score,
        test_metrics={METRIC: score} if np.isfinite(score) else {},
        solved_update=solved,
        solved_seconds=None if solved is None else solved / 100,
    )


def run_result(
    spec: ExperimentSpec,
    architecture: str,
    scores: Sequence[float],
    *,
    solved: Sequence[int | None] | None = None,
    cost: Mapping[str, float] | None = None,
    parameters: int = 1000,
) -> RunResult:
    """Return a run whose seeds have the given test scores; a score that is not finite diverged."""
    times = solved or [None] * len(scores)
    seeds = tuple(
        seed_result(seed, score, status="finished" if np.isfinite(score) else "diverged", solved=time)
        for seed, (score, time) in enumerate(zip(scores, times, strict=True))
    )
    rows = [
        (seed, update, update / 50, 1.0, 0.5 + seed, 0.2, 1.5) for update in (0, 50, 100) for seed in range(len(scores))
    ]
    table = np.array(rows, dtype=np.float64).reshape(-1, len(CURVE_COLUMNS))
    run = RunSpec(experiment=spec, architecture=architecture, hidden_size=32, updates=100, learning_rate=0.003)
    return RunResult(
        spec=run,
        status="finished",
        parameters=parameters,
        kernel="fused",
        seeds=seeds,
        curves={name: table[:, index] for index, name in enumerate(CURVE_COLUMNS)},
        weights={},
        snapshots=(),
        sample_indices=np.empty(0, dtype=np.int64),
        sample_outputs=np.empty((len(scores), 0, 1)),
        cost=cost or {"milliseconds_per_update": 2.0},
        environment={},
    )


def result_of(
    scores: Mapping[str, Sequence[float]],
    *,
    baselines: Mapping[str, Mapping[str, float]] | None = None,
    solved: Mapping[str, Sequence[int | None]] | None = None,
) -> ExperimentResult:
    """Return a comparison on the adding problem with the given test scores of each architecture."""
    spec = ExperimentSpec(
        dataset="adding", architectures=tuple(scores), seeds=min(10, len(next(iter(scores.values()))))
    )
    runs = tuple(run_result(spec, name, values, solved=(solved or {}).get(name)) for name, values in scores.items())
    return ExperimentResult(spec=spec, status="finished", runs=runs, baselines=baselines or {})


def on_stretches(result: ExperimentResult, stretches: int) -> ExperimentResult:
    """Return a result whose repeats were tested on stretches of four years each, the newest (2020 to 2023) first."""
    runs = []
    for run in result.runs:
        seeds = []
        for place, seed in enumerate(run.seeds):
            index = place % stretches
            stretch = Stretch(first=2020.0 - 4 * index, last=2023.0 - 4 * index)
            seeds.append(replace(seed, stretch=stretch, stretch_index=index))
        runs.append(replace(run, seeds=tuple(seeds)))
    return replace(result, runs=tuple(runs))


def ended(result: ExperimentResult, architecture: str, status: str, updates: int) -> ExperimentResult:
    """Return a result in which every repeat of an architecture ended like this after so many updates."""
    runs = tuple(
        replace(run, seeds=tuple(replace(seed, status=status, updates=updates) for seed in run.seeds))
        if run.spec.architecture == architecture
        else run
        for run in result.runs
    )
    return replace(result, runs=runs)
