"""A checked table with typed columns. What a value means is decided here, once, and never by guessing of a parser."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from data.errors import DataError
from data.sanitise import plain
from data.task import Array
from data.uploads.csv_shape import Grid, scan
from data.uploads.dates import Dates, read_dates
from data.uploads.decode import decode
from data.uploads.findings import AUTOMATIC, Found, Question, TableChoices

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
LARGEST_NUMBER = 1e30  # beyond, squares overflow in 32-bit training
LONGEST_NAME = 80

_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_POINT = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_COMMA = r"[+-]?(?:[0-9]+,?[0-9]*|,[0-9]+)(?:[eE][+-]?[0-9]+)?"
_EXACT = 2.0**53


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """One column of a table.

    Attributes:
        name: Its name, unique in the table.
        index: Its place, from 0.
        kind: `number`, `date`, `text`, or `empty` where every value is missing.
        texts: `(L,)` values as they stand in the file, without outer spaces.
        missing: `(L,)` bool.
        numbers: `(L,)` float64 with NaN where missing; None unless `kind` is `number`.
        dates: The dates; None unless `kind` is `date`.
        remark: What is remarkable about how it was read, one sentence or nothing.
    """

    name: str
    index: int
    kind: str
    texts: "pd.Series[str]"
    missing: Array
    numbers: Array | None = None
    dates: Dates | None = None
    remark: str = ""

    @property
    def gaps(self) -> int:
        """Number of missing values."""
        return int(self.missing.sum())

    @property
    def constant(self) -> bool:
        """Whether all values that are there are the same (two or more)."""
        if self.numbers is not None:
            values = self.numbers[~self.missing]
            return len(values) > 1 and bool((values == values[0]).all())
        texts = self.texts[~self.missing] if self.missing.any() else self.texts
        return len(texts) > 1 and bool((texts == texts.iloc[0]).all())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """A table that was read without changing anything.

    Attributes:
        columns: Its columns, in order.
        rows: Number of rows, without the line of names.
        header: Whether line 1 holds names.
        separator: `,`, `;` or a tab.
        encoding: How the bytes were decoded.
        decimal: `point` or `comma`: how numbers are written.
        notes: What a visitor has to know about the reading, one sentence each.
        findings: What was found, by the name of the choice that changes it.
        questions: What the file alone does not settle, the most important first.
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
        """Return the line in the file of a row, both counted as people do: lines from 1, rows from 0."""
        return row + 1 + self.header if self.lines is None else int(self.lines[row])

    def where(self, row: int, column: Column) -> str:
        """Say where a value stands, as the beginning of a sentence."""
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


def shown_name(name: str) -> str:
    """Return a foreign name as it may stand in backticks within a message."""
    return plain(name, 40).replace("`", "'")


def read_table(content: bytes, choices: TableChoices = AUTOMATIC, filename: str = "") -> Table:
    """Read a table from the bytes of a file.

    Args:
        content: The bytes of the file.
        choices: How the visitor wants it read; what is left empty is found, and said in the table's `findings`.
        filename: Its name, a hint for what it is; it is never opened.

    Raises:
        DataError: With line and column of the first thing that cannot be read in one way only.
    """
    decimal = choices.decimal or "point"
    decoded = decode(content)
    grid = scan(decoded.text)
    cells = _cells(grid)
    first = [str(value).strip() for value in cells.iloc[0]]
    header = not _is_data(first, decimal)
    names, notes = _names(first) if header else (tuple(f"column_{i + 1}" for i in range(grid.columns)), [])
    if not header:
        notes = ["Line 1 holds values, so the columns have no names and are called `column_1`, `column_2` and so on."]
    body = cells.iloc[1:] if header else cells
    if body.empty:
        raise DataError("The table ends after line 1, column 1 on, which holds the names; add rows with values below.")
    columns = []
    for index, name in enumerate(names):
        columns.append(_column(body[index].reset_index(drop=True), name, index, header=header, decimal=decimal))
    return Table(
        columns=tuple(columns),
        rows=len(body),
        header=header,
        separator=grid.separator,
        encoding=decoded.encoding,
        decimal=decimal,
        notes=decoded.notes + tuple(notes) + tuple(c.remark for c in columns if c.remark),
        choices=choices,
    )


def are_numbers(texts: "pd.Series[str]", decimal: str) -> Array:
    """Return `(L,)` bool: which texts are plain decimal numbers."""
    return texts.str.fullmatch(_POINT if decimal == "point" else _COMMA).to_numpy(dtype=bool)


def _cells(grid: Grid) -> pd.DataFrame:
    """Parse a checked grid into texts, exactly as they stand."""
    cells = pd.read_csv(
        io.BytesIO(grid.body),
        sep=grid.separator,
        header=None,
        index_col=False,
        dtype=str,
        na_filter=False,
        skip_blank_lines=False,
        quotechar='"',
        doublequote=True,
        encoding="utf-8",
        compression=None,
        engine="c",
    )
    if cells.shape != (grid.rows, grid.columns):
        raise DataError(
            f"The table was counted as {grid.rows} lines of {grid.columns} columns but parsed as {cells.shape[0]} of "
            f"{cells.shape[1]}; save it again as plain CSV."
        )
    return cells


def _is_data(first: list[str], decimal: str) -> bool:
    """Say whether the first line holds values, not names: numbers, dates or gaps only."""
    number = re.compile(_POINT if decimal == "point" else _COMMA)
    filled = [value for value in first if value.lower() not in MISSING]
    return bool(filled) and all(
        number.fullmatch(value)
        or _INFINITE.fullmatch(value)
        or read_dates(pd.Series([value], dtype="str"), np.zeros(1, dtype=bool))
        for value in filled
    )


def _names(first: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Check the line of names; an empty one becomes `column_3` and is told."""
    names: list[str] = []
    notes: list[str] = []
    for index, name in enumerate(first):
        where = f"Line 1, column {index + 1}"
        if not name:
            notes.append(f"Column {index + 1} has no name in line 1 and is called `column_{index + 1}`.")
        if len(name) > LONGEST_NAME:
            raise DataError(
                f"{where} has a name of {len(name)} characters, at most {LONGEST_NAME} are read; shorten it."
            )
        for letter in name:
            if not letter.isprintable():
                raise DataError(f"{where} has a name with the invisible character U+{ord(letter):04X}; remove it.")
        name = name or f"column_{index + 1}"
        if name in names:
            raise DataError(
                f"{where} has the same name as column {names.index(name) + 1}, `{shown_name(name)}`; rename one of them."
            )
        names.append(name)
    return tuple(names), notes


def _column(raw: "pd.Series[str]", name: str, index: int, *, header: bool, decimal: str) -> Column:
    texts = raw.str.strip()
    numeric = are_numbers(texts, decimal)
    rest = [] if numeric.all() else texts[~numeric].unique().tolist()
    gaps = [token for token in rest if token.lower() in MISSING]
    infinite = [token for token in rest if _INFINITE.fullmatch(token)]
    missing = texts.isin(gaps).to_numpy(dtype=bool) if gaps else np.zeros(len(texts), dtype=bool)
    common: dict[str, Any] = {"name": name, "index": index, "texts": texts, "missing": missing}
    if missing.all():
        return Column(kind="empty", **common)
    if len(gaps) + len(infinite) == len(rest):
        numbers = _numbers(texts, missing | texts.isin(infinite).to_numpy(dtype=bool) if infinite else missing, decimal)
        _refuse_infinite(
            texts, numbers, missing=missing, place=f"column {index + 1} (`{shown_name(name)}`)", header=header
        )
        return Column(kind="number", numbers=numbers, remark=_number_remark(name, numbers), **common)
    dates = None if numeric.any() else read_dates(texts, missing)
    if dates is not None:
        return Column(kind="date", dates=dates, remark=_date_remark(name, dates), **common)
    present = [token for token in rest if token.lower() not in MISSING]
    return Column(kind="text", remark=_text_remark(name, texts, numeric, present), **common)


def _refuse_infinite(texts: "pd.Series[str]", numbers: Array, *, missing: Array, place: str, header: bool) -> None:
    unusable = ~missing & ~(np.abs(numbers) <= LARGEST_NUMBER)
    if unusable.any():
        row = int(unusable.argmax())
        raise DataError(
            f"Line {row + 1 + header:,}, {place} holds `{shown_name(str(texts.iloc[row]))}`, which is infinite or beyond "
            f"{LARGEST_NUMBER:g}; correct it, or leave it empty and choose how missing values are treated."
        )


def _numbers(texts: "pd.Series[str]", missing: Array, decimal: str) -> Array:
    """Convert texts to float64, correctly rounded; missing ones are NaN."""
    written = texts.str.replace(",", ".", regex=False) if decimal == "comma" else texts
    values = written.to_numpy(dtype=object, copy=True)
    values[missing] = "nan"
    result: Array = values.astype(np.float64)
    return result


def _number_remark(name: str, numbers: Array) -> str:
    if not (np.abs(numbers) > _EXACT).any():
        return ""
    return f"The column `{shown_name(name)}` has numbers beyond 2^53, which keep about 16 digits."


def _date_remark(name: str, dates: Dates) -> str:
    also = ", which makes the steps more even than the other order of day and month" if dates.other else ""
    return f"The column `{shown_name(name)}` was read as dates written {dates.words()} ({dates.format}){also}."


def _text_remark(name: str, texts: "pd.Series[str]", numeric: Array, rest: list[str]) -> str:
    """Tell of a column that was nearly one of numbers."""
    shown = f"`{shown_name(name)}`"
    if all(re.fullmatch(_COMMA, token) for token in rest):
        return f"The column {shown} looks like numbers with decimal commas; choose `decimal` = `comma` to read them so."
    if 2 * numeric.sum() > len(texts):
        count = int(texts.isin(rest).sum())
        return f"The column {shown} is read as text, because it holds {count:,} values like `{shown_name(rest[0])}` among numbers."
    return ""
