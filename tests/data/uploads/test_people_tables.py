"""Files in the forms that people bring, as tables: shape, kinds, three values, and what is found and asked."""

from pathlib import Path

import pytest

from data.errors import DataError
from data.uploads.findings import AUTOMATIC, TableChoices
from data.uploads.table import Table, read_table

PEOPLE = Path(__file__).parent / "people"


def people(number: str, choices: TableChoices = AUTOMATIC) -> Table:
    """Read the file with a number."""
    (file,) = PEOPLE.glob(f"{number}-*")
    return read_table(file.read_bytes(), choices, file.name)


@pytest.mark.parametrize(
    ("number", "rows", "names", "column", "row", "value"),
    [
        ("05", 240, ["No", "year", "month"], "pm2.5", 239, 83.0),
        ("07", 3000, ["Date", "Time", "Global_active_power"], "Global_active_power", 0, 3.968),
        ("09", 150, ["Date", "Price", "Open"], "Price", 0, 1232.92),
        ("09", 150, ["Date", "Price", "Open"], "Vol.", 0, 44_820_000.0),
        ("09", 150, ["Date", "Price", "Open"], "Change %", 0, -0.64),
        ("11", 150, ["Date", "Close", "High", "Low", "Open", "Volume"], "Close", 0, 100.7),
        ("13", 702, ["column_1", "column_2"], "column_9", 0, 14.62),
        ("15", 60, ["column_1", "column_2"], "column_2", 0, -0.14456652),
        ("16", 2400, ["sequence", "step", "value", "label"], "step", 40, 1.0),
        ("17", 800, ["column_1", "column_2"], "column_6", 0, 0.54594187),
        ("18", 300, ["column_1", "MT_001", "MT_002", "MT_003"], "MT_001", 1, 0.423910686),
        ("19", 200, ["Datum", "Verbrauch (kWh)"], "Verbrauch (kWh)", 0, 98.97),
        ("22", 900, ["column_1", "column_2"], "column_5", 3, -1.0),
        ("23", 120, ["column_1", "column_2"], "column_862", 0, None),
        ("33", 132, ["Month", "International airline passengers"], "International airline passengers", 131, 90.7),
        ("37", 120, ["year", "month", "average"], "average", 0, 100.26),
        ("38", 120, ["Year", "Jan", "Feb"], "Jan", 0, -0.31),
        ("50", 120, ["date", "price", "share"], "price", 0, 100.5),
        ("50", 120, ["date", "price", "share"], "share", 1, 1.0),
        ("53", 200, ["date", "price", "volume"], "price", 0, 30_056.0),
        ("54", 300, ["Date", "Open", "High"], "Volume", 0, 8_781_320.0),
        ("54", 300, ["Date", "Open", "High"], "Open", 0, 638.10),
        ("70", 200, ["date", "load"], "load", 0, 99.5),
        ("71", 200, ["id", "date", "value", "is_holiday"], "is_holiday", 0, 0.0),
        ("72", 200, ["date", "note", "value"], "value", 199, None),
        ("73", 200, ["date", "load", "load_2"], "load_2", 1, 2.0),
        ("75", 60, ["Sales, monthly"], "Sales, monthly", 0, 100.0),
    ],
)
def test_people_file_is_read(
    number: str, rows: int, names: list[str], column: str, row: int, value: float | None
) -> None:
    """Rows, names and a value are those of the file."""
    table = people(number)
    assert table.rows == rows
    assert [one.name for one in table.columns][: len(names)] == names
    found = table.column(column, "column").numbers
    assert found is not None
    if value is not None:
        assert found[row] == value


@pytest.mark.parametrize(
    ("number", "choice", "value", "reason"),
    [
        ("19", "separator", ";", "Line 1 says so"),
        ("19", "decimal", "comma", "can only be read so"),
        ("28", "encoding", "windows-1252", "was read as Windows-1252"),
        ("25", "encoding", "latin-1", "was read as Latin-1"),
        ("25", "header", "0", "holds values"),
        ("17", "header", "0", "holds values"),
        ("11", "header", "3", "words where values follow"),
        ("13", "separator", "space", "8 spaces between values"),
        ("37", "comment", "#", "2 lines at the top begin with `#`"),
        ("38", "skip_first", "1", "stands above the table"),
        ("33", "skip_last", "1", "Line 135 has 1 value where the table has 2"),
        ("54", "thousands", "comma", "groups of three digits"),
    ],
)
def test_people_file_says_what_was_found(number: str, choice: str, value: str, reason: str) -> None:
    """Each decision is named by the choice that changes it, with its reason."""
    found = people(number).findings[choice]
    assert found.value == value
    assert reason in found.reason


def test_thousands_or_decimals_are_asked() -> None:
    """Where every value has three digits behind the comma, thousands are likelier, and the other answer rules when given."""
    question = next(one for one in people("53").questions if one.name == "decimal")
    assert question.preselected == "point"
    numbers = people("53", TableChoices(decimal="comma")).column("price", "price").numbers
    assert numbers is not None
    assert numbers[0] == 30.056


def test_a_footer_is_left_out_on_the_visitors_word() -> None:
    """The last line is left out and asked about; kept, it is named as broken."""
    assert [one.name for one in people("33").questions] == ["skip_last"]
    with pytest.raises(DataError, match="Line 135 has 1 value where line 1 has 2"):
        people("33", TableChoices(skip_last="0"))


def test_what_is_no_number_is_named_and_asked() -> None:
    """`?11.1` is named with count, first line and value; whether it is missing is asked, and the other answer rules."""
    table = people("34")
    (question,) = table.questions
    assert "In line 152" in question.text
    assert "`?11.1`; 2 values are not numbers" in question.text
    assert table.columns[1].gaps == 2
    assert "first line 152: `?11.1`" in table.findings["not_numbers"].reason
    chosen = people("34", TableChoices(not_numbers="text"))
    assert chosen.columns[1].kind == "text"
    assert chosen.findings["not_numbers"].reason == "You chose it."


def test_infinite_number_beside_words_is_refused() -> None:
    """An infinite number is never counted as missing, whatever stands beside it."""
    rows = [f"{row},{row}" for row in range(60)]
    content = "\n".join(["t,v", *rows, "60,inf", "61,word"]).encode()
    with pytest.raises(DataError, match=r"Line 62, column 2 \(`v`\) holds `inf`"):
        read_table(content)


def test_words_count_as_missing_on_the_visitors_word() -> None:
    """A column with more words than are guessed away is text; chosen, they are missing."""
    content = "\n".join(["v", *["1", "2", "word"] * 9]).encode()
    assert read_table(content).columns[0].kind == "text"
    assert read_table(content, TableChoices(not_numbers="missing")).columns[0].gaps == 9


def test_booleans_are_numbers_and_remembered() -> None:
    """True and false are 1 and 0, and the column says that it is one of truth values."""
    column = people("71").columns[3]
    assert column.boolean
    assert set(column.numbers) == {0.0, 1.0}
