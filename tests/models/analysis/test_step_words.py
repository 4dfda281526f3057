"""What the steps of a forecast are called: in the dataset's own words, or by the dates of a file."""

import numpy as np
import pandas as pd
import pytest

from models.analysis.forecast import Forecast
from models.analysis.step_words import step_words
from models.spec.experiment_settings import ExperimentSpec

DAYS = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]")


def of(times: list[object]) -> Forecast:
    """Return a forecast whose history has these times."""
    history = pd.DataFrame({"series": "sales", "time": times, "value": 1.0})
    nothing = np.zeros(0)
    return Forecast(unit="", targets=(), steps=nothing, times=nothing, sources=(), history=history)


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (["2024-01", "2024-02", "2024-03"], "months"),
        (["2024-01-31", "2024-02-29", "2024-03-31"], "months"),
        (np.datetime_as_string(DAYS).tolist(), "days"),
        (np.datetime_as_string(DAYS[np.is_busday(DAYS)]).tolist(), "working days"),
        (["2024-01-01T00:00", "2024-01-01T00:15", "2024-01-01T00:30"], "steps of 15 minutes"),
        (["2024-01-01T00:00", "2024-01-01T01:00", "2024-01-01T02:00"], "hours"),
        ([2001, 2002, 2003], "rows"),
        (["a", "b", "c"], "rows"),
        ([], "rows"),
    ],
)
def test_steps_of_a_file_are_called_by_its_dates(times: list[object], words: str) -> None:
    """Months, days, working days, hours; rows without dates."""
    spec = ExperimentSpec(dataset="own_series", options=(("content", "0" * 64),))
    assert step_words(spec, of(times)) == words


def test_steps_of_a_dataset_have_its_own_unit() -> None:
    """Sunspots count years, though their time axis holds numbers."""
    assert step_words(ExperimentSpec(dataset="sunspots"), of([2007, 2008])) == "years"
