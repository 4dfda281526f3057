"""Inputs that are known for the rows to predict: parts of the date, and columns that are planned, such as a price."""

from dataclasses import replace

import numpy as np

from data.calendar_waves import CALENDAR, wave_names, waves
from data.errors import DataError
from data.future_positions import following, times_of_positions
from data.task import Array
from data.time_series import TimeSeries
from data.uploads.series_rows import Rows, series_rows
from data.uploads.shared_options import join_names, split_names
from data.uploads.table import Table, shown_name
from data.uploads.table_steps import column_of, sort_by_time, take_rows


def known_rows(table: Table, *, time: str, target: str, inputs: str, known: str, missing: str) -> Rows:
    """Make a series of a table as `series_rows` does, with columns that are known ahead.

    Rows at the end that hold a plan and no target yet are not part of the series; they are `Rows.future`.

    Raises:
        DataError: If a target is among the columns that are known ahead, or the rows cannot be used.
    """
    planned = split_names(known)
    if both := [name for name in split_names(target) if name in planned]:
        raise DataError(f"`{shown_name(both[0])}` is the target, so it cannot be `known` ahead; leave one of them out.")
    if not planned:
        return series_rows(table, time=time, target=target, inputs=inputs, missing=missing)
    table, future = _without_plan(table, time, target, planned)
    asked = join_names(list(dict.fromkeys([*split_names(inputs), *planned]))) if inputs else ""
    rows = series_rows(table, time=time, target=target, inputs=asked, missing=missing)
    ahead = np.full((len(future), len(rows.columns)), np.nan)
    ahead[:, [rows.columns.index(name) for name in planned]] = future
    shown = ", ".join(f"`{shown_name(name)}`" for name in planned)
    rows_ahead = "1 row" if len(future) == 1 else f"{len(future):,} rows"
    note = f"Known ahead: {shown}; the file plans {rows_ahead} beyond the last one."
    return replace(
        rows,
        inputs=tuple(split_names(inputs)) or rows.inputs,
        future=ahead,
        notes=(*rows.notes, note),
    )


def _without_plan(table: Table, time: str, target: str, planned: list[str]) -> tuple[Table, Array]:
    """Cut rows without a target off the end; return the values of the planned columns in them, `(K, len(planned))`."""
    if split_names(time) and time != "-":
        table = sort_by_time(table, column_of(table, split_names(time)[0])).table
    answers = [table.column(name, "target") for name in split_names(target)]
    measured = np.flatnonzero(~np.all([column.missing for column in answers], axis=0))
    end = int(measured[-1]) + 1 if len(measured) else table.rows
    columns = [table.column(name, "known").numbers for name in planned]
    if any(values is None for values in columns):
        name = next(name for name, values in zip(planned, columns, strict=True) if values is None)
        raise DataError(f"`{shown_name(name)}` holds no numbers, so it cannot be `known` ahead; choose another column.")
    future = np.stack([values[end:] for values in columns if values is not None], axis=1)
    complete = np.isfinite(future).all(axis=1)
    usable = len(future) if complete.all() else int(complete.argmin())
    return take_rows(table, np.arange(end)), future[:usable]


def with_calendar(series: TimeSeries, parts: str, steps: int) -> tuple[TimeSeries, tuple[str, ...]]:
    """Add parts of the date as columns, each as sine and cosine, for the rows and for those to predict.

    Args:
        series: A series; its positions are dates.
        parts: Keys of `CALENDAR`, joined.
        steps: Rows after the last one for which they are known, at least; as many as the series plans.

    Returns:
        The series and the names of the new columns.

    Raises:
        DataError: If a part does not exist, or the positions are no dates.
    """
    wanted = split_names(parts)
    if unknown := [name for name in wanted if name not in CALENDAR]:
        raise DataError(f"`calendar` knows {', '.join(CALENDAR)}, not `{shown_name(unknown[0])}`.")
    if not wanted:
        return series, ()
    steps = max(steps, 0 if series.future is None else len(series.future))
    positions = np.concatenate([series.positions, following(series.positions, steps)])
    times = None if positions.dtype.kind in "iuf" else times_of_positions([str(one) for one in positions])
    if times is None:
        raise DataError("`calendar` needs dates, and the time of this file holds none; choose another `time`.")
    columns = np.concatenate([waves(times, name) for name in wanted], axis=1)
    names = tuple(wave for name in wanted for wave in wave_names(name))
    count = len(series.values)
    before = series.future if series.future is not None else np.zeros((0, len(series.columns)))
    planned = np.full((steps, len(series.columns)), np.nan)
    planned[: len(before)] = before
    filled = None if series.filled is None else np.pad(series.filled, ((0, 0), (0, len(names))))
    added = replace(
        series,
        values=np.concatenate([series.values, columns[:count]], axis=1),
        columns=(*series.columns, *names),
        units=(*series.units, *[""] * len(names)),
        filled=filled,
        future=np.concatenate([planned, columns[count:]], axis=1),
    )
    return added, names
