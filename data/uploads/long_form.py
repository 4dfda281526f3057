"""Labelled sequences in long form: one row per step."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.errors import DataError
from data.task import Array
from data.uploads.labelled import (
    Labelled,
    class_indices,
    disguised,
    feature_columns,
    fill_within,
    filled_note,
    kept_rows,
    rare,
    refuse_unfilled,
    repeated,
)
from data.uploads.shared_options import MAX_NUMBERS, numbers_of
from data.uploads.table import Column, Table, shown_name

LONGEST = 2_000


def long_sequences(table: Table, *, columns: Mapping[str, str], missing: str) -> Labelled:
    """Read one row per step: sequence id, step, features, label.

    Args:
        table: The table.
        columns: The options `sequence` (empty for the first column), `step` (empty for a second column whose whole
            numbers or dates rise within every sequence, `-` for none), `label` (empty for the last column) and `features` (empty
            for all other columns of numbers).
        missing: `refuse`, `drop` or `interpolate` (within a sequence).

    Raises:
        DataError: If a value is missing, steps are out of order, or a sequence has two labels.
    """
    chosen = _choose(table, columns)
    values = np.column_stack([numbers_of(table, column) for column in chosen.features])
    kept, notes = kept_rows(table, chosen.needed, features=chosen.features, values=values, missing=missing)
    order = kept[np.argsort(chosen.codes[kept], kind="stable")]
    starts = _starts(chosen.codes[order])
    if chosen.step is not None:
        _refuse_unordered(table, chosen.step, order, starts)
    names, classes = class_indices(table, chosen.label)
    _refuse_two_labels(table, chosen.label, classes=classes, order=order, starts=starts)
    values = values[order]
    notes += filled_note(int(np.isnan(values).sum()))
    values = fill_within(values, starts)
    refuse_unfilled(table, chosen.features, values=values, rows=order)
    lengths = np.diff(np.append(starts, len(order)))
    padded, classes = _padded(values, starts, lengths), classes[order[starts]]
    first = {column.name: padded[:, 0, index] for index, column in enumerate(chosen.features)}
    return Labelled(
        values=padded,
        lengths=lengths.astype(np.int64),
        classes=classes,
        class_names=names,
        features=tuple(first),
        notes=(chosen.words(), *notes),
        warnings=(*rare(names, classes), *repeated(padded), *disguised(first, classes)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Chosen:
    """The columns of a table in long form, and `(L,)` codes of the sequences."""

    identity: Column
    label: Column
    step: Column | None
    features: tuple[Column, ...]
    codes: Array

    @property
    def needed(self) -> tuple[Column, ...]:
        return (self.identity, self.label, *([self.step] if self.step else []))

    def words(self) -> str:
        when = f"step `{shown_name(self.step.name)}`" if self.step else "steps in the order of the rows"
        return f"Sequence `{shown_name(self.identity.name)}`, {when}, label `{shown_name(self.label.name)}`."


def _choose(table: Table, columns: Mapping[str, str]) -> _Chosen:
    identity = table.column(columns["sequence"], "sequence") if columns["sequence"] else table.columns[0]
    label = table.column(columns["label"], "label") if columns["label"] else table.columns[-1]
    _refuse_same(table, identity, label)
    codes, _ = pd.factorize(identity.texts)
    step = _step(table, columns["step"], (identity, label), codes)
    aside = [column for column in (identity, label, step) if column is not None]
    features = feature_columns(table, columns["features"], aside)
    return _Chosen(identity=identity, label=label, step=step, features=tuple(features), codes=codes)


def _refuse_same(table: Table, identity: Column, label: Column) -> None:
    if identity is label:
        raise DataError(
            f"Line 1 names `{shown_name(label.name)}` as `sequence` and as `label`; the long form needs both columns, or "
            "choose `layout` = `wide`."
        )


def _step(table: Table, name: str, others: tuple[Column, Column], codes: Array) -> Column | None:
    if name.strip() == "-":
        return None
    if name.strip():
        return table.column(name, "step")
    if len(table.columns) < 2 or not _may_count(table, table.columns[1], others):
        return None
    candidate = table.columns[1]
    order = np.argsort(codes, kind="stable")
    times = _times(candidate)
    if times is None:
        return None
    inside = np.diff(codes[order]) == 0
    return candidate if inside.any() and bool((np.diff(times[order])[inside] > 0).all()) else None


def _may_count(table: Table, column: Column, others: tuple[Column, Column]) -> bool:
    """Return whether a column may hold steps: dates or whole numbers, and another column of numbers is left."""
    if column in others or column.missing.any():
        return False
    if column.numbers is None:
        return column.dates is not None
    left = [number for number in table.of_kind("number") if number is not column and number not in others]
    return bool(left) and bool((column.numbers == np.floor(column.numbers)).all())


def _times(column: Column) -> Array | None:
    if column.dates is not None:
        return column.dates.times.astype("datetime64[us]").astype(np.int64).astype(np.float64)
    return column.numbers


def _starts(codes: Array) -> Array:
    """Return where each run of equal codes begins."""
    return np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]]))


def _refuse_unordered(table: Table, step: Column, order: Array, starts: Array) -> None:
    times = _times(step)
    if times is None:
        raise DataError(
            f"{table.where(0, step)} is neither a number nor a date; choose another `step`, or `-` for none."
        )
    back = np.diff(times[order]) <= 0
    back[starts[1:] - 1] = False
    if back.any():
        after = int(back.argmax())
        raise DataError(
            f"{table.where(int(order[after + 1]), step)} is not later than line {table.line(int(order[after]))} of the same "
            "sequence; sort the rows by step, keep one per step, or choose `step` = `-`."
        )


def _refuse_two_labels(table: Table, label: Column, *, classes: Array, order: Array, starts: Array) -> None:
    first = np.repeat(starts, np.diff(np.append(starts, len(order))))
    differs = classes[order] != classes[order[first]]
    if differs.any():
        at = int(differs.argmax())
        raise DataError(
            f"{table.where(int(order[at]), label)} differs from the label of the same sequence in line "
            f"{table.line(int(order[first[at]]))}; a sequence has one label."
        )


def _padded(values: Array, starts: Array, lengths: Array) -> Array:
    """Arrange consecutive rows as `(N, T, F)`."""
    count, longest, width = len(lengths), int(lengths.max()), values.shape[1]
    if longest > LONGEST:
        raise DataError(
            f"The longest sequence has {longest:,} steps, at most {LONGEST:,} are read; cut it into pieces."
        )
    if count * longest * width > MAX_NUMBERS:
        raise DataError(
            f"{count:,} sequences of up to {longest:,} steps with {width} features do not fit into memory; keep at most "
            f"{MAX_NUMBERS // (longest * width):,} sequences, or shorten the longest."
        )
    padded = np.zeros((count, longest, width))
    codes = np.repeat(np.arange(count), lengths)
    padded[codes, np.arange(len(values)) - starts[codes]] = values
    return padded
