"""What comes after the last row is written and spaced like the rows."""

import numpy as np
import pytest

from data.catalog import get_dataset
from data.future_positions import following


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["1960-11", "1960-12"], ["1961-01", "1961-02", "1961-03"]),
        (["2009Q2", "2009Q3"], ["2009Q4", "2010Q1", "2010Q2"]),
        (["2023-11-30", "2023-12-31"], ["2024-01-31", "2024-02-29", "2024-03-31"]),
        (["2024-01-15", "2024-02-15"], ["2024-03-15", "2024-04-15", "2024-05-15"]),
        (["2020-02-29", "2021-02-28"], ["2022-02-28", "2023-02-28", "2024-02-29"]),
        (["2001-12-22", "2001-12-29"], ["2002-01-05", "2002-01-12", "2002-01-19"]),
        (["2015-12-31T22:00", "2015-12-31T23:00"], ["2016-01-01T00:00", "2016-01-01T01:00", "2016-01-01T02:00"]),
        (["2007", "2008"], ["2009", "2010", "2011"]),
        (["first", "second"], ["+1", "+2", "+3"]),
    ],
)
def test_dates_go_on(given: list[str], expected: list[str]) -> None:
    """Months, quarters, month ends, leap days, weeks, hours and years; what is no date is counted."""
    assert following(np.array(given), 3).tolist() == expected


def test_working_days_skip_weekends() -> None:
    """After Friday comes Monday."""
    days = np.arange("2024-01-01", "2024-01-20", dtype="datetime64[D]")
    working = np.datetime_as_string(days[np.is_busday(days)])
    assert working[-1] == "2024-01-19"
    assert following(working, 2).tolist() == ["2024-01-22", "2024-01-23"]


def test_numbers_go_on() -> None:
    """Whole numbers stay whole; halves stay halves; one number goes on by one."""
    assert following(np.array([10, 20, 30]), 2).tolist() == [40, 50]
    assert following(np.array([0.5, 1.0]), 2).tolist() == [1.5, 2.0]
    assert following(np.array([7]), 1).tolist() == [8]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sunspots", [2009, 2010]),
        ("co2", ["2002-01-05", "2002-01-12"]),
        ("elnino", ["2011-01", "2011-02"]),
        ("airline", ["1961-01", "1961-02"]),
        ("us_macro", ["2009Q4", "2010Q1"]),
        ("seattle_forecast", ["2016-01-01", "2016-01-02"]),
    ],
)
def test_embedded_series_go_on(name: str, expected: list[object]) -> None:
    """Each embedded series is followed by its own next dates."""
    source = get_dataset(name)
    data = source.load(source.parse({}), 0)
    assert following(data.test.positions, 2).tolist() == expected
