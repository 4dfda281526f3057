"""Find the date format of a column of texts, by trying each format on every value."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.calendar_steps import step_count
from data.task import Array
from data.uploads import date_parsing, date_patterns
from data.uploads.date_patterns import DIGITS, EPOCHS, WORDS, candidates, is_format

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BETWEEN = re.compile(r"\s+(?:-|\u2013|to|bis)\s+|\u2013")
_MANY = 5_000  # from this many values on, pandas reads ISO 8601
_SAMPLE = 60
_PLAUSIBLE = np.datetime64("1980-01-01"), np.datetime64("2100-01-01")  # of counted seconds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dates:
    """A column read as dates.

    Attributes:
        times: `(L,)` datetime64 in microseconds, `NaT` where the value is missing. Where offsets change within the column, the times
            are in UTC; else as the clock shows them.
        format: The format in `strptime` letters; also `%q` for the quarter and `epoch_s` and the like.
        other: A second format that also fits every value but gives other dates; empty if there is none.
        zone: `+01:00` where every value has this offset, `UTC` where offsets differ and times were converted to UTC, else empty.
        precision: `year`, `quarter`, `month`, `week`, `day`, `time`, or `clock` if there is no date.
    """

    times: Array
    format: str
    other: str = ""
    zone: str = ""
    precision: str = "time"

    def positions(self) -> Array:
        """Return `(L,)` ISO texts: days where every time is midnight, else with minutes or seconds; a clock without day as such."""
        days = self.times.astype("datetime64[D]")
        if self.precision == "clock" and not bool((days > np.datetime64("1970-01-01")).any()):
            return np.array([text[11:] for text in np.datetime_as_string(self.times, unit="s")])
        if bool(np.all((days == self.times) | np.isnat(self.times))):
            return _short(np.datetime_as_string(days))
        for unit in ("m", "s"):
            if bool(np.all((self.times.astype(f"datetime64[{unit}]") == self.times) | np.isnat(self.times))):
                return _short(np.datetime_as_string(self.times, unit=unit))
        return _short(np.datetime_as_string(self.times, unit="us"))

    def words(self) -> str:
        """Return the format in words, such as `day/month/year`."""
        return format_words(self.format)


def _short(texts: Array) -> Array:
    """Return texts in an array no wider than the longest; NumPy makes room for 35 letters in each."""
    return texts.astype(f"<U{max(1, int(np.strings.str_len(texts).max(initial=1)))}")


def format_words(letters: str) -> str:
    """Return a format in words.

    Example:
        >>> format_words("%d.%m.%Y")
        'day.month.year'
    """
    if letters == "excel":
        return "days since 1900, as Excel counts"
    if letters in EPOCHS:
        unit = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}[letters.split("_")[1]]
        return f"{unit} since 1970"
    return re.sub("%(.)", lambda found: WORDS.get(found.group(1), found.group()), letters.replace("T%H", " %H"))


def read_dates(tokens: "pd.Series[str]", missing: Array, chosen: str = "") -> Dates | None:
    """Read a column as dates if one format reads every value.

    If several formats do, for example because day and month could be swapped, the one with ascending and most even steps wins;
    `Dates.other` names the runner-up.

    Args:
        tokens: `(L,)` texts without outer spaces.
        missing: `(L,)` bool; these texts are left out.
        chosen: The visitor's format; empty to find it. It is ignored in columns that it does not fit.

    Returns:
        The dates, or None if no format fits all values.
    """
    present = tokens[~missing]
    if present.empty:
        return None
    codes, uniques = pd.factorize(present)
    values = [str(value) for value in uniques]
    if chosen and is_format(chosen) and not _pure_digits(values):
        parsed = date_parsing.read(values, chosen)
        if parsed.valid.all():
            return _dates(parsed, chosen, missing, codes)
    iso = _read_iso(values)
    if iso is not None:
        return _dates(iso[0], iso[1], missing, codes)
    tried = [(letters, date_parsing.read(values, letters)) for letters in _fitting(values)]
    found = [(letters, parsed) for letters, parsed in tried if parsed.valid.all()]
    if not found:
        return _read_starts(tokens, missing, chosen)
    swapped = [entry for entry in found if sorted(entry[0]) == sorted(found[0][0])]  # the same fields in another order
    ranked = sorted(swapped, key=lambda entry: _rank(entry[0], _instants(entry[1])[codes]))
    best = ranked[0]
    rivals = [
        letters
        for letters, parsed in ranked[1:]
        if not np.array_equal(parsed.times, best[1].times) and not letters.startswith("%y")
    ]
    return _dates(best[1], best[0], missing, codes, other=rivals[0] if rivals else "")


def _read_starts(tokens: "pd.Series[str]", missing: Array, chosen: str) -> Dates | None:
    """Read stretches such as `01.01.2021 00:00 - 01.01.2021 01:00` by their starts, if all ends are dates, too."""
    if len(_BETWEEN.split(str(tokens[~missing].iloc[0]))) != 2:
        return None
    halves = [_BETWEEN.split(str(token)) if not gap else ["", ""] for token, gap in zip(tokens, missing, strict=True)]
    if any(len(pair) != 2 for pair in halves):
        return None
    starts, ends = (read_dates(pd.Series(half, dtype="str"), missing, chosen) for half in zip(*halves, strict=True))
    return starts if ends is not None else None


def read_digits(tokens: "pd.Series[str]", missing: Array, *, named: bool, chosen: str = "") -> Dates | None:
    """Read a column of whole numbers as dates: YYYYMMDD, YYYYMM, years, or seconds and milliseconds since 1970.

    Args:
        tokens: `(L,)` texts of digits.
        missing: `(L,)` bool; these texts are left out.
        named: Whether the column's name or place says that it holds time; without, only YYYYMMDD is taken for dates.
        chosen: The visitor's format; empty to find it.
    """
    present = tokens[~missing]
    if present.empty:
        return None
    codes, uniques = pd.factorize(present)
    values = [re.sub(r"\.0*$", "", str(value)) for value in uniques]
    letters = [chosen] if chosen and is_format(chosen) else _digit_formats(values, named=named)
    for one in letters:
        parsed = date_parsing.read(values, one)
        if parsed.valid.all() and (chosen or _plausible(parsed.times, one)):
            return _dates(parsed, one, missing, codes)
    return None


def first_unreadable(tokens: "pd.Series[str]", missing: Array) -> int | None:
    """Return the row of the first value that is not a date in a column that looks like time, or None.

    A column looks like time if one format reads at least half of its values.
    """
    rows = np.flatnonzero(~missing)
    values = [str(value) for value in tokens[~missing]]
    if not values:
        return None
    letters = usual_format(values)
    valid = date_parsing.read(values, letters).valid if letters else np.zeros(0, dtype=bool)
    if 2 * valid.sum() < len(values) or valid.all():
        return None
    return int(rows[int((~valid).argmax())])


def usual_format(values: list[str]) -> str:
    """Return the format that reads the most of a sample of values, and at least half of it; empty if there is none."""
    places = np.linspace(0, len(values) - 1, min(len(values), _SAMPLE), dtype=int)
    sample = [values[place] for place in places]
    counts = {
        letters: int(date_parsing.read(sample, letters).valid.sum()) for letters in _fitting(sample, all_of=False)
    }
    best = max(counts, key=lambda letters: counts[letters], default="")
    return best if best and 2 * counts[best] >= len(sample) else ""


def _pure_digits(values: list[str]) -> bool:
    return all(value.isdigit() for value in values[:_SAMPLE])


def _fitting(values: list[str], *, all_of: bool = True) -> list[str]:
    """Return the formats that a sample of the values has: all of them, or any."""
    sample = (
        values if len(values) <= _SAMPLE else [values[i] for i in np.linspace(0, len(values) - 1, _SAMPLE, dtype=int)]
    )
    if all_of:
        letters = candidates(max(sample, key=len))
        return [one for one in letters if all(date_patterns.pattern(one).fullmatch(value) for value in sample)]
    return list(dict.fromkeys(one for value in sample[:8] for one in candidates(value)))


def _digit_formats(values: list[str], *, named: bool) -> list[str]:
    lengths = {len(value) for value in values}
    if not all(value.isdigit() for value in values):
        counted = named and all(re.fullmatch(r"[0-9]{9,10}(?:\.[0-9]+)?", value) for value in values)
        return ["epoch_s"] if counted else []
    formats = list(DIGITS.get(next(iter(lengths)), ())) if len(lengths) == 1 else []
    if not named:
        return [one for one in formats if len(one) >= len("%Y%m%d")]
    return formats + list(EPOCHS)


def _plausible(times: Array, letters: str) -> bool:
    first, last = times.min(), times.max()
    if letters in EPOCHS:
        return bool(first >= _PLAUSIBLE[0] and last <= _PLAUSIBLE[1])
    return bool(first >= np.datetime64("1500-01-01") and last <= np.datetime64("2300-01-01"))


def _read_iso(values: list[str]) -> tuple[date_parsing.Parsed, str] | None:
    """Read many ISO 8601 values with pandas, which is fastest; None if they are few or in another format."""
    if len(values) < _MANY or not (_ISO.fullmatch(values[0]) or _ISO_DAY.fullmatch(values[0])):
        return None
    if re.search(r"(Z|[+-]\d{2}:?\d{2})$", values[0][10:]):
        return None
    times = pd.to_datetime(pd.Series(values), format="ISO8601", errors="coerce", utc=False)
    if times.isna().any() or times.dt.tz is not None:
        return None
    has_clock = len(values[0]) > len("2000-01-01")
    letters = "%Y-%m-%d %H:%M" if has_clock else "%Y-%m-%d"
    micros = times.to_numpy().astype("datetime64[us]")
    return date_parsing.Parsed(times=micros, offsets=None, precision="time" if has_clock else "day"), letters


def _instants(parsed: date_parsing.Parsed) -> Array:
    """Return times on one clock: local time, or UTC if offsets differ."""
    if parsed.offsets is None or len(np.unique(parsed.offsets)) == 1:
        return parsed.times
    instants: Array = parsed.times - parsed.offsets.astype("timedelta64[m]")
    return instants


def _dates(parsed: date_parsing.Parsed, letters: str, missing: Array, codes: Array, *, other: str = "") -> Dates:
    times = _instants(parsed)
    if parsed.precision == "clock":
        times = _days_counted(times[codes])
        codes = np.arange(len(times))
    full = np.full(len(missing), np.datetime64("NaT"), dtype="datetime64[us]")
    full[~missing] = times[codes]
    zone = ""
    if parsed.offsets is not None:
        zone = _zone(int(parsed.offsets[0])) if len(np.unique(parsed.offsets)) == 1 else "UTC"
    return Dates(times=full, format=letters, other=other, zone=zone, precision=parsed.precision)


def _zone(minutes: int) -> str:
    if not minutes:
        return "UTC"
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _days_counted(times: Array) -> Array:
    """Add a day wherever a time of day without date goes back past midnight, if it only goes back from late to early."""
    back = np.diff(times) < np.timedelta64(0, "us")
    steps = -np.diff(times)[back]
    if not back.any() or bool((steps < np.timedelta64(12, "h")).any()):
        return times
    result: Array = times + np.concatenate([[0], np.cumsum(back)]).astype("timedelta64[D]")
    return result


def _rank(letters: str, times: Array) -> tuple[bool, tuple[bool, int, float], bool]:
    """Return a sort key for readings of the same fields: prefer a year that is not first, even steps, and months first with AM/PM."""
    return letters.startswith("%y"), _unevenness(times), letters.endswith("%p") and not letters.startswith("%m")


def _unevenness(times: Array) -> tuple[bool, int, float]:
    """Return a sort key for readings: monotone ones first, then fewer different steps, then shorter steps."""
    times = times[
        np.concatenate([[True], np.diff(times) != np.timedelta64(0)])
    ]  # rows with the same time have no step between them
    steps = np.diff(times)
    backwards = bool(len(steps)) and not (
        bool((steps > np.timedelta64(0)).all()) or bool((steps < np.timedelta64(0)).all())
    )
    usual = float(np.median(np.abs(steps.astype(np.int64)))) if len(steps) else 0.0
    return backwards, step_count(np.unique(times)), usual
