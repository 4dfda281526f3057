"""The shape of a table, checked on its bytes before any parser sees them.

Everything here is linear in the size of the file and runs over whole arrays, so that 10 MB take a fraction of a
second. The dialect is narrow on purpose (RFC 4180 with one record per line): what passes has one meaning only.
"""

import re
from dataclasses import dataclass

import numpy as np

from data.errors import DataError
from data.task import Array
from data.uploads.decode import place

MAX_COLUMNS = 512
MAX_CELLS = 5_000_000
LONGEST_LINE = 64 * 1024
LONGEST_VALUE = 4 * 1024
LONGEST_NUMBER = 64
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}

_VOTING_LINES = 50
_QUOTE, _NEWLINE = 34, 10
_MARKUP = re.compile(r"\s*<[!?/A-Za-z]")
_JSON = re.compile(r'\s*(\{\s*"|\[\s*[\[{"\d-])')
_DIGITS = re.compile(rb'[ "0-9+\-.,eE]*')


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A text that is known to be a rectangular table.

    Attributes:
        body: The table as UTF-8, lines ended by line feeds, without empty lines at the end.
        separator: `,`, `;` or a tab.
        rows: Lines, the first one included.
        columns: Values in each line.
    """

    body: bytes
    separator: str
    rows: int
    columns: int


def scan(text: str) -> Grid:
    """Check that a text is a rectangular table and find its separator.

    Args:
        text: Decoded text with line feeds (`data.uploads.decode.decode`).

    Raises:
        DataError: With line and column of the first thing that is not as expected, and how to mend it.
    """
    if _MARKUP.match(text):
        raise DataError("At line 1 the file begins like an HTML or XML page, not a table; download the data itself.")
    if _JSON.match(text):
        raise DataError("At line 1 the file begins like JSON, not a table; export the data as CSV.")
    if text.startswith("\ufeff"):
        raise DataError("Line 1, column 1 begins with a second byte order mark (U+FEFF); remove it.")
    if text[:4].lower() == "sep=":
        raise DataError("Line 1, column 1 is a directive for Excel (`sep=`), not a row; remove the line.")
    text = text.rstrip("\n")
    body = text.encode()
    codes = np.frombuffer(body, dtype=np.uint8)
    inside = np.bitwise_xor.accumulate((codes == _QUOTE).view(np.uint8)).view(bool)
    newlines = np.flatnonzero(codes == _NEWLINE)
    separator = _vote(body, codes, inside)
    _check_quotes(text, codes, ord(separator))
    _check_lines(newlines, len(codes))
    divides = (codes == ord(separator)) & ~inside
    columns = _check_shape(divides, newlines, separator)
    _check_values(body, divides, newlines, columns)
    return Grid(body=body, separator=separator, rows=len(newlines) + 1, columns=columns)


def _vote(body: bytes, codes: Array, inside: Array) -> str:
    """Choose the separator on which most of the first lines agree with the first one."""
    end = 0
    for _ in range(_VOTING_LINES):
        end = body.find(b"\n", end) + 1 or len(body)
    head, free = codes[:end], ~inside[:end]
    starts = np.concatenate([[0], np.flatnonzero(head[:-1] == _NEWLINE) + 1])
    best, winner = (0, 0), ","
    for separator in SEPARATORS:
        counts = np.add.reduceat((head == ord(separator)) & free, starts, dtype=np.int64)
        agreeing = int(np.sum(counts == counts[0])) if counts[0] else 0
        if (agreeing, int(counts.sum())) > best:
            best, winner = (agreeing, int(counts.sum())), separator
    return winner


def _check_lines(newlines: Array, size: int) -> None:
    """Refuse empty lines between others, and lines that are too long."""
    lengths = np.diff(np.concatenate([[-1], newlines, [size]])) - 1
    if lengths.min() == 0:
        line = int(lengths.argmin()) + 1
        raise DataError(f'Line {line:,}, column 1 is empty; remove the line, or write "" for a missing value.')
    if lengths.max() > LONGEST_LINE:
        line = int((lengths > LONGEST_LINE).argmax()) + 1
        raise DataError(
            f"Line {line:,} has {lengths[line - 1]:,} bytes from column 1 on, at most {LONGEST_LINE:,} are read; "
            f"write one record per line, with at most {MAX_COLUMNS} columns."
        )


def _check_quotes(text: str, codes: Array, separator: int) -> None:
    """Refuse a quotation mark that is not at a value's edge, not doubled, or not closed on its line."""
    quotes = np.flatnonzero(codes == _QUOTE)
    if not len(quotes):
        return
    bounded = np.concatenate([[_NEWLINE], codes, [_NEWLINE]])  # position p of the text is p + 1 here
    edge = (bounded == separator) | (bounded == _NEWLINE) | (bounded == _QUOTE)
    opening, closing = quotes[0::2], quotes[1::2]
    stray = np.concatenate([opening[~edge[opening]], closing[~edge[closing + 2]]])
    where = int(stray.min()) if len(stray) else None
    unclosed = _unclosed(codes, quotes)
    if unclosed is not None and (where is None or unclosed < where):
        raise DataError(
            f"The quotation mark at {_place(text, unclosed)} is not closed on its line; close it, or remove the line "
            "break inside the value."
        )
    if where is not None:
        raise DataError(
            f"The quotation mark at {_place(text, where)} stands inside a value; enclose the whole value in quotation "
            "marks, directly at the separators, and double those inside it."
        )


def _unclosed(codes: Array, quotes: Array) -> int | None:
    """Return the position of the first opening quotation mark with a line end before its closing one."""
    newlines = np.concatenate([np.flatnonzero(codes == _NEWLINE), [len(codes)]])
    before = np.searchsorted(quotes, newlines)  # how many quotation marks stand before each line end
    broken = np.flatnonzero(before % 2)
    if not len(broken):
        return None
    opening = quotes[0::2]
    closed_before = np.concatenate([[-2], quotes[1::2]])[: len(opening)]
    begins = np.flatnonzero(opening != closed_before + 1)  # the others are second halves of doubled marks
    last = begins[begins <= (int(before[broken[0]]) - 1) // 2][-1]
    return int(opening[last])


def _place(text: str, byte: int) -> str:
    return place(text.encode()[:byte].decode())


def _check_shape(divides: Array, newlines: Array, separator: str) -> int:
    """Return the number of columns; refuse too many of them, ragged lines and too many cells."""
    starts = np.concatenate([[0], newlines + 1])
    counts = np.add.reduceat(divides, starts, dtype=np.int64) + 1
    columns = int(counts[0])
    if counts.max() > MAX_COLUMNS:
        line = int((counts > MAX_COLUMNS).argmax()) + 1
        raise DataError(
            f"Line {line:,} has {counts[line - 1]:,} columns, at most {MAX_COLUMNS} are read; "
            f"leave out what stands from column {MAX_COLUMNS + 1} on."
        )
    if (counts != columns).any():
        line = int((counts != columns).argmax()) + 1
        raise DataError(_ragged(line, int(counts[line - 1]), columns, separator))
    if len(counts) * columns > MAX_CELLS:
        most = MAX_CELLS // columns
        raise DataError(
            f"The table has {len(counts):,} lines of {columns} columns, at most {MAX_CELLS:,} values are read; "
            f"keep nothing from line {most + 1:,} on, or fewer columns."
        )
    return columns


def _ragged(line: int, found: int, expected: int, separator: str) -> str:
    values = f"{found} value{'s' if found > 1 else ''}"
    advice = f"separate exactly {expected} by {SEPARATORS[separator]}s"
    if separator == "," and found > expected:
        advice += ", enclose a value that holds a comma in quotation marks, and write decimal points"
    return f"Line {line:,} has {values} where line 1 has {expected}: see column {min(found, expected) + 1}; {advice}."


def _check_values(body: bytes, divides: Array, newlines: Array, columns: int) -> None:
    """Refuse values and numbers that are too long."""
    edges = divides.copy()
    edges[newlines] = True
    ends = np.concatenate([np.flatnonzero(edges), [len(body)]])
    lengths = np.diff(ends, prepend=-1) - 1
    for index in np.flatnonzero(lengths > LONGEST_NUMBER):
        row, column = divmod(int(index), columns)
        where, length = f"Line {row + 1:,}, column {column + 1}", int(lengths[index])
        if length > LONGEST_VALUE:
            raise DataError(
                f"{where} has {length:,} bytes in one value, at most {LONGEST_VALUE:,} are read; shorten it."
            )
        if _DIGITS.fullmatch(body, int(ends[index]) - length, int(ends[index])):
            raise DataError(
                f"{where} has a number of {length:,} characters, at most {LONGEST_NUMBER} are read; round it."
            )
