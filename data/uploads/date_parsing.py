"""Parse texts as dates with a known format: days, times of day, offsets from UTC and seconds since 1970."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from data.task import Array
from data.uploads.date_patterns import EPOCHS, MONTHS, pattern

_EXCEL = np.datetime64("1899-12-30", "us")
_HOURS = {
    0: "UTC GMT Z WET",
    1: "WEST BST CET MEZ",
    2: "CEST MESZ EET",
    3: "EEST MSK",
    8: "SGT HKT",
    9: "JST KST",
    10: "AEST",
    11: "AEDT",
    -4: "EDT",
    -5: "EST CDT",
    -6: "CST MDT",
    -7: "MST PDT",
    -8: "PST",
}
_ZONES = {name: hours for hours, names in _HOURS.items() for name in names.split()}
_PIVOT = 40  # two-digit years up to this are 20.., later ones 19..


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parsed:
    """Values read by one format.

    Attributes:
        times: `(L,)` datetime64 in microseconds, local time; `NaT` where the format does not fit.
        offsets: `(L,)` minutes ahead of UTC, or None without a zone.
        precision: `year`, `quarter`, `month`, `week`, `day`, `time` or `clock` (time of day without date).
    """

    times: Array
    offsets: Array | None
    precision: str

    @property
    def valid(self) -> Array:
        """`(L,)` bool: which values the format reads."""
        return ~np.isnat(self.times)


class _Groups:
    """The groups of a pattern in each value; values that do not match have none."""

    def __init__(self, tokens: Sequence[str], letters: str) -> None:
        compiled = pattern(letters)
        matches = [compiled.fullmatch(token) for token in tokens]
        self.names = frozenset(compiled.groupindex)
        self.fits = np.array([match is not None for match in matches], dtype=bool)
        self._matches = matches

    def texts(self, name: str) -> list[str]:
        """Return the group's text in each value, empty where it has none."""
        if name not in self.names:
            return [""] * len(self._matches)
        return [(match[name] or "") if match else "" for match in self._matches]

    def numbers(self, name: str, default: int = 0) -> Array:
        """Return the group's `(L,)` numbers."""
        if name not in self.names:
            return np.full(len(self._matches), default, dtype=np.int64)
        return np.array([int(text) if text else default for text in self.texts(name)], dtype=np.int64)


def read(tokens: Sequence[str], letters: str) -> Parsed:
    """Read values by one format.

    Args:
        tokens: `(L,)` texts.
        letters: The format.
    """
    if letters in EPOCHS:
        return _epochs(tokens, letters)
    groups = _Groups(tokens, letters)
    days, exist = _days(groups)
    clock, shown = _clock(groups)
    times: Array = days.astype("datetime64[us]") + clock
    times[~(groups.fits & exist & shown)] = np.datetime64("NaT")
    zones = groups.texts("z")
    return Parsed(times=times, offsets=_offsets(zones) if any(zones) else None, precision=_precision(groups.names))


def _precision(names: frozenset[str]) -> str:
    if not names & {"Y", "y", "G"}:
        return "clock"
    for name, precision in (("H", "time"), ("d", "day"), ("j", "day"), ("u", "day"), ("V", "week"), ("q", "quarter")):
        if name in names:
            return precision
    return "month" if names & {"m", "b"} else "year"


def _days(groups: _Groups) -> tuple[Array, Array]:
    """Return `(L,)` days and which of them are valid."""
    names = groups.names
    year = _years(groups.numbers("y")) if "y" in names else groups.numbers("G" if "G" in names else "Y", 1970)
    if "V" in names:
        return _week_days(year, groups.numbers("V", 1), groups.numbers("u", 1))
    month = 3 * groups.numbers("q", 1) - 2 if "q" in names else groups.numbers("m", 1)
    if "b" in names:
        known = [MONTHS[word.lower()] if word else 1 for word in groups.texts("b")]
        month = np.array(known, dtype=np.int64)
    day = groups.numbers("j" if "j" in names else "d", 1)
    exist = (month >= 1) & (month <= 12) & (year >= 1) & (day >= 1)
    years = (np.where(exist, year, 1970) - 1970).astype("datetime64[Y]")
    first = years.astype("datetime64[M]") + (np.where(exist, month, 1) - 1)
    days = first.astype("datetime64[D]") + (day - 1)
    whole = "datetime64[Y]" if "j" in names else "datetime64[M]"
    return days, exist & (days.astype(whole) == first.astype(whole))


def _years(two: Array) -> Array:
    """Return full years of two digits: 1941 to 2040, or a hundred years around a series that crosses from 40 to 41."""
    years = np.where(two <= _PIVOT, 2000 + two, 1900 + two)
    crossing = np.diff(years)
    if (crossing == 99).any() and not (crossing == -99).any():  # 40 -> 41 is a step of one year
        return 1900 + two if two.max() > _PIVOT + 20 else 2000 + two
    return years


def _week_days(year: Array, week: Array, day: Array) -> tuple[Array, Array]:
    fourth = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + 3  # January 4 is always in week 1
    monday = fourth - (fourth.astype(np.int64) + 3) % 7
    days = monday + 7 * (week - 1) + (day - 1)
    following = (year - 1969).astype("datetime64[Y]").astype("datetime64[D]") + 3
    last = following - (following.astype(np.int64) + 3) % 7
    return days, (week >= 1) & (days < last)


def _clock(groups: _Groups) -> tuple[Array, Array]:
    """Return `(L,)` microseconds since midnight and which times of day are valid; 24:00 is the next midnight."""
    hour, minute, second = groups.numbers("H"), groups.numbers("M"), groups.numbers("S")
    exist = (minute <= 59) & (second <= 60) & ((hour <= 23) | ((hour == 24) & (minute == 0) & (second == 0)))
    if "p" in groups.names:
        halves = [text[:1].lower() for text in groups.texts("p")]
        after = np.array([half == "p" for half in halves], dtype=bool)
        absent = np.array([not half for half in halves], dtype=bool)
        exist &= absent | ((hour >= 1) & (hour <= 12))
        hour = np.where(absent, hour, hour % 12 + 12 * after)
    micros = ((hour * 60 + minute) * 60 + second) * 1_000_000
    if "f" in groups.names:
        micros = micros + np.array([int(text[:6].ljust(6, "0")) if text else 0 for text in groups.texts("f")])
    return micros.astype("timedelta64[us]"), exist


def _offsets(zones: Sequence[str]) -> Array:
    return np.array([_offset(zone) for zone in zones], dtype=np.int64)


@lru_cache(maxsize=512)
def _offset(zone: str) -> int:
    """Return the minutes by which a zone is ahead of UTC; unknown names count as 0."""
    name = zone.upper()
    match = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", name)
    if match:
        minutes = 60 * int(match[2]) + int(match[3] or 0)
        return -minutes if match[1] == "-" else minutes
    return 60 * _ZONES.get(name, 0)


def _epochs(tokens: Sequence[str], letters: str) -> Parsed:
    values = np.array([float(token) if re.fullmatch(r"\d{1,20}(\.\d+)?", token) else np.nan for token in tokens])
    scale = EPOCHS[letters]
    micros = values * scale if scale else values / 1_000
    good = np.isfinite(micros) & (micros < 2.5e17)
    micros = micros + (_EXCEL.astype(np.int64) if letters == "excel" else 0)
    times = np.where(good, micros, 0).round().astype(np.int64).astype("datetime64[us]")
    times[~good] = np.datetime64("NaT")
    return Parsed(times=times, offsets=None, precision="time")
