"""How the newest rows of a series become what a network sees, as plain numbers, to feed predictions back. Axes: N places."""

from dataclasses import dataclass

import numpy as np

from data.calendar_waves import wave_names, waves
from data.forecast_answers import same_season
from data.forecast_recipe import ForecastRecipe
from data.future_positions import following, times_of_positions
from data.task import Array, Scaler
from data.time_series import TimeSeries


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WindowRecipe:
    """How the rows of one series become what a network sees, for one split.

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
        known: Columns that are known ahead, in order.
        ahead: Their scale.
        planned: `(L + F, K)` their values, also in the F rows after the last one for which all of them are known.
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
    known: tuple[str, ...]
    ahead: Scaler
    planned: Array

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

    def features(self, rows: Array, places: Array) -> Array:
        """Return what a network sees before some places: `(N, window, F)` float32.

        Args:
            rows: `(N, L, C)` the rows before them.
            places: `(N,)` numbers of the rows that are predicted first.
        """
        values = self.take(rows[:, -self.needed :], self.inputs)
        changed = values[:, self.lag :] - values[:, : -self.lag] if self.lag else values
        seen = self.scaler.transform(changed[:, -self.window :])
        if self.known:
            shown = self.planned[places[:, None] + self.horizon + np.arange(-self.window, 0)]
            seen = np.concatenate([seen, self.ahead.transform(shown)], axis=-1)
        result: Array = seen.astype(np.float32)
        return result

    def next_rows(self, said: Array, places: Array) -> Array:
        """Return `(N, horizon, C)` the rows that follow if a prediction comes true.

        Args:
            said: `(N, horizon, targets)` prediction, in the unit.
            places: `(N,)` numbers of the rows that are predicted first.
        """
        levels, steps = self.levels.inverse(said), np.arange(self.horizon)
        columns = [
            levels[..., self.targets.index(name)]
            if name in self.targets
            else self.planned[places[:, None] + steps, self.known.index(name)]
            for name in self.columns
        ]
        return np.stack(columns, axis=-1)

    def base(self, rows: Array) -> Array | None:
        """Return `(N, O)` values to which predicted changes are added, or None without differencing."""
        if not self.lag:
            return None
        levels = self.levels.transform(self.take(rows, self.targets))
        places = same_season(np.array([rows.shape[1]]), np.arange(self.horizon), self.lag)[0]
        result: Array = levels[:, places].reshape(len(rows), -1).astype(np.float32)
        return result


def window_recipe(recipe: ForecastRecipe | None, steps: int) -> WindowRecipe | None:
    """Return the part of a recipe that one series without gaps needs; None of others.

    Args:
        recipe: The recipe.
        steps: Rows after the last one for which columns that are known ahead are looked up.
    """
    if recipe is None or recipe.gaps or list(recipe.series) != [""]:
        return None
    series, scales = recipe.series[""], recipe.scales[""]
    return WindowRecipe(
        inputs=recipe.inputs,
        targets=recipe.targets,
        window=recipe.window,
        horizon=recipe.horizon,
        lag=recipe.lag,
        scaler=scales.inputs,
        levels=scales.levels,
        rows=series.take(tuple(dict.fromkeys((*recipe.inputs, *recipe.targets)))),
        positions=series.positions,
        known=recipe.known,
        ahead=scales.ahead,
        planned=_planned(recipe, series, steps),
    )


def _planned(recipe: ForecastRecipe, series: TimeSeries, steps: int) -> Array:
    """Return the columns that are known ahead, up to the last row after the series in which all of them are known."""
    after = np.full((steps, len(recipe.known)), np.nan)
    if series.future is not None and recipe.known:
        told = series.future[:steps, [series.columns.index(name) for name in recipe.known]]
        after[: len(told)] = told
    times = times_of_positions([str(one) for one in following(series.positions, steps)]) if recipe.calendar else None
    for part in recipe.calendar if times is not None else ():
        after[:, [recipe.known.index(name) for name in wave_names(part)]] = waves(np.asarray(times), part)
    known = np.isfinite(after).all(axis=1)
    return np.concatenate([series.take(recipe.known), after[: steps if known.all() else int(known.argmin())]])
