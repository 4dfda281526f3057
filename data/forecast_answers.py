"""The answers of forecasting windows: targets in steps ahead, their scale, and what differencing adds back."""

from functools import partial
from typing import cast

import numpy as np

from data.gaps import History
from data.scaling import fit_scaler
from data.task import Array, OnDemand, Scaler
from data.window_options import WindowPlan

MAX_WRITTEN = 1_000_000  # bytes of a part's answers up to which they are written out; each stretch has three parts
_MAX_ANSWERS = 400_000  # numbers that are held in double precision at a time


def same_season(rows: Array, steps: Array, season: int) -> Array:
    """Return the last seen row of the same season.

    Args:
        rows: `(N,)` first target rows; rows before them are seen.
        steps: `(horizon,)` steps ahead, from 0.
        season: Rows of a season; 1 gives the last seen row.

    Returns:
        `(N, horizon)` row numbers.
    """
    result: Array = rows[:, None] + steps - season * (steps // season + 1)
    return result


def answers(levels: History, rows: Array, steps: Array, lag: int) -> tuple[Array, Array | None]:
    """Return targets `(N, O)` of some steps ahead in the unit, minus the base if there is one, and the base."""
    values = levels.values[rows[:, None] + steps].reshape(len(rows), -1)
    if not lag:
        return values, None
    base = levels.seen(same_season(rows, steps, lag), rows).reshape(len(rows), -1)
    return values - base, base


def _step_blocks(rows: Array, plan: WindowPlan) -> list[Array]:
    """Return the steps ahead, from 0, in blocks with a limited number of answers each."""
    most = max(2, _MAX_ANSWERS // (len(rows) * len(plan.targets)))
    return np.array_split(np.arange(plan.horizon), max(1, -(-plan.horizon // most)))


def target_scaler(levels: History, rows: Array, plan: WindowPlan, lag: int) -> Scaler:
    """Fit the scale of each output on the training part."""
    blocks = [fit_scaler(answers(levels, rows, steps, lag)[0], plan.scaling) for steps in _step_blocks(rows, plan)]
    return Scaler(
        mean=np.concatenate([block.mean for block in blocks]), std=np.concatenate([block.std for block in blocks])
    )


def readable_answers(
    levels: History, rows: Array, plan: WindowPlan, lag: int, scaler: Scaler
) -> tuple[Array, Array | None]:
    """Return what `scaled_answers` does; many answers are computed when they are read, because they overlap."""
    width = plan.horizon * len(plan.targets)
    if plan.horizon == 1 or len(rows) * width * 4 <= MAX_WRITTEN:
        return scaled_answers(levels, rows, plan, lag, scaler)
    made = [
        OnDemand(
            samples=rows,
            width=width,
            compute=partial(_computed, levels, plan=plan, lag=lag, scaler=scaler, which=which),
        )
        for which in range(2 if lag else 1)
    ]
    targets, *bases = (cast("Array", one) for one in made)
    return targets, bases[0] if bases else None


def _computed(levels: History, rows: Array, *, plan: WindowPlan, lag: int, scaler: Scaler, which: int) -> Array:
    found = scaled_answers(levels, rows, plan, lag, scaler)[which]
    return np.empty((0, 0), dtype=np.float32) if found is None else found


def scaled_answers(
    levels: History, rows: Array, plan: WindowPlan, lag: int, scaler: Scaler
) -> tuple[Array, Array | None]:
    """Return scaled targets `(N, O)` float32, and the base in the unit, where there is one."""
    width = len(plan.targets)
    targets = np.empty((len(rows), plan.horizon * width), dtype=np.float32)
    bases = np.empty_like(targets) if lag else None
    for steps in _step_blocks(rows, plan):
        place = slice(steps[0] * width, (steps[-1] + 1) * width)
        values, base = answers(levels, rows, steps, lag)
        targets[:, place] = Scaler(mean=scaler.mean[place], std=scaler.std[place]).transform(values)
        if bases is not None:
            bases[:, place] = base
    return targets, bases
