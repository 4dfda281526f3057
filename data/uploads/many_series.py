"""Several series of one file, for one model over all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.errors import DataError, NothingToLearnError
from data.panel import Static
from data.task import Array
from data.uploads.known_ahead import known_rows
from data.uploads.roles import MAX_CATEGORIES
from data.uploads.series_rows import Rows
from data.uploads.series_table import ALL, SOME, SeriesSteps, SeriesTable, in_time
from data.uploads.shared_options import split_names
from data.uploads.table import Column, Table, shown_name
from data.uploads.table_steps import PLACE, series_names, take_rows

MAX_SERIES = 2_000
_LISTED = 50
_MAX_WARNINGS = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ManyRows:
    """The rows of several series, before they become a panel.

    Attributes:
        rows: Rows of each series; columns, targets and inputs are the same in all.
        names: Names of the series.
        static: What stays the same within each.
        notes: What was found and done.
        warnings: What may make the result misleading.
    """

    rows: tuple[Rows, ...]
    names: tuple[str, ...]
    static: Static
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def many_rows(
    made: SeriesTable, steps: SeriesSteps, *, columns: Mapping[str, str], missing: str, fewest: int
) -> ManyRows:
    """Read several series of a table.

    Args:
        made: The table of all series, whose inputs and targets are numbers.
        steps: What is done to each; `which` says which series are used.
        columns: The options `target`, `inputs`, `known` and `static`.
        missing: `refuse`, `drop` or `interpolate`.
        fewest: Rows that a series needs; shorter ones are left out and listed.

    Raises:
        DataError: If fewer than two series are long enough, or one cannot be used.
    """
    table = made.table
    names = series_names(table, steps.series or PLACE).to_numpy(dtype=str)
    wanted = _wanted(names, steps)
    chosen = {name: columns[name] for name in ("target", "inputs", "known")} | {"time": made.time, "missing": missing}
    found: dict[str, Rows] = {}
    left_out: list[str] = []
    for name, places in wanted.items():
        try:
            one, notes = _one(take_rows(table, places), steps, made.time, chosen)
        except NothingToLearnError:
            left_out.append(f"`{shown_name(name)}` (no values that differ)")
            continue
        if len(one.values) < fewest:
            left_out.append(f"`{shown_name(name)}` ({len(one.values):,} rows)")
            continue
        found[name] = replace(one, notes=(*notes, *one.notes))
    _refuse_few(found, left_out, fewest)
    static = static_of(table, [wanted[name] for name in found], columns["static"])
    return ManyRows(
        rows=_comparable(list(found.values())),
        names=tuple(found),
        static=static,
        notes=(*made.notes, *_notes(found, left_out, fewest, len(np.unique(names)))),
        warnings=_warnings(found),
    )


def _wanted(names: Array, steps: SeriesSteps) -> dict[str, Array]:
    """Return name to rows of the series that are used, in the order of the file."""
    keys, first, codes = np.unique(names, return_index=True, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(codes))[:-1])
    everything = {str(keys[index]): rows[index] for index in np.argsort(first)}
    if len(everything) > MAX_SERIES and steps.which == ALL:
        raise DataError(f"There are {len(everything):,} series, and {MAX_SERIES:,} can be used at once; choose some.")
    if steps.which != SOME:
        return everything
    asked = split_names(steps.only)
    if unknown := [name for name in asked if name not in everything]:
        known = ", ".join(f"`{shown_name(name)}`" for name in list(everything)[:8])
        raise DataError(f"`only` names the series `{shown_name(unknown[0])}`, but there are {known}.")
    return {name: everything[name] for name in asked}


def _one(table: Table, steps: SeriesSteps, time: str, chosen: dict[str, str]) -> tuple[Rows, tuple[str, ...]]:
    """Return the rows of one series, and what was done to its table."""
    notes: list[str] = []
    names = split_names(time)
    if names and time != "-":
        table = in_time(table, names[0], steps, notes).table
    return known_rows(table, **chosen), tuple(notes)


def _comparable(rows: Sequence[Rows]) -> tuple[Rows, ...]:
    """Return the series with positions that can be compared: texts of one length, or row numbers for texts without order."""
    kinds = {one.positions.dtype.kind for one in rows}
    if kinds == {"U"}:
        texts = [one.positions for one in rows]
        if any(bool((one[1:] < one[:-1]).any()) for one in texts):
            return tuple(replace(one, positions=np.arange(1, len(one.values) + 1)) for one in rows)
        longest = max(int(np.char.str_len(one).max()) for one in texts)
        whole = "0000-00-00T00:00:00"
        if 10 < longest <= len(whole):
            return tuple(replace(one, positions=_longer(one.positions, whole[:longest])) for one in rows)
    return tuple(rows)


def _longer(texts: Array, whole: str) -> Array:
    return np.array([str(text) + whole[len(str(text)) :] for text in texts])


def static_of(table: Table, places: Sequence[Array], names: str) -> Static:
    """Return the columns that stay the same within each series.

    Args:
        table: The table of all series.
        places: Rows of each series.
        names: The columns, joined: numbers, or texts with few values.

    Raises:
        DataError: If a column changes within a series, holds dates or too many texts, or has no value.
    """
    chosen = [table.column(name, "static") for name in split_names(names)]
    for column in chosen:
        for rows in places:
            _refuse_changing(table, column, rows)
    firsts = np.array([_first_known(chosen, rows) for rows in places]).reshape(len(places), -1)
    numbers = [index for index, column in enumerate(chosen) if column.numbers is not None]
    texts = [index for index, column in enumerate(chosen) if column.numbers is None]
    values = [np.asarray(chosen[index].numbers, dtype=np.float64)[firsts[:, index]] for index in numbers]
    words = [chosen[index].texts.to_numpy(dtype=str)[firsts[:, index]] for index in texts]
    for index, found in zip(texts, words, strict=True):
        if len(np.unique(found)) > MAX_CATEGORIES:
            raise DataError(
                f"`{shown_name(chosen[index].name)}` has {len(np.unique(found)):,} different texts, and {MAX_CATEGORIES} are the "
                "most for a static column; choose another one."
            )
    return Static(
        names=tuple(chosen[index].name for index in numbers),
        numbers=np.stack(values, axis=1) if values else np.zeros((len(places), 0)),
        categories=tuple(chosen[index].name for index in texts),
        texts=np.stack(words, axis=1) if words else np.zeros((len(places), 0), dtype="U1"),
    )


def _first_known(columns: Sequence[Column], rows: Array) -> list[int]:
    return [int(rows[int((~column.missing[rows]).argmax())]) for column in columns]


def _refuse_changing(table: Table, column: Column, rows: Array) -> None:
    known = rows[~column.missing[rows]]
    if not len(known):
        raise DataError(f"{table.where(int(rows[0]), column)} has no value for its series; leave it out of `static`.")
    texts = column.texts.to_numpy(dtype=object)[known]
    differs = texts != texts[0]
    if column.numbers is not None:
        differs = column.numbers[known] != column.numbers[known[0]]
    if differs.any():
        row = int(known[int(differs.argmax())])
        raise DataError(
            f"{table.where(row, column)} differs from an earlier row of the same series, so it is not `static`; make it an input."
        )


def _refuse_few(found: dict[str, Rows], left_out: list[str], fewest: int) -> None:
    if len(found) < 2:
        raise DataError(
            f"{len(found)} of {len(found) + len(left_out)} series have the {fewest:,} rows that window and horizon need, and 2 "
            "are needed; choose a shorter window, or one series."
        )


def _notes(found: dict[str, Rows], left_out: list[str], fewest: int, count: int) -> tuple[str, ...]:
    lengths = [len(one.values) for one in found.values()]
    said = [
        f"{len(found):,} of {count:,} series are used, of {min(lengths):,} to {max(lengths):,} rows; windows never cross "
        "from one series to another."
    ]
    if left_out:
        listed = ", ".join(left_out[:_LISTED]) + (
            f" and {len(left_out) - _LISTED} more" if len(left_out) > _LISTED else ""
        )
        said.append(f"Left out because they are shorter than {fewest:,} rows or never change: {listed}.")
    each: dict[str, list[str]] = {}
    for name, one in found.items():
        for note in one.notes:
            each.setdefault(note, []).append(name)
    shared = [note for note, names in each.items() if len(names) == len(found)]
    some = [f"`{shown_name(names[0])}`: {note}" for note, names in each.items() if len(names) < len(found)]
    return (*said, *shared, *some[:_MAX_WARNINGS])


def _warnings(found: dict[str, Rows]) -> tuple[str, ...]:
    said = [f"`{shown_name(name)}`: {sentence}" for name, one in found.items() for sentence in one.warnings]
    hidden = len(said) - _MAX_WARNINGS
    more = [f"{hidden} more warnings about single series."] if hidden > 0 else []
    return (*said[:_MAX_WARNINGS], *more)
