"""The formats that dates may have, as `strptime` letters; a column's format is found in `date_columns.py`.

Beyond `strptime` there are `%q` (quarter), and `epoch_s`, `epoch_ms`, `epoch_us` for counted seconds since 1970. Month names are English,
whatever language the machine speaks. A clock may follow every day; seconds and their fraction may be missing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from data.task import Array

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG = ("uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember")
_MONTH_NAME = "|".join(f"{s}(?:{e})?" if e else s for s, e in zip(_MONTHS, _LONG, strict=True)) + "|sept"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)(?:sday|nesday|rsday|urday|day|s|rs)?\.?,? +)?"
_ZONE = r"(?P<z>Z|[+-]\d{2}(?::?\d{2})?|(?:UTC|GMT)(?:[+-]\d{1,2}(?::?\d{2})?)?|[A-Z]{3,4})(?:\[[\w/+-]+\])?"
_FIELDS = {
    "Y": r"(?P<Y>\d{4})",
    "G": r"(?P<G>\d{4})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "b": rf"(?P<b>{_MONTH_NAME})\.?",
    "B": rf"(?P<b>{_MONTH_NAME})\.?",
    "q": r"(?P<q>[1-4])",
    "V": r"(?P<V>\d{1,2})",
    "u": r"(?P<u>[1-7])",
    "j": r"(?P<j>\d{3})",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<H>\d{1,2})",
    "M": r"(?P<M>\d{2})",
    "S": r"(?P<S>\d{2})",
    "f": r"(?P<f>\d{1,9})",
    "p": r"(?P<p>[ap]\.?m\.?)",
    "z": _ZONE,
    "Z": _ZONE,
    "A": r"(?:mon|tues|wednes|thurs|fri|satur|sun)day",
    "a": r"(?:mon|tue|wed|thu|fri|sat|sun)",
    "%": "%",
}
_FIXED = {name: rf"(?P<{name}>\d{{2}})" for name in "mdHVMS"}
WORDS = {
    "Y": "year",
    "G": "year",
    "y": "year (two digits)",
    "m": "month",
    "d": "day",
    "b": "month name",
    "B": "month name",
    "q": "quarter",
    "V": "week",
    "u": "weekday",
    "j": "day of the year",
    "H": "hour",
    "I": "hour",
    "M": "minute",
    "S": "second",
    "f": "fraction",
    "p": "AM/PM",
    "z": "offset",
    "Z": "zone",
    "A": "weekday",
    "a": "weekday",
    "%": "%",
}
_EXCEL = np.datetime64("1899-12-30", "us")
EPOCHS = {
    "excel": 86_400_000_000,
    "epoch_s": 1_000_000,
    "epoch_ms": 1_000,
    "epoch_us": 1,
    "epoch_ns": 0,
}  # microseconds of one unit

_NUMERIC = [
    letters.replace("-", sign)
    for sign in "-/."
    for letters in ("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d")
    if (sign, letters[:2]) != (".", "%m")  # with full stops the day comes first
]
_NAMED = """%d %b %Y|%d-%b-%Y|%d/%b/%Y|%d.%b.%Y|%d. %b %Y|%d%b%Y|%d %b, %Y|%d %b %y|%d-%b-%y|%d/%b/%y|%d%b%y|%b %d, %Y
%b %d %Y|%b-%d-%Y|%b/%d/%Y|%b %d, %y|%Y %b %d|%Y-%b-%d|%Y/%b/%d""".replace("\n", "|").split("|")
_QUARTERS = """%YQ%q|%Y-Q%q|%Y Q%q|%Y:Q%q|%Y/Q%q|%Y.Q%q|Q%q %Y|Q%q-%Y|Q%q/%Y|Q%q%Y|%qQ%Y|%qQ %Y|Q%q %y|Q%q-%y|Q%q/%y
%qQ%y""".replace("\n", "|").split("|")
_WEEKS = ["%G-W%V-%u", "%GW%V%u", "%G-W%V", "%GW%V", "%G W%V", "%G/W%V", "W%V-%G", "W%V %G", "W%V/%G", "%G-%V", "%G/%V"]
_MONTHLY = """%Y-%m|%Y/%m|%Y.%m|%Y:%m|%m/%Y|%m-%Y|%m.%Y|%YM%m|%Y-M%m|%Y M%m|%b %Y|%b-%Y|%b/%Y|%b.%Y|%b, %Y|%b%Y|%Y-%b|%Y %b|%Y/%b
%Y%b|%b-%y|%b %y|%b/%y|%b'%y|%b %y|%b%y|%y-%b""".replace("\n", "|").split("|")
_OTHERS = ["%Y-%j", "%Y/%j"]
DAYS = tuple(dict.fromkeys([*_NUMERIC, *_NAMED, *_OTHERS, *_QUARTERS, *_MONTHLY, *_WEEKS]))
_JOINS = r"(?: +|T|, +|_|-|:| - |;)"
_CLOCKS = {
    "%H:%M": r"%H:%M(?::%S(?:[.,:]%f)?)?",
    "%H.%M": r"%H\.%M(?:\.%S)?",
    "%I:%M %p": r"%I(?::%M(?::%S(?:[.,]%f)?)?)? ?%p",
}
_ASCTIME = "%a %b %d %H:%M:%S %z %Y", "%a %b %d %H:%M:%S %Y"
DIGITS = {
    4: ("%Y",),
    6: ("%Y%m",),
    7: ("%Y%j",),
    8: ("%Y%m%d",),
    10: ("%Y%m%d%H",),
    12: ("%Y%m%d%H%M",),
    14: ("%Y%m%d%H%M%S",),
}
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
_PIVOT = 40  # of two digits: up to here 20.., beyond 19..


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parsed:
    """Values read by one format.

    Attributes:
        times: `(L,)` datetime64 in microseconds as the clock shows them; `NaT` where the format does not fit.
        offsets: `(L,)` minutes before Greenwich's clock, or None without a zone.
        precision: `year`, `quarter`, `month`, `week`, `day`, `time` or `clock` (no day at all).
    """

    times: Array
    offsets: Array | None
    precision: str

    @property
    def valid(self) -> Array:
        """`(L,)` bool: which values the format reads."""
        return ~np.isnat(self.times)


def candidates(token: str) -> list[str]:
    """Return the formats that one value has, likelier ones first; pure digits have none."""
    found = [letters for letters in _ASCTIME if pattern(letters).fullmatch(token)]
    for letters in DAYS:
        match = _day_pattern(letters).match(token)
        if match is None:
            continue
        rest = token[match.end() :]
        if not rest:
            found.append(letters)
        found += [f"{letters} {clock}" for clock in _clocks_of(rest)]
    found += [clock for clock in _CLOCKS if pattern(clock).fullmatch(token)]
    return list(dict.fromkeys(found))


def _clocks_of(rest: str) -> Iterator[str]:
    for clock in _CLOCKS:
        if _clock_pattern(clock).fullmatch(rest):
            yield clock


@lru_cache(maxsize=256)
def _day_pattern(letters: str) -> "re.Pattern[str]":
    ordinal = r"(?:st|nd|rd|th)?" if "%b" in letters else ""
    body = _expand(letters).replace(_FIELDS["d"], _FIELDS["d"] + ordinal)
    return re.compile(_WEEKDAY + body + r"(?!\d)", re.IGNORECASE)


@lru_cache(maxsize=16)
def _clock_pattern(clock: str) -> "re.Pattern[str]":
    return re.compile(_JOINS + _expand(_CLOCKS[clock], literal=False) + rf" ?(?:{_ZONE})?", re.IGNORECASE)


@lru_cache(maxsize=256)
def pattern(letters: str) -> "re.Pattern[str]":
    """Return the regular expression of a format; a known clock behind a day may be absent, as at midnight."""
    for clock in _CLOCKS:
        day = letters.removesuffix(f" {clock}")
        if day != letters and day in DAYS:
            return re.compile(f"{_day_pattern(day).pattern}(?:{_clock_pattern(clock).pattern})?", re.IGNORECASE)
    if letters in _CLOCKS:
        return re.compile(_expand(_CLOCKS[letters], literal=False), re.IGNORECASE)
    return _day_pattern(letters) if letters in DAYS else re.compile(_expand(letters), re.IGNORECASE)


def _expand(letters: str, *, literal: bool = True) -> str:
    """Replace the letters of a format by groups; a field of numbers beside another one has two digits."""
    pieces, after_field = [], False
    parts = re.split(r"(%[A-Za-z%])", letters)
    for index, part in enumerate(parts):
        if index % 2 == 0:
            pieces.append(re.escape(part) if literal else part)
            after_field = after_field and not part
            continue
        name = part[1]
        beside = index + 2 < len(parts) and not parts[index + 1]
        pieces.append(_FIXED[name] if name in _FIXED and (after_field or beside) else _FIELDS[name])
        after_field = True
    return "".join(pieces)


def is_format(letters: str) -> bool:
    """Return whether a visitor's format can be read: known letters, each at most once, and a year or a clock."""
    names = re.findall("%(.)", letters)
    known = all(name in _FIELDS for name in names) and len(set(names)) == len(names)
    return letters in EPOCHS or (known and bool({"Y", "G", "y", "H", "I"} & set(names)))


class _Groups:
    """What the groups of a pattern hold in each value; values that do not fit have none."""

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
    """Return `(L,)` days and which of them exist."""
    names = groups.names
    year = _years(groups.numbers("y")) if "y" in names else groups.numbers("G" if "G" in names else "Y", 1970)
    if "V" in names:
        return _week_days(year, groups.numbers("V", 1), groups.numbers("u", 1))
    month = 3 * groups.numbers("q", 1) - 2 if "q" in names else groups.numbers("m", 1)
    if "b" in names:
        known = [_MONTHS.index(word[:3].lower()) + 1 if word else 1 for word in groups.texts("b")]
        month = np.array(known, dtype=np.int64)
    day = groups.numbers("j" if "j" in names else "d", 1)
    exist = (month >= 1) & (month <= 12) & (year >= 1) & (day >= 1)
    years = (np.where(exist, year, 1970) - 1970).astype("datetime64[Y]")
    first = years.astype("datetime64[M]") + (np.where(exist, month, 1) - 1)
    days = first.astype("datetime64[D]") + (day - 1)
    whole = "datetime64[Y]" if "j" in names else "datetime64[M]"
    return days, exist & (days.astype(whole) == first.astype(whole))


def _years(two: Array) -> Array:
    """Return full years of two digits: 1941 to 2040, or a hundred years around a series that crosses that border."""
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
    """Return `(L,)` microseconds since midnight and which clocks exist; 24:00 is the next midnight."""
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
    """Return minutes that a zone is ahead of Greenwich; unknown names count as 0."""
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
