"""Weekly carbon dioxide at Mauna Loa, 1958 to 2001: a trend that leaves the range of the training part."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from data.catalog import Claim, dataset
from data.embedded import embedded
from data.fields import Value
from data.gaps import fill_on_lines
from data.series.base import ForecastDataset
from data.time_series import TimeSeries
from data.window_options import differencing_field, horizon_field, scaling_field, window_field

COLUMN = "co2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Co2Options:
    """Options of the carbon dioxide series; a row is a week."""

    window: int = window_field(52, 4, 156, unit="weeks")
    horizon: int = horizon_field(1, 52, unit="weeks")
    differencing: str = differencing_field(seasonal=True)
    scaling: str = scaling_field()


@dataset
class Co2(ForecastDataset):
    """2,284 weekly means in parts per million; 59 missing weeks are interpolated."""

    name = "co2"
    title = "Carbon dioxide, weekly"
    description = "Atmospheric carbon dioxide at Mauna Loa, weekly from 1958 to 2001: a yearly wave on a rising trend."
    lesson = (
        "The trend leaves the range that was trained on, so every network fails and even the last value beats it; "
        "set differencing to first, and the networks win."
    )
    source = "Keeling and Whorf, Scripps Institution of Oceanography, as packaged in statsmodels 0.15 (datasets.co2)"
    licence = "public domain"
    Options = Co2Options
    units: ClassVar[Mapping[str, str]] = {COLUMN: "ppm"}
    season = 52
    order = 12
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 32,
        "updates": 600,
        "learning_rate": 0.003,
        "batch_size": 32,
        "evaluations": 40,
    }
    claims = (
        Claim(
            statement=(
                "The test years lie above every training year, and a network with bounded activations cannot follow a "
                "trend out of the range it was trained on."
            ),
            source="follows from the data's range and from the tanh of the hidden state",
        ),
    )

    def series(self) -> TimeSeries:
        """Read the file and interpolate the missing weeks linearly."""
        frame = pd.read_csv(embedded("co2_weekly.csv"))
        values, filled = fill_on_lines(frame[[COLUMN]].to_numpy(dtype=np.float64))
        return TimeSeries(
            values=values,
            columns=(COLUMN,),
            positions=frame["date"].to_numpy(),
            units=(self.units[COLUMN],),
            season=self.season,
            filled=filled,
        )

    def notes(self) -> tuple[str, ...]:
        """Name the interpolated weeks."""
        return (
            "59 missing weeks are interpolated on a straight line between their neighbours, unseen by windows that end within.",
        )
