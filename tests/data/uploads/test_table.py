"""A table's values are typed by written rules, and everything remarkable is said."""

import numpy as np
import pandas as pd
import pytest

from data.errors import DataError
from data.uploads.decode import decode
from data.uploads.find_date_format import read_dates
from data.uploads.findings import TableChoices
from data.uploads.report import table_report
from data.uploads.shared_options import join_names, split_names
from data.uploads.table import read_table
from tests.data.uploads.files import csv


def kinds(content: bytes) -> dict[str, str]:
    """Return the kind of each column by name."""
    return {column.name: column.kind for column in read_table(content).columns}


def test_read_table_tells_kinds_apart():
    """Numbers, dates, texts and empty columns are recognised by all their values."""
    content = csv("n,d,t,e,m", "1,2020-01-01,x,,1", ",2020-01-02,1,NA,x", "2.5e-3,2020-01-03,2,null,2")
    assert kinds(content) == {"n": "number", "d": "date", "t": "text", "e": "empty", "m": "text"}


def test_read_table_rounds_numbers_correctly():
    """Each number is the double nearest to its decimal text, as Python's own conversion gives it."""
    texts = ["0.1", "1e-7", "123456789.123456789", "2.2250738585072014e-308", "9007199254740993", "-.5", "+7."]
    numbers = read_table(csv("a", *texts)).columns[0].numbers
    assert numbers is not None
    assert numbers.tolist() == [float(text) for text in texts]


def test_read_table_finds_decimal_commas():
    """`1,5` is a number without a setting, and the visitor's own choice rules over that."""
    content = csv("a;b", "1,5;1", "-2,25;2")
    table = read_table(content)
    assert table.columns[0].numbers.tolist() == [1.5, -2.25]
    assert table.findings["decimal"].value == "comma"
    assert "can only be read so" in table.findings["decimal"].reason
    chosen = read_table(content, TableChoices(decimal="point"))
    assert chosen.columns[0].kind == "text"
    assert chosen.findings["decimal"].reason == "You chose it."


@pytest.mark.parametrize(
    ("first", "header"),
    [("1,2", False), ("2020-01-01,5", False), ("a,1", True), ("NA,", True), ("1,", False), ("inf,1", False)],
)
def test_read_table_takes_a_first_line_of_values_for_data(first, header):
    """A first line of numbers, dates and gaps is data; any word makes it names."""
    if "inf" in first:
        with pytest.raises(DataError, match="Line 1, column 1"):
            read_table(csv(first, "3,4"))
        return
    table = read_table(csv(first, "3,4"))
    assert (table.header, table.rows) == (header, 1 if header else 2)
    assert header or "have no names" in " ".join(table.notes)


def test_read_table_says_what_is_remarkable():
    """Latin-1, an empty name, rounded integers and one stray word are all told."""
    content = "é,,big,mixed\n1,2,9007199254740994,1\n1,2,1,2\n1,2,1,oops\n".encode("latin-1")
    notes = " ".join(read_table(content).notes)
    for words in (
        "Latin-1",
        "called `column_2`",
        "beyond 2^53",
        "1 value that is not a number, first line 4: `oops`; so it is read as text",
    ):
        assert words in notes


def test_report_lists_gaps_and_constant_columns():
    """The report counts gaps, names constant columns and describes each column."""
    report = table_report(read_table(csv("a;b;c", "1;7;2020-01-05", ";7;2020-01-02", "3;7;2020-01-03")))
    assert report.rows == 3
    assert report.separator == "semicolon"
    assert report.date_format == "year-month-day"
    assert "Missing values: 1 in `a`." in report.notes
    assert report.warnings == ("Constant, so nothing can be learned from it: `b`.",)
    assert report.frame()["from"].tolist() == ["1", "7", "2020-01-02"]
    assert report.frame()["constant"].tolist() == ["no", "yes", "no"]
    assert report.sentences()[0] == "3 rows and 3 columns, separated by semicolons, UTF-8."


@pytest.mark.parametrize(
    ("values", "letters", "other", "first"),
    [
        (["2020-01-31", "2020-02-01"], "%Y-%m-%d", "", "2020-01-31"),
        (["31/01/2020", "01/02/2020"], "%d/%m/%Y", "", "2020-01-31"),
        (["01/02/2020", "01/03/2020", "01/04/2020"], "%m/%d/%Y", "%d/%m/%Y", "2020-01-02"),
        (["01/02/2020", "02/02/2020", "03/02/2020"], "%d/%m/%Y", "%m/%d/%Y", "2020-02-01"),
        (["31.12.1999"], "%d.%m.%Y", "", "1999-12-31"),
        (["Jan 2020", "Feb 2020"], "%b %Y", "", "2020-01-01"),
        (["2020-01", "2020-02"], "%Y-%m", "", "2020-01-01"),
        (["2020-01-01T00:00:01Z"], "%Y-%m-%d %H:%M", "", "2020-01-01T00:00:01"),
        (["2020-01-01 23:59"], "%Y-%m-%d %H:%M", "", "2020-01-01T23:59"),
    ],
)
def test_read_dates_finds_the_one_format(values, letters, other, first):
    """The format that reads every value is found; of day and month the order with even steps wins, and is told."""
    dates = read_dates(pd.Series(values, dtype="str"), np.zeros(len(values), dtype=bool))
    assert dates is not None
    assert (dates.format, dates.other, str(dates.positions()[0])) == (letters, other, first)


@pytest.mark.parametrize("values", [["2020-13-01"], ["2020-01-01", "01.02.2020"], ["2020-02-30"], ["x"], ["12:61"]])
def test_read_dates_reads_nothing_by_half(values):
    """One value that does not fit makes the column text."""
    assert read_dates(pd.Series(values, dtype="str"), np.zeros(len(values), dtype=bool)) is None


def test_decode_says_how_it_read():
    """Every encoding gives the same characters and its own name."""
    for encoding, name in (("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 with byte order mark"), ("utf-16", "UTF-16")):
        decoded = decode("ä\r\nb\rc\n".encode(encoding))
        assert (decoded.text, decoded.encoding) == ("ä\nb\nc\n", name)


def test_names_survive_an_option():
    """Column names with commas and quotation marks are split as they were joined."""
    names = ["wind, max", 'the "best"', "a b", "x"]
    assert split_names(join_names(names)) == names


def test_column_names_the_ones_that_exist():
    """A column that does not exist is refused with the names that do."""
    with pytest.raises(DataError, match="`target` names the column `c`, but line 1 names `a`, `b`"):
        read_table(csv("a,b", "1,2")).column("c", "target")
