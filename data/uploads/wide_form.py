"""Labelled sequences in wide form: one row per sequence."""

from collections.abc import Mapping, Sequence

import numpy as np

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
from data.uploads.shared_options import numbers_of
from data.uploads.table import Column, Table, shown_name


def wide_sequences(table: Table, *, columns: Mapping[str, str], missing: str) -> Labelled:
    """Read one row per sequence: a label, and one column per step.

    Args:
        table: The table.
        columns: The options `label` (empty for the last column of text, else the last column), `features` (the steps in
            order; empty for all columns of numbers) and `sequence` (an id that is not a step; empty for none).
        missing: `refuse`, `drop` (the row) or `interpolate`. Missing values at the end only make a sequence shorter.

    Raises:
        DataError: If a value is missing.
    """
    texts = table.of_kind("text")
    label = table.column(columns["label"], "label") if columns["label"] else (texts or table.columns)[-1]
    aside = [label] + ([table.column(columns["sequence"], "sequence")] if columns["sequence"] else [])
    steps = feature_columns(table, columns["features"], aside)
    values = np.column_stack([numbers_of(table, column) for column in steps])
    lengths = len(steps) - np.isnan(values)[:, ::-1].argmin(axis=1)
    shorter = int((lengths < len(steps)).sum())
    inner = np.where(np.arange(len(steps)) < lengths[:, None], values, 0.0)
    kept, notes = kept_rows(table, [label], features=steps, values=inner, missing=missing)
    inner, lengths = inner[kept], lengths[kept]
    notes += filled_note(int(np.isnan(inner).sum()))
    inner = fill_within(inner.reshape(-1, 1), np.arange(0, inner.size, len(steps))).reshape(inner.shape)
    refuse_unfilled(table, steps, values=inner, rows=kept)
    names, classes = class_indices(table, label)
    classes = classes[kept]
    first = {column.name: inner[:, index] for index, column in enumerate(steps)}
    warnings = (*_counters(steps, values), *rare(names, classes), *repeated(inner), *disguised(first, classes))
    return Labelled(
        values=inner[:, :, None],
        lengths=lengths.astype(np.int64),
        classes=classes,
        class_names=names,
        features=("value",),
        notes=(*_words(label, len(steps), shorter), *notes),
        warnings=warnings,
    )


def _words(label: Column, steps: int, shorter: int) -> list[str]:
    said = [f"Label `{shown_name(label.name)}`; {steps} columns are the steps, in their order."]
    return said + ([f"{shorter:,} sequences are shorter, because their last values are missing."] if shorter else [])


def _counters(steps: Sequence[Column], values: Array) -> list[str]:
    """Warn if the first step counts the rows: probably an id."""
    first = values[:, 0]
    if len(first) > 2 and bool((np.diff(first) == 1).all()):
        name = shown_name(steps[0].name)
        return [f"`{name}` counts the rows and yet is the first step; name it as `sequence` to leave it out."]
    return []
