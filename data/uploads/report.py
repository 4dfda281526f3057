"""A report on an upload, before anything is trained."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from data.uploads.find_date_format import Dates
from data.uploads.records import SEPARATORS
from data.uploads.table import Column, Table, shown_name


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnReport:
    """A short description of one column.

    Attributes:
        name: Its name.
        kind: `number`, `date`, `text` or `empty`.
        missing: How many values are missing.
        first: Smallest number, first date, or first text.
        last: Largest number, last date, or last text.
        constant: Whether all values are the same.
    """

    name: str
    kind: str
    missing: int
    first: str
    last: str
    constant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A plain report of an upload.

    Attributes:
        rows: Rows of a table, or characters of a text.
        columns: The columns; empty for a text.
        encoding: How the bytes were read.
        separator: `comma`, `semicolon` or `tab`; empty for a text.
        date_format: Format of the dates in words, empty without dates.
        notes: What was found and changed, one sentence each.
        warnings: What may make the result misleading, one sentence each.
        balance: Class name and number of sequences, most frequent first.
        samples: Name of each part and its number of samples.
    """

    rows: int
    columns: tuple[ColumnReport, ...] = ()
    encoding: str = "UTF-8"
    separator: str = ""
    date_format: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    balance: tuple[tuple[str, int], ...] = ()
    samples: tuple[tuple[str, int], ...] = ()

    def frame(self) -> pd.DataFrame:
        """Return the columns as a frame: `column`, `type`, `missing`, `from`, `to`, `constant` ("yes" or "no")."""
        rows = [(c.name, c.kind, c.missing, c.first, c.last, "yes" if c.constant else "no") for c in self.columns]
        return pd.DataFrame(rows, columns=["column", "type", "missing", "from", "to", "constant"])

    def sentences(self) -> tuple[str, ...]:
        """Return the whole report as sentences: size, notes, class balance, samples, warnings."""
        if self.columns:
            apart = f", separated by {self.separator}s" if self.separator else ""
            size = f"{self.rows:,} rows and {len(self.columns)} columns{apart}, {self.encoding}."
        else:
            size = f"{self.rows:,} characters, {self.encoding}."
        counted = [f"{name}: {count:,}" for name, count in self.balance]
        balance = [f"Sequences of each class: {', '.join(counted)}."] if counted else []
        parts = [f"{count:,} {name}" for name, count in self.samples]
        samples = [f"Samples: {', '.join(parts)}."] if parts else []
        return (size, *self.notes, *balance, *samples, *(f"Warning: {sentence}" for sentence in self.warnings))


def column_report(column: Column) -> ColumnReport:
    """Describe one column."""
    first, last = _ends(column)
    return ColumnReport(
        name=column.name,
        kind=column.kind,
        missing=column.gaps,
        first=first,
        last=last,
        constant=column.constant,
    )


def _ends(column: Column) -> tuple[str, str]:
    present = ~column.missing
    if not present.any():
        return "", ""
    if column.numbers is not None:
        values = column.numbers[present]
        return f"{values.min():.10g}", f"{values.max():.10g}"
    if column.dates is not None:
        days = sorted(column.dates.positions()[present])
        return str(days[0]), str(days[-1])
    texts = column.texts[present]
    return shown_name(str(texts.iloc[0])), shown_name(str(texts.iloc[-1]))


def table_report(table: Table, *, notes: Sequence[str] = (), warnings: Sequence[str] = ()) -> Report:
    """Describe a table: its shape, types, gaps and constant columns.

    Args:
        table: The table.
        notes: What else was done.
        warnings: What else may spoil the result.
    """
    dates = [column.dates for column in table.of_kind("date") if column.dates is not None]
    return Report(
        rows=table.rows,
        columns=tuple(column_report(column) for column in table.columns),
        encoding=table.encoding,
        separator=SEPARATORS.get(table.separator, ""),
        date_format=Dates.words(dates[0]) if dates else "",
        notes=(*table.notes, *_gaps(table), *notes),
        warnings=(*_constants(table), *warnings),
    )


def _gaps(table: Table) -> list[str]:
    gappy = [f"{column.gaps:,} in `{shown_name(column.name)}`" for column in table.columns if column.gaps]
    if not gappy:
        return ["No value is missing."]
    more = f" and {len(gappy) - 8} more columns" if len(gappy) > 8 else ""
    return [f"Missing values: {', '.join(gappy[:8])}{more}."]


def _constants(table: Table) -> list[str]:
    names = [f"`{shown_name(column.name)}`" for column in table.columns if column.constant]
    if not names:
        return []
    return [
        f"Constant, so nothing can be learned from it: {', '.join(names[:8])}{' and more' if len(names) > 8 else ''}."
    ]
