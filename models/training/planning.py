"""What a plan needs to measure before training: each architecture's speed, and its best learning rate.

Both are short trainings with the same budget for every architecture. What comes out goes into the runs' specs, so the
runs themselves stay deterministic. Runs in a worker or in the command line's process.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from data.task import TaskData
from models.spec.cost import SEARCH_SHARE
from models.spec.experiment import ExperimentSpec
from models.spec.fairness import plan_runs
from models.spec.plan import Plan, make_plan
from models.spec.run import RunSpec
from models.spec.sizes import DataShape
from models.spec.task_data import task_data
from models.training.group import TrainingGroup
from models.training.loop import train

CALIBRATION_SECONDS = 1.5  # for all architectures together
WARM_UP = 3  # updates before the clock counts
MIN_TIMED, MAX_TIMED = 8, 300  # timed updates per architecture
TRIMMED = 0.1  # share of the slowest and of the fastest updates that is left out
SEARCH_EVALUATIONS = 10
MIN_SEARCH_UPDATES = 20
HALF_DECADES = (0, -1, 1, -2, 2)  # learning rates around the chosen one, in this order
LOWEST_RATE, HIGHEST_RATE = 1e-5, 1.0  # as in the spec
MAX_SEED = 999_999_999


def plan_experiment(spec: ExperimentSpec, data: TaskData) -> Plan:
    """Return what an experiment will do, after measuring what its fairness rule and its search need."""
    searched = search_rates(spec, data) if spec.rate_search else None
    speeds = measure_speeds(spec, data) if spec.fairness == "same_time" else None
    return make_plan(spec, DataShape.of(data), speeds=speeds, searched=searched)


def measure(spec: Mapping[str, Any], content: bytes | None = None) -> dict[str, Any]:
    """Measure for `make_plan`, as a worker's function of plain values.

    Returns:
        `speeds`: architecture to milliseconds per update, or None; `searched`: architecture to (rate, loss) pairs, or
        None.
    """
    asked = ExperimentSpec.from_dict(spec)
    data = task_data(asked, content)
    return {
        "searched": search_rates(asked, data) if asked.rate_search else None,
        "speeds": measure_speeds(asked, data) if asked.fairness == "same_time" else None,
    }


def measure_speeds(spec: ExperimentSpec, data: TaskData) -> dict[str, float]:
    """Return milliseconds per update of each architecture, all seeds together.

    Updates are interleaved, so that a busy moment of the machine meets all alike; the slowest and fastest tenth are left
    out of the mean.
    """
    torch.set_num_threads(1)
    groups = {run.architecture: TrainingGroup(run, data) for run in plan_runs(replace(spec, evaluations=1))}
    for group in groups.values():
        for _ in range(WARM_UP):
            if group.active:
                group.step()
        del group.durations[: min(WARM_UP, len(group.durations) - 1)]
    due = time.perf_counter() + CALIBRATION_SECONDS
    for count in range(MAX_TIMED):
        if count >= MIN_TIMED and time.perf_counter() > due:
            break
        for group in groups.values():
            if group.active:  # a learning rate that diverges ends early
                group.step()
    return {name: 1000 * trimmed_mean(group.durations) for name, group in groups.items()}


def trimmed_mean(durations: list[float]) -> float:
    """Return the mean without the slowest and the fastest tenth."""
    ordered = np.sort(np.asarray(durations))
    cut = int(len(ordered) * TRIMMED)
    return float(np.mean(ordered[cut : len(ordered) - cut]))


def candidate_rates(spec: ExperimentSpec) -> tuple[float, ...]:
    """Return the learning rates that a search tries: the chosen one, then half a decade below and above, and so on."""
    wanted = [spec.learning_rate * 10 ** (step / 2) for step in HALF_DECADES[: spec.rate_search]]
    bounded = [min(max(rate, LOWEST_RATE), HIGHEST_RATE) for rate in wanted]
    return tuple(sorted({float(f"{rate:.3g}") for rate in bounded}))


def search_rates(spec: ExperimentSpec, data: TaskData) -> dict[str, tuple[tuple[float, float], ...]]:
    """Try learning rates with one seed that takes no part in the comparison, for a quarter of the updates each.

    Returns:
        Architecture to (learning rate, best validation loss) pairs; a rate that diverged has an infinite loss.
    """
    updates = min(spec.updates, max(MIN_SEARCH_UPDATES, round(spec.updates * SEARCH_SHARE)))
    trial = replace(
        spec,
        seed=(spec.seed + spec.seeds) % (MAX_SEED + 1),
        seeds=1,
        updates=updates,
        evaluations=min(SEARCH_EVALUATIONS, updates),
        patience=0,
        rate_search=0,
    )
    hidden = {run.architecture: run.hidden_size for run in plan_runs(spec, DataShape.of(data))}
    return {
        name: tuple(
            (rate, _best_loss(_trial_run(trial, name, hidden[name], rate), data)) for rate in candidate_rates(spec)
        )
        for name in spec.architectures
    }


def _trial_run(trial: ExperimentSpec, architecture: str, hidden_size: int, rate: float) -> RunSpec:
    return RunSpec(
        experiment=trial,
        architecture=architecture,
        hidden_size=hidden_size,
        updates=trial.updates,
        learning_rate=rate,
    )


def _best_loss(run: RunSpec, data: TaskData) -> float:
    steps = train(run, data)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            (seed,) = end.value.seeds
            return float("inf") if seed.status == "diverged" else float(seed.validation_loss)
