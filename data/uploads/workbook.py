"""Excel workbooks (`.xlsx`): the stored values of one sheet. Formulas, macros and links are never run or followed.

Before openpyxl opens a workbook, each part is measured while it is unpacked: bytes, elements, elements in a row, and that it
declares no entities. So a small file cannot expand to a large one in memory.
"""

import datetime as dt
import io
import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from data.errors import DataError
from data.escape_output import plain
from data.uploads.archives import MAX_OFFERED, open_zip, read_member
from data.uploads.findings import Found, Question, TableChoices
from data.uploads.layout import Rectangle
from data.uploads.records import MAX_COLUMNS
from data.uploads.skipped_lines import MAX_FOOTER_LINES, MAX_TITLE_LINES

MAX_WORKBOOK_CELLS = 500_000  # openpyxl reads about 200,000 a second
MAX_SHEETS = 50
LARGEST_PART = 64 * 2**20
LARGEST_SETTINGS = 4 * 2**20  # styles, names of sheets and the like
MAX_EMPTY_ROWS = 10_000
_ROW_ELEMENTS = 8 * MAX_COLUMNS
_ROW_BYTES = 4 * 2**20
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_STRINGS = re.compile(r"xl/sharedStrings\.xml", re.IGNORECASE)
_DECLARES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ITEM = {True: re.compile(rb"<(?:[A-Za-z0-9_.-]+:)?row\b"), False: re.compile(rb"<(?:[A-Za-z0-9_.-]+:)?si\b")}
_BROKEN = "The workbook cannot be read; open it, save it again as .xlsx, or save the sheet as CSV."


def read_workbook(content: bytes, choices: TableChoices) -> tuple[Rectangle, tuple[Question, ...]]:
    """Read the values of one sheet.

    Args:
        content: The bytes of the workbook.
        choices: What the visitor chose; `sheet` names a sheet.

    Raises:
        DataError: If it is broken, has a password or is too large; one sentence.
    """
    _measure(content)
    import openpyxl  # imported late: 0.1 s that only workbooks need

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=True, keep_vba=False, keep_links=False
            )
            sheet, found, questions = _sheet(book, choices.sheet)
            rows, lines = _rows(sheet)
    except DataError:
        raise
    except Exception as error:  # a malformed file can make the reader fail in any way
        raise DataError(_BROKEN) from error
    rectangle = _rectangle(rows, lines, choices)
    rectangle.findings["sheet"] = found
    return rectangle, questions


def _measure(content: bytes) -> None:
    """Refuse a workbook with a part that would be too large in memory."""
    with open_zip(content, "workbook") as archive:
        parts = archive.infolist()
        if len({part.filename for part in parts}) < len(parts):
            raise DataError("The workbook holds two parts of one name; open it and save it again.")
        for part in parts:
            name = part.filename
            large = bool(_SHEET.fullmatch(name) or _STRINGS.fullmatch(name))
            if not name.lower().endswith((".xml", ".rels")):
                continue  # pictures and macros are never read
            if name.startswith(("xl/drawings", "xl/charts", "xl/media", "xl/externalLinks", "customXml")):
                continue
            body = read_member(archive, part, LARGEST_PART if large else LARGEST_SETTINGS, "workbook")
            _measure_part(body, large=large, sheet=bool(_SHEET.fullmatch(name)))


def _measure_part(body: bytes, *, large: bool, sheet: bool) -> None:
    if b"\x00" in body[:200] or body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError("The workbook is written in UTF-16, which is not read; open it and save it again.")
    if _DECLARES.search(body):
        raise DataError("The workbook declares entities, which no spreadsheet program writes; it is not read.")
    if not large:
        if body.count(b"<") > 200_000:
            raise DataError("The workbook has too many styles or names; copy the values into a new one, or save CSV.")
        return
    starts = [found.start() for found in _ITEM[sheet].finditer(body)]
    for start, end in zip([0, *starts], [*starts, len(body)], strict=True):
        if end - start > _ROW_BYTES or (end - start > _ROW_ELEMENTS and body.count(b"<", start, end) > _ROW_ELEMENTS):
            raise DataError(
                f"The workbook has a row that is too long, with more than {MAX_COLUMNS:,} cells or much text; save it as CSV."
            )
    if len(starts) > 3 * MAX_WORKBOOK_CELLS:
        raise DataError(_too_many())


def _sheet(book: Any, wanted: str) -> tuple[Any, Found, tuple[Question, ...]]:
    """Return the sheet that was chosen, else the first one with several rows of numbers, else of anything."""
    sheets = book.worksheets[:MAX_SHEETS]
    if not sheets:
        raise DataError("The workbook holds no sheet with cells; save the table in a new one.")
    names = [plain(sheet.title) for sheet in sheets]
    if wanted:
        if wanted not in names:
            listed = ", ".join(f"`{name}`" for name in names[:5])
            raise DataError(f"The workbook has no sheet `{plain(wanted, 40)}`; it has {listed}.")
        return sheets[names.index(wanted)], Found(wanted, "You chose it."), ()
    if len(sheets) == 1:
        return sheets[0], Found(names[0], "It is the only sheet."), ()
    filled = [_table_rows(sheet) for sheet in sheets]
    with_numbers = any(numbers > 2 for _, numbers in filled)
    fits = [numbers > 2 if with_numbers else rows > 2 for rows, numbers in filled]
    index = fits.index(True) if any(fits) else 0
    reason = f"It is the first sheet with several rows{' of numbers' if with_numbers else ''}."
    if sum(fits) < 2:
        return sheets[index], Found(names[index], reason, guessed=True), ()
    ordered = [names[index], *(name for name in names if name != names[index])][:MAX_OFFERED]
    question = Question(
        name="sheet",
        text=f"The workbook has {len(sheets)} sheets. Which one is it?",
        choices=tuple((name, name) for name in ordered),
        preselected=names[index],
        reason=reason,
    )
    return sheets[index], Found(names[index], reason, guessed=True), (question,)


def _table_rows(sheet: Any) -> tuple[int, int]:
    """Return how many of the first rows hold a value, and how many a number or a date beside another value; up to three."""
    sheet.reset_dimensions()
    filled = numbers = 0
    for row in sheet.iter_rows(values_only=True, max_row=50):
        values = [value for value in row if value is not None]
        filled += bool(values)
        numbers += any(isinstance(value, (int, float, dt.date, dt.time)) for value in values)
        if numbers == 3:
            break
    return min(3, filled), numbers


def _rows(sheet: Any) -> tuple[list[list[str]], list[int]]:
    """Return the filled rows as texts, and their numbers in the sheet."""
    sheet.reset_dimensions()  # the size that a sheet declares is not trusted
    rows: list[list[str]] = []
    lines: list[int] = []
    cells = empty = 0
    for line, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if len(row) > MAX_COLUMNS:
            raise DataError(f"Line {line:,} has {len(row):,} columns, at most {MAX_COLUMNS:,} are read.")
        if all(value is None for value in row):
            empty += 1
            if empty > MAX_EMPTY_ROWS:
                break  # cells far below the table belong to something else
            continue
        cells += len(row)
        if cells > MAX_WORKBOOK_CELLS:
            raise DataError(_too_many())
        rows.append([_text(value) for value in row])
        lines.append(line)
        empty = 0
    if not rows:
        raise DataError("The sheet holds no values; choose another sheet, or calculate it and save it again.")
    return rows, lines


def _too_many() -> str:
    return f"The workbook has more than {MAX_WORKBOOK_CELLS:,} cells, which take too long to read; save the table as CSV or Parquet."


def _text(value: Any) -> str:
    """Return a cell as the text that the value would have in a CSV file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        whole = value.replace(tzinfo=None).isoformat(sep=" ")
        return whole.removesuffix(" 00:00:00")
    if isinstance(value, dt.timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return " ".join(str(value).replace("_x000D_", " ").split())


def _rectangle(rows: list[list[str]], lines: list[int], choices: TableChoices) -> Rectangle:
    """Remove titles, notes and empty edges from the filled rows."""
    first = min(next(_places(row)) for row in rows)
    width = max(max(_places(row)) for row in rows) + 1 - first
    padded = [row[first : first + width] + [""] * (first + width - len(row)) for row in rows]
    filled = np.array([_count_filled(row) for row in padded])
    above = int(choices.skip_first) if choices.skip_first.isdecimal() else _edge(filled, width, MAX_TITLE_LINES)
    below = int(choices.skip_last) if choices.skip_last.isdecimal() else _edge(filled[::-1], width, MAX_FOOTER_LINES)
    notes, findings = [], {}
    for name, count, where in (("skip_first", above, "above"), ("skip_last", below, "below")):
        chosen = bool(getattr(choices, name))
        said = f"{count} line{'s' if count > 1 else ''} with a single value {where} the table left out."
        nothing = f"No line {where} the table stands apart."
        reason = "You chose it." if chosen else said if count else nothing
        findings[name] = Found(str(count), reason, guessed=bool(count) and not chosen)
        notes += [said] if count and not chosen else []
    kept = padded[above : len(padded) - below]
    if not kept:
        raise DataError("No line is left to read; leave out fewer lines at the top and at the end.")
    cells = pd.DataFrame(kept, dtype="str")
    used = [index for index in cells.columns if cells[index].str.len().any()]
    cells = cells[used].set_axis(range(len(used)), axis="columns")
    kept_lines = np.array(lines[above : len(lines) - below])
    return Rectangle(cells=cells, lines=kept_lines, separator="", findings=findings, notes=notes)


def _count_filled(row: list[str]) -> int:
    """Return the number of cells with a value; a date or a number that stands alone is a row of the table with gaps."""
    values = [value for value in row if value]
    return 2 if len(values) == 1 and values[0][:1].isdigit() else len(values)


def _places(row: list[str]) -> Iterator[int]:
    return (index for index, value in enumerate(row) if value)


def _edge(filled: "np.ndarray[Any, Any]", width: int, most: int) -> int:
    """Return how many rows at an edge hold a single value in a table of several columns."""
    if width < 2 or len(filled) < 4:
        return 0
    alone = filled <= 1
    count = int((~alone).argmax()) if not alone.all() else 0
    return count if count <= most else 0
