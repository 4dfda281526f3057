"""A checked table with typed columns. The meaning of values is decided here, in one place, not by a parser's guesses."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from data.errors import DataError
from data.task import Array
from data.uploads.column import Column, shown_name
from data.uploads.column_kinds import LARGEST_NUMBER, Typed, type_columns
from data.uploads.containers import Contents, open_container
from data.uploads.findings import AUTOMATIC, Found, Question, TableChoices
from data.uploads.header import LONGEST_NAME, Header, find_header, given_header
from data.uploads.layout import Rectangle
from data.uploads.number_text import MISSING, are_numbers

__all__ = [
    "LARGEST_NUMBER",
    "LONGEST_NAME",
    "MISSING",
    "Column",
    "Table",
    "are_numbers",
    "read_table",
    "shown_name",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """A table as read from a file, unchanged.

    Attributes:
        columns: Its columns, in order.
        rows: Number of rows, without the lines of names.
        header: Whether the first line holds names.
        separator: `,`, `;`, a tab (for spaces, too), `|`, or empty for a single column and for files with typed cells.
        encoding: How the bytes were decoded, or the kind of file.
        decimal: `point` or `comma`: how numbers are written.
        notes: What a visitor should know about how it was read, one sentence each.
        findings: What was found, by the name of the choice that overrides it.
        questions: Questions that the file does not answer by itself, the most important first.
        choices: What the visitor chose.
        lines: `(L,)` line in the file of each row; None where the rows follow the line of names one by one.
    """

    columns: tuple[Column, ...]
    rows: int
    header: bool
    separator: str
    encoding: str
    decimal: str = "point"
    notes: tuple[str, ...] = ()
    findings: Mapping[str, Found] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    choices: TableChoices = AUTOMATIC
    lines: Array | None = None

    def line(self, row: int) -> int:
        """Return the line number in the file, from 1, of a row, from 0."""
        return row + 1 + self.header if self.lines is None else int(self.lines[row])

    def where(self, row: int, column: Column) -> str:
        """Return the location of a value, as the beginning of a sentence."""
        return f"Line {self.line(row):,}, column {column.index + 1} (`{shown_name(column.name)}`)"

    def column(self, name: str, option: str) -> Column:
        """Return a column by name.

        Args:
            name: Its name, outer spaces do not count.
            option: The option that asks for it, for the message.

        Raises:
            DataError: If there is none; the message names those that exist.
        """
        for column in self.columns:
            if column.name == name.strip():
                return column
        names = ", ".join(f"`{shown_name(column.name)}`" for column in self.columns[:8])
        more = f" and {len(self.columns) - 8} more" if len(self.columns) > 8 else ""
        raise DataError(f"`{option}` names the column `{shown_name(name)}`, but line 1 names {names}{more}.")

    def of_kind(self, kind: str) -> tuple[Column, ...]:
        """Return the columns of a kind."""
        return tuple(column for column in self.columns if column.kind == kind)


def read_table(content: bytes, choices: TableChoices = AUTOMATIC, filename: str = "") -> Table:
    """Read a table from the bytes of a file.

    Args:
        content: The bytes of the file.
        choices: How the visitor wants it read; empty values are detected and reported in the table's `findings`.
        filename: Its name, a hint for what it is; it is never opened.

    Raises:
        DataError: With line and column of the first ambiguous or broken place.
    """
    contents = open_container(content, choices, filename)
    rectangle = contents.rectangle
    header = _header(rectangle, choices)
    body = rectangle.cells.iloc[header.rows :]
    names, texts, notes = _without_nameless(header, body, rectangle)
    lines = rectangle.lines[header.rows :]
    typed = type_columns(texts, names, lines=lines, separator=rectangle.separator, choices=choices)
    return _table(contents, rectangle, header, typed, choices=choices, lines=lines, notes=notes)


def _header(rectangle: Rectangle, choices: TableChoices) -> Header:
    if rectangle.names:
        return given_header(rectangle.names)
    names = rectangle.comment_names
    return find_header(rectangle.cells, rectangle.lines, chosen=choices.header, comment_names=names)


def _table(
    contents: Contents,
    rectangle: Rectangle,
    header: Header,
    typed: Typed,
    *,
    choices: TableChoices,
    lines: Array,
    notes: list[str],
) -> Table:
    remarks = [column.remark for column in typed.columns if column.remark]
    return Table(
        columns=typed.columns,
        rows=len(lines),
        header=header.rows > 0 or bool(rectangle.names),
        separator=rectangle.separator,
        encoding=contents.encoding,
        decimal=typed.decimal,
        notes=(*contents.notes, *rectangle.notes, *notes, *remarks),
        findings={**contents.findings} | rectangle.findings | {"header": header.found} | typed.findings,
        questions=(*contents.questions, *rectangle.questions, *header.questions, *typed.questions),
        choices=choices,
        lines=lines,
    )


def _without_nameless(
    header: Header, body: pd.DataFrame, rectangle: Rectangle
) -> tuple[list[str], list["pd.Series[str]"], list[str]]:
    """Drop columns at the right edge without name and values, as trailing separators produce."""
    texts = [body[index].reset_index(drop=True) for index in body.columns]
    names, notes = list(header.names), list(header.notes)
    first = [str(value).strip() for value in rectangle.cells.iloc[0]]
    while len(texts) > 1 and not rectangle.names and not first[len(texts) - 1] and not texts[-1].str.strip().any():
        notes = [note for note in notes if f"is called `{names[-1]}`" not in note]
        names.pop()
        texts.pop()
    left_out = len(header.names) - len(names)
    if left_out:
        notes.append(
            f"{left_out} empty column{'s' if left_out > 1 else ''} at the right edge, without a name, left out."
        )
    return names, texts, notes
