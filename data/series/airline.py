"""Monthly airline passengers, 1949 to 1960: a textbook series of only 144 points."""

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

COLUMN = "passengers"


@dataclass(frozen=True, slots=True, kw_only=True)
class AirlineOptions:
    """Options of the passenger series; a row is a month."""

    window: int = window_field(12, 2, 36, unit="months")
    horizon: int = horizon_field(1, 12, unit="months")
    differencing: str = differencing_field("seasonal", seasonal=True)
    scaling: str = scaling_field()


@dataset
class Airline(ForecastDataset):
    """144 monthly counts in thousands, with a season of 12 months and a trend that grows."""

    name = "airline"
    title = "Airline passengers, monthly"
    description = (
        "International airline passengers in thousands, monthly from 1949 to 1960: a season that grows with the trend."
    )
    lesson = "With 144 points the test part is 22 months long, so a difference between two architectures is mostly noise here."
    source = "Box and Jenkins 1976, as packaged in sktime 1.2 (load_airline)"
    licence = "facts, not protected"
    Options = AirlineOptions
    units: ClassVar[Mapping[str, str]] = {COLUMN: "thousand_passengers"}
    season = 12
    order = 13
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 16,
        "updates": 300,
        "learning_rate": 0.003,
        "batch_size": 16,
        "evaluations": 30,
    }

    claims = (SHORT_SERIES,)

    def series(self) -> TimeSeries:
        """Read the file."""
        frame = pd.read_csv(embedded("airline_monthly.csv"))
        return TimeSeries.from_frame(
            frame, columns=(COLUMN,), positions=frame["month"], units=self.units, season=self.season
        )

    def notes(self) -> tuple[str, ...]:
        """Warn about the small number of points."""
        return ("144 points only: a comparison on 22 test months is noisy.",)
