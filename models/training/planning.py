"""Measure what a plan needs before training: each architecture's speed, under `same_time`.

The results go into the runs' specs, so the runs themselves are deterministic. Runs in a worker or in the command
line's process.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from data.repeat_splits import RepeatedData
from data.task import TaskData
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from models.spec.task_data import task_data
from models.training.group import TrainingGroup

CALIBRATION_SECONDS = 1.5  # for all architectures together
WARM_UP = 3  # updates before the clock counts
MIN_TIMED, MAX_TIMED = 8, 300  # timed updates per architecture
TRIMMED = 0.1  # share of updates left out at each end, the slowest and the fastest


def measure(spec: Mapping[str, Any], content: bytes | None = None) -> dict[str, Any]:
    """Measure for `make_plan`; runs in a worker and returns plain values.

    Returns:
        `speeds`: architecture to milliseconds per update, or None.
    """
    asked = ExperimentSpec.from_dict(spec)
    data = task_data(asked, content)
    return {"speeds": measure_speeds(asked, data) if asked.fairness == "same_time" else None}


def measure_speeds(spec: ExperimentSpec, data: TaskData) -> dict[str, float]:
    """Return milliseconds per update of each architecture, all seeds together.

    Updates are interleaved, so that a busy moment of the machine affects all of them equally; the slowest and fastest tenth are left
    out of the mean.
    """
    torch.set_num_threads(1)
    repeated = RepeatedData.shared(data, spec.seeds)
    groups = {run.architecture: TrainingGroup(run, repeated) for run in plan_runs(replace(spec, evaluations=1))}
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
            if group.active:  # a group that diverged has ended
                group.step()
    return {name: 1000 * trimmed_mean(group.durations) for name, group in groups.items()}


def trimmed_mean(durations: list[float]) -> float:
    """Return the mean without the slowest and the fastest tenth."""
    ordered = np.sort(np.asarray(durations))
    cut = int(len(ordered) * TRIMMED)
    return float(np.mean(ordered[cut : len(ordered) - cut]))
