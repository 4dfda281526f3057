"""Choose the bytes of a file to store with an experiment: the whole file if it is short, else the part that is read."""

import csv
import io
import re

from data.errors import DataError
from data.uploads.archives import LARGEST_UNPACKED, ZIP
from data.uploads.containers import open_container, unpack
from data.uploads.decode import LARGEST_BYTES
from data.uploads.findings import AUTOMATIC, Found, TableChoices
from data.uploads.layout import Rectangle
from data.uploads.long_files import Part, marked, part_of

LARGEST_FILE = LARGEST_UNPACKED


def kept_part(content: bytes, choices: TableChoices = AUTOMATIC, filename: str = "") -> bytes:
    """Return the part of a file that is stored and sent to workers, at most `LARGEST_BYTES`.

    Args:
        content: The bytes of the file.
        choices: How the visitor wants it read; `rows` says which rows are kept of a long one.
        filename: Its name, a hint.

    Raises:
        DataError: If it exceeds the upload limit, or is too long to keep whole and cannot be read as a table.
    """
    if len(content) > LARGEST_FILE:
        raise DataError(
            f"The file is {len(content) / 2**20:,.0f} MB, at most {LARGEST_FILE // 2**20} MB are read; leave out rows or "
            "columns."
        )
    if len(content) <= LARGEST_BYTES:
        return content
    unpacked = unpack(content, choices, filename)
    if unpacked is not None:
        return kept_part(unpacked.content, choices, unpacked.name)
    if content.startswith((ZIP, b"PAR1")):
        return _as_csv(open_container(content, choices, filename).rectangle)
    return marked(part_of(content, choices))


def _as_csv(rectangle: Rectangle) -> bytes:
    """Return typed cells as CSV: as many of the last (or first) rows as fit."""
    found = rectangle.findings.get("rows")
    which = found.value if found else "last"
    rows = rectangle.cells.to_numpy(dtype=object).tolist()
    lines = [_line(row) for row in rows]
    head = _line(rectangle.names) if rectangle.names else b""
    budget = LARGEST_BYTES - len(head) - 1024
    total = int(re.findall("of ([0-9,]+) rows", found.reason)[0].replace(",", "")) if found else len(lines)
    begin, end = _fitting([len(line) for line in lines], budget, from_end=which == "last")
    content = head + b"".join(lines[begin:end])
    said = f"The {which} {end - begin:,} of {total:,} rows are read; more do not fit."
    part = Part(
        content=content,
        head=1 if head else 0,
        first=int(rectangle.lines[begin]) if end - begin < total else 0,
        findings={"rows": Found(which, said, guessed=True)},
        notes=(said,),
    )
    return marked(part)


def _line(values: object) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(values)  # type: ignore[arg-type]
    return out.getvalue().encode()


def _fitting(sizes: list[int], budget: int, *, from_end: bool) -> tuple[int, int]:
    """Return the range of the last (or first) lines whose bytes fit."""
    count = 0
    for size in reversed(sizes) if from_end else sizes:
        budget -= size
        if budget < 0:
            break
        count += 1
    return (len(sizes) - count, len(sizes)) if from_end else (0, count)
