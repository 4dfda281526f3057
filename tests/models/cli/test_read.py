"""`python -m models read`: the same reading as on the page, in words and as JSON."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.cli.main import main

PEOPLE = Path(__file__).parents[2] / "data" / "uploads" / "people"
KEYS = {
    "kind",
    "table",
    "time",
    "target",
    "inputs",
    "label",
    "series",
    "left_out",
    "missing",
    "questions",
    "warnings",
    "rows",
}


def test_read_writes_every_key_with_its_reason(capsys):
    """The JSON on standard output holds what was promised, each line with a reason; the words go to standard error."""
    assert main(["read", str(PEOPLE / "05-year-month-day-hour-columns.csv"), "--json", "-"]) == 0
    written = capsys.readouterr()
    document = json.loads(written.out)
    assert set(document) >= KEYS
    for name in ("kind", "time", "target", "inputs", "missing"):
        assert document[name]["reason"].endswith(".")
    assert document["kind"]["value"] == "series"
    assert document["time"]["value"] == "year,month,day,hour"
    assert document["target"] == {
        "value": "pm2.5",
        "reason": "`pm2.5` is what such tables are mostly used to forecast.",
        "guessed": True,
    }
    assert {entry["name"] for entry in document["left_out"]} == {"No", "cbwd", "Is"}
    assert [question["name"] for question in document["questions"]] == ["target", "missing"]
    assert "Question 1 (target): Which column is to be forecast?" in written.err


def test_read_takes_choices(capsys):
    """A line that is chosen on the command line holds."""
    file = str(PEOPLE / "01-monthly-us-slash.csv")
    assert main(["read", file, "--choose", "date_format=%d/%m/%Y", "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert "date_format" not in [question["name"] for question in document["questions"]]
    assert "day/month/year" in document["time"]["reason"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--choose", "colour=red"], "There is no choice `colour`"),
        (["--choose", "target"], "`--choose` must have the form NAME=VALUE"),
        (["--choose", "target=gone"], "`target` names the column `gone`, but line 1 names `DATE`, `IPG`"),
    ],
)
def test_read_refuses_in_one_sentence(capsys, more, words):
    """Choices that make no sense are one sentence on standard error."""
    assert main(["read", str(PEOPLE / "01-monthly-us-slash.csv"), *more]) == 2
    written = capsys.readouterr()
    assert words in written.err
    assert written.out == ""
    assert written.err.count("\n") == 1


def test_compare_says_how_the_file_is_read_and_names_the_target(capsys):
    """Before training the reading is printed; the table's heading names what is forecast; the limits what nobody confirmed."""
    file = str(PEOPLE / "10-yahoo-null-row.csv")
    more = ["--updates", "2", "--seeds", "1", "--architecture", "gru", "--hidden", "4", "--evaluations", "1"]
    assert main(["compare", "--csv", file, *more, "--option", "unit=USD"]) == 0
    written = capsys.readouterr().out
    assert written.index("Question 1 (target)") < written.index("Test RMSE, Close (USD)")
    assert "not confirmed: which column is forecast" in " ".join(written.split())


@pytest.mark.parametrize(
    ("flag", "name"), [("--sequences", "26-names-with-country.csv"), ("--text", "60-poem-with-commas.txt")]
)
def test_compare_trains_on_other_forms(capsys, flag, name):
    """Sequences of characters and texts are trained from the command line."""
    more = ["--updates", "2", "--seeds", "1", "--architecture", "gru", "--hidden", "4", "--evaluations", "1"]
    assert main(["compare", flag, str(PEOPLE / name), *more]) == 0
    assert "GRU" in capsys.readouterr().out


def test_two_sources_are_refused(capsys):
    """A dataset and a file together, or two files, are refused."""
    file = str(PEOPLE / "26-names-with-country.csv")
    assert main(["compare", "--csv", file, "--text", file]) == 2
    assert "Give either `--dataset NAME` or one of `--csv FILE`" in capsys.readouterr().err


def test_a_reader_who_has_enough_ends_a_command_quietly():
    """A pipe that is closed early, as by `head`, gives no traceback, whichever command writes."""
    for arguments in (["read", str(PEOPLE / "05-year-month-day-hour-columns.csv")], ["list"]):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [sys.executable, "-m", "models", *arguments], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
        )
        os.close(writing)
        assert (done.returncode, done.stderr) == (0, "")
