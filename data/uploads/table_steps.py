"""Steps on tables: select rows, mark values as missing, sort by time, combine rows with the same time, resample.

Every step returns a new table whose rows keep their line numbers, so later errors name the right place.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from data.errors import DataError
from data.task import Array
from data.uploads.find_date_format import Dates
from data.uploads.shared_options import numbers_of, split_names
from data.uploads.table import Column, Table, shown_name

COMBINE = {"mean": "Mean", "sum": "Sum", "first": "First", "last": "Last"}
STEPS = {
    "minute": "m",
    "hour": "h",
    "day": "D",
    "week": "W",
    "month": "M",
    "quarter": "M",
    "year": "Y",
}
MAX_CELLS = 2_000_000  # of a resampled table
_MONDAY = np.datetime64("1970-01-05")
PLACE, STACKED = "place", "value"  # columns of a table whose columns were put below each other
SEPARATOR = ", "  # between the values of several columns that name a series together


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stepped:
    """A table after a step.

    Attributes:
        table: The table.
        note: What was done, one sentence; empty if nothing was.
    """

    table: Table
    note: str = ""


def take_rows(table: Table, rows: Array) -> Table:
    """Return a table of chosen rows, in the order given."""
    lines = np.array([table.line(int(row)) for row in rows]) if table.lines is None else table.lines[rows]
    columns = tuple(take_values(column, rows) for column in table.columns)
    return replace(table, columns=columns, rows=len(rows), lines=lines)


def take_values(column: Column, rows: Array) -> Column:
    """Return a column's values in chosen rows, in the order given."""
    return replace(
        column,
        texts=column.texts.iloc[rows].reset_index(drop=True),
        missing=column.missing[rows],
        numbers=None if column.numbers is None else column.numbers[rows],
        dates=None if column.dates is None else replace(column.dates, times=column.dates.times[rows]),
    )


def column_of(table: Table, name: str) -> Column:
    """Return a column by its name, after a step that may have replaced it."""
    return next(column for column in table.columns if column.name == name)


def series_names(table: Table, columns: str) -> "pd.Series[str]":
    """Return the `(L,)` name of the series that each row belongs to, from one or several columns."""
    texts = [table.column(name, "series").texts for name in split_names(columns)]
    names = texts[0]
    for more in texts[1:]:
        both = (names != "") & (more != "")
        names = names + pd.Series(np.where(both, SEPARATOR, ""), dtype="str") + more
    return names


def only_series(table: Table, *, columns: str, only: str) -> Stepped:
    """Keep the rows of one series.

    Raises:
        DataError: If no series has that name.
    """
    names = series_names(table, columns)
    rows = np.flatnonzero((names == only).to_numpy(dtype=bool))
    if not len(rows):
        known = ", ".join(f"`{shown_name(str(name))}`" for name in names.unique()[:8])
        raise DataError(f"`only` names the series `{shown_name(only)}`, but there are {known}.")
    note = f"Of {names.nunique():,} series only `{shown_name(only)}` is used: {len(rows):,} of {table.rows:,} rows."
    return Stepped(table=take_rows(table, rows), note=note)


def stacked(table: Table, names: str, clock: str) -> Stepped:
    """Put columns that are one quantity in different places below each other: one row per time and place.

    Args:
        table: The table.
        names: The columns, joined.
        clock: Name of the column of time, which each place repeats; empty for none. Other columns are repeated, too.

    Returns:
        A table of the columns `PLACE` and `STACKED` beside those that were not stacked.

    Raises:
        DataError: If fewer than two columns are named, one is none of numbers, or there would be too many values.
    """
    places = [table.column(name, "stack") for name in split_names(names)]
    if len(places) < 2:
        raise DataError("`stack` needs two columns or more that are the same quantity in different places.")
    numbers = [numbers_of(table, column) for column in places]
    rest = [column for column in table.columns if column not in places]
    rows = np.tile(np.arange(table.rows), len(places))
    if len(rows) * (len(rest) + 2) > MAX_CELLS:
        raise DataError(f"{len(places):,} columns of {table.rows:,} rows are too many to stack; choose fewer columns.")
    longer = take_rows(replace(table, columns=tuple(rest)), rows)
    taken = {column.name for column in rest}
    texts = pd.Series(np.repeat([column.name for column in places], table.rows), dtype="str")
    nothing = np.zeros(len(rows), dtype=bool)
    place = Column(name=_free(PLACE, taken), index=0, kind="text", texts=texts, missing=nothing)
    values = np.concatenate(numbers)
    value = Column(
        name=_free(STACKED, taken),
        index=1,
        kind="number",
        texts=pd.concat([column.texts for column in places], ignore_index=True),
        missing=np.isnan(values),
        numbers=values,
    )
    note = f"{len(places):,} columns were put below each other: `{place.name}` names the column, `{value.name}` holds its values."
    return Stepped(table=replace(longer, columns=(*longer.columns, place, value)), note=note)


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def without_values(table: Table, values: str) -> Stepped:
    """Mark chosen numbers such as -9999 as missing, in columns without more extreme values.

    Args:
        table: The table.
        values: The numbers, separated by commas.

    Raises:
        DataError: If one is not a number.
    """
    try:
        numbers = [float(value) for value in split_names(values)]
    except ValueError as error:
        raise DataError(f"`no_value` must be numbers separated by commas, not `{shown_name(values)}`.") from error
    count = 0
    columns = list(table.columns)
    for number in numbers:
        for index, column in enumerate(columns):
            columns[index], cleared = _without(column, number)
            count += cleared
    listed = " or ".join(split_names(values))
    note = f"{count:,} values of {listed} count as missing." if count else ""
    return Stepped(table=replace(table, columns=tuple(columns)), note=note)


def _without(column: Column, number: float) -> tuple[Column, int]:
    if column.numbers is None or column.dates is not None or column.missing.all():
        return column, 0
    present = column.numbers[~column.missing]
    if number not in (present.min(), present.max()):
        return column, 0
    hit = column.numbers == number
    missing, numbers = column.missing | hit, np.where(hit, np.nan, column.numbers)
    return replace(column, missing=missing, numbers=numbers), int(hit.sum())


def times_of(clock: Column) -> Array:
    """Return the `(L,)` times of a column as float64, NaN where missing: seconds, or the numbers themselves.

    Raises:
        DataError: If the column holds neither dates nor numbers.
    """
    if clock.numbers is not None:
        return clock.numbers
    if clock.dates is None:
        raise DataError(f"The column `{shown_name(clock.name)}` holds no times; choose another one as `time`.")
    micros = clock.dates.times.astype("datetime64[us]").astype(np.int64)
    seconds: Array = np.where(np.isnat(clock.dates.times), np.nan, micros / 1e6)
    return seconds


def sort_by_time(table: Table, clock: Column) -> Stepped:
    """Sort rows by time; rows without a time are left out."""
    times = times_of(clock)
    timed = np.flatnonzero(~np.isnan(times))
    order = timed[np.argsort(times[timed], kind="stable")]
    moved = int((order != timed).sum())
    lost = table.rows - len(order)
    turned = len(timed) > 1 and bool((order == timed[::-1]).all())
    if turned:
        said = ["The rows run from late to early and were turned round"]
    else:
        said = [f"{moved:,} rows were sorted by time"] if moved else []
    said += [
        f"{lost:,} {'row' if lost == 1 else 'rows'} without a time {'was' if lost == 1 else 'were'} left out"
    ] * bool(lost)
    if not said:
        return Stepped(table=table)
    return Stepped(table=take_rows(table, order), note=f"{' and '.join(said)}.")


def combine_times(table: Table, clock: Column, how: str) -> Stepped:
    """Combine rows of the same time, in a table sorted by time.

    Args:
        table: The table.
        clock: Its column of time.
        how: `mean`, `sum`, `first` or `last`.
    """
    times = times_of(clock)
    new = np.concatenate([[True], np.diff(times) != 0])
    if new.all():
        return Stepped(table=table)
    groups = np.cumsum(new) - 1
    starts = np.flatnonzero(new)
    touched = int((np.bincount(groups)[groups] > 1).sum())
    one = take_rows(table, starts)
    columns = tuple(
        _combined(after, before, groups, how) for after, before in zip(one.columns, table.columns, strict=True)
    )
    note = f"{touched:,} rows shared their time with another; each time has one row now, the {how} of its rows."
    return Stepped(table=replace(one, columns=columns), note=note)


def _combined(column: Column, before: Column, groups: Array, how: str) -> Column:
    if before.numbers is None or before.dates is not None:
        return column
    grouped = pd.Series(before.numbers).groupby(groups)
    values = grouped.sum(min_count=1) if how == "sum" else getattr(grouped, how)()
    numbers = values.to_numpy(dtype=np.float64)
    return replace(column, numbers=numbers, missing=np.isnan(numbers))


def bins_of(dates: Dates, step: str) -> Array:
    """Return the `(L,)` number of the hour, day, month and so on that each time lies in; the first one is 0."""
    if step == "week":
        numbers = ((dates.times.astype("datetime64[D]") - _MONDAY).astype(np.int64)) // 7
    else:
        numbers = dates.times.astype(f"datetime64[{STEPS[step]}]").astype(np.int64) // (3 if step == "quarter" else 1)
    result: Array = numbers - numbers.min()
    return result


def resample(table: Table, clock: Column, *, step: str, how: str) -> Stepped:
    """Make one row per hour, day, month and so on of a table sorted by time; steps without a row are missing.

    Args:
        table: The table.
        clock: Its column of dates.
        step: A key of `STEPS`.
        how: `mean`, `sum`, `first` or `last` of a step's rows.

    Raises:
        DataError: If the time does not consist of dates, or there would be too many rows.
    """
    if clock.dates is None:
        raise DataError(f"`resample` needs dates, and `{shown_name(clock.name)}` holds none; choose another `time`.")
    numbers = [column for column in table.columns if column.numbers is not None and column.name != clock.name]
    bins = bins_of(clock.dates, step)
    count = int(bins.max()) + 1
    if count * max(1, len(numbers)) > MAX_CELLS:
        raise DataError(f"One row per {step} gives {count:,} rows, which is too many; choose a longer step.")
    filled = np.unique(bins)
    columns = [
        _axis(clock, clock.dates.times.min(), step, count),
        *(_resampled(column, bins, count, how) for column in numbers),
    ]
    first = np.searchsorted(bins, np.arange(count))
    lines = np.array([table.line(int(row)) for row in np.minimum(first, table.rows - 1)])
    empty = 1 - len(filled) / count
    note = f"One row per {step}, the {how} of its rows: {count:,} rows from {table.rows:,}, {empty:.1%} of them empty."
    return Stepped(table=replace(table, columns=tuple(columns), rows=count, lines=lines), note=note)


def _axis(clock: Column, start: Any, step: str, count: int) -> Column:
    if step == "week":
        first = start.astype("datetime64[D]")
        starts = (first - (first - _MONDAY) % np.timedelta64(7, "D")) + 7 * np.arange(count)
    else:
        size = 3 if step == "quarter" else 1
        whole = start.astype(f"datetime64[{STEPS[step]}]")
        starts = whole - whole.astype(np.int64) % size + size * np.arange(count)
    dates = Dates(times=starts.astype("datetime64[us]"), format="%Y-%m-%d", precision="time")
    texts = pd.Series(dates.positions(), dtype="str")
    return replace(clock, texts=texts, missing=np.zeros(count, dtype=bool), dates=dates)


def _resampled(column: Column, bins: Array, count: int, how: str) -> Column:
    grouped = pd.Series(column.numbers).groupby(bins)
    values = grouped.sum(min_count=1) if how == "sum" else getattr(grouped, how)()
    numbers = np.full(count, np.nan)
    numbers[values.index.to_numpy()] = values.to_numpy(dtype=np.float64)
    texts = pd.Series(np.where(np.isnan(numbers), "", numbers.astype(str)), dtype="str")
    return replace(column, texts=texts, missing=np.isnan(numbers), numbers=numbers)
