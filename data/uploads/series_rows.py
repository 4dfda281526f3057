"""Turn a checked table into the rows of a time series: choose columns, check the order of time, treat gaps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.calendar_steps import step_of
from data.errors import DataError, NothingToLearnError
from data.gaps import fill_on_lines
from data.task import Array
from data.uploads.shared_options import numbers_of, refuse_missing, split_names
from data.uploads.table import LONGEST_NAME, Column, Table, shown_name

NO_TIME = "-"
_LONGER = 1.5  # a step is long if it exceeds this multiple of the median


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """A time series in order, without gaps.

    Attributes:
        values: `(L, C)` float64.
        filled: `(L, C)` bool, values that were interpolated; None for none.
        columns: Names of the columns.
        targets: Names of those to predict.
        inputs: Names of the inputs.
        positions: `(L,)` dates, numbers or texts of the time column, or row numbers from 1.
        notes: What was found and done, one sentence each.
        warnings: What may make the result misleading.
        classes: Names of the classes, where the target's values are their numbers.
        future: `(K, C)` values of rows after the last one that are planned; NaN where nothing is. None for none.
    """

    values: Array
    filled: Array | None
    columns: tuple[str, ...]
    targets: tuple[str, ...]
    inputs: tuple[str, ...]
    positions: Array
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    classes: tuple[str, ...] = ()
    future: Array | None = None


def series_rows(table: Table, *, time: str, target: str, inputs: str, missing: str) -> Rows:
    """Choose columns of a table and make them a time series.

    Args:
        table: The table.
        time: Column of the time; empty for the first column of dates, or a first column of numbers that only
            rise or only fall; `-` for none.
        target: Columns to predict, separated by commas; empty for the last column of numbers.
        inputs: Input columns, separated by commas; empty for all columns of numbers.
        missing: `refuse`, `drop` or `interpolate`.

    Raises:
        DataError: If a column does not exist or holds no numbers, a value is missing, or the time is out of order.
    """
    chosen = [table.column(name, "target") for name in split_names(target)]
    clock = _clock(table, time, {column.name for column in chosen})
    numeric = [column for column in table.of_kind("number") if column is not clock]
    if not numeric and not chosen:
        raise DataError(_no_numbers(table))
    targets = chosen or numeric[-1:]
    seen = [table.column(name, "inputs") for name in split_names(inputs)] or _union(numeric, targets)
    used = _union(seen, targets)
    values = np.column_stack([numbers_of(table, column) for column in used])
    kept, notes = _without_gaps(table, used, clock=clock, values=values, missing=missing)
    kept, order_notes, warnings = _in_order(table, clock, kept)
    values, filled = _filled(values, kept) if missing == "interpolate" else (values[kept], None)
    _refuse_constant(table, targets, used, values)
    return Rows(
        values=values,
        filled=filled,
        columns=tuple(column.name for column in used),
        targets=tuple(column.name for column in targets),
        inputs=tuple(column.name for column in seen),
        positions=_positions(clock, kept),
        notes=(_choice_note(targets, seen, clock), *_unused(table, used, clock), *notes, *order_notes),
        warnings=tuple(warnings),
    )


def _union(first: Sequence[Column], second: Sequence[Column]) -> list[Column]:
    return [*first, *(column for column in second if column not in first)]


def _clock(table: Table, time: str, targets: set[str]) -> Column | None:
    if time.strip() == NO_TIME:
        return None
    if time.strip():
        exact = [column for column in table.columns if column.name == time.strip()]
        return exact[0] if exact else table.column(split_names(time)[0], "time")
    dates = table.of_kind("date")
    if dates:
        return dates[0]
    first = table.columns[0]
    if first.numbers is None or first.name in targets or len(table.of_kind("number")) < 2 or table.rows < 2:
        return None
    steps = np.diff(first.numbers)
    return first if bool((steps > 0).all() or (steps < 0).all()) else None


def _no_numbers(table: Table) -> str:
    column = table.columns[0]
    token = shown_name(str(column.texts.iloc[0]))
    hint = "choose `decimal` = `comma`" if "," in token else "separate columns by commas, semicolons or tabs"
    return f"{table.where(0, column)} holds `{token}`, and no column holds numbers alone; {hint}, or add one."


def _without_gaps(
    table: Table, used: list[Column], *, clock: Column | None, values: Array, missing: str
) -> tuple[Array, list[str]]:
    """Return the rows to keep, and a note on those with missing values."""
    gaps = np.isnan(values)
    untimed = np.zeros(len(values), dtype=bool) if clock is None else clock.missing
    if clock is not None and missing != "drop" and untimed.any():
        row = int(untimed.argmax())
        raise DataError(f"{table.where(row, clock)} has no time; fill it in, or choose `missing` = `drop`.")
    if missing == "refuse" and gaps.any():
        row, index = (int(place) for place in np.argwhere(gaps)[0])
        raise refuse_missing(table, used[index], row=row, count=int(gaps.sum()))
    gappy = gaps.any(axis=1) | untimed
    if missing == "drop":
        kept = np.flatnonzero(~gappy)
        _refuse_nothing(len(kept))
        said = f"{gappy.sum():,} rows with missing values were left out; the rows around them count as neighbours."
        return kept, [said] if gappy.any() else []
    return _interpolated(gaps)


def _interpolated(gaps: Array) -> tuple[Array, list[str]]:
    """Keep the rows between the first and the last at which every column has been measured."""
    measured = ~gaps
    if not measured.any(axis=0).all():
        _refuse_nothing(0)
    start = int(measured.argmax(axis=0).max())
    stop = len(gaps) - int(measured[::-1].argmax(axis=0).max())
    _refuse_nothing(stop - start)
    notes = []
    inside = int(gaps[start:stop].sum())
    if inside:
        notes.append(
            f"{inside:,} missing values were filled on straight lines between their neighbours; windows that end inside "
            "a gap see the last measured value instead, and filled values count as answers where they are predicted."
        )
    if start or stop < len(gaps):
        cut = start + len(gaps) - stop
        notes.append(f"{cut:,} rows at the beginning or end were left out, where a column has no value yet or no more.")
    return np.arange(start, stop), notes


def _filled(values: Array, kept: Array) -> tuple[Array, Array]:
    """Fill the gaps of neighbouring rows, given in time order, using the rows before and after them.

    A value that is missing in the first row is the last measured one before it, which counts as measured.
    """
    backwards = len(kept) > 1 and kept[0] > kept[-1]
    ordered = values[::-1] if backwards else values
    start = len(values) - 1 - int(kept[0]) if backwards else int(kept[0])
    lines, gaps = (whole[start : start + len(kept)] for whole in fill_on_lines(ordered))
    for index in np.flatnonzero(gaps[0]):
        before = ordered[: start + 1, index]
        lines[0, index], gaps[0, index] = before[~np.isnan(before)][-1], False
    return lines, gaps


def _refuse_nothing(rows: int) -> None:
    if rows < 1:
        raise NothingToLearnError(
            "No row from line 2 on has a value in every chosen column; choose other columns or `missing`."
        )


def _in_order(table: Table, clock: Column | None, kept: Array) -> tuple[Array, list[str], list[str]]:
    """Return the rows in time order, a note on what was changed, and warnings about their times."""
    if clock is None:
        return kept, ["No column holds the time, so the rows count as evenly spaced."], []
    if clock.kind == "text":
        return kept, [], [f"`{shown_name(clock.name)}` is neither dates nor numbers, so the order was not checked."]
    times = clock.numbers[kept] if clock.numbers is not None else _seconds(clock)[kept]
    notes, steps = [], np.diff(times)
    if len(steps) and bool((steps < 0).all()):
        kept, times, steps = kept[::-1], times[::-1], -steps[::-1]
        notes.append("The rows run from late to early and were turned round.")
    if not bool((steps > 0).all()):
        after = int((steps <= 0).argmax())
        raise DataError(
            f"{table.where(int(kept[after + 1]), clock)} is not later than line {table.line(int(kept[after]))}; sort the "
            "rows by time, keep one per time, or choose `time` = `-`."
        )
    return kept, notes, _uneven(table, clock, kept, steps)


def _seconds(clock: Column) -> Array:
    if clock.dates is None:
        raise DataError(f"The column `{shown_name(clock.name)}` holds no times; choose another one as `time`.")
    seconds: Array = clock.dates.times.astype("datetime64[us]").astype(np.int64) / 1e6
    return seconds


def _uneven(table: Table, clock: Column, kept: Array, steps: Array) -> list[str]:
    """Warn of steps longer than usual; a month, a quarter, a year and a weekend between working days are one step."""
    if not len(steps):
        return []
    sizes = steps / np.median(steps)
    if clock.dates is not None:
        sizes = step_of(clock.dates.times[kept]).sizes
    long = sizes > _LONGER
    if not long.any():
        return []
    line = table.line(int(kept[int(long.argmax())]))
    return [
        f"The time in `{shown_name(clock.name)}` makes {long.sum():,} longer steps than usual, the first after line "
        f"{line:,}; the rows count as evenly spaced."
    ]


def _positions(clock: Column | None, kept: Array) -> Array:
    if clock is None:
        return np.arange(1, len(kept) + 1)
    if clock.numbers is not None:
        return clock.numbers[kept]
    if clock.dates is not None:
        return clock.dates.positions()[kept]
    return clock.texts.str.slice(0, LONGEST_NAME).to_numpy(dtype=str)[kept]


def _refuse_constant(table: Table, targets: list[Column], used: list[Column], values: Array) -> None:
    for column in targets:
        column_values = values[:, used.index(column)]
        if len(column_values) > 1 and bool((column_values == column_values[0]).all()):
            raise NothingToLearnError(
                f"{table.where(0, column)} and all below hold the same value, so there is nothing to predict; "
                "choose another `target`."
            )


def _choice_note(targets: list[Column], seen: list[Column], clock: Column | None) -> str:
    when = f"time `{shown_name(clock.name)}`" if clock else "no time"
    said = f"Target {_listed(targets)}; inputs {_listed(seen)}; {when}."
    return f"{said} Inputs end one row before the first answer, so no target is seen at its own step."


def _unused(table: Table, used: list[Column], clock: Column | None) -> list[str]:
    rest = [column for column in table.columns if column not in used and column is not clock]
    return [f"Not used: {_listed(rest)}."] if rest else []


def _listed(columns: Sequence[Column]) -> str:
    names = [f"`{shown_name(column.name)}`" for column in columns[:8]]
    return ", ".join(names) + (f" and {len(columns) - 8} more" if len(columns) > 8 else "")
