"""Turn the table of a file into the table of one series, step by step according to the options, without guessing."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from data.uploads.dates_as_columns import turned
from data.uploads.roles import MAX_CATEGORIES, boolean_numbers, role_of
from data.uploads.shared_options import join_names, split_names
from data.uploads.table import Column, Table
from data.uploads.table_steps import (
    Stepped,
    column_of,
    combine_times,
    only_series,
    resample,
    sort_by_time,
    stacked,
    without_values,
)
from data.uploads.time_axis import NO_TIME, find_time, with_time

REFUSE = "refuse"
ROWS = "rows"
ONE, SOME, ALL = "one", "some", "all"
WHICH = {ONE: "One series", SOME: "Some series, one model", ALL: "All series, one model"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesSteps:
    """The steps that turn a table into the rows of a series.

    Attributes:
        time: Columns of the time, joined; `-` for none, empty for what `series_rows` finds.
        turn: `yes` to turn columns that are times into rows.
        series: Columns that name the series; empty for one series.
        only: Name of the series to use; of several, joined.
        which: A key of `WHICH`; unless it is `one`, the table keeps the rows of all series.
        stack: Columns that are one quantity in different places, joined; each becomes a series.
        no_value: Numbers that count as missing, separated by commas.
        order: `sort` to sort by time, `refuse` to refuse rows that are not in order.
        duplicates: How rows with the same time are combined: a key of `table_steps.COMBINE`, or `refuse`.
        resample: A key of `table_steps.STEPS` for one row per step, or `rows`.
        combine: What a step's row holds: `mean`, `sum`, `first` or `last`.
    """

    time: str = ""
    turn: str = "no"
    series: str = ""
    only: str = ""
    which: str = ONE
    stack: str = ""
    no_value: str = ""
    order: str = REFUSE
    duplicates: str = REFUSE
    resample: str = ROWS
    combine: str = "mean"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeriesTable:
    """A table of one series.

    Attributes:
        table: The table.
        time: The option `time` for `series_rows`.
        notes: What was done, one sentence each.
    """

    table: Table
    time: str
    notes: tuple[str, ...]


def series_table(table: Table, steps: SeriesSteps) -> SeriesTable:
    """Apply the steps, in the order of `SeriesSteps`.

    Raises:
        DataError: If a step cannot be done.
    """
    notes = []
    if steps.turn == "yes":
        table, note = turned(table)
        notes.append(note)
    table, clock = with_time(table, steps.time, table.choices.date_format)
    if steps.stack:
        table = _noted(stacked(table, steps.stack, "" if clock is None else clock.name), notes)
    if steps.series and steps.which == ONE:
        table = _noted(only_series(table, columns=steps.series, only=steps.only), notes)
    if steps.no_value:
        table = _noted(without_values(table, steps.no_value), notes)
    if (
        clock is None
        and steps.time.strip() != NO_TIME
        and (steps.order, steps.duplicates, steps.resample)
        != (
            REFUSE,
            REFUSE,
            ROWS,
        )
    ):
        table, clock = with_time(table, find_time(table).value, table.choices.date_format)
    if clock is None:
        return SeriesTable(table=table, time=steps.time, notes=tuple(notes))
    if steps.series and steps.which != ONE:
        return SeriesTable(table=table, time=join_names([clock.name]), notes=tuple(notes))
    return in_time(table, clock.name, steps, notes)


def _noted(step: Stepped, notes: list[str]) -> Table:
    if step.note:
        notes.append(step.note)
    return step.table


def in_time(table: Table, clock: str, steps: SeriesSteps, notes: list[str]) -> SeriesTable:
    """Sort, combine and resample the rows of one series, as the steps say; add what was done to the notes."""
    sorts = steps.order == "sort" or steps.resample != ROWS
    if sorts:
        table = _noted(sort_by_time(table, column_of(table, clock)), notes)
    if sorts and steps.duplicates != REFUSE:
        table = _noted(combine_times(table, column_of(table, clock), steps.duplicates), notes)
    if steps.resample != ROWS:
        table = _noted(resample(table, column_of(table, clock), step=steps.resample, how=steps.combine), notes)
    return SeriesTable(table=table, time=join_names([clock]), notes=tuple(notes))


def with_numbers(table: Table, names: str, option: str = "inputs") -> tuple[Table, str]:
    """Convert chosen columns of text to numbers: truth values to 0 and 1, categories to one column per value.

    Args:
        table: The table.
        names: Chosen columns, joined.
        option: `inputs`, or `target`, of which categories stay text.

    Returns:
        The table with those columns, and the names, expanded.
    """
    expanded: list[str] = []
    for name in split_names(names):
        column = table.column(name, option)
        made = _numbers_of_text(table, column, categories=option == "inputs")
        if made:
            rest = tuple(one for one in table.columns if one is not column)
            table = replace(table, columns=(*rest, *made))
        expanded += [one.name for one in made] or [column.name]
    return table, join_names(expanded)


def _numbers_of_text(table: Table, column: Column, *, categories: bool) -> list[Column]:
    if column.kind != "text":
        return []
    if role_of(table, column).kind == "boolean":
        return [replace(column, kind="number", numbers=boolean_numbers(column))]
    values = sorted(column.texts[~column.missing].unique())
    if len(values) > MAX_CATEGORIES or not categories:
        return []
    nothing = np.zeros(table.rows, dtype=bool)
    return [
        replace(
            column,
            name=f"{column.name} = {value}"[:80],
            kind="number",
            missing=nothing,
            numbers=_where(column.texts, str(value)),
        )
        for value in values
    ]


def _where(texts: "pd.Series[str]", value: str) -> np.ndarray:
    return (texts == value).to_numpy(dtype=np.float64)
