"""Labelled windows: steps that each have a label, cut into windows of one label and one subject."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from data.errors import DataError
from data.task import Array
from data.uploads.labelled import Labelled, class_indices, disguised, feature_columns, kept_rows, rare
from data.uploads.shared_options import MAX_NUMBERS, numbers_of, split_names
from data.uploads.table import Column, Table, shown_name


def window_sequences(table: Table, *, columns: Mapping[str, str], window: int, missing: str) -> Labelled:
    """Cut rows into windows.

    Args:
        table: The table; neighbouring rows are neighbouring steps.
        columns: The options `label`, `sequence` (columns of the subject, empty for none) and `features`.
        window: Rows of a window; a shorter run of one label is one shorter window.
        missing: `refuse`, or anything else to drop rows with missing values.

    Raises:
        DataError: If a value is missing, or nothing is left.
    """
    label = table.column(columns["label"], "label") if columns["label"] else table.columns[-1]
    subjects = [table.column(name, "sequence") for name in split_names(columns["sequence"]) if name != "-"]
    features = feature_columns(table, columns["features"], [label, *subjects])
    values = np.column_stack([numbers_of(table, column) for column in features])
    kept, notes = kept_rows(
        table, [label, *subjects], features=features, values=values, missing="drop" if missing != "refuse" else missing
    )
    names, classes = class_indices(table, label)
    classes, values = classes[kept], values[kept]
    groups = _groups(subjects, kept)
    starts, lengths = _cut(classes, groups, window)
    if len(starts) * window * len(features) > MAX_NUMBERS:
        raise DataError(f"{len(starts):,} windows of {window} rows are too many; choose longer windows or fewer rows.")
    padded = np.zeros((len(starts), int(lengths.max()), len(features)))
    for index, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        padded[index, :length] = values[start : start + length]
    of_window = classes[starts]
    first = {column.name: padded[:, 0, index] for index, column in enumerate(features)}
    return Labelled(
        values=padded,
        lengths=lengths,
        classes=of_window,
        class_names=names,
        features=tuple(first),
        notes=(_words(label, subjects, len(starts), int(lengths.max())), *notes),
        warnings=(*rare(names, of_window), *disguised(first, of_window)),
        groups=groups[starts],
        grouped_by=", ".join(column.name for column in subjects) if subjects else "",
    )


def _groups(subjects: list[Column], kept: Array) -> Array:
    if not subjects:
        return np.zeros(len(kept), dtype=np.int64)
    frame = pd.DataFrame({str(index): column.texts for index, column in enumerate(subjects)}).iloc[kept]
    codes: Array = frame.groupby(list(frame.columns), sort=False).ngroup().to_numpy(dtype=np.int64)
    return codes


def _cut(classes: Array, groups: Array, window: int) -> tuple[Array, Array]:
    """Return first row and length of each window: runs of one label and subject, cut every `window` rows."""
    change = np.concatenate([[True], (np.diff(classes) != 0) | (np.diff(groups) != 0), [True]])
    edges = np.flatnonzero(change)
    starts, lengths = [], []
    for begin, end in pairwise(edges.tolist()):
        pieces = max(1, (end - begin) // window)
        for piece in range(pieces):
            start = begin + piece * window
            starts.append(start)
            lengths.append(min(window, end - start))
    return np.array(starts, dtype=np.int64), np.array(lengths, dtype=np.int64)


def _words(label: Column, subjects: list[Column], count: int, longest: int) -> str:
    of = f" of one `{shown_name(subjects[0].name)}`" if subjects else ""
    return (
        f"Label `{shown_name(label.name)}`; {count:,} windows of up to {longest} neighbouring rows with one label{of}."
    )
