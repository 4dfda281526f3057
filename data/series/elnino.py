"""Monthly sea surface temperature of the Pacific, 1950 to 2010."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from data.catalog import dataset
from data.embedded import embedded
from data.fields import Value
from data.series.base import SHORT_SERIES, ForecastDataset
from data.time_series import TimeSeries
from data.window_options import differencing_field, horizon_field, scaling_field, window_field

COLUMN = "temperature"


@dataclass(frozen=True, slots=True, kw_only=True)
class ElNinoOptions:
    """Options of the temperature series; a row is a month."""

    window: int = window_field(24, 2, 96, unit="months")
    horizon: int = horizon_field(1, 24, unit="months")
    differencing: str = differencing_field(seasonal=True)
    scaling: str = scaling_field()


@dataset
class ElNino(ForecastDataset):
    """732 monthly means in degrees Celsius, with a season of 12 months."""

    name = "elnino"
    title = "El Niño, monthly"
    description = "Averaged sea surface temperature in the Pacific, monthly from 1950 to 2010: a strong season, and El Niño years."
    lesson = "One month ahead, a linear model comes close to the networks; a year ahead, they know more than it and the season do."
    source = "NOAA, as packaged in statsmodels 0.15 (datasets.elnino), reshaped to one row a month"
    licence = "public domain"
    Options = ElNinoOptions
    units: ClassVar[Mapping[str, str]] = {COLUMN: "celsius"}
    season = 12
    order = 12
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 32,
        "updates": 400,
        "learning_rate": 0.003,
        "batch_size": 32,
        "evaluations": 40,
    }

    claims = (SHORT_SERIES,)

    def series(self) -> TimeSeries:
        """Read the file."""
        frame = pd.read_csv(embedded("elnino_sst_monthly.csv")).rename(
            columns={"sea_surface_temperature_celsius": COLUMN}
        )
        return TimeSeries.from_frame(
            frame, columns=(COLUMN,), positions=frame["month"], units=self.units, season=self.season
        )
