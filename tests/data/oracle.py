"""What a CSV file means according to Python's own csv module: the independent parser that uploads are held against."""

import csv
import io
import math

from data.uploads.table import MISSING, Column, Table

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
    """Return every record with its fields; empty records at the end are none."""
    reader = csv.reader(io.StringIO(decoded(content), newline=""), delimiter=separator or "\x1f", strict=True)
    rows = list(reader)
    while rows and not rows[-1]:
        rows.pop()
    return rows


def number_of(cell: str, column: Column) -> float:
    """Return what a cell means by the signs that the column is said to have."""
    convention = column.convention
    return float(cell.replace(convention.thousands or "\0", "").replace(convention.decimal, "."))


def check_meaning(content: bytes, table: Table) -> None:
    """Assert that an accepted table holds exactly what the csv module reads: fields, numbers and gaps."""
    rows = rows_of(content, table.separator)
    assert len(rows) == table.rows + table.header
    assert {len(row) for row in rows} == {len(table.columns)}
    if table.header:
        for index, (name, column) in enumerate(zip(rows[0], table.columns, strict=True)):
            assert column.name == (name.strip() or f"column_{index + 1}")
    for index, column in enumerate(table.columns):
        cells = [row[index].strip() for row in rows[table.header :]]
        assert column.texts.tolist() == cells
        assert column.missing.tolist() == [cell.lower() in MISSING for cell in cells]
        if column.numbers is not None:
            for cell, number, gap in zip(cells, column.numbers.tolist(), column.missing, strict=True):
                assert math.isnan(number) if gap else (number == number_of(cell, column) and math.isfinite(number))
