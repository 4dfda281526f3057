"""Yearly sunspot numbers, 1700 to 2008."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from data.catalog import Claim, dataset
from data.embedded import embedded
from data.fields import Value
from data.series.base import ForecastDataset
from data.time_series import TimeSeries
from data.window_options import differencing_field, horizon_field, scaling_field, window_field


@dataclass(frozen=True, slots=True, kw_only=True)
class SunspotsOptions:
    """Options of the sunspot series; a row is a year."""

    window: int = window_field(24, 2, 100, unit="years")
    horizon: int = horizon_field(1, 11, unit="years")
    differencing: str = differencing_field()
    scaling: str = scaling_field()


@dataset
class Sunspots(ForecastDataset):
    """309 yearly sunspot numbers; their cycle lasts about 11 years but is not strict, so it counts as no season."""

    name = "sunspots"
    title = "Sunspots, yearly"
    description = (
        "The yearly sunspot number from 1700 to 2008: 309 values that rise and fall in a cycle of about 11 years."
    )
    lesson = (
        "A short memory is enough for a regular cycle: the error falls to nearly half of the last value's, "
        "and a linear model of nine years comes close."
    )
    source = "NOAA National Geophysical Data Center, as packaged in statsmodels 0.15 (datasets.sunspots)"
    licence = "public domain"
    Options = SunspotsOptions
    units: ClassVar[Mapping[str, str]] = {"sunspots": "sunspots"}
    order = 9
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 32,
        "updates": 400,
        "learning_rate": 0.003,
        "batch_size": 32,
        "evaluations": 40,
    }
    claims = (
        Claim(
            statement="Predicting last year's number is off by 29.1 sunspots on the last 15 % of the years, AR(9) by 17.7.",
            source="computed here from the data, by the baselines' formulas",
        ),
    )

    def series(self) -> TimeSeries:
        """Read the file."""
        frame = pd.read_csv(embedded("sunspots_yearly.csv")).rename(columns={"sunspot_number": "sunspots"})
        return TimeSeries.from_frame(frame, columns=("sunspots",), positions=frame["year"], units=self.units)
