"""Columns of dates with a few values that are none: what is said, what is done, and what the visitor can choose."""

import numpy as np
import pytest

from data.uploads.read_file import read_file
from data.uploads.reading import Reading, ReadingChoices


def monthly(*, changed: dict[int, str], count: int = 72, separator: str = ";") -> bytes:
    """Return a German file of months, some of whose dates are replaced by other texts."""
    rows = [
        f"{changed.get(row, f'01.{row % 12 + 1:02}.{2018 + row // 12}')}{separator}{1000 + 10 * row + 30 * (row % 12)},{row % 40 + 10}"
        for row in range(count)
    ]
    return "\r\n".join([f"Datum{separator}Umsatz", *rows]).encode()


def read(content: bytes, **chosen: str) -> Reading:
    """Read a file with choices."""
    return read_file(content, ReadingChoices.of(chosen), "umsatz.csv")


def days(reading: Reading) -> list[str]:
    """Return the times of a reading."""
    assert reading.prepared is not None
    dates = next(column.dates for column in reading.prepared.columns if column.dates is not None)
    return [str(one) for one in dates.positions()]


def asked(reading: Reading) -> list[str]:
    """Return the values offered for dates that are none."""
    return [value for question in reading.questions if question.name == "not_times" for value, _ in question.choices]


@pytest.mark.parametrize(
    "typo", ["01,01.2022", "01.01 2022", "1.1.2022.", "01.O1.2022", "1.1.2032", "morgen", "32.01.2022"]
)
@pytest.mark.parametrize("chosen", [{}, {"time": "Datum"}])
def test_typing_mistake_in_a_date_is_named_and_the_month_kept(typo: str, chosen: dict[str, str]) -> None:
    """Line, value and the time it is taken for are said, no row is lost, and the answer can be changed."""
    content = monthly(changed={48: typo})
    reading = read(content, **chosen)
    if typo == "1.1.2032":  # a date, only not in order: it is sorted
        assert "sorted" in reading.order.reason
        return
    assert reading.questions[0].name == "not_times"
    assert f"line 50, `{typo}`" in reading.questions[0].text
    assert reading.time.value == "Datum"
    assert days(reading)[48] == "2022-01-01"
    assert reading.rows == len(days(reading)) == 72
    assert asked(reading) == ["likely", "missing", "text"]


def test_rows_are_left_out_or_the_column_is_text_where_the_visitor_says_so() -> None:
    """Each answer is obeyed, said, and no longer asked."""
    content = monthly(changed={48: "01,01.2022"})
    without = read(content, not_times="missing")
    assert len(days(without)) == 71
    assert "2022-01-01" not in days(without)
    text = read(content, not_times="text")
    assert text.time.value == ""
    assert "`01,01.2022`, which cannot be read as time" in text.warnings[0]
    assert not asked(without)
    assert not asked(text)


def test_hand_chosen_time_keeps_its_warning_and_the_format_choice() -> None:
    """A column that is mostly no dates warns also when it was chosen as the time, and its format can be chosen."""
    content = monthly(changed=dict.fromkeys(range(0, 60, 7), "?!1"))
    for chosen in ({}, {"time": "Datum"}):
        reading = read(content, **chosen)
        assert "`?!1`, which cannot be read as time" in reading.warnings[0]
        assert "date_format" in [name for name, _, _ in reading.lines()]
    helped = read(content, date_format="%d.%m.%Y")
    assert helped.date_format.value == "%d.%m.%Y"
    assert helped.time.value == "Datum"


def test_date_format_is_a_line_of_every_dated_file() -> None:
    """The format is said where dates are read; a chosen one that does not fit, or is none, is named."""
    content = monthly(changed={})
    assert read(content).date_format.value == "%d.%m.%Y"
    assert "does not fit" in read(content, date_format="%Y-%m-%d").date_format.reason
    assert any("no date format" in said for said in read(content, date_format="TT.MM.JJJJ").warnings)


def test_odd_last_row_is_left_out_with_a_sentence() -> None:
    """A row without any time at the end, such as a note, is left out, and training gets the rest."""
    content = monthly(changed={71: "vorläufig 2"})
    reading = read(content)
    assert len(days(reading)) == 71
    assert any("left out" in question.reason for question in reading.questions)


def test_hours_are_filled_only_where_one_step_is_missing() -> None:
    """Between neighbours two steps apart the time is taken; next to a real gap it is not."""
    hours = np.arange("2024-01-01", "2024-01-05", dtype="datetime64[h]").astype(str)
    texts = [text.replace("T", " ") + ":00" for text in hours]
    texts[10], texts[50] = "2024-01-01 1O:00", "x9"
    del texts[51]
    rows = [f"{text},{row % 24 + row / 100}" for row, text in enumerate(texts)]
    reading = read("\n".join(["time,load", *rows]).encode())
    assert "2024-01-01T10:00" in days(reading)
    assert len(days(reading)) == len(texts) - 1
