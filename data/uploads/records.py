"""Split a text into records: find where each begins and how many values it has, and check its quotation marks.

Everything here is linear in the size of the file and runs over whole arrays, so that 16 MB take a fraction of a second.
The dialect is narrow on purpose (RFC 4180; a value in quotation marks may hold line ends): what passes is unambiguous.
"""

import re
from dataclasses import dataclass

import numpy as np

from data.errors import DataError
from data.task import Array
from data.uploads.decode import place

MAX_COLUMNS = 4_096
MAX_CELLS = 5_000_000
LONGEST_LINE = 256 * 1024
LONGEST_VALUE = 64 * 1024
LONGEST_NUMBER = 64
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", " ": "space"}

QUOTE, NEWLINE = 34, 10
_DIGITS = re.compile(rb'[ "0-9+\-.,eE]*')


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Records:
    """A text cut into records.

    Attributes:
        body: The text as UTF-8; spaces between columns have become tabs.
        starts: `(N,)` first byte of each record.
        ends: `(N,)` byte after the last one of each record: its line feed, or the end.
        counts: `(N,)` number of values; 0 for an empty line.
        lines: `(N,)` line of the file in which the record begins, from 1.
        separator: `,`, `;`, a tab or `|`.
    """

    body: bytes
    starts: Array
    ends: Array
    counts: Array
    lines: Array
    separator: str

    def text(self, index: int) -> str:
        """Return a record as text."""
        return self.body[int(self.starts[index]) : int(self.ends[index])].decode()


def cut(text: str, separator: str, *, first_line: int = 1) -> Records:
    """Cut a text into records and check its quotation marks.

    Args:
        text: Decoded text with line feeds, without comment lines.
        separator: `,`, `;`, a tab, `|`, a space for any white space, or empty for a single column.
        first_line: Number of the text's first line in the file.

    Raises:
        DataError: With line and character of the first quotation mark that could be read in two ways.
    """
    body = text.encode()
    if separator == " ":
        body, separator = spaces_to_tabs(body), "\t"
    codes = np.frombuffer(body, dtype=np.uint8)
    quoted = bool((codes == QUOTE).any())
    inside = _inside(codes) if quoted else np.zeros(len(codes), dtype=bool)
    if quoted:
        _check_quotes(body.decode(), codes, ord(separator or ","), first_line)
    newline = codes == NEWLINE
    breaks = np.flatnonzero(newline & ~inside)
    starts = np.concatenate([[0], breaks + 1])
    ends = np.concatenate([breaks, [len(codes)]])
    lines = np.searchsorted(np.flatnonzero(newline), starts) + first_line
    divides = (codes == ord(separator)) & ~inside if separator else np.zeros(len(codes), dtype=bool)
    places = np.flatnonzero(divides)
    counts = np.searchsorted(places, ends) - np.searchsorted(places, starts) + 1
    counts[starts == ends] = 0
    records = Records(body=body, starts=starts, ends=ends, counts=counts, lines=lines, separator=separator)
    _check_lengths(records)
    _check_values(records, divides)
    return records


def spaces_to_tabs(body: bytes) -> bytes:
    """Return a text in which every run of white space outside quotation marks is one tab, and none at the ends of lines."""
    codes = np.frombuffer(body, dtype=np.uint8)
    blank = ((codes == 32) | (codes == 9)) & ~_inside(codes)
    previous = np.concatenate([[True], blank[:-1] | (codes[:-1] == NEWLINE)])
    kept = ~(blank & previous)  # the first blank of each run, but none at the beginning of a line
    trimmed = np.where(blank, np.uint8(9), codes)[kept]
    return re.sub(rb"\t+(?=\n|\Z)", b"", trimmed.tobytes())


def _inside(codes: Array) -> Array:
    """Return which bytes stand inside quotation marks."""
    inside: Array = np.bitwise_xor.accumulate((codes == QUOTE).view(np.uint8)).view(bool)
    return inside


def _check_quotes(text: str, codes: Array, separator: int, first_line: int) -> None:
    """Refuse a quotation mark that is neither at a value's edge nor doubled, or that is never closed."""
    quotes = np.flatnonzero(codes == QUOTE)
    bounded = np.concatenate([[NEWLINE], codes, [NEWLINE]])  # position p of the text is p + 1 here
    edge = (bounded == separator) | (bounded == NEWLINE) | (bounded == QUOTE)
    opening, closing = quotes[0::2], quotes[1::2]
    stray_opening = opening[~edge[opening]]
    stray_closing = np.flatnonzero(~edge[closing + 2])
    first_opening = int(stray_opening[0]) if len(stray_opening) else len(codes)
    first_closing = int(closing[stray_closing[0]]) if len(stray_closing) else len(codes)
    if first_opening < first_closing:
        raise DataError(_stands_inside(text, first_opening, first_line))
    if len(stray_closing):
        began = _began(quotes, int(stray_closing[0]))
        if NEWLINE in codes[began:first_closing]:
            raise DataError(_unclosed(text, began, first_line))
        raise DataError(_stands_inside(text, first_closing, first_line))
    if len(quotes) % 2:
        raise DataError(_unclosed(text, _began(quotes, len(opening) - 1), first_line))


def _began(quotes: Array, pair: int) -> int:
    """Return where the value of a pair of quotation marks began; pairs that touch are doubled marks within it."""
    while pair > 0 and quotes[2 * pair] == quotes[2 * pair - 1] + 1:
        pair -= 1
    return int(quotes[2 * pair])


def _unclosed(text: str, byte: int, first_line: int) -> str:
    return (
        f"The quotation mark at {_place(text, byte, first_line)} is not closed; close it, or remove it where it is no "
        "enclosing mark."
    )


def _stands_inside(text: str, byte: int, first_line: int) -> str:
    return (
        f"The quotation mark at {_place(text, byte, first_line)} stands inside a value; enclose the whole value in "
        "quotation marks, directly at the separators, and double those inside it."
    )


def _place(text: str, byte: int, first_line: int) -> str:
    return place("\n" * (first_line - 1) + text.encode()[:byte].decode())


def _check_lengths(records: Records) -> None:
    """Refuse records that are too long or have too many columns."""
    lengths = records.ends - records.starts
    if lengths.max() > LONGEST_LINE:
        index = int((lengths > LONGEST_LINE).argmax())
        raise DataError(
            f"Line {records.lines[index]:,} has {lengths[index]:,} bytes from column 1 on, at most {LONGEST_LINE:,} are "
            f"read; write one record per line, with at most {MAX_COLUMNS:,} columns."
        )
    if records.counts.max() > MAX_COLUMNS:
        index = int((records.counts > MAX_COLUMNS).argmax())
        raise DataError(
            f"Line {records.lines[index]:,} has {records.counts[index]:,} columns, at most {MAX_COLUMNS:,} are read; "
            f"leave out what stands from column {MAX_COLUMNS + 1:,} on."
        )


def _check_values(records: Records, divides: Array) -> None:
    """Refuse values and numbers that are too long."""
    is_edge = divides.copy()
    is_edge[records.ends[:-1]] = True
    edges = np.concatenate([np.flatnonzero(is_edge), records.ends[-1:]])
    lengths = np.diff(edges, prepend=-1) - 1
    for index in np.flatnonzero(lengths > LONGEST_NUMBER):
        end, length = int(edges[index]), int(lengths[index])
        if length <= LONGEST_VALUE and not _DIGITS.fullmatch(records.body, end - length, end):
            continue
        record = int(np.searchsorted(records.ends, end))
        column = int(divides[records.starts[record] : end].sum()) + 1
        where = f"Line {records.lines[record]:,}, column {column}"
        if length > LONGEST_VALUE:
            raise DataError(
                f"{where} has {length:,} bytes in one value, at most {LONGEST_VALUE:,} are read; shorten it."
            )
        raise DataError(f"{where} has a number of {length:,} characters, at most {LONGEST_NUMBER} are read; round it.")
