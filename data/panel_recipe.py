"""All that turns the newest rows of several series into forecasts; see `data.forecast_recipe`."""

import numpy as np

from data.forecast_recipe import ForecastRecipe, SeriesScales, recipe_of
from data.panel import Panel
from data.panel_scales import PreparedSeries, fit_scales, prepare_series, static_features
from data.panel_windows import panel_splits
from data.scaling import plain_scale
from data.task import Array
from data.window_options import WindowPlan


def panel_recipe(panel: Panel, plan: WindowPlan, *, seed: int, number: int | None) -> ForecastRecipe:
    """Return the recipe of several series in one repeat; arguments as in `data.panel_windows.panel_splits`.

    Series that never change while they are trained on are not forecast.
    """
    prepared = prepare_series(panel, plan, panel_splits(panel, plan, seed=seed, number=number))
    usable = [one for one in prepared if one.varies]
    fit_scales(panel, plan, usable)
    static = static_features(panel, prepared)
    series = {panel.names[one.number]: panel.series[one.number] for one in usable}
    return recipe_of(plan, series, {panel.names[one.number]: _scales(one, static) for one in usable})


def _scales(one: PreparedSeries, static: Array) -> SeriesScales:
    nothing = plain_scale(0)
    return SeriesScales(
        inputs=one.input_scaler or nothing,
        ahead=one.ahead_scaler or nothing,
        levels=one.level_scaler,
        outputs=one.scaler or nothing,
        static=np.asarray(static[one.number]),
    )
