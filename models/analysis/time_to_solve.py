"""Time to solve a task: survival curves of the repeats that have not solved it yet."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.cells import get_cell
from models.records.results import ExperimentResult, RunResult

Floats = NDArray[np.float64]
TIME_TO_SOLVE_COLUMNS = ("architecture", "title", "axis", "time", "unsolved", "seeds")


def time_to_solve_frame(result: ExperimentResult) -> pd.DataFrame:
    """Return the share of seeds that have not met the solved criterion, over training time (Kaplan and Meier 1958).

    A seed that ended without solving the task is censored: it counts as unsolved until its end and as unknown afterwards.

    Returns:
        Columns `TIME_TO_SOLVE_COLUMNS`: `axis` is `update` or `seconds`, `time` the place on it, `unsolved` the share from
        there on, `seeds` how many took part. Empty for a task without a criterion.
    """
    if result.spec.source().solved(result.spec.dataset_options()) is None:
        return pd.DataFrame(columns=list(TIME_TO_SOLVE_COLUMNS))
    rows = [row for run in result.runs for axis in ("update", "seconds") for row in _curve(run, axis)]
    return pd.DataFrame(rows, columns=list(TIME_TO_SOLVE_COLUMNS))


def _curve(run: RunResult, axis: str) -> Iterator[dict[str, Any]]:
    solved, ended = _times(run, axis)
    if not len(solved) and not len(ended):
        return
    about: dict[str, Any] = {
        "architecture": run.spec.architecture,
        "title": get_cell(run.spec.architecture).title,
        "axis": axis,
    }
    about["seeds"] = len(solved) + len(ended)
    yield about | {"time": 0.0, "unsolved": 1.0}
    for time, share in unsolved_share(solved, ended):
        yield about | {"time": time, "unsolved": share}


def unsolved_share(solved: Floats, ended: Floats) -> Iterator[tuple[float, float]]:
    """Yield the Kaplan-Meier estimate of the share not yet solved, at each time at which a repeat solved it or ended.

    Of the repeats still under way just before a time, those that solve the task there lower the share (Kaplan and Meier
    1958, equation 2b). A repeat that ends at the same time as another solves it counts as still under way.

    Args:
        solved: `(S,)` times at which repeats solved the task.
        ended: `(E,)` times at which the others ended unsolved.
    """
    share, left = 1.0, len(solved) + len(ended)
    for time in np.unique(np.concatenate([solved, ended])):
        now = int(np.sum(solved == time))
        share *= 1 - now / left
        left -= now + int(np.sum(ended == time))
        yield float(time), share


def _times(run: RunResult, axis: str) -> tuple[np.ndarray, np.ndarray]:
    """Return when seeds solved the task, and when the others ended."""
    solved, ended = [], []
    for seed in run.seeds:
        time = seed.solved_update if axis == "update" else seed.solved_seconds
        if time is None:
            ended.append(seed.updates if axis == "update" else seed.seconds)
        else:
            solved.append(time)
    return np.array(solved, dtype=np.float64), np.array(ended, dtype=np.float64)
