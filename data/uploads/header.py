"""Find the header rows and the names in them."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from data.errors import DataError
from data.task import Array
from data.uploads.column import shown_name
from data.uploads.findings import Found, Question
from data.uploads.number_text import INFINITE, MISSING, MISSING_BESIDE_NUMBERS

LONGEST_NAME = 80
MAX_HEADER_LINES = 5
_SAMPLE = 200
_SHARE = 0.8  # share of a column's values that must be of one kind for the first row to differ from it
_NUMBER = re.compile(
    r"[(+\-\u2212]?\s*(?:[$\u20ac\u00a3\u00a5\u20b9]|[A-Z]{3} |Rs\.? ?)?\s*[+-]?(?:[0-9][0-9.,'\u2019 \u00a0\u2009\u202f]*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?"
    rf"\s*(?:[kKMB]|[mb]n)?\s*(?:[%)\u20ac$\u2212-]|[kK]r\.?|z\u0142|K\u010d|Ft|[A-Z]{{3}})?|\$\([0-9][0-9.,]*\)|{INFINITE}"
)
_DATE = re.compile(
    r"[0-9]{1,4}([-/.])[0-9]{1,2}(\1[0-9]{1,4})?(?:[T ].*)?|[0-9]{1,2}:[0-9]{2}.*|[0-9]{4}-?[QW][0-9]{1,2}"
    r"|(?:[0-9]{1,2}[- ])?[A-Za-z]{3,9}[-. ]{1,2}(?:[0-9]{1,2},? )?[0-9]{2,4}(?: .*)?|(?:true|false)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The names of a table.

    Attributes:
        rows: Number of rows that hold names; 0 where the columns are numbered.
        names: One unique name per column.
        found: How many rows hold names and why.
        notes: What was done to the names, one sentence each.
        questions: Open questions, if the rows are ambiguous.
    """

    rows: int
    names: tuple[str, ...]
    found: Found
    notes: tuple[str, ...]
    questions: tuple[Question, ...] = ()


def given_header(names: Sequence[str]) -> Header:
    """Return the names that a file stores separately from its rows.

    Raises:
        DataError: If one cannot be used.
    """
    usable, notes = _usable(list(names), 0)
    return Header(rows=0, names=usable, found=Found("0", "The file has names apart from its rows."), notes=tuple(notes))


def find_header(cells: pd.DataFrame, lines: Array, *, chosen: str = "", comment_names: Sequence[str] = ()) -> Header:
    """Find the rows of names.

    Args:
        cells: All rows as texts.
        lines: `(L,)` line in the file of each row.
        chosen: Number of rows that the visitor chose; empty to find it.
        comment_names: Names in a comment above the table, used where the table has none of its own.

    Raises:
        DataError: If the names cannot be used, or no row follows them.
    """
    rows, found = _chosen(chosen, len(cells)) if chosen else _found(cells)
    if rows == 0 and comment_names and not chosen and not any(_is_value(name) for name in comment_names):
        names, notes = _usable(list(comment_names), int(lines[0]) - 1)
        said = "The last comment line has a name for every column."
        return Header(rows=0, names=names, found=Found("0", said, guessed=True), notes=(said, *notes))
    if rows >= len(cells):
        raise DataError(
            f"No data follows the column names, which start at line {lines[-1]:,}, column 1; add rows with values below."
        )
    if rows == 0:
        names = tuple(f"column_{index + 1}" for index in range(cells.shape[1]))
        said = f"Line {lines[0]:,} holds values, so the columns have no names and are called `column_1`, `column_2` and so on."
        return Header(rows=0, names=names, found=found, notes=(said,))
    written = [[str(value).strip() for value in cells.iloc[row]] for row in range(rows)]
    names, notes = _usable(_joined(written), int(lines[0]))
    if rows > 1:
        notes = [f"Lines {lines[0]:,} to {lines[rows - 1]:,} hold names; the columns are called by them.", *notes]
    return Header(rows=rows, names=names, found=found, notes=tuple(notes), questions=_asked(rows, found, names))


def _asked(rows: int, found: Found, names: Sequence[str]) -> tuple[Question, ...]:
    """Ask whether the first line holds names, if there are words below it too."""
    if rows != 1 or not found.guessed:
        return ()
    listed = ", ".join(f"`{shown_name(name)}`" for name in names[:3])
    return (
        Question(
            name="header",
            text=f"Are {listed} the names of the columns?",
            choices=(("1", "Yes, line 1 holds names"), ("0", "No, line 1 is a row of the table")),
            preselected="1",
            reason=found.reason,
        ),
    )


def _chosen(chosen: str, available: int) -> tuple[int, Found]:
    if not re.fullmatch("[0-9]{1,2}", chosen):
        raise DataError(f"`header` must be a number of lines from 0 to 99, not `{shown_name(chosen)}`.")
    return min(int(chosen), available), Found(chosen, "You chose it.")


def _found(cells: pd.DataFrame) -> tuple[int, Found]:
    """Return how many of the first rows hold names: those that differ in kind from the rows below."""
    begin = min(MAX_HEADER_LINES, max(1, len(cells) - 3))
    body = cells.iloc[begin : begin + _SAMPLE]
    kinds = {index: kind for index in range(cells.shape[1]) if (kind := _kind_of(body.iloc[:, index].tolist()))}
    first = [str(value).strip() for value in cells.iloc[0]]
    if not kinds:
        return _all_words(first, len(cells))
    if _numbered_names(first, cells, kinds):
        return 1, Found("1", "Line 1 counts up from column to column, as names do.", guessed=True)
    rows = 0
    for row in range(min(begin, len(cells))):
        names, values = _votes([str(value).strip() for value in cells.iloc[row]], kinds)
        dates = sum(bool(_DATE.fullmatch(str(cells.iloc[row, index]).strip())) for index in kinds)
        if not names or names < values + min(dates, names):
            break
        rows += 1
    if not rows and not any(value.lower() not in MISSING for value in first) and any(first):
        return 1, Found("1", "The first line holds words alone.", guessed=True)
    if not rows:
        return 0, Found("0", "The first line holds values like those below it.", guessed=True)
    lines = "The first line holds" if rows == 1 else f"The first {rows} lines hold"
    return rows, Found(str(rows), f"{lines} words where values follow below.", guessed=rows > 1)


def _all_words(first: Sequence[str], rows: int) -> tuple[int, Found]:
    filled = [value for value in first if value.lower() not in MISSING]
    if (filled and all(_is_value(value) for value in filled)) or (
        len(filled) > 1 and any(_is_value(value) for value in filled)
    ):
        return 0, Found("0", "The first line holds values.", guessed=True)
    if rows == 1 and not filled:
        return 0, Found("0", "The first line holds values.", guessed=True)
    return 1, Found("1", "All columns hold words, and a first line mostly holds names.", guessed=True)


def _kind_of(values: Sequence[str]) -> str:
    """Return `number` or `date` if nearly all values of a column are of that kind, else nothing."""
    filled = [text for value in values if (text := value.strip()).lower() not in MISSING | MISSING_BESIDE_NUMBERS]
    if not filled:
        return ""
    numbers = sum(bool(_NUMBER.fullmatch(text)) for text in filled)
    if numbers >= _SHARE * len(filled):
        return "number"
    return "date" if sum(bool(_DATE.fullmatch(text)) for text in filled) >= _SHARE * len(filled) else ""


def _is_value(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text) or _DATE.fullmatch(text))


def _votes(row: Sequence[str], kinds: dict[int, str]) -> tuple[int, int]:
    """Count the cells of a row that are words, and those that are values, in columns of values."""
    names = values = 0
    for index, kind in kinds.items():
        text = row[index]
        if text.lower() in MISSING or text in MISSING_BESIDE_NUMBERS:
            continue
        same = _NUMBER.fullmatch(text) if kind == "number" else _is_value(text)
        names, values = names + (not same), values + bool(same)
    return names, values


def _months_in_order(values: Sequence[str]) -> bool:
    """Return whether values such as `01.2015`, `02.2015` count months."""
    found = [re.fullmatch(r"(0?[1-9]|1[0-2])[./-]((?:19|20)[0-9]{2})", value) for value in values]
    months = [12 * int(one[2]) + int(one[1]) for one in found if one]
    return len(months) > 2 and len(months) == len(values) and all(b - a == 1 for a, b in itertools.pairwise(months))


def _numbered_names(first: Sequence[str], cells: pd.DataFrame, kinds: dict[int, str]) -> bool:
    """Return whether the first row counts up, as years or the column numbers of pandas do."""
    if len(cells) < 2:
        return False
    numbered = [index for index, kind in kinds.items() if kind == "number" and first[index]]
    if _months_in_order([first[index] for index in numbered]):
        return True
    counts = [int(first[index]) for index in numbered if re.fullmatch("[0-9]{1,4}", first[index])]
    if len(counts) < 3 or len(counts) < len(numbered) or any(b - a != 1 for a, b in itertools.pairwise(counts)):
        return False
    if not (counts[0] in (0, 1) or 1500 <= counts[0] <= 2200):
        return False
    second = [str(cells.iloc[1, index]).strip() for index in numbered]
    return (
        not all(re.fullmatch("[0-9]{1,4}", text) for text in second)
        or len(set(second)) < len(second)
        or ([int(text) for text in second] != sorted(int(text) for text in second))
    )


def _joined(rows: Sequence[Sequence[str]]) -> list[str]:
    """Join several header rows into one name per column."""
    last = rows[-1]
    if len(rows) == 1:
        return list(last)
    width = len(last)
    filled = [index for index in range(width) if last[index]]
    index_names = bool(filled) and filled == list(range(len(filled))) and len(filled) < width
    above = rows[:-1] if index_names else rows
    above = [_spread(row) for row in above[:-1]] + list(above[-1:])
    distinct = next((row for row in above if all(row) and len(set(row)) == width), None)
    names = list(distinct) if distinct else [_parts([row[index] for row in above]) for index in range(width)]
    if index_names:
        names[: len(filled)] = [last[index] for index in filled]
    return names


def _spread(row: Sequence[str]) -> list[str]:
    """Repeat a name over the empty cells to its right, as for a merged cell above several columns."""
    names = list(row)
    first = next((index for index, value in enumerate(row) if value), len(row))
    if sum(bool(value) for value in row) < 2:
        return names  # a title, not the names of groups
    for index in range(first + 1, len(names)):
        names[index] = names[index] or names[index - 1]
    return names


def _parts(values: Sequence[str]) -> str:
    return " ".join(dict.fromkeys(value for value in values if value and not value.startswith("Unnamed:")))


def _usable(written: list[str], line: int) -> tuple[tuple[str, ...], list[str]]:
    """Make names printable and unique, with a note on what was changed."""
    names: list[str] = []
    notes: list[str] = []
    taken = set(written)
    for index, raw in enumerate(written):
        name = re.sub(r"\s+", " ", raw).strip().lstrip("\ufeff")
        where = f"Line {line:,}, column {index + 1}" if line else f"Column {index + 1}"
        if len(name) > LONGEST_NAME:
            raise DataError(
                f"{where} has a name of {len(name)} characters, at most {LONGEST_NAME} are read; shorten it."
            )
        for letter in name:
            if not letter.isprintable():
                raise DataError(f"{where} has a name with the invisible character U+{ord(letter):04X}; remove it.")
        if not name:
            name = _unused(f"column_{index + 1}", taken)
            notes.append(f"Column {index + 1} has no name in line {line:,} and is called `{name}`.")
        elif name in names:
            new = _unused(f"{name[: LONGEST_NAME - 4]}_2", taken)
            notes.append(
                f"Column {index + 1} has the same name as column {names.index(name) + 1}, `{shown_name(name)}`, and is called `{shown_name(new)}`."
            )
            name = new
        taken.add(name)
        names.append(name)
    return tuple(names), notes


def _unused(name: str, taken: set[str]) -> str:
    """Return an unused name, made from the wanted one by counting up."""
    stem, _, digits = name.rpartition("_")
    number = int(digits)
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    return name
