"""Inspect a visitor's file: suggest what it is, report on it, and return options to train on it.

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
from dataclasses import dataclass, replace
from typing import Protocol

import pandas as pd

from data.catalog import Dataset, get_dataset
from data.errors import DataError
from data.fields import Value
from data.uploads.decode import decode
from data.uploads.examples import Example, examples
from data.uploads.findings import AUTOMATIC, TableChoices
from data.uploads.read_file import read_file
from data.uploads.reading import DATASETS, SEQUENCES, SERIES, TEXT, Reading, ReadingChoices
from data.uploads.report import ColumnReport, Report, table_report
from data.uploads.shared_options import digest, join_names, split_names
from data.uploads.table import Table

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

FORMS = (SERIES, SEQUENCES, TEXT)
_FORM_OF = {name: form for form, name in DATASETS.items()}
_PREVIEW_ROWS = 20
_PREVIEW_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inspection:
    """The first impression of a file, before anything is chosen.

    Attributes:
        filename: Its original name, sanitised; for display only.
        dataset: Name of the dataset that suits it: `own_series`, `own_sequences` or `own_text`.
        options: Initial options, including `content`.
        report: What is in the file.
        names: Names of all columns; empty for a text.
        numbers: Names of the columns that can be inputs.
        reading: How the file was read: every line with its reason, and open questions. It holds no tables, which take
            several times the file's memory.
        preview: The first rows as texts, unchanged; for a text one column `text` of lines.
        series: Names of the series in the file, where it has several.
    """

    filename: str
    dataset: str
    options: Mapping[str, Value]
    report: Report
    names: tuple[str, ...]
    numbers: tuple[str, ...]
    reading: Reading
    preview: pd.DataFrame
    series: tuple[str, ...] = ()


class _Reporting(Protocol):
    def report(self, options: object, seed: int, content: bytes | None) -> Report: ...


def inspect(
    content: bytes,
    filename: str = "",
    *,
    dataset: str = "",
    choices: TableChoices | ReadingChoices = AUTOMATIC,
) -> Inspection:
    """Inspect a file and suggest what it is.

    Args:
        content: The bytes of the file.
        filename: Its name: shown, and used as a hint whether it is a table or a text.
        dataset: The dataset that the visitor chose; empty to suggest one.
        choices: How the visitor wants the file read.

    Raises:
        DataError: If it cannot be read in one way only; one sentence with line, column and the fix.
    """
    wanted = choices if isinstance(choices, ReadingChoices) else ReadingChoices(table=choices)
    if dataset:
        wanted = wanted.changed("form", _FORM_OF[dataset])
    reading = read_file(content, wanted, filename)
    table = reading.prepared
    if table is None:
        return _text(content, reading)
    used = {*split_names(reading.inputs.value), *split_names(reading.target.value)}
    numbers = [column.name for column in table.columns if column.kind == "number" or column.name in used]
    return Inspection(
        filename=reading.filename,
        dataset=reading.dataset,
        options=reading.options,
        report=table_report(reading.table or table),
        names=tuple(column.name for column in table.columns),
        numbers=tuple(numbers),
        reading=replace(reading, table=None, prepared=None),
        preview=_preview(reading.table or table),
        series=reading.series_names,
    )


def _preview(table: Table) -> pd.DataFrame:
    return pd.DataFrame({column.name: column.texts.iloc[:_PREVIEW_ROWS] for column in table.columns})


def describe(dataset: str, options: Mapping[str, object], content: bytes, *, seed: int = 0) -> Report:
    """Report what training on a file would use: gaps and how they are filled, leaks, class balance, samples.

    Args:
        dataset: `own_series`, `own_sequences` or `own_text`.
        options: Its options; `content` may be missing.
        content: The bytes of the file.
        seed: Seed of the split.

    Raises:
        DataError: If the file cannot be used with these options.
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


def _text(content: bytes, reading: Reading) -> Inspection:
    decoded = decode(content, reading.choices.table.encoding)
    lines = decoded.text[:_PREVIEW_CHARACTERS].split("\n")[:_PREVIEW_ROWS]
    return Inspection(
        filename=reading.filename,
        dataset=reading.dataset,
        options=reading.options,
        report=Report(rows=len(decoded.text), encoding=decoded.encoding, notes=decoded.notes),
        names=(),
        numbers=(),
        reading=reading,
        preview=pd.DataFrame({"text": lines}),
    )
