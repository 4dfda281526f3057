"""Time in several columns of numbers: year, quarter, month, week, day, hour and so on."""

import re

import numpy as np

from data.task import Array
from data.uploads.date_patterns import MONTHS
from data.uploads.find_date_format import Dates
from data.uploads.table import Column, Table

_PARTS = {
    "year": ("year", "yr", "yyyy", "jahr", "annee", "ann", "ano", "anno", "isoyear", "calendaryear", "fiscalyear"),
    "quarter": ("quarter", "qtr", "quartal"),
    "month": ("month", "monthname", "mon", "mo", "mm", "monat", "mois", "mes", "mese", "maand"),
    "week": ("week", "wk", "isoweek", "weekno", "weeknumber", "kw", "woche", "kalenderwoche", "semaine", "semana"),
    "day": ("day", "dy", "dd", "tag", "jour", "dia", "dayofmonth", "mday", "dom"),
    "doy": ("doy", "dayofyear", "yday", "yearday", "julian", "julianday"),
    "hour": ("hour", "hourending", "hr", "he", "hh", "stunde", "std", "heure", "hora"),
    "minute": ("minute", "min", "mi"),
    "second": ("second", "sec", "ss"),
}
_BOUNDS = {
    "year": (1500, 2300),
    "quarter": (1, 4),
    "month": (1, 12),
    "week": (1, 53),
    "day": (1, 31),
    "doy": (1, 366),
    "hour": (0, 24),
    "minute": (0, 59),
    "second": (0, 60),
}
_NEEDED = {
    "quarter": "year",
    "month": "year",
    "week": "year",
    "day": "month",
    "doy": "year",
    "hour": "day",
    "minute": "hour",
    "second": "minute",
}


def dates_of_columns(table: Table, columns: list[Column]) -> Dates | None:
    """Build dates from columns of numbers: year, month, day, hour and so on."""
    known = part_columns(table)
    named = {part: column for part, column in known.items() if column in columns}
    if len(named) != len(columns):
        named = dict(zip(_first_parts(len(columns)), columns, strict=False))
    values = {part: part_numbers(column) for part, column in named.items()}
    if "year" not in values or any(numbers is None for numbers in values.values()):
        return None
    return dates_of_parts({part: np.asarray(numbers) for part, numbers in values.items()})


def part_numbers(column: Column) -> Array | None:
    """Return the `(L,)` numbers of a part of the time, 1 to 12 for names of months; None if it has none."""
    if column.numbers is not None or column.kind != "text":
        return column.numbers
    numbers = column.texts.str.lower().str.rstrip(".").map(MONTHS).to_numpy(dtype=np.float64, na_value=np.nan)
    return None if np.isnan(numbers[~column.missing]).any() else np.where(column.missing, np.nan, numbers)


def _first_parts(count: int) -> tuple[str, ...]:
    return ("year", "month", "day", "hour", "minute", "second")[:count]


def dates_of_parts(values: dict[str, Array]) -> Dates | None:
    """Return the dates from numbers of years, months, days and so on; None if one of them is invalid.

    Args:
        values: Part (`year`, `month`, `hour`, ...) to its `(L,)` numbers, with NaN where missing.
    """
    missing = np.any([np.isnan(numbers) for numbers in values.values()], axis=0)
    whole = {part: np.where(missing, _BOUNDS[part][0], numbers).astype(np.int64) for part, numbers in values.items()}
    for part, numbers in whole.items():
        low, high = _BOUNDS[part]
        if ((numbers < low) | (numbers > high)).any():
            return None
    month = whole.get(
        "month", 3 * whole["quarter"] - 2 if "quarter" in whole else np.ones(len(missing), dtype=np.int64)
    )
    months = (whole["year"] - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    days = months.astype("datetime64[D]") + (whole.get("day", 1) - 1)
    if (days.astype("datetime64[M]") != months).any():
        return None
    if "doy" in whole:
        days = days + (whole["doy"] - 1)
    if "week" in whole and "month" not in whole:
        days = _mondays(whole["year"], whole["week"])
    seconds = whole.get("hour", 0) * 3600 + whole.get("minute", 0) * 60 + whole.get("second", 0)
    times = days.astype("datetime64[us]") + np.asarray(seconds * 1_000_000).astype("timedelta64[us]")
    times[missing] = np.datetime64("NaT")
    finest = [part for part in _BOUNDS if part in whole][-1]
    finest = "day" if finest == "doy" else finest
    precision = finest if finest in ("year", "quarter", "month", "week", "day") else "time"
    return Dates(times=times, format="parts", precision=precision)


def _mondays(year: Array, week: Array) -> Array:
    fourth = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + 3
    result: Array = fourth - (fourth.astype(np.int64) + 3) % 7 + 7 * (week - 1)
    return result


def part_columns(table: Table) -> dict[str, Column]:
    """Return the columns that each hold a part of the time, judged by names and values."""
    found: dict[str, Column] = {}
    for part in _PARTS:
        for column in table.of_kind("number") + (table.of_kind("text") if part == "month" else ()):
            if is_part(column, part) and column not in found.values():
                found[part] = column
                break
    if not found and not table.header:
        found = _unnamed_parts(table)
    for part in list(_NEEDED):
        if part in found and _NEEDED[part] not in found and not (part == "hour" and "doy" in found):
            del found[part]
    if "doy" in found:
        found = {part: column for part, column in found.items() if part not in ("month", "day", "week", "quarter")}
    return found if len(found) > 1 else {}


def _unnamed_parts(table: Table) -> dict[str, Column]:
    """Recognise year, month, day (and hour) at the beginning of a table without names."""
    found: dict[str, Column] = {}
    for part, column in zip(_first_parts(6), table.columns, strict=False):
        if column.kind != "number" or not _within(column, part) or (part in ("month", "day") and column.constant):
            break
        found[part] = column
    return found if {"year", "month"} <= set(found) and len(table.columns) > len(found) else {}


def is_part(column: Column, part: str) -> bool:
    """Return whether a column's name and values are those of a part of the time, such as `hour`."""
    return re.sub(r"[^a-z]", "", column.name.lower()) in _PARTS[part] and _within(column, part)


def _within(column: Column, part: str) -> bool:
    low, high = _BOUNDS[part]
    numbers = part_numbers(column)
    if numbers is None or column.missing.all():
        return False
    present = numbers[~column.missing]
    return bool(((present >= low) & (present <= high) & (present == np.floor(present))).all())
