"""The table of Seattle's weather, which two datasets read: a forecast and a classification."""

from collections.abc import Mapping

import pandas as pd

from data.embedded import embedded

SOURCE = "US NOAA, as packaged in vega_datasets 0.9 (MIT)"
LICENCE = "public domain"
UNITS: Mapping[str, str] = {
    "temp_max": "celsius",
    "temp_min": "celsius",
    "precipitation": "millimetres",
    "wind": "metres_per_second",
}


def seattle_weather() -> pd.DataFrame:
    """Return 1,461 days from 2012 to 2015: date, precipitation, temp_max, temp_min, wind, weather."""
    return pd.read_csv(embedded("seattle_weather_daily.csv"))
