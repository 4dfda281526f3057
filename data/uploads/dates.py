"""Dates in a column of texts: which format they have, found by trying each on every value."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.task import Array

_CLOCKS = {
    "": "",
    r" \d{1,2}:\d{2}": " %H:%M",
    r" \d{1,2}:\d{2}:\d{2}": " %H:%M:%S",
    r" \d{1,2}:\d{2}:\d{2}\.\d{1,6}": " %H:%M:%S.%f",
    r"T\d{2}:\d{2}": "T%H:%M",
    r"T\d{2}:\d{2}:\d{2}": "T%H:%M:%S",
    r"T\d{2}:\d{2}:\d{2}\.\d{1,6}": "T%H:%M:%S.%f",
    r"T\d{2}:\d{2}:\d{2}Z": "T%H:%M:%SZ",
}
_DAYS = {
    r"\d{4}-\d{1,2}-\d{1,2}": ("%Y-%m-%d",),
    r"\d{4}/\d{1,2}/\d{1,2}": ("%Y/%m/%d",),
    r"\d{1,2}/\d{1,2}/\d{4}": ("%d/%m/%Y", "%m/%d/%Y"),
    r"\d{1,2}-\d{1,2}-\d{4}": ("%d-%m-%Y", "%m-%d-%Y"),
    r"\d{1,2}\.\d{1,2}\.\d{4}": ("%d.%m.%Y",),
    r"\d{1,2} [A-Za-z]{3} \d{4}": ("%d %b %Y",),
    r"\d{1,2}-[A-Za-z]{3}-\d{4}": ("%d-%b-%Y",),
}
_MONTHS = {
    r"\d{4}-\d{1,2}": ("%Y-%m",),
    r"\d{4}/\d{1,2}": ("%Y/%m",),
    r"[A-Za-z]{3} \d{4}": ("%b %Y",),
    r"[A-Za-z]{3}-\d{4}": ("%b-%Y",),
}
_WORDS = {
    "%Y": "year",
    "%m": "month",
    "%d": "day",
    "%b": "month name",
    "%H": "hour",
    "%M": "minute",
    "%S": "second",
    "%f": "fraction",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dates:
    """A column read as dates.

    Attributes:
        times: `(L,)` datetime64 in microseconds, `NaT` where the value is missing.
        format: The format in `strptime` letters.
        other: A second format that also reads every value, to other dates; empty if there is none.
    """

    times: Array
    format: str
    other: str = ""

    def positions(self) -> Array:
        """Return `(L,)` ISO texts: days where every time is midnight, else with minutes or seconds."""
        days = self.times.astype("datetime64[D]")
        if bool(np.all((days == self.times) | np.isnat(self.times))):
            return np.datetime_as_string(days)
        for unit in ("m", "s"):
            if bool(np.all((self.times.astype(f"datetime64[{unit}]") == self.times) | np.isnat(self.times))):
                return np.datetime_as_string(self.times, unit=unit)
        return np.datetime_as_string(self.times, unit="us")

    def words(self) -> str:
        """Return the format in words, such as `day/month/year`."""
        return format_words(self.format)


def format_words(letters: str) -> str:
    """Return a `strptime` format in words.

    Example:
        >>> format_words("%d.%m.%Y")
        'day.month.year'
    """
    return re.sub(
        "%[YmdbHMSf]", lambda found: _WORDS[found.group()], letters.replace("T%H", " %H").replace("SZ", "S UTC")
    )


def read_dates(tokens: "pd.Series[str]", missing: Array) -> Dates | None:
    """Read a column as dates if one format reads every value.

    Where day and month could be exchanged, the format wins whose steps are ascending and most even; `Dates.other`
    names the loser.

    Args:
        tokens: `(L,)` texts without outer spaces.
        missing: `(L,)` bool; these texts are left out.

    Returns:
        The dates, or None if no format fits all values.
    """
    present = tokens[~missing]
    if present.empty:
        return None
    found = []
    for letters in _candidates(str(present.iloc[0])):
        times = pd.to_datetime(present, format=letters, errors="coerce", exact=True)
        if not times.isna().any():
            found.append((letters, times.to_numpy().astype("datetime64[us]")))
    if not found:
        return None
    ranked = sorted(found, key=lambda entry: _unevenness(entry[1]))
    full = np.full(len(tokens), np.datetime64("NaT"), dtype="datetime64[us]")
    full[~missing] = ranked[0][1]
    other = ranked[1][0] if len(ranked) > 1 and not np.array_equal(ranked[0][1], ranked[1][1]) else ""
    return Dates(times=full, format=ranked[0][0], other=other)


def _candidates(token: str) -> list[str]:
    """Return the formats whose pattern the first value has."""
    for days, formats in _DAYS.items():
        for clock, letters in _CLOCKS.items():
            if re.fullmatch(days + clock, token):
                return [day + letters for day in formats]
    return [letters for months, formats in _MONTHS.items() if re.fullmatch(months, token) for letters in formats]


def _unevenness(times: Array) -> tuple[bool, int]:
    """Rank a reading: steps that go back come last, then many different steps."""
    steps = np.diff(times)
    backwards = bool(len(steps)) and not (
        bool((steps > np.timedelta64(0)).all()) or bool((steps < np.timedelta64(0)).all())
    )
    return backwards, len(np.unique(steps))
