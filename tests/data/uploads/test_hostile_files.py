"""200 workbooks, Parquet, gzip and ZIP files that are broken or mean harm: one sentence each, within bounded work."""

import tracemalloc

import pytest

from data.errors import DataError
from data.uploads.table import read_table
from tests.data.uploads.hostile_files import archives, parquets, path_names, workbooks

LARGEST_PEAK = 300 * 2**20
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


@pytest.mark.parametrize(("name", "content"), list(path_names()), ids=range(6))
def test_names_in_an_archive_are_words(name: str, content: bytes, tmp_path, monkeypatch) -> None:
    """A path as a name is shown, harmless, and nothing is written anywhere."""
    monkeypatch.chdir(tmp_path)
    table = read_table(content)
    assert table.rows == 50
    assert table.findings["member"].value.isprintable()
    assert not list(tmp_path.iterdir())
