"""200 workbooks, Parquet, gzip and ZIP files that are broken or mean harm: one sentence each, within bounded work."""

import csv
import io
import tracemalloc

import pytest

from data.errors import DataError
from data.uploads.table import read_table
from tests.data.uploads.hostile_files import archives, parquets, path_names, workbooks
from tests.timing import ratio, seconds

LARGEST_PEAK = 300 * 2**20
TIMES = 8.0  # of what the csv module takes for 12 MB, which is about 0.2 s; most files take a hundredth
PLAIN = "1.5,2.5,3.5,4.5\n" * 750_000
MAY_BE_READ = (
    "damaged",
    "a wrong dimension",
    "a row far below",
    "a row number beyond all",
    "a number that is none",
    "a picture",
)
CASES = [*workbooks(), *parquets(), *archives()]


def answer(content: bytes) -> str:
    """Return the sentence that a file is refused with, or `read`."""
    try:
        read_table(content)
    except DataError as error:
        return str(error)
    return "read"


def test_hostile_files_are_two_hundred() -> None:
    """At least two hundred files are made."""
    assert len(CASES) >= 200


@pytest.mark.parametrize(("name", "content"), CASES, ids=[name for name, _ in CASES])
def test_hostile_file_is_one_sentence(name: str, content: bytes) -> None:
    """Each file is refused in one printable sentence; damage that hits nothing that is read may be read."""
    tracemalloc.start()
    try:
        sentence = answer(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < LARGEST_PEAK
    if sentence == "read":
        assert name.startswith(MAY_BE_READ)
        return
    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert len(sentence) < 320


@pytest.mark.timing
def test_hostile_files_take_no_longer_than_a_plain_table() -> None:
    """None takes more than a few times what reading 12 MB of plain text takes in the same run."""
    plain = min(seconds(_read_plain) for _ in range(3))
    slow = {
        name: content for name, content in CASES if seconds(lambda content=content: answer(content)) > TIMES * plain
    }
    again = {
        name: ratio(lambda content=content: answer(content), _read_plain, enough=TIMES)
        for name, content in slow.items()
    }
    assert {name: times for name, times in again.items() if times > TIMES} == {}


def _read_plain() -> int:
    return sum(1 for _ in csv.reader(io.StringIO(PLAIN)))


@pytest.mark.parametrize(("name", "content"), list(path_names()), ids=range(6))
def test_names_in_an_archive_are_words(name: str, content: bytes, tmp_path, monkeypatch) -> None:
    """A path as a name is shown, harmless, and nothing is written anywhere."""
    monkeypatch.chdir(tmp_path)
    table = read_table(content)
    assert table.rows == 50
    assert table.findings["member"].value.isprintable()
    assert not list(tmp_path.iterdir())
