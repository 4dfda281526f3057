"""Dates in the forms that people write: read back as they were meant, or the other meaning is named."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.calendar_steps import step_of
from data.uploads.find_date_format import Dates, first_unreadable, read_dates, read_digits

DAYS = {
    "%Y-%m-%d": "{:%Y-%m-%d}",
    "%Y/%m/%d": "{0.year}/{0.month}/{0.day}",
    "%d/%m/%Y": "{:%d/%m/%Y}",
    "%m/%d/%Y": "{0.month}/{0.day}/{0.year}",
    "%d.%m.%Y": "{:%d.%m.%Y}",
    "%d-%m-%y": "{:%d-%m-%y}",
    "%m/%d/%y": "{:%m/%d/%y}",
    "%d.%m.%y": "{:%d.%m.%y}",
    "%b %d, %Y": "{:%b %d, %Y}",
    "%d %b %Y": "{0.day} {0:%B %Y}",
    "%d-%b-%y": "{:%d-%b-%y}",
    "%d%b%Y": "{:%d%b%Y}",
}
CLOCKS = {
    "": "",
    " %H:%M": " {:%H:%M}",
    "T%H:%M:%S": "T{:%H:%M:%S}",
    " %I:%M %p": " {:%I:%M %p}",
    " %H:%M:%S.%f": " {:%H:%M:%S.%f}",
}
MONTHS = {
    "%Y-%m": "{:%Y-%m}",
    "%m/%Y": "{:%m/%Y}",
    "%b-%y": "{:%b-%y}",
    "%b %Y": "{:%B %Y}",
    "%YM%m": "{:%YM%m}",
    "%YQ%q": "{0.year}Q{0.quarter}",
    "Q%q %Y": "Q{0.quarter} {0.year}",
    "%Y-Q%q": "{0.year}-Q{0.quarter}",
}
QUICK = settings(
    deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True, max_examples=120
)


def read(texts: list[str]) -> Dates | None:
    """Read texts of which none is missing."""
    return read_dates(pd.Series(texts, dtype="str"), np.zeros(len(texts), dtype=bool))


def micros(times: pd.DatetimeIndex) -> np.ndarray:
    """Return times as datetime64 in microseconds."""
    return times.to_numpy().astype("datetime64[us]")


@QUICK
@given(
    day=st.sampled_from(sorted(DAYS)),
    clock=st.sampled_from(sorted(CLOCKS)),
    start=st.datetimes(min_value=pd.Timestamp("1945-01-01"), max_value=pd.Timestamp("2035-01-01")),
    step=st.sampled_from(["D", "h", "7D", "MS", "15min"]),
    count=st.integers(14, 80),
    falling=st.booleans(),
)
def test_days_and_clocks_are_read_back_or_asked(day, clock, start, step, count, falling):
    """Any day with any clock comes back; where day and month fit both ways, the written one is best or named as the other."""
    times = pd.date_range(pd.Timestamp(start).floor("D"), periods=count, freq=step if clock else "D")
    times = times[::-1] if falling else times
    texts = [DAYS[day].format(time) + CLOCKS[clock].format(time) for time in times]
    dates = read(texts)
    assert dates is not None
    if not np.array_equal(dates.times, micros(times)):
        assert dates.other.startswith(day)
        assert sorted(dates.format) == sorted(dates.other)


@QUICK
@given(
    form=st.sampled_from(sorted(MONTHS)),
    year=st.integers(1945, 2030),
    count=st.integers(5, 90),
)
def test_months_and_quarters_are_read_back(form, year, count):
    """Months and quarters come back as their first day, a month or a quarter apart."""
    unit = "QS" if "%q" in form else "MS"
    times = pd.date_range(f"{year}-01-01", periods=count if unit == "MS" else count // 3 + 2, freq=unit)
    dates = read([MONTHS[form].format(time) for time in times])
    assert dates is not None
    crosses = "%y" in form and times[0].year <= 2040 < times[-1].year
    if not crosses:
        np.testing.assert_array_equal(dates.times, micros(times))
        step = step_of(dates.times)
        assert (step.unit, step.even) == ("quarter" if unit == "QS" else "month", True)


@pytest.mark.parametrize(
    ("texts", "first", "last", "zone"),
    [
        (["2018-03-25 01:00:00+01:00", "2018-03-25 03:00:00+02:00"], "2018-03-25T00:00", "2018-03-25T01:00", "UTC"),
        (["2020-01-01T00:00:00Z", "2020-01-01T01:00:00Z"], "2020-01-01T00:00", "2020-01-01T01:00", "UTC"),
        (["2020-01-01 00:00:00 -0500", "2020-01-01 01:00:00 -0500"], "2020-01-01T00:00", "2020-01-01T01:00", "-05:00"),
        (
            ["Mon Apr 06 22:00:45 PDT 2009", "Tue Apr 07 22:00:46 PDT 2009"],
            "2009-04-06T22:00:45",
            "2009-04-07T22:00:46",
            "-07:00",
        ),
        (
            ["2020-01-01T10:00:00.500", "2020-01-01T10:00:01"],
            "2020-01-01T10:00:00.500000",
            "2020-01-01T10:00:01.000000",
            "",
        ),
        (["2015-W01", "2015-W53"], "2014-12-29", "2015-12-28", ""),
        (["2015-W01-3", "2015-W01-4"], "2014-12-31", "2015-01-01", ""),
        (["2020-01-01 24:00", "2020-01-02 01:00"], "2020-01-02T00:00", "2020-01-02T01:00", ""),
        (["22:00", "23:00", "01:00"], "1970-01-01T22:00", "1970-01-02T01:00", ""),
        (["12/31/2014 11:00 PM", "1/1/2015 12:00 AM"], "2014-12-31T23:00", "2015-01-01T00:00", ""),
        (["Dec-99", "Jan-00"], "1999-12-01", "2000-01-01", ""),
        (["Jan-49", "Dec-60"], "1949-01-01", "1960-12-01", ""),
        (["1st March 2020", "2nd March 2020"], "2020-03-01", "2020-03-02", ""),
    ],
)
def test_odd_forms_are_read(texts, first, last, zone):
    """Offsets, zones, weeks, midnight as 24:00, clocks past midnight, two-digit years across a century."""
    dates = read(texts)
    assert dates is not None
    assert (str(dates.positions()[0]), str(dates.positions()[-1]), dates.zone) == (first, last, zone)


@pytest.mark.parametrize(
    ("texts", "named", "letters", "first"),
    [
        (["20190101", "20190102"], False, "%Y%m%d", "2019-01-01"),
        (["200001", "200002"], True, "%Y%m", "2000-01-01"),
        (["1885", "1886"], True, "%Y", "1885-01-01"),
        (["1325317920", "1325317980"], True, "epoch_s", "2011-12-31T07:52"),
        (["1325317920000", "1325317980000"], True, "epoch_ms", "2011-12-31T07:52"),
        (["2019010113", "2019010114"], True, "%Y%m%d%H", "2019-01-01T13:00"),
        (["2015001", "2015365"], True, "%Y%j", "2015-01-01"),
        (["43831", "43832"], True, "excel", "2020-01-01"),
    ],
)
def test_digits_are_read_as_dates(texts, named, letters, first):
    """Whole numbers are dates where they can be nothing else, or where the column says so."""
    dates = read_digits(pd.Series(texts, dtype="str"), np.zeros(len(texts), dtype=bool), named=named)
    assert dates is not None
    assert (dates.format, str(dates.positions()[0])) == (letters, first)


@pytest.mark.parametrize(
    "texts", [["200001", "200002"], ["1885", "1886"], ["1325317920", "1325317980"], ["12345678", "23456789"]]
)
def test_quantities_are_no_dates(texts):
    """Numbers in a column that does not say time stay numbers."""
    assert read_digits(pd.Series(texts, dtype="str"), np.zeros(len(texts), dtype=bool), named=False) is None


def test_first_unreadable_value_is_found():
    """The row of the value that spoils a column of dates is named; other columns have none."""
    days = [f"{day:02}/13/2020" if day < 12 else "13/13/2020" for day in range(1, 14)]
    present = np.zeros(len(days), dtype=bool)
    assert first_unreadable(pd.Series(days, dtype="str"), present) == 11
    assert first_unreadable(pd.Series(["a", "b"], dtype="str"), np.zeros(2, dtype=bool)) is None


@pytest.mark.parametrize(
    ("times", "words", "longer"),
    [
        (pd.date_range("2020-01-31", periods=14, freq="ME"), "month", 0),
        (pd.date_range("2000-01-01", periods=9, freq="YS"), "year", 0),
        (pd.date_range("2000-02-29", periods=9, freq="QE"), "quarter", 0),
        (pd.date_range("2020-01-01", periods=15, freq="B"), "working day", 0),
        (pd.date_range("2020-01-01", periods=15, freq="15min"), "15 minutes", 0),
        (pd.date_range("2020-01-01", periods=15, freq="MS").delete(3), "month", 1),
        (pd.date_range("2020-01-01", periods=15, freq="B").delete(7), "working day", 1),
    ],
)
def test_calendar_steps_are_steps(times, words, longer):
    """Months, quarters, years and working days are one step each; a missing one is a longer step."""
    step = step_of(micros(times))
    assert (step.words, int(step.longer.sum())) == (words, longer)
