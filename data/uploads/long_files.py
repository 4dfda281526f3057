"""Read part of a file that is too long: its head and its last rows, without decoding the rest.

`part_of` cuts while reading. `kept_part` makes the bytes that are stored with an experiment; their first line says what was
cut, so that messages give line numbers of the visitor's file.
"""

import re
from dataclasses import dataclass, field

import numpy as np

from data.errors import DataError
from data.task import Array
from data.uploads.decode import LARGEST_BYTES, decode
from data.uploads.findings import Found, TableChoices
from data.uploads.header import find_header
from data.uploads.layout import lay_out
from data.uploads.records import MAX_CELLS

_HEAD_BYTES = 2 * 2**20
_HEAD_LINES = 300
_MAX_SHIFTS = 1_000  # lines that a cut moves on to be outside quotation marks
_MARKER = re.compile(
    rb"#part: ([0-9]{1,9}) lines of names, then from line ([0-9]{1,12}) on; (first|last) ([0-9,]+) of ([0-9,]+) rows\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The bytes of a file that are read.

    Attributes:
        content: The bytes, including the lines above the table.
        head: Number of lines above the first row.
        first: Line number of the first row in the visitor's file; 0 if nothing was left out.
        findings: Which rows were read, if not all.
        notes: The same as a sentence.
    """

    content: bytes
    head: int = 0
    first: int = 0
    findings: dict[str, Found] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def lines(self, lines: Array) -> Array:
        """Return the lines in the visitor's file for lines in the part."""
        if not self.first:
            return lines
        moved: Array = np.where(lines > self.head, lines + self.first - self.head - 1, lines)
        return moved


def part_of(content: bytes, choices: TableChoices) -> Part:
    """Return the part of a text to read: all of it, or the head and the last (or first) rows that fit.

    Args:
        content: The bytes of the text.
        choices: What the visitor chose; `rows` is `last` or `first`.

    Raises:
        DataError: If the beginning of a file that is too long is not a table.
    """
    marked = _MARKER.match(content)
    if marked:
        head, first, which, rows, total = (group.decode() for group in marked.groups())
        return _part(content[marked.end() :], int(head), int(first), which, f"{rows} of {total}", choices)
    if len(content) <= LARGEST_BYTES and content.count(b"\n") * 2 <= MAX_CELLS and _few_cells(content, choices):
        return Part(content=content)
    content = _with_line_feeds(content)
    head, columns = _head(content, choices)
    start = _line_start(content, head)
    total = content.count(b"\n", start) + (not content.endswith(b"\n"))
    most = min(MAX_CELLS // columns - head, total)  # the lines above count as rows too
    if choices.rows == "first":
        begin, end = start, _first_rows(content, start, most)
    else:
        begin, end = _last_rows(content, start, most), len(content)
    rows = content.count(b"\n", begin, end) + (not content.endswith(b"\n", begin, end))
    if rows == total:
        return Part(content=content)
    first = head + 1 + content.count(b"\n", start, begin)
    which = choices.rows or "last"
    return _part(content[:start] + content[begin:end], head, first, which, f"{rows:,} of {total:,}", choices)


def marked(part: Part) -> bytes:
    """Return a part as bytes whose first line says which part it is; `part_of` undoes this."""
    if not part.first:
        return part.content
    which = part.findings["rows"].value
    rows = re.sub("^The (first|last) | rows are read.*$", "", part.notes[0])
    return (
        f"#part: {part.head} lines of names, then from line {part.first} on; {which} {rows} rows\n".encode()
        + part.content
    )


def _part(content: bytes, head: int, first: int, which: str, rows: str, choices: TableChoices) -> Part:
    said = f"The {which} {rows} rows are read; more do not fit."
    found = Found(which, said, guessed=not choices.rows)
    return Part(content=content, head=head, first=first, findings={"rows": found}, notes=(said,))


def _few_cells(content: bytes, choices: TableChoices) -> bool:
    """Return whether a text that is short enough also has few enough values."""
    line = content[: content.find(b"\n", 0, _HEAD_BYTES) + 1]
    widest = max(line.count(sign) for sign in (b",", b";", b"\t", b"|", b" ")) + 1
    rows = content.count(b"\n") + 1
    if rows * widest <= MAX_CELLS:
        return True
    try:
        _, columns = _head(_with_line_feeds(content), choices)
    except DataError:
        return True  # the reader reports what is wrong
    return rows * columns <= MAX_CELLS


def _with_line_feeds(content: bytes) -> bytes:
    """Return a long text as UTF-8 or another encoding in which a line feed is one byte."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16").encode()
        except UnicodeDecodeError as error:
            raise DataError("The file is not valid UTF-16; save it as UTF-8.") from error
    head = content[:_HEAD_BYTES]
    return content.replace(b"\r", b"\n") if b"\r" in head and b"\n" not in head else content


def _head(content: bytes, choices: TableChoices) -> tuple[int, int]:
    """Return the number of lines above the first row, and the number of columns."""
    sample = content[:_HEAD_BYTES]
    ends = [found.start() for found in re.finditer(b"\n", sample)][:_HEAD_LINES]
    if len(ends) < 2:
        raise DataError(f"Line 1 has more than {_HEAD_BYTES:,} bytes from column 1 on; write one record per line.")
    text = decode(_whole_letters(sample[: ends[-1]]), choices.encoding).text
    rectangle = lay_out(text, choices.changed("skip_last", "0"))
    header = find_header(rectangle.cells, rectangle.lines, chosen=choices.header)
    return int(rectangle.lines[header.rows]) - 1, rectangle.cells.shape[1]


def _whole_letters(sample: bytes) -> bytes:
    return sample if len(sample) % 2 == 0 else sample + b"\n"


def _line_start(content: bytes, line: int) -> int:
    """Return the byte at which a line begins, counted from 0."""
    start = 0
    for _ in range(line):
        start = content.find(b"\n", start) + 1
    return start


def _last_rows(content: bytes, start: int, most: int) -> int:
    """Return where the last rows that fit begin."""
    begin = max(start, len(content) - (LARGEST_BYTES - start - 1024))
    begin = begin if begin == start else content.find(b"\n", begin) + 1
    ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8, offset=begin) == 10) + begin
    rows = len(ends) + (not content.endswith(b"\n"))
    wanted = _round(min(most, rows))
    if wanted < rows:
        begin = int(ends[rows - wanted - 1]) + 1
    return _outside_quotes(content, start, begin)


def _first_rows(content: bytes, start: int, most: int) -> int:
    """Return where the first rows that fit end."""
    end = min(len(content), start + LARGEST_BYTES - start - 1024)
    ends = np.flatnonzero(np.frombuffer(content[start:end], dtype=np.uint8) == 10) + start
    wanted = _round(min(most, len(ends)))
    return _outside_quotes(content, start, int(ends[wanted - 1]) + 1)


def _round(rows: int) -> int:
    """Return a number with two digits that is not larger: 161,234 becomes 160,000."""
    step: int = 10 ** max(0, len(str(rows)) - 2)
    return max(1, rows // step * step)


def _outside_quotes(content: bytes, start: int, place: int) -> int:
    """Return the next beginning of a line that is not inside quotation marks."""
    for _ in range(_MAX_SHIFTS):
        if content.count(b'"', start, place) % 2 == 0:
            return place
        place = content.find(b"\n", place) + 1
        if not place:
            break
    raise DataError("The file is too long, and its quotation marks leave open where rows begin; shorten it.")
