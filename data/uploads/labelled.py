"""Labelled sequences, and the code shared by their two forms: long (one row per step) and wide (one row per sequence)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.errors import DataError
from data.task import Array
from data.uploads.shared_options import refuse_missing, split_names
from data.uploads.table import LONGEST_NAME, Column, Table, shown_name

MAX_CLASSES = 100
MIN_OF_A_CLASS = 7  # with fewer, a class has less than one sequence in validation and test


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """Sequences with a class each.

    Attributes:
        values: `(N, T, F)` float64, zero-padded.
        lengths: `(N,)` int64.
        classes: `(N,)` int64 class indices.
        class_names: Names of the classes, sorted.
        features: Names of the features.
        notes: What was found and done, one sentence each.
        warnings: What may make the result misleading.
        groups: `(N,)` subject of each sequence; no subject is in two parts where there are enough of them, see
            `data.uploads.sequence_splits`. None to split every class at random.
        grouped_by: Name of the subjects' column.
    """

    values: Array
    lengths: Array
    classes: Array
    class_names: tuple[str, ...]
    features: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    groups: Array | None = None
    grouped_by: str = ""


def feature_columns(table: Table, named: str, aside: Sequence[Column]) -> list[Column]:
    """Return the columns that an option names, or all other columns of numbers."""
    chosen = [table.column(name, "features") for name in split_names(named)]
    chosen = chosen or [column for column in table.of_kind("number") if column not in aside]
    if not chosen:
        raise DataError(
            f"{table.where(0, table.columns[0])} begins a table without a column of numbers beside the label; add one."
        )
    return chosen


def kept_rows(
    table: Table, needed: Sequence[Column], *, features: Sequence[Column], values: Array, missing: str
) -> tuple[Array, list[str]]:
    """Return the rows to keep, and a note on those with missing values."""
    gaps = np.isnan(values)
    lacking = np.zeros(len(values), dtype=bool)
    for column in needed:
        if column.missing.any() and missing != "drop":
            raise refuse_missing(table, column, row=int(column.missing.argmax()), count=column.gaps)
        lacking |= column.missing
    if missing == "refuse" and gaps.any():
        row, index = (int(place) for place in np.argwhere(gaps)[0])
        raise refuse_missing(table, features[index], row=row, count=int(gaps.sum()))
    if missing == "interpolate":
        return np.arange(len(values)), []
    lacking |= gaps.any(axis=1)
    if lacking.all():
        raise DataError("No row from line 2 on has a value in every chosen column; choose other columns or `missing`.")
    return np.flatnonzero(~lacking), [
        f"{lacking.sum():,} rows with missing values were left out."
    ] if lacking.any() else []


def class_indices(table: Table, label: Column) -> tuple[tuple[str, ...], Array]:
    """Return class names and `(L,)` class indices; a missing label has index -1. Equal numbers are one class.

    Raises:
        DataError: If there are fewer than 2 classes, more than 100, or one with an endless name.
    """
    values = label.texts if label.numbers is None else pd.Series(label.numbers)
    indices, keys = pd.factorize(values.where(~label.missing), sort=True)
    names = tuple(f"{key:.10g}" if label.numbers is not None else str(key) for key in keys)
    where = table.where(0, label)
    if len(names) < 2:
        raise DataError(f"{where} and all below hold the same label; a classification needs two classes or more.")
    if len(names) > MAX_CLASSES:
        raise DataError(
            f"{where} begins a label with {len(names):,} different values, at most {MAX_CLASSES} classes are read; choose "
            "another `label`."
        )
    row = int((label.texts.str.len() > LONGEST_NAME).to_numpy(dtype=bool).argmax())
    if len(str(label.texts.iloc[row])) > LONGEST_NAME:
        raise DataError(f"{table.where(row, label)} has a label of more than {LONGEST_NAME} characters; shorten it.")
    return names, indices.astype(np.int64)


def fill_within(values: Array, starts: Array) -> Array:
    """Interpolate NaN linearly within sequences; at a sequence's ends the nearest value is repeated.

    Args:
        values: `(L, C)` sequences one after another.
        starts: Row at which each sequence begins, rising from 0.

    Returns:
        `(L, C)` values; NaN stays where a sequence has no value at all.
    """
    gaps, count = np.isnan(values), len(values)
    rows = np.broadcast_to(np.arange(count)[:, None], values.shape)
    lengths = np.diff(np.append(starts, count))
    begin = np.repeat(starts, lengths)[:, None]
    end = begin + np.repeat(lengths, lengths)[:, None]
    before = np.maximum.accumulate(np.where(gaps, -1, rows), axis=0)
    behind = np.minimum.accumulate(np.where(gaps, count, rows)[::-1], axis=0)[::-1]
    left = np.where(before >= begin, before, behind)
    right = np.where(behind < end, behind, before)
    alone = (left >= end) | (right < begin)
    left, right = np.where(alone, 0, left), np.where(alone, 0, right)
    low, high = (np.take_along_axis(values, side, axis=0) for side in (left, right))
    lines = low + (high - low) * (rows - left) / np.maximum(right - left, 1)
    return np.where(gaps, np.where(alone, np.nan, lines), values)


def refuse_unfilled(table: Table, columns: Sequence[Column], *, values: Array, rows: Array) -> None:
    """Refuse a sequence without any value of a feature.

    Args:
        table: The table.
        columns: The columns of `values`.
        values: `(L, C)` after `fill_within`.
        rows: `(L,)` rows of the table.
    """
    left = np.argwhere(np.isnan(values))
    if len(left):
        row, index = int(left[0][0]), int(left[0][1])
        raise DataError(f"{table.where(int(rows[row]), columns[index])} is in a sequence without any value; remove it.")


def filled_note(count: int) -> list[str]:
    """Say how many values were filled within their sequences."""
    return [f"{count:,} missing values were filled on straight lines within their sequence."] if count else []


def repeated(values: Array) -> list[str]:
    """Warn of sequences `(N, T, F)` that occur more than once."""
    distinct = len({row.tobytes() for row in values})
    if distinct == len(values):
        return []
    return [f"{len(values) - distinct:,} sequences repeat another one, so the same may stand in training and test."]


def rare(names: Sequence[str], classes: Array) -> list[str]:
    """Warn of classes with too few sequences to split."""
    counts = np.bincount(classes, minlength=len(names))
    few = [f"`{shown_name(name)}`" for name, count in zip(names, counts, strict=True) if count < MIN_OF_A_CLASS]
    if not few:
        return []
    more = f" and {len(few) - 8} more" if len(few) > 8 else ""
    return [f"Fewer than {MIN_OF_A_CLASS} sequences of a class are too few to split: {', '.join(few[:8])}{more}."]


def disguised(candidates: Mapping[str, Array], classes: Array) -> list[str]:
    """Warn of columns that encode the label: one value for each class.

    Args:
        candidates: Name of a column to its `(N,)` values, one per sequence.
        classes: `(N,)` class indices.
    """
    found, count = [], len(np.unique(classes))
    for name, values in candidates.items():
        if len(np.unique(values)) != count or len(values) == count:
            continue
        if len(np.unique(np.column_stack([values, classes]), axis=0)) == count:
            found.append(
                f"`{shown_name(name)}` gives the label away: each class has one value of its own; leave it out."
            )
    return found
