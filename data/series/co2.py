"""Weekly carbon dioxide at Mauna Loa, 1958 to 2001: a trend that a network has never seen the end of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from data.catalog import Claim, dataset
from data.embedded import embedded
from data.fields import Value
from data.series.base import ForecastDataset
from data.windows import TimeSeries, differencing_field, horizon_field, scaling_field, window_field

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
        "Every network fails once the trend leaves the range it was trained on, and none beats the last value; set "
        "differencing to first or seasonal and they forecast again."
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
        """Read the file and fill the missing weeks on a straight line between their neighbours."""
        frame = pd.read_csv(embedded("co2_weekly.csv"))
        frame[COLUMN] = frame[COLUMN].interpolate(limit_area="inside")
        return TimeSeries.from_frame(
            frame, columns=(COLUMN,), positions=frame["date"], units=self.units, season=self.season
        )

    def notes(self) -> tuple[str, ...]:
        """Name the interpolated weeks."""
        return ("59 missing weeks are interpolated on a straight line between their neighbours.",)
