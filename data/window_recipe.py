"""How the newest rows of a series become what a network sees, as plain numbers, to feed predictions back."""

from dataclasses import dataclass

import numpy as np

from data.forecast_answers import same_season
from data.forecast_recipe import ForecastRecipe
from data.task import Array, Scaler


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


def window_recipe(recipe: ForecastRecipe | None) -> WindowRecipe | None:
    """Return the part of a recipe that one series without gaps and without columns known ahead needs; None of others."""
    if recipe is None or recipe.known or recipe.gaps or list(recipe.series) != [""]:
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
        rows=series.take(recipe.columns),
        positions=series.positions,
    )
