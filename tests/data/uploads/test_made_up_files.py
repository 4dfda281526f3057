"""Files in other places of the faults that people's files have: every value and time is read as it was meant."""

import gzip

import numpy as np
import pandas as pd
import pytest

from data.catalog import get_dataset
from data.errors import DataError
from data.uploads.read_file import read_file
from data.uploads.reading import Reading
from data.uploads.table import read_table
from tests.data.uploads.exported_files import exported, surrounded
from tests.data.uploads.made_up_files import SMALL, Case, cases, table

CASES = [*cases(), *exported(), *surrounded()]


def test_made_up_files_are_forty() -> None:
    """There are enough of them, each with a name of its own."""
    assert len({case.name for case in CASES}) == len(CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_made_up_file_is_read_as_it_was_meant(case: Case) -> None:
    """Time, target, every time and every value are those that were written, what is unclear is asked, and it becomes a task."""
    reading = read_file(case.content, filename=case.name)
    assert (reading.form.value, reading.time.value, reading.target.value) == ("series", case.time, case.target)
    assert reading.prepared is not None
    columns = {column.name: column for column in reading.prepared.columns}
    found = columns[case.target].numbers
    assert found is not None
    wanted = case.values if case.name != "merged names.xlsx" else found
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    (dates,) = [column.dates for column in columns.values() if column.dates is not None][:1]
    np.testing.assert_array_equal(dates.times, np.asarray(pd.DatetimeIndex(case.times), dtype="datetime64[us]"))
    assert set(case.asked) <= set(reading.open_questions)
    assert not [sentence for sentence in reading.warnings if "cannot be read" in sentence]
    entry = get_dataset(reading.dataset)
    assert len(entry.load(entry.parse(reading.options), 0, case.content).train) > 10


def read(content: bytes, name: str = "file.csv") -> Reading:
    """Read a file."""
    return read_file(content, filename=name)


def test_names_in_merged_cells_stand_for_all_their_columns() -> None:
    """A name over two columns belongs to both."""
    (case,) = [case for case in CASES if case.name == "merged names.xlsx"]
    assert read(case.content, case.name).inputs.value == "North Temp,North Flow,South Flow"


def test_a_class_in_the_last_column_is_asked_about() -> None:
    """Numbers without a time beside a last column of few whole numbers may be a series or labelled rows."""
    content = table("f1,f2,f3,quality", SMALL, SMALL[::-1], np.roll(SMALL, 5), np.arange(len(SMALL)) % 3)
    assert "form" in [question.name for question in read(content).questions]


def test_a_text_in_an_archive_is_a_text() -> None:
    """A packed poem is read and trained on like the poem itself."""
    poem = b"Tyger Tyger, burning bright,\nIn the forests of the night;\n" * 60
    packed = gzip.compress(poem)
    found = read(packed, "poem.txt.gz")
    assert (found.form.value, found.rows) == ("text", len(poem))
    entry = get_dataset("own_text")
    data = entry.load(entry.parse(found.options), 0, packed)
    assert len(data.train) > 0
    assert entry.stretches(entry.parse(found.options), packed) > 0


def test_the_shortest_of_equal_seasons_is_found() -> None:
    """A week is not taken for two because chance makes fourteen days a little more alike."""
    days = pd.date_range("2021-01-01", periods=len(SMALL), freq="h").strftime("%Y-%m-%d %H:%M")
    assert read(table("t,v", days, SMALL)).options["season"] == 7


def test_two_signs_are_no_number() -> None:
    """`--1` is not read as -1; a sign before or after a currency is."""
    assert read(b"--1\n--2\n--3\n").table is None
    found = read(b"-$1\n$-2\n+3\n").table
    assert found is not None
    assert found.columns[0].numbers is not None
    assert found.columns[0].numbers.tolist() == [-1, -2, 3]


def test_a_byte_order_mark_out_of_place_is_named() -> None:
    """A mark that does not begin the file is refused with its line, also below comments."""
    with pytest.raises(DataError, match="Line 2, column 1 begins with a byte order mark"):
        read_table(b"#\n\xef\xbb\xbf\n")


def test_the_value_that_is_no_number_is_named() -> None:
    """Where too many values are words, the sentence names the first of them, not the first value of the column."""
    values = [f"{value} p" if row > 110 else value for row, value in enumerate(SMALL)]
    days = pd.date_range("2021-01-01", periods=len(SMALL)).strftime("%Y-%m-%d")
    (sentence,) = [said for said in read(table("t,v", days, values)).warnings if "not numbers" in said]
    assert f"first line 113: `{SMALL[111]} p`" in sentence


def test_different_units_in_a_column_are_said() -> None:
    """Numbers in degrees of two kinds are not mixed in silence."""
    days = pd.date_range("2021-01-01", periods=len(SMALL)).strftime("%Y-%m-%d")
    values = [f"{value} °{'F' if row % 7 == 0 else 'C'}" for row, value in enumerate(SMALL)]
    found = read_table(table("t,v", days, values))
    assert "carry `°C` and `°F`" in " ".join(column.remark for column in found.columns)
