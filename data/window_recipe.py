"""How the newest rows of a series become what a network sees, as plain numbers: for scripts, and to feed predictions back."""

from dataclasses import dataclass

import numpy as np

from data.forecast_answers import same_season
from data.forecast_windows import changes, differencing_lag, forecast_stretches
from data.repeat_splits import rolling_split
from data.scaling import fit_scaler
from data.splits import split_in_time
from data.task import Array, Scaler
from data.time_series import MIXED_UNIT, TimeSeries, common_unit
from data.window_options import WindowPlan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WindowRecipe:
    """What `data.forecast_windows.forecast_task` does to a series, for one split.

    Attributes:
        inputs: Columns that are seen, in order.
        targets: Columns that are predicted, in order.
        window: Rows that are seen.
        horizon: Rows that are predicted.
        lag: Rows back to which changes are taken; 0 without differencing.
        scaler: Scale of the (differenced) inputs.
        levels: Scale of the targets where they share no unit, else mean 0 and deviation 1.
        rows: `(L, C)` the columns of inputs and targets, each once: `columns`.
        positions: `(L,)` time axis.
    """

    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    window: int
    horizon: int
    lag: int
    scaler: Scaler
    levels: Scaler
    rows: Array
    positions: Array

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of `rows`."""
        return tuple(dict.fromkeys((*self.inputs, *self.targets)))

    @property
    def needed(self) -> int:
        """Rows that a forecast needs."""
        return max(self.window + self.lag, self.lag, 1)

    def take(self, rows: Array, names: tuple[str, ...]) -> Array:
        """Return columns of `(..., C)` rows by name."""
        return rows[..., [self.columns.index(name) for name in names]]

    def features(self, rows: Array) -> Array:
        """Return what a network sees after the last of `(N, L, C)` rows: `(N, window, F)` float32."""
        values = self.take(rows[:, -self.needed :], self.inputs)
        changed = values[:, self.lag :] - values[:, : -self.lag] if self.lag else values
        result: Array = self.scaler.transform(changed[:, -self.window :]).astype(np.float32)
        return result

    def base(self, rows: Array) -> Array | None:
        """Return `(N, O)` values to which predicted changes are added, or None without differencing."""
        if not self.lag:
            return None
        levels = self.levels.transform(self.take(rows, self.targets))
        places = same_season(np.array([rows.shape[1]]), np.arange(self.horizon), self.lag)[0]
        result: Array = levels[:, places].reshape(len(rows), -1).astype(np.float32)
        return result


def window_recipe(series: TimeSeries, plan: WindowPlan, number: int | None) -> WindowRecipe | None:
    """Return the recipe of one split of a series; None where columns are known ahead or stand in for missing ones.

    Args:
        series: The series.
        plan: How it is cut.
        number: Number of the stretch, 0 the newest; None for one split.
    """
    if plan.known or (series.filled is not None and series.filled.any()):
        return None
    count, lag = len(series.values), differencing_lag(series, plan)
    training = split_in_time(count)[0] if number is None else _training(series, plan, number)
    inputs = tuple(plan.inputs or series.columns)
    scaler = fit_scaler(changes(series.take(inputs), lag)[lag : training.stop], plan.scaling)
    mixed = common_unit([series.units[series.columns.index(name)] for name in plan.targets]) == MIXED_UNIT
    plain = Scaler(mean=np.zeros(len(plan.targets)), std=np.ones(len(plan.targets)))
    return WindowRecipe(
        inputs=inputs,
        targets=tuple(plan.targets),
        window=plan.window,
        horizon=plan.horizon,
        lag=lag,
        scaler=scaler,
        levels=fit_scaler(series.take(plan.targets)[training], "standard") if mixed else plain,
        rows=series.take(tuple(dict.fromkeys((*inputs, *plan.targets)))),
        positions=series.positions,
    )


def _training(series: TimeSeries, plan: WindowPlan, number: int) -> slice:
    return rolling_split(len(series.values), number, forecast_stretches(series, plan)).train
