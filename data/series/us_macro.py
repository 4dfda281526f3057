"""Twelve quarterly series of the economy of the United States, 1959 to 2009."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from data.catalog import dataset
from data.embedded import embedded
from data.fields import Value, choice
from data.series.base import SHORT_SERIES, ForecastDataset
from data.time_series import TimeSeries
from data.window_options import differencing_field, horizon_field, inputs_field, scaling_field, window_field

DOLLARS = "billion_dollars"
TARGETS = {
    "unemp": "Unemployment rate",
    "infl": "Inflation rate",
    "tbilrate": "Interest on three-month treasury bills",
    "realgdp": "Real gross domestic product",
    "all": "All twelve columns",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UsMacroOptions:
    """Options of the economic series; a row is a quarter."""

    target: str = choice(
        "unemp",
        TARGETS,
        label="Target",
        help="What is predicted. Slow quantities stay near their last value, which is hard to beat; inflation jumps.",
    )
    inputs: str = inputs_field()
    window: int = window_field(8, 2, 40, unit="quarters")
    horizon: int = horizon_field(1, 8, unit="quarters")
    differencing: str = differencing_field("first")
    scaling: str = scaling_field()


@dataset
class UsMacro(ForecastDataset):
    """203 quarters of twelve series, most of them with a trend; hence differenced by default."""

    name = "us_macro"
    title = "US economy, quarterly"
    description = (
        "Twelve series of the US economy, quarterly from 1959 to 2009, seen together to predict one of them or all."
    )
    lesson = (
        "With 203 quarters, twelve inputs fit noise: the target's own past alone forecasts better, "
        "and a linear autoregression is hard to beat."
    )
    source = "FRED and Bureau of Labor Statistics, as packaged in statsmodels 0.15 (datasets.macrodata)"
    licence = "public domain"
    Options = UsMacroOptions
    units: ClassVar[Mapping[str, str]] = {
        "realgdp": DOLLARS,
        "realcons": DOLLARS,
        "realinv": DOLLARS,
        "realgovt": DOLLARS,
        "realdpi": DOLLARS,
        "cpi": "index_points",
        "m1": DOLLARS,
        "tbilrate": "percent",
        "unemp": "percent",
        "pop": "millions",
        "infl": "percent",
        "realint": "percent",
    }
    order = 4
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 16,
        "updates": 200,
        "learning_rate": 0.003,
        "batch_size": 32,
        "evaluations": 40,
    }

    claims = (SHORT_SERIES,)

    def series(self) -> TimeSeries:
        """Read the file; positions look like `1959Q1`."""
        frame = pd.read_csv(embedded("us_macro_quarterly.csv"))
        quarters = frame["year"].astype(int).astype(str) + "Q" + frame["quarter"].astype(int).astype(str)
        return TimeSeries.from_frame(frame, columns=tuple(self.units), positions=quarters, units=self.units)
