"""What a CSV file means according to Python's own csv module, an independent parser to compare uploads with."""

import csv
import io
import math
import re

from data.uploads.number_text import MISSING, MISSING_BESIDE_NUMBERS
from data.uploads.table import Column, Table

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}


def decoded(content: bytes) -> str:
    """Decode as the report says: byte order mark first, then UTF-8, then Latin-1."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def rows_of(content: bytes, separator: str) -> list[list[str]]:
    """Return every record with its fields, without empty records at the beginning and the end."""
    reader = csv.reader(io.StringIO(decoded(content), newline=""), delimiter=separator or "\x1f", strict=True)
    rows = list(reader)
    while rows and not rows[-1]:
        rows.pop()
    while rows and not rows[0]:
        rows.pop(0)
    return rows


def number_of(cell: str, column: Column) -> float:
    """Return a cell's value by the signs that the column is reported to have."""
    convention = column.convention
    bare = re.sub(r"[$\u20ac%\s]", "", cell.replace("\u2212", "-"))
    scale = {"k": 1e3, "m": 1e6, "b": 1e9}.get(bare[-1:].lower(), 1.0)
    sign = -1.0 if bare.startswith("(") else 1.0
    digits = bare.strip("()kKmMbB").replace(convention.thousands or "\0", "").replace(convention.decimal, ".")
    return sign * scale * float(digits)


def said_otherwise(table: Table) -> bool:
    """Return whether the table reports lines that were left out or split differently from the csv module."""
    found = table.findings
    edges = any(found[name].value != "0" for name in ("skip_first", "skip_last") if name in found)
    counted = found["header"].value not in ("0", "1") or found["comment"].value != "none"
    spaces = found["separator"].value == "space" or any("left out" in note for note in table.notes)
    return edges or counted or spaces or found["encoding"].guessed


def check_meaning(content: bytes, table: Table) -> None:
    """Assert that an accepted table holds exactly what the csv module reads: fields, numbers and gaps."""
    if said_otherwise(table):
        return
    rows = rows_of(content, table.separator)
    assert len(rows) == table.rows + table.header
    assert {len(row) for row in rows} == {len(table.columns)}
    if table.header:
        names = [name.strip().lstrip("\ufeff") for name in rows[0]]  # a byte order mark is no part of a name
        for index, (name, column) in enumerate(zip(names, table.columns, strict=True)):
            if names.count(name) == 1:
                assert column.name == (name or f"column_{index + 1}") or not name
    for index, column in enumerate(table.columns):
        cells = [row[index].strip() for row in rows[table.header :]]
        assert column.texts.tolist() == cells
        check_gaps(column, cells)
        if column.numbers is not None and not column.boolean:
            for cell, number, gap in zip(cells, column.numbers.tolist(), column.missing, strict=True):
                assert math.isnan(number) if gap else (number == number_of(cell, column) and math.isfinite(number))


def check_gaps(column: Column, cells: list[str]) -> None:
    """Assert that the usual spellings are missing, others only beside numbers and dates, and words only if they are told."""
    usual = [cell.lower() in MISSING for cell in cells]
    beside = [gap or cell.lower() in MISSING_BESIDE_NUMBERS for gap, cell in zip(usual, cells, strict=True)]
    if column.kind in ("text", "empty"):
        assert column.missing.tolist() == usual
    elif column.strays:
        assert column.missing.sum() == sum(beside) + column.strays
    else:
        assert column.missing.tolist() in (beside, usual)
