"""Archives, workbooks, Parquet, `.ts` files and long files are read as the same table in a CSV file is."""

import datetime as dt
import gzip
import io

import openpyxl
import pandas as pd
import pytest

from data.errors import DataError
from data.uploads.decode import LARGEST_BYTES
from data.uploads.findings import TableChoices
from data.uploads.stored_part import kept_part
from data.uploads.table import Table, read_table
from tests.data.uploads.files import csv
from tests.data.uploads.hostile_files import zipped

GERMAN = csv("Datum;Umsatz", *(f"{day:02}.01.2024;1.{day:03},5" for day in range(1, 29)))


def values(table: Table, name: str) -> list[float]:
    """Return the numbers of a column."""
    numbers = table.column(name, "column").numbers
    assert numbers is not None
    return list(numbers)


def workbook(*sheets: list[list[object]]) -> bytes:
    """Return a workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for index, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Sheet {index + 1}")
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def report_rows() -> list[list[object]]:
    """Return a report with a title, a blank row, names, rows and a sum."""
    rows: list[list[object]] = [["Bericht 2024"], [], [None, "Datum", "Umsatz (€)", "offen"]]
    rows += [[None, dt.datetime(2024, 1, day), day * 1.5, day % 2 == 0] for day in range(1, 29)]
    return [*rows, [None, "Summe"]]


@pytest.mark.parametrize("packed", [gzip.compress(GERMAN), zipped({"data/umsatz.csv": GERMAN, "__MACOSX/._x": b"x"})])
def test_packed_file_is_read_as_the_file(packed: bytes) -> None:
    """The only file of an archive is read, and said."""
    table = read_table(packed, filename="umsatz.csv.gz")
    assert values(table, "Umsatz") == values(read_table(GERMAN), "Umsatz")
    assert values(table, "Umsatz")[0] == 1001.5
    assert table.findings["member"].reason == "It is the only file in the archive."


def test_archive_with_several_files_asks() -> None:
    """The largest table is taken, the others are offered, and the choice rules."""
    packed = zipped({"a.csv": csv("x", "1", "2", "3"), "b.csv": GERMAN, "readme.md": b"x" * 5_000})
    table = read_table(packed)
    (question,) = [one for one in table.questions if one.name == "member"]
    assert (question.preselected, {value for value, _ in question.choices}) == (
        "b.csv",
        {"a.csv", "b.csv", "readme.md"},
    )
    assert values(read_table(packed, TableChoices(member="a.csv")), "x") == [1, 2, 3]


def test_workbook_is_read_with_its_dates_and_numbers() -> None:
    """Title, blank row and sum are left out and said; lines are those of the sheet."""
    table = read_table(workbook(report_rows()))
    assert [(one.name, one.kind) for one in table.columns] == [
        ("Datum", "date"),
        ("Umsatz (€)", "number"),
        ("offen", "number"),
    ]
    assert values(table, "Umsatz (€)")[:2] == [1.5, 3.0]
    assert (table.rows, table.line(0), table.columns[2].boolean) == (28, 4, True)
    assert (table.findings["skip_first"].value, table.findings["skip_last"].value) == ("1", "1")


def test_workbook_with_several_sheets_asks() -> None:
    """The first sheet with rows is taken, and the choice rules."""
    content = workbook([["note"]], [["a"], [1], [2], [3]], [["b"], [4], [5], [6]])
    table = read_table(content)
    assert table.columns[0].name == "a"
    assert [one.name for one in table.questions if one.name == "sheet"]
    assert read_table(content, TableChoices(sheet="Sheet 3")).columns[0].name == "b"
    with pytest.raises(DataError, match="no sheet `Sheet 9`; it has `Sheet 1`"):
        read_table(content, TableChoices(sheet="Sheet 9"))


def test_formulas_are_never_calculated() -> None:
    """A formula counts as the value that was stored with it; without one the cell is missing."""
    table = read_table(workbook([["a", "b"], [1, "=1+1"], [2, "=2+2"], [3, 4]]))
    assert table.column("b", "column").texts.tolist() == ["", "", "4"]


def test_parquet_is_read_exactly() -> None:
    """Dates, numbers with all their digits, texts, truth values and gaps are those of the frame."""
    frame = pd.DataFrame(
        {
            "t": pd.date_range("2024-01-01", periods=4, freq="h"),
            "x": [0.1, 1 / 3, None, 1e-300],
            "s": list("abca"),
            "f": [True, False] * 2,
        }
    )
    out = io.BytesIO()
    frame.to_parquet(out)
    table = read_table(out.getvalue())
    assert [one.kind for one in table.columns] == ["date", "number", "text", "number"]
    assert values(table, "x")[:2] == [0.1, 1 / 3]
    assert values(table, "x")[3] == 1e-300
    assert table.columns[1].missing.tolist() == [False, False, True, False]


def test_ts_file_of_unequal_lengths_is_one_row_a_step() -> None:
    """Dimensions are columns, and shorter sequences have fewer rows."""
    content = csv("@problemName x", "@classLabel true a b", "@data", "1,2,3:4,5,6:a", "7,8:9,10:b")
    table = read_table(content)
    assert [one.name for one in table.columns] == ["sequence", "step", "dimension_1", "dimension_2", "label"]
    assert values(table, "dimension_2") == [4, 5, 6, 9, 10]
    assert table.columns[4].texts.tolist() == ["a"] * 3 + ["b"] * 2
    with pytest.raises(DataError, match="Line 5 has 2 parts between colons where the first sequence has 3"):
        read_table(csv("@problemName x", "@classLabel true a b", "@data", "1,2:3,4:a", "7,8:b"))


LONG_ROWS = 1_200_000


@pytest.fixture(scope="module")
def long_file() -> bytes:
    """Return a file that is longer than what is read."""
    return b"step;value\n" + b"".join(b"%d;1%06d.5\n" % (row, row % 1_000_000) for row in range(LONG_ROWS))


@pytest.mark.parametrize(("which", "first", "line"), [("", None, None), ("first", 0.0, 2)])
def test_long_file_is_read_in_part(long_file: bytes, which: str, first: float | None, line: int | None) -> None:
    """The last (or first) rows that fit are read, lines are the file's own, and what is kept reads the same."""
    choices = TableChoices(rows=which)
    table = read_table(long_file, choices)
    assert f"of {LONG_ROWS:,} rows are read" in table.findings["rows"].reason
    steps = values(table, "step")
    assert table.line(0) == (line or int(steps[0]) + 2)
    assert steps[0] == first if which else steps[-1] == LONG_ROWS - 1
    kept = kept_part(long_file, choices)
    assert len(kept) <= LARGEST_BYTES
    again = read_table(kept)
    assert (again.rows, again.line(0), values(again, "value")) == (table.rows, table.line(0), values(table, "value"))
    assert again.findings["rows"].value == (which or "last")


def test_short_file_is_kept_as_it_is() -> None:
    """Nothing is written anew that fits."""
    assert kept_part(GERMAN) == GERMAN
