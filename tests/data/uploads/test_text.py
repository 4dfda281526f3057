"""A visitor's own text, character by character."""

import pytest

from data.errors import DataError
from data.uploads.inspect import describe
from tests.data.uploads.files import load

TEXT = "The gate opened.\r\nThe gate shut.\r\n" * 20


def test_own_text_answers_with_the_next_character():
    """Targets are the inputs one character later, and line ends count as one."""
    data = load("own_text", TEXT.encode(), window=8)
    words = "".join(data.vocabulary[token] for token in data.train.inputs[0])
    answers = "".join(data.vocabulary[token] for token in data.train.targets[0])
    assert (words, answers) == ("The gate", "he gate ")
    assert "\r" not in data.vocabulary


def test_own_text_lowers_case_when_told():
    """Lower case leaves fewer characters."""
    lower, written = (load("own_text", TEXT.encode(), window=8, characters=kind) for kind in ("lower", "written"))
    assert set(written.vocabulary) - set(lower.vocabulary) == {"T"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"aaaa" * 100, "repeats one character"),
        ("".join(map(chr, range(0x4E00, 0x4E00 + 400))).encode() * 3, r"400 different .* line 1, character 257\)"),
        (b"short", "choose a window of at most 1, or a longer text"),
        (b"abc\x00def" * 50, "line 1, character 4 there is a NUL"),
        (bytes(range(32, 127)) * 12_000, "1,140,000 characters, with 95 different ones at most 1,052,631 are read"),
    ],
)
def test_own_text_refuses_in_one_sentence(content, words):
    """A text without a task, in too many letters, too short, binary or too long is refused."""
    with pytest.raises(DataError, match=words):
        load("own_text", content, window=8)


def test_own_text_report_tells_size_and_warns_of_few():
    """The report counts characters and samples, and says when they are few."""
    report = describe("own_text", {"window": 8}, TEXT.encode())
    assert report.rows == 640
    assert "640 characters, 15 different ones" in " ".join(report.notes)
    assert len(report.warnings) == 1
