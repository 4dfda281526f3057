"""`--csv FILE` on the command line: refusals are one sentence on standard error, exit status 2."""

from pathlib import Path

import pytest

from data.uploads.inspect import examples
from models.cli.main import main


def compare(file: Path, *more: str) -> int:
    """Run `compare` on a file with very little training."""
    return main(["compare", "--csv", str(file), "--updates", "2", "--seeds", "1", *more])


@pytest.mark.parametrize(
    ("content", "more", "words"),
    [
        (b"t,v\n1,2\n2,inf\n", [], "Line 3, column 2 (`v`) holds `inf`"),
        (b"t,v\n1,2\n2,\n3,5\n4,4\n5,6\n", ["--option", "missing=refuse"], "Line 3, column 2 (`v`) has no value"),
        (b"a,b\n1\n", [], "Line 2 has 1 value where line 1 has 2"),
        (b"\x89PNG\r\n\x1a\n", [], "The file is a PNG image"),
        (b"t,v\n1,2\n2,3\n", ["--option", "target=w"], "`target` names the column `w`, but line 1 names `t`, `v`"),
        (b"t,v\n1,2\n2,3\n", ["--option", "windo=3"], "did you mean `window`"),
    ],
)
def test_csv_is_refused_in_one_sentence(tmp_path, capsys, content, more, words):
    """Each refusal names the place, on one line, and nothing is written to standard output."""
    file = tmp_path / "own.csv"
    file.write_bytes(content)
    assert compare(file, *more) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert words in written.err
    assert written.err.count("\n") == 1


def test_csv_that_does_not_exist_is_refused(tmp_path, capsys):
    """A missing file is named."""
    assert compare(tmp_path / "none.csv") == 2
    assert "none.csv` cannot be read (No such file or directory)" in capsys.readouterr().err


@pytest.mark.slow
def test_csv_is_trained(tmp_path, capsys):
    """A series is trained on its last column and compared with its naive forecasts."""
    file = tmp_path / "own.csv"
    file.write_bytes(examples()[0].content)
    assert compare(file, "--option", "unit=celsius") == 0
    written = capsys.readouterr().out
    for words in ("LSTM", "GRU", "Persistence"):
        assert words in written
