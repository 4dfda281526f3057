"""Ten series of the US economy, one model over all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from data.catalog import dataset
from data.embedded import embedded
from data.fields import Value
from data.panel import Panel, Static
from data.series.panel_base import PanelDataset, Series, scale_field, split_field
from data.time_series import TimeSeries
from data.window_options import WindowPlan, differencing_field, horizon_field, window_field

COLUMNS = ("realgdp", "realcons", "realinv", "realgovt", "realdpi", "cpi", "m1", "tbilrate", "unemp", "pop")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsMacroPanelOptions:
    """Options of the economy."""

    window: int = window_field(8, 2, 40, unit="quarters")
    horizon: int = horizon_field(1, 8, unit="quarters")
    differencing: str = differencing_field("first")
    split_by: str = split_field()
    scale_by: str = scale_field()


@dataset
class UsMacroPanel(PanelDataset):
    """203 quarters of ten quantities, from GDP to unemployment; each is a series, and one network forecasts all of them.

    The wide form of several series: one column each. Scores are MASE, because the quantities share no unit.
    """

    name = "us_macro_panel"
    title = "US economy, ten series with one model"
    description = (
        "203 quarters of ten quantities of the US economy; each is a series of its own, and one model forecasts all."
    )
    lesson = "What grows and what swings are told apart by one network, or not: look at which series are hard, and for which cell."
    source = "FRED and US Bureau of Labor Statistics, as packaged in statsmodels 0.15 (macrodata)"
    licence = "public domain"
    family = "real"
    Options = UsMacroPanelOptions
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 16,
        "updates": 400,
        "learning_rate": 0.003,
        "batch_size": 64,
        "evaluations": 30,
    }

    def series(self, options: UsMacroPanelOptions, seed: int) -> Series:
        """Return one series per column."""
        frame = pd.read_csv(embedded("us_macro_quarterly.csv"))
        positions = np.array(
            [f"{int(year)}Q{int(quarter)}" for year, quarter in zip(frame["year"], frame["quarter"], strict=True)]
        )
        series = tuple(
            TimeSeries(
                values=frame[[name]].to_numpy(dtype=np.float64), columns=("value",), positions=positions, units=("",)
            )
            for name in COLUMNS
        )
        plan = WindowPlan(
            window=options.window, targets=("value",), horizon=options.horizon, differencing=options.differencing
        )
        return Series(panel=Panel(series=series, names=COLUMNS, static=Static.none(len(COLUMNS))), plan=plan)
