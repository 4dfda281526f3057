"""All that turns the newest rows of a file into forecasts, as plain numbers: for scripts that run without this project."""

from dataclasses import dataclass

import numpy as np

from data.forecast_answers import target_scaler
from data.forecast_windows import changes, differencing_lag, forecast_stretches, target_rows
from data.repeat_splits import rolling_split
from data.scaling import fit_scaler, plain_scale
from data.splits import split_in_time
from data.task import Array, Scaler
from data.time_series import MIXED_UNIT, TimeSeries, common_unit
from data.window_options import WindowPlan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeriesScales:
    """The numbers of one series that belong to one network.

    Attributes:
        inputs: Scale of the (differenced) inputs.
        ahead: Scale of the columns that are known ahead.
        levels: Scale of the targets where they share no unit, else mean 0 and deviation 1.
        outputs: Scale of the network's outputs.
        static: `(K,)` features that stay the same within the series.
    """

    inputs: Scaler
    ahead: Scaler
    levels: Scaler
    outputs: Scaler
    static: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ForecastRecipe:
    """What a task of forecasts does to its series, for the data of one repeat.

    Attributes:
        inputs: Columns that are seen, in order.
        known: Columns that are known ahead, in order.
        targets: Columns that are predicted, in order.
        window: Rows that are seen.
        horizon: Rows that are predicted.
        lag: Rows back to which changes are taken; 0 without differencing.
        series: Name to the series; one without a name where there is one series. They are those that are forecast.
        scales: Name to the scales.
        calendar: Parts of the date among the columns that are known ahead, see `data.calendar_waves`.
        named_by: Columns of the file that name the series; empty where the file does not say.
    """

    inputs: tuple[str, ...]
    known: tuple[str, ...]
    targets: tuple[str, ...]
    window: int
    horizon: int
    lag: int
    series: dict[str, TimeSeries]
    scales: dict[str, SeriesScales]
    calendar: tuple[str, ...] = ()
    named_by: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, each once."""
        return tuple(dict.fromkeys((*self.inputs, *self.targets, *self.known)))

    @property
    def needed(self) -> int:
        """Rows that a forecast needs."""
        return max(self.window + self.lag, 1)

    @property
    def gaps(self) -> bool:
        """Whether missing values are replaced by those on a line between their neighbours."""
        return any(one.filled is not None and bool(one.filled.any()) for one in self.series.values())


def series_scales(series: TimeSeries, plan: WindowPlan, training: slice) -> SeriesScales:
    """Fit the scales of one series on its training rows, as `data.forecast_windows.forecast_task` does."""
    lag = differencing_lag(series, plan)
    ahead, levels = plain_scale(0), plain_scale(len(plan.targets))
    if plan.known:
        planned = series.ahead(plan.known, plan.horizon)
        ahead = fit_scaler(planned[lag : training.stop - plan.horizon], plan.scaling)
    if common_unit([series.units[series.columns.index(name)] for name in plan.targets]) == MIXED_UNIT:
        levels = fit_scaler(series.take(plan.targets)[training], "standard")
    history = series.history(plan.targets).map(levels.transform)
    seen = changes(series.take(plan.inputs or series.columns), lag)
    return SeriesScales(
        inputs=fit_scaler(seen[lag : training.stop], plan.scaling),
        ahead=ahead,
        levels=levels,
        outputs=target_scaler(history, target_rows(training, plan, lag), plan, lag),
        static=np.zeros(0),
    )


def training_rows(series: TimeSeries, plan: WindowPlan, number: int | None) -> slice:
    """Return the training rows of a stretch, 0 the newest; None for one split."""
    count = len(series.values)
    if number is None:
        return split_in_time(count)[0]
    return rolling_split(count, number, forecast_stretches(series, plan)).train


def series_recipe(series: TimeSeries, plan: WindowPlan, number: int | None) -> ForecastRecipe:
    """Return the recipe of one series; `number` as in `training_rows`."""
    return recipe_of(plan, {"": series}, {"": series_scales(series, plan, training_rows(series, plan, number))})


def recipe_of(plan: WindowPlan, series: dict[str, TimeSeries], scales: dict[str, SeriesScales]) -> ForecastRecipe:
    """Return the recipe of some series that are cut alike."""
    first = next(iter(series.values()))
    return ForecastRecipe(
        inputs=tuple(plan.inputs or first.columns),
        known=tuple(plan.known),
        targets=tuple(plan.targets),
        window=plan.window,
        horizon=plan.horizon,
        lag=differencing_lag(first, plan),
        series=series,
        scales=scales,
    )
