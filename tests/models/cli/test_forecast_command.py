"""`python -m models forecast` trains, says how often its bands held, and writes CSV and JSON."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.cli.main import main

QUICK = ["--hidden", "4", "--seeds", "2", "--updates", "5", "--rate-search", "0"]


def series(folder: Path) -> Path:
    """Write sixty months of sales."""
    months = np.datetime_as_string(np.arange("2019-01", "2024-01", dtype="datetime64[M]"))
    path = folder / "sales.csv"
    pd.DataFrame({"month": months, "Umsatz": 100.0 + np.arange(60) % 12}).to_csv(path, index=False)
    return path


def test_forecast_writes_the_next_months(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two months per source in table, CSV and JSON; the date goes on from the last month."""
    saved, written = tmp_path / "forecast.csv", tmp_path / "forecast.json"
    asked = ["forecast", "--csv", str(series(tmp_path)), "--target", "Umsatz", "--horizon", "2", *QUICK]
    assert main([*asked, "--option", "window=6", "--save", str(saved), "--json", str(written)]) == 0
    frame, document = pd.read_csv(saved), json.loads(written.read_text())
    assert frame["architecture"].nunique() == 3
    assert set(frame["time"]) == {"2024-01-01", "2024-02-01"}
    assert len(document["forecast"]) == len(frame) == 6
    np.testing.assert_allclose([row["mean"] for row in document["forecast"]], frame["mean"])
    assert (
        "too few errors of earlier stretches to check the band on later ones." in capsys.readouterr().out
    )  # two repeats of a few windows each


def test_forecast_of_networks_trained_on_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Other numbers, and the words that no test scored these networks."""
    asked = [
        "forecast",
        "--csv",
        str(series(tmp_path)),
        "--target",
        "Umsatz",
        *QUICK,
        "--option",
        "window=6",
        "--json",
        "-",
    ]
    assert main(asked) == 0
    tested = json.loads(capsys.readouterr().out)
    assert main([*asked, "--train-on-everything"]) == 0
    shown = capsys.readouterr()
    document = json.loads(shown.out)
    assert set(document["trained_on_everything"]) == {"lstm", "gru"}
    assert document["forecast"][0]["mean"] != tested["forecast"][0]["mean"]
    assert "have no test score of their own" in shown.err


def test_forecast_of_what_is_no_series_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence with the fix, and exit status 2."""
    assert main(["forecast", "--dataset", "adding", *QUICK]) == 2
    assert "is not a series to forecast: give `--csv FILE`" in capsys.readouterr().err


def test_forecast_goes_further_and_writes_a_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows after the horizon are marked as fed back, and the script is an archive; where it cannot be, one sentence says so."""
    saved, script = tmp_path / "forecast.csv", tmp_path / "script.zip"
    asked = ["forecast", "--csv", str(series(tmp_path)), "--target", "Umsatz", *QUICK, "--option", "window=6"]
    assert main([*asked, "--further", "3", "--save", str(saved), "--script", str(script)]) == 0
    frame = pd.read_csv(saved)
    assert frame["fed_back"].tolist() == [False, True] * 2 + [False, False]  # a naive predictor sees no prediction
    assert frame["time"].tolist() == ["2024-01-01", "2024-02-01"] * 3
    assert script.read_bytes()[:2] == b"PK"
    assert "Made 2 steps: for more, the test stretches are too short" in capsys.readouterr().err
    assert main([*asked, "--option", "calendar=month", "--further", "2"]) == 0
