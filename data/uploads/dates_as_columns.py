"""Find tables whose columns are dates, months or years, and turn them so that each time has a row."""

import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from data.errors import DataError
from data.task import Array
from data.uploads.date_patterns import MONTH_NAME, MONTHS
from data.uploads.find_date_format import Dates, read_dates
from data.uploads.table import Column, Table
from data.uploads.table_steps import take_values
from data.uploads.time_parts import part_columns

TIME, VALUE = "time", "value"
_MONTH = re.compile(rf"({MONTH_NAME})\.?", re.IGNORECASE)
_YEAR = re.compile(r"[xy]?((?:1[5-9]|20|21)\d\d)(?: ?\[YR\d{4}\])?", re.IGNORECASE)
_QUARTER = re.compile(r"(?:q|qtr|quarter|quartal|trim|t)\.? ?([1-4])", re.IGNORECASE)
_FEWEST = 3
_FEWEST_MONTHS = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimeColumns:
    """Columns that are times.

    Attributes:
        kind: `dates`, `months`, `quarters` or `years`.
        columns: The columns, in time order.
        times: Their times: dates, or numbers of months from 0.
        keys: Columns that name the series of a row, without the column of the year.
        year: The column of the year; None unless `kind` is `months` or `quarters`.
    """

    kind: str
    columns: tuple[Column, ...]
    times: Array
    keys: tuple[Column, ...]
    year: Column | None = None


def time_columns(table: Table) -> TimeColumns | None:
    """Find columns whose names are times, or None if there are none."""
    if not table.header:
        return None
    return _months(table) or _quarters(table) or _years(table) or _dates(table)


def turned(table: Table) -> tuple[Table, str]:
    """Turn a table, so that each time and series has a row.

    Returns:
        A table of the columns `time`, the keys of the series, and `value`; and a sentence about what was done.

    Raises:
        DataError: If no columns are times.
    """
    found = time_columns(table)
    if found is None:
        raise DataError("`turn` cannot be `yes` here, because line 1 names no dates, months or years as columns.")
    count = len(found.columns)
    rows = np.repeat(np.arange(table.rows), count)
    values = np.column_stack([_numbers(column) for column in found.columns]).ravel()
    texts = pd.Series(
        np.column_stack([column.texts.to_numpy(dtype=object) for column in found.columns]).ravel(), dtype="str"
    )
    times = _times(found, table.rows)
    missing = np.isnan(values)
    clock = Column(
        name=TIME,
        index=0,
        kind="date",
        texts=pd.Series(np.datetime_as_string(times, unit="D"), dtype="str"),
        missing=np.isnat(times),
        dates=Dates(times=times, format="parts", precision="day" if found.kind == "dates" else found.kind.rstrip("s")),
    )
    keys = [take_values(column, rows) for column in found.keys]
    value = Column(name=_free(VALUE, keys), index=1, kind="number", texts=texts, missing=missing, numbers=values)
    lines = np.array([table.line(row) for row in range(table.rows)])[rows]
    unread = sum(int((~column.missing & np.isnan(_numbers(column))).sum()) for column in found.columns)
    note = f"{count} columns named by {found.kind} became rows: one row per time{' and series' if keys else ''}."
    note += f" {unread:,} values that are not numbers count as missing." if unread else ""
    columns = (clock, *keys, value)
    return replace(table, columns=columns, rows=len(rows), lines=lines), note


def _free(name: str, keys: list[Column]) -> str:
    taken = {column.name for column in keys} | {TIME}
    while name in taken:
        name += "_"
    return name


def _numbers(column: Column) -> Array:
    """Return a column's numbers; in a column read as text, values that are not numbers are NaN."""
    if column.numbers is not None:
        return column.numbers
    numbers: Array = pd.to_numeric(column.texts.where(~column.missing), errors="coerce").to_numpy(dtype=np.float64)
    return numbers


def _times(found: TimeColumns, rows: int) -> Array:
    if found.year is None:
        return np.tile(found.times, rows).astype("datetime64[us]")
    years = found.year.numbers
    whole = np.where(found.year.missing, 1970, np.zeros(rows) if years is None else years).astype(np.int64)
    months = (whole - 1970).astype("datetime64[Y]").astype("datetime64[M]")[:, None] + found.times
    times = months.astype("datetime64[us]")
    times[found.year.missing] = np.datetime64("NaT")
    return times.ravel()


def _mostly_numbers(columns: list[Column]) -> bool:
    return all(column.kind == "empty" or np.isfinite(_numbers(column)).mean() > 0.3 for column in columns)


def _months(table: Table) -> TimeColumns | None:
    found: dict[int, Column] = {}
    for column in table.columns:
        match = _MONTH.fullmatch(column.name.strip())
        if match:
            found.setdefault(MONTHS[match[1].lower()] - 1, column)
    year = _year_column(table)
    gaps = bool(found) and max(found) - min(found) + 1 != len(found)
    if len(found) < _FEWEST_MONTHS or gaps or year is None or not _mostly_numbers(list(found.values())):
        return None
    order = sorted(found)
    keys = [c for c in table.columns if c not in found.values() and c is not year and c.kind == "text"]
    keys = [c for c in keys if 1 < c.texts.nunique() <= table.rows / 2 and not _numeric_share(c)]
    return TimeColumns(
        kind="months", columns=tuple(found[m] for m in order), times=np.array(order), keys=tuple(keys), year=year
    )


def _quarters(table: Table) -> TimeColumns | None:
    named = {column: _QUARTER.fullmatch(column.name.strip()) for column in table.columns}
    found = {int(match[1]) - 1: column for column, match in named.items() if match}
    year = _year_column(table)
    if len(found) < 4 or year is None or not _mostly_numbers(list(found.values())):
        return None
    keys = [c for c in table.columns if c not in found.values() and c is not year and c.kind == "text"]
    keys = [c for c in keys if 1 < c.texts.nunique() <= table.rows / 2 and not _numeric_share(c)]
    order = np.array(sorted(found))
    return TimeColumns(
        kind="quarters", columns=tuple(found[q] for q in order), times=3 * order, keys=tuple(keys), year=year
    )


def _numeric_share(column: Column) -> bool:
    return bool(np.isfinite(_numbers(column)).mean() > 0.5)


def _year_column(table: Table) -> Column | None:
    parts = part_columns(table)
    if "year" in parts:
        return parts["year"]
    for column in table.of_kind("number")[:3]:
        numbers = column.numbers if column.numbers is not None else np.zeros(0)
        present = numbers[~column.missing]
        if len(present) and bool(((present >= 1500) & (present <= 2300) & (present == np.floor(present))).all()):
            return column
    return None


def _years(table: Table) -> TimeColumns | None:
    matches = [(column, _YEAR.fullmatch(column.name.strip())) for column in table.columns]
    found = [(int(match[1]), column) for column, match in matches if match]
    years = [year for year, _ in found]
    if len(found) < _FEWEST or len(set(years)) < len(years) or not _mostly_numbers([column for _, column in found]):
        return None
    found.sort(key=lambda entry: entry[0])
    times = np.array([f"{year}-01-01" for year, _ in found], dtype="datetime64[us]")
    columns = tuple(column for _, column in found)
    return TimeColumns(kind="years", columns=columns, times=times, keys=_keys(table, columns))


def _dates(table: Table) -> TimeColumns | None:
    named = [column for column in table.columns if re.search(r"\d", column.name)]
    for skipped in range(min(3, len(named))):
        columns = named[skipped:]
        dates = read_dates(
            pd.Series([column.name for column in columns], dtype="str"), np.zeros(len(columns), dtype=bool)
        )
        if dates is None or len(columns) < _FEWEST or dates.precision == "clock":
            continue
        if len(np.unique(dates.times)) < len(columns) or not _mostly_numbers(columns):
            continue
        order = np.argsort(dates.times, kind="stable")
        chosen = tuple(columns[index] for index in order)
        return TimeColumns(kind="dates", columns=chosen, times=dates.times[order], keys=_keys(table, chosen))
    return None


def _keys(table: Table, times: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return the fewest text columns that distinguish the rows, or else the first other column."""
    rest = [column for column in table.columns if column not in times]
    texts = [column for column in rest if column.kind == "text"]
    keys: list[Column] = []
    for column in sorted(texts, key=lambda column: -column.texts.nunique()):
        keys.append(column)
        if not pd.DataFrame({key.name: key.texts for key in keys}).duplicated().any():
            break
    if not texts:
        keys = [column for column in rest if column.kind == "number" and column.texts.nunique() == table.rows][:1]
    return tuple(sorted(keys, key=lambda column: column.index))
