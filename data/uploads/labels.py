"""Find the label column and related columns: long texts, letters, ids of sequences, steps of one quantity."""

import re

import numpy as np
import pandas as pd

from data.uploads.table import Column, Table

LABEL_NAMES = (
    "label",
    "class",
    "classe",
    "target",
    "y",
    "category",
    "kind",
    "species",
    "sentiment",
    "activity",
    "labels",
    "klasse",
    "outcome",
)
SEQUENCE_NAMES = (
    "sequence",
    "sequence_id",
    "id",
    "series",
    "series_id",
    "case",
    "sample",
    "subject",
    "user",
    "participant",
    "instance",
    "trial",
)
MAX_LABELS = 100
_FEW = 30
_STEP = re.compile(r"(.*?)[ _.]*(\d+)")


def find_label(table: Table, text: Column | None = None) -> Column | None:
    """Return the column that looks like a label, or None.

    Args:
        table: The table.
        text: A column of texts that are to be labelled, if there is one.
    """
    named = [c for c in table.columns if c.name.lower() in LABEL_NAMES and c is not text and c.kind != "empty"]
    named = [c for c in named if 2 <= c.texts.nunique() <= MAX_LABELS]
    if named:
        return min(named, key=lambda column: LABEL_NAMES.index(column.name.lower()))
    most = max(2, min(_FEW, table.rows // 5))
    texts = [c for c in table.of_kind("text") if c is not text and c.name.lower() not in SEQUENCE_NAMES]
    few = [c for c in texts if 2 <= c.texts.nunique() <= most]
    if text is not None:
        numbers = [c for c in table.of_kind("number") if 2 <= c.texts.nunique() <= min(most, 10)]
        found = [*few[-1:], *numbers]
        return found[0] if found else None
    if few and table.of_kind("number"):
        return few[-1]
    return _numeric_label(table)


def _numeric_label(table: Table) -> Column | None:
    """Return a first or last column of few whole numbers in a table of many columns without names."""
    if table.header or len(table.columns) < 10:
        return None
    for column in (table.columns[0], table.columns[-1]):
        numbers = column.numbers
        if numbers is None or column.missing.any():
            continue
        few = 2 <= len(np.unique(numbers)) <= max(2, min(_FEW, table.rows // 5))
        others = [one for one in table.columns[1:-1] if one.numbers is not None]
        fractions = any((one.numbers != np.floor(one.numbers)).any() for one in others if one.numbers is not None)
        if few and bool((numbers == np.floor(numbers)).all()) and fractions:
            return column
    return None


def long_text(table: Table) -> Column | None:
    """Return the column of texts to be labelled: mostly different, and the longest on average; None if there is none."""
    texts = [c for c in table.of_kind("text") if c.texts.nunique() > 0.3 * table.rows and c.texts.nunique() > 5]
    return max(texts, key=lambda column: float(column.texts.str.len().mean()), default=None)


def letter_columns(table: Table) -> tuple[Column, ...]:
    """Return columns of single letters beside a label; empty if there are fewer than five."""
    letters = tuple(
        c for c in table.of_kind("text") if bool((c.texts.str.len() <= 1).all()) and c.name.lower() not in LABEL_NAMES
    )
    return letters if len(letters) >= 5 and len(letters) >= len(table.columns) - 3 else ()


def identity_column(table: Table, label: Column) -> Column | None:
    """Return the column that names sequences whose rows share a label, or None."""
    rest = [column for column in table.columns if column is not label]
    for column in sorted(rest, key=lambda column: column.name.lower() not in SEQUENCE_NAMES):
        if column.kind in ("text", "number") and _names_sequences(column, label):
            return column
    return None


def subject_column(table: Table, label: Column) -> Column | None:
    """Return the column of subjects that were measured under several labels, or None."""
    rest = [c for c in table.columns if c is not label and c.kind in ("text", "number")]
    for column in sorted(rest, key=lambda column: column.name.lower() not in SEQUENCE_NAMES):
        count = column.texts.nunique()
        whole = column.numbers is None or bool((column.numbers[~column.missing] % 1 == 0).all())
        pairs = len(pd.DataFrame({"s": column.texts, "l": label.texts}).drop_duplicates())
        if whole and 2 <= count <= table.rows / 10 and pairs > 1.5 * count and runs(column) <= 4 * pairs:
            return column
    return None


def runs(column: Column) -> int:
    """Return how many runs of equal values a column has."""
    texts = column.texts.to_numpy(dtype=object)
    return 1 + int((texts[1:] != texts[:-1]).sum()) if len(texts) else 0


def are_steps(columns: list[Column]) -> bool:
    """Return whether columns are steps of one quantity: names that count (`t0`, `t1`, ...), or no names and values of similar size."""
    names = [_STEP.fullmatch(column.name) for column in columns]
    stems = {match.group(1).lower() for match in names if match}
    return len(columns) > 2 and all(names) and len(stems) == 1


def counts_rows(column: Column) -> bool:
    """Return whether a column counts its rows."""
    return column.numbers is not None and len(column.numbers) > 2 and bool((np.diff(column.numbers) == 1).all())


def _names_sequences(column: Column, label: Column) -> bool:
    """Return whether rows with equal values of a column have equal labels, with at least two rows each on average."""
    pairs = pd.DataFrame({"identity": column.texts, "label": label.texts}).drop_duplicates()
    groups = pairs["identity"].nunique()
    return groups == len(pairs) and label.texts.nunique() < groups <= len(column.texts) / 2
