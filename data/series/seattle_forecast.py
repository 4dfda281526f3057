"""Seattle's daily weather, 2012 to 2015, as a forecast."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from data.catalog import Claim, dataset
from data.fields import Value, choice
from data.series.base import ForecastDataset
from data.series.seattle import LICENCE, SOURCE, UNITS, seattle_weather
from data.time_series import TimeSeries
from data.window_options import differencing_field, horizon_field, inputs_field, scaling_field, window_field

TARGETS = {
    "temp_max": "Highest temperature",
    "temp_min": "Lowest temperature",
    "precipitation": "Precipitation",
    "wind": "Wind",
    "temperatures": "Both temperatures",
    "all": "All four columns",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeattleForecastOptions:
    """Options of the weather forecast; a row is a day."""

    target: str = choice(
        "temp_max",
        TARGETS,
        label="Target",
        help="What is predicted. Temperatures follow the season and are easy; rain and wind hardly announce themselves.",
    )
    inputs: str = inputs_field()
    window: int = window_field(14, 2, 60, unit="days")
    horizon: int = horizon_field(1, 14, unit="days")
    differencing: str = differencing_field()
    scaling: str = scaling_field()


@dataset
class SeattleForecast(ForecastDataset):
    """Four measurements a day over four years; a season of 365 days serves the naive forecast only."""

    name = "seattle_forecast"
    title = "Seattle weather, forecast"
    description = "Temperatures, precipitation and wind in Seattle, daily from 2012 to 2015, to predict tomorrow's."
    lesson = "Tomorrow's weather is mostly today's: the gain over the last value is small, and a linear model comes close to it."
    source = SOURCE
    licence = LICENCE
    Options = SeattleForecastOptions
    units: ClassVar[Mapping[str, str]] = UNITS
    season = 365
    order = 7
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 16,
        "updates": 400,
        "learning_rate": 0.003,
        "batch_size": 32,
        "evaluations": 40,
    }

    claims = (
        Claim(
            statement="Taking today's highest temperature for tomorrow's is off by 2.95 degrees Celsius on the last 15 % of the days.",
            source="computed here from the data, by the baseline's formula",
        ),
    )

    def series(self) -> TimeSeries:
        """Read the file."""
        frame = seattle_weather()
        return TimeSeries.from_frame(
            frame, columns=tuple(self.units), positions=frame["date"], units=self.units, season=self.season
        )

    def targets(self, options: SeattleForecastOptions) -> tuple[str, ...]:
        """Return the chosen column, both temperatures or all."""
        return ("temp_max", "temp_min") if options.target == "temperatures" else super().targets(options)
