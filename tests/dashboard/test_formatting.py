"""Words and numbers as a reader sees them, and CSV that no spreadsheet runs."""

import pandas as pd
import pytest

from dashboard.formatting import count, duration, grouped, listed
from data.escape_output import csv_bytes


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (4.4, "4 s"), (60, "1 min"), (130, "2 min 10 s"), (3600, "1 h"), (3900, "1 h 5 min")],
)
def test_duration_is_said_as_a_reader_says_it(seconds: float, text: str) -> None:
    """Seconds, minutes, hours, without false precision."""
    assert duration(seconds) == text


def test_listed_and_counted() -> None:
    """Names are joined as in a sentence, numbers agree with their noun, thousands are apart."""
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
    assert [count(1, "seed"), count(3, "seed")] == ["1 seed", "3 seeds"]
    assert grouped(1234567) == "1\u202f234\u202f567"


def test_csv_holds_no_formulas_and_leaves_numbers_alone() -> None:
    """A text that a spreadsheet would run is quoted, in cells and headings; negative numbers stay numbers."""
    frame = pd.DataFrame({"=HYPERLINK(1)": ["@SUM(A1)", "fine"], "number": [-1.5, 2.0]})
    assert csv_bytes(frame).decode().splitlines() == ["'=HYPERLINK(1),number", "'@SUM(A1),-1.5", "fine,2.0"]
