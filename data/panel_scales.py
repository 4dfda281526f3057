"""The scales of several series: of each on its own rows, or of all together; before their windows are cut."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.forecast_answers import answers
from data.forecast_windows import changes, differencing_lag, target_rows
from data.gaps import History
from data.panel import Panel, SeriesSplit
from data.scaling import fit_scaler, plain_scale
from data.task import Array, Scaler
from data.time_series import MIXED_UNIT, common_unit
from data.window_options import WindowPlan


@dataclass(slots=True, kw_only=True, eq=False)
class PreparedSeries:
    """One series, before its windows are cut.

    Attributes:
        number: Which one.
        inputs: Input columns as known at each time, differenced.
        ahead: `(L, K)` columns that are known ahead, shifted by the horizon.
        levels: Target columns.
        rows: Target rows of the three parts.
        fitted: Rows on which scales may be fitted.
        input_scaler: Scale of the inputs.
        ahead_scaler: Scale of those known ahead.
        scaler: Scale of the outputs.
        level_scaler: Scale of the targets where they share no unit, else mean 0 and deviation 1.
    """

    number: int
    inputs: History
    ahead: Array
    levels: History
    rows: list[Array]
    fitted: slice
    input_scaler: Scaler | None = None
    ahead_scaler: Scaler | None = None
    scaler: Scaler | None = None
    level_scaler: Scaler

    @property
    def varies(self) -> bool:
        """Whether the series varies, so that it can be scaled and learned."""
        fitted = self.levels.values[self.fitted]
        return len(fitted) > 1 and bool((np.ptp(fitted, axis=0) > 0).all())

    def features(self) -> History:
        """Return the scaled features."""
        assert self.input_scaler is not None  # noqa: S101 - set by fit_scales
        assert self.ahead_scaler is not None  # noqa: S101
        features = self.inputs.map(self.input_scaler.transform)
        return features.beside(self.ahead_scaler.transform(self.ahead)) if self.ahead.shape[1] else features


def prepare_series(panel: Panel, plan: WindowPlan, splits: Sequence[SeriesSplit]) -> list[PreparedSeries]:
    """Return every series before its windows are cut; scales are fitted later, by `fit_scales`."""
    return [_prepared(panel, plan, index, split) for index, split in enumerate(splits)]


def _prepared(panel: Panel, plan: WindowPlan, number: int, split: SeriesSplit) -> PreparedSeries:
    series = panel.series[number]
    lag = differencing_lag(series, plan)
    inputs = series.history(plan.inputs or series.columns).map(lambda values: changes(values, lag))
    levels = series.history(plan.targets)
    own = plain_scale(len(plan.targets))
    if panel_unit(panel, plan) == MIXED_UNIT:
        own = fit_scaler(levels.values[split.fitted], "standard")
        levels = levels.map(own.transform)
    return PreparedSeries(
        number=number,
        inputs=inputs,
        ahead=series.ahead(plan.known, plan.horizon),
        levels=levels,
        rows=[target_rows(part, plan, lag) for part in split.parts],
        fitted=split.fitted,
        level_scaler=own,
    )


def panel_unit(panel: Panel, plan: WindowPlan) -> str:
    """Return the unit that the targets share; `MIXED_UNIT` without one."""
    first = panel.series[0]
    return common_unit([first.units[first.columns.index(name)] for name in plan.targets])


def fit_scales(panel: Panel, plan: WindowPlan, prepared: Sequence[PreparedSeries]) -> None:
    """Fit the scales: of each series on its own rows, or of all on those of the series that are trained on."""
    lag = differencing_lag(panel.series[0], plan)
    groups = [[one] for one in prepared]
    if panel.scale == "all":
        groups = [[one for one in prepared if len(one.rows[0])]]
    for group in groups:
        inputs = np.concatenate([one.inputs.values[lag : one.fitted.stop] for one in group])
        ahead = np.concatenate([one.ahead[: max(1, one.fitted.stop - plan.horizon)] for one in group])
        targets = np.concatenate([_fitted_answers(one, plan, lag) for one in group])
        scales = [fit_scaler(values, plan.scaling) for values in (inputs, ahead, targets)]
        for one in group if panel.scale == "series" else prepared:
            one.input_scaler, one.ahead_scaler, one.scaler = scales


def _fitted_answers(one: PreparedSeries, plan: WindowPlan, lag: int) -> Array:
    """Return the `(N, O)` targets that a scale may be fitted on."""
    first = max(1, lag)
    rows = np.arange(first, max(first + 1, one.fitted.stop - plan.horizon + 1))
    rows = rows[rows + plan.horizon <= len(one.levels.values)]
    return answers(one.levels, rows, np.arange(plan.horizon), lag)[0]


def static_features(panel: Panel, prepared: Sequence[PreparedSeries]) -> Array:
    """Return `(S, K)` features that stay the same within each series, scaled by the series that are trained on."""
    return panel.static.features(np.array([bool(len(one.rows[0])) for one in prepared]))
