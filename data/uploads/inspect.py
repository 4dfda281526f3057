"""A visitor's own data: look at a file, suggest what it is, report on it, and say how to train on it.

A form works in three steps. The bytes come from the uploader; the file's name is shown and never used as a path.

    seen = inspect(content, upload.name)              # DataError: show its sentence
    options = {**seen.options, "target": "wind"}      # what the visitor changes: names in seen.numbers, seen.names
    report = describe(seen.dataset, options, content) # DataError again; report.frame(), report.sentences()
    spec = ExperimentSpec(dataset=seen.dataset, options=tuple(options.items()), ...)
    engine.submit(spec, content=content)

`options` always holds `content`, the SHA-256 of the bytes, so that two files never share an experiment's key. All three
functions read the whole file (up to a second for 10 MB): cache them by their arguments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from data.catalog import Dataset, get_dataset
from data.errors import DataError
from data.fields import Value
from data.uploads.decode import decode
from data.uploads.examples import Example, examples
from data.uploads.findings import AUTOMATIC, TableChoices
from data.uploads.report import ColumnReport, Report, table_report
from data.uploads.shared_options import digest, join_names, split_names
from data.uploads.table import Column, Table, read_table, shown_name

__all__ = [
    "ColumnReport",
    "Example",
    "Inspection",
    "Report",
    "describe",
    "digest",
    "examples",
    "inspect",
    "join_names",
    "split_names",
]

SERIES, SEQUENCES, TEXT = "own_series", "own_sequences", "own_text"
FORMS = (SERIES, SEQUENCES, TEXT)
_TABLES = (".csv", ".tsv", ".tab")
_LABEL_NAMES = ("label", "class", "target", "category", "kind", "species")
_SEQUENCE_NAMES = ("sequence", "sequence_id", "id", "series", "series_id", "case", "sample", "subject")
_PREVIEW_ROWS = 20
_PREVIEW_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inspection:
    """What a file looks like, before anything is chosen.

    Attributes:
        filename: The name it came with, made harmless; for display only.
        dataset: Name of the dataset that suits it: `own_series`, `own_sequences` or `own_text`.
        options: Options to begin with, `content` included.
        report: What is in the file.
        names: Names of all columns; empty for a text.
        numbers: Names of the columns of numbers.
        preview: The first rows as texts, as they stand in the file; for a text one column `text` of lines.
    """

    filename: str
    dataset: str
    options: Mapping[str, Value]
    report: Report
    names: tuple[str, ...]
    numbers: tuple[str, ...]
    preview: pd.DataFrame


class _Reporting(Protocol):
    def report(self, options: object, seed: int, content: bytes | None) -> Report: ...


def inspect(content: bytes, filename: str = "", *, dataset: str = "", choices: TableChoices = AUTOMATIC) -> Inspection:
    """Look at a file and suggest what it is.

    Args:
        content: The bytes of the file.
        filename: Its name: shown, and a hint whether it is a table or a text.
        dataset: The dataset that the visitor chose; empty to suggest one.
        choices: How the visitor wants the table read.

    Raises:
        DataError: If it cannot be read in one way only; one sentence with line, column and the fix.
    """
    if dataset == TEXT:
        return _text(content, filename)
    try:
        table = read_table(content, choices, filename)
    except DataError:
        if dataset or filename.lower().endswith(_TABLES) or not _prose(content):
            raise
        return _text(content, filename)
    if not dataset and not filename.lower().endswith(_TABLES) and _only_text(table):
        return _text(content, filename)
    guess, options = (dataset, _options_of(dataset, table)) if dataset else _guess(table)
    return Inspection(
        filename=shown_name(filename),
        dataset=guess,
        options={"content": digest(content), "table": choices.to_text(), **options},
        report=table_report(table),
        names=tuple(column.name for column in table.columns),
        numbers=tuple(column.name for column in table.of_kind("number")),
        preview=pd.DataFrame({column.name: column.texts.iloc[:_PREVIEW_ROWS] for column in table.columns}),
    )


def describe(dataset: str, options: Mapping[str, object], content: bytes, *, seed: int = 0) -> Report:
    """Report what training on a file would use: gaps and what is done with them, leaks, class balance, samples.

    Args:
        dataset: `own_series`, `own_sequences` or `own_text`.
        options: Its options; `content` may be missing.
        content: The bytes of the file.
        seed: Seed of the split.

    Raises:
        DataError: If the file cannot be used so.
        InvalidSpecError: If an option is out of bounds.
    """
    entry = _own(dataset)
    return entry.report(get_dataset(dataset).parse({"content": digest(content), **options}), seed, content)


def _own(dataset: str) -> _Reporting:
    entry: Dataset = get_dataset(dataset)
    if entry.family != "own":
        raise DataError(
            f"The dataset `{dataset}` takes no file; choose one of `own_series`, `own_sequences`, `own_text`."
        )
    return entry  # type: ignore[return-value]


def _text(content: bytes, filename: str) -> Inspection:
    decoded = decode(content)
    lines = decoded.text[:_PREVIEW_CHARACTERS].split("\n")[:_PREVIEW_ROWS]
    report = Report(rows=len(decoded.text), encoding=decoded.encoding, notes=decoded.notes)
    return Inspection(
        filename=shown_name(filename),
        dataset=TEXT,
        options={"content": digest(content)},
        report=report,
        names=(),
        numbers=(),
        preview=pd.DataFrame({"text": lines}),
    )


def _prose(content: bytes) -> bool:
    """Say whether a file that is no table is a text at all."""
    try:
        text = decode(content).text
    except DataError:
        return False
    letters = sum(letter.isalpha() or letter == " " for letter in text[:_PREVIEW_CHARACTERS])
    return letters > 0.7 * min(len(text), _PREVIEW_CHARACTERS)


def _only_text(table: Table) -> bool:
    return len(table.columns) == 1 and table.columns[0].kind == "text"


def _guess(table: Table) -> tuple[str, dict[str, Value]]:
    """Suggest a dataset: sequences where a column holds labels, else a series."""
    label = _label(table)
    if label is None:
        return SERIES, {}
    return SEQUENCES, _sequence_options(table, label)


def _options_of(dataset: str, table: Table) -> dict[str, Value]:
    return _sequence_options(table, _label(table) or table.columns[-1]) if dataset == SEQUENCES else {}


def _label(table: Table) -> Column | None:
    """Return the column that looks like a label: text with few values, or one with the name of a label."""
    named = [column for column in table.columns if column.name.lower() in _LABEL_NAMES]
    texts = [column for column in table.of_kind("text") if column.name.lower() not in _SEQUENCE_NAMES]
    has_identity = any(column.name.lower() in _SEQUENCE_NAMES for column in table.columns)
    if named and (named[0].kind == "text" or (has_identity and named[0].name.lower() in ("label", "class"))):
        return named[0]
    few = [column for column in texts if column.texts.nunique() <= max(2, min(30, table.rows // 5))]
    return few[-1] if few and not table.of_kind("date") and table.of_kind("number") else None


def _sequence_options(table: Table, label: Column) -> dict[str, Value]:
    """Suggest long form where a column names sequences whose rows share a label, else wide form."""
    options: dict[str, Value] = {"label": label.name}
    rest = [column for column in table.columns if column is not label]
    identities = sorted(rest, key=lambda column: column.name.lower() not in _SEQUENCE_NAMES)
    for column in identities:
        if column.kind in ("text", "number") and _names_sequences(column, label):
            return {"layout": "long", "sequence": column.name, **options}
    if rest and _counts(rest[0]):
        options["sequence"] = rest[0].name
    return {"layout": "wide", **options}


def _counts(column: Column) -> bool:
    return column.numbers is not None and len(column.numbers) > 2 and bool((np.diff(column.numbers) == 1).all())


def _names_sequences(column: Column, label: Column) -> bool:
    """Say whether equal values of a column stand beside equal labels, with at least two rows each on average."""
    pairs = pd.DataFrame({"identity": column.texts, "label": label.texts}).drop_duplicates()
    groups = pairs["identity"].nunique()
    return groups == len(pairs) and label.texts.nunique() < groups <= len(column.texts) / 2
