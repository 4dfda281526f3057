"""Notes that name the chart they are about."""

import pytest

from models.errors import InvalidSpecError
from models.records.chart_notes import about, split


@pytest.mark.parametrize("text", ["GRU is faster.", "[sic] two\nlines", "a ] b"])
def test_chart_of_a_note_comes_back(text: str) -> None:
    """Whatever is written, chart and text can be told apart again."""
    assert split(about("Loss curves", text)) == ("Loss curves", text)


def test_note_without_a_chart_stays_whole() -> None:
    """A general note is about no chart, also where it has brackets inside."""
    assert split("Take the [GRU] then.") == ("", "Take the [GRU] then.")


def test_empty_comment_is_refused() -> None:
    """A comment without a text is none."""
    with pytest.raises(InvalidSpecError, match="needs a text"):
        about("Loss curves", "  ")
