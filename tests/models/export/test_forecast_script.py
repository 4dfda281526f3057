"""The exported script forecasts what the page forecasts, from a CSV file, without this project."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.analysis.forecast import Forecast, forecast_result
from models.engine.run_here import run_experiment
from models.errors import DataError
from models.export.dossier import Dossier
from models.export.forecast_script import forecast_script
from models.records.results import ExperimentResult
from models.spec.experiment_settings import ExperimentSpec

QUICK = {"hidden_size": 4, "seeds": 2, "updates": 8, "evaluations": 2, "rate_search": 0}
CASES = {
    "values": ("airline", {"horizon": 3}, {}),
    "changes over a year, one split": ("airline", {"horizon": 12, "differencing": "seasonal"}, {"resampling": "start"}),
    "several columns without a common unit": ("us_macro", {"target": "all", "horizon": 2, "differencing": "first"}, {}),
    "quantiles": ("airline", {"horizon": 3, "differencing": "seasonal"}, {"loss": "quantile"}),
    "several columns, projected": ("seattle_forecast", {"horizon": 1}, {"encoder_size": 3, "layers": 2}),
}


def trained(dataset: str, options: dict[str, object], settings: dict[str, object]) -> tuple[ExperimentResult, Forecast]:
    """Train for a moment: one architecture of torch.nn, and one that has its equations alone."""
    spec = ExperimentSpec(
        dataset=dataset, options=tuple(options.items()), architectures=("gru", "mgu"), **(QUICK | settings)
    )
    result = run_experiment(spec, threads=1)
    found = forecast_result(result)
    assert found is not None
    return result, found


def unpacked(made: bytes, folder: Path) -> None:
    """Unpack an archive."""
    zipfile.ZipFile(io.BytesIO(made)).extractall(folder)


def scored(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script in its folder, where Python finds no module of this project."""
    return subprocess.run(
        [sys.executable, "-I", "forecast.py", *arguments], cwd=folder, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("case", CASES)
def test_script_forecasts_what_the_page_forecasts(case: str, tmp_path: Path) -> None:
    """Every mean and bound to 1e-5, at the same dates."""
    result, found = trained(*CASES[case])
    unpacked(forecast_script(Dossier(result=result)), tmp_path)
    ended = scored(tmp_path, "newest_rows.csv", "--save", "out.csv")
    assert ended.returncode == 0, ended.stderr
    said, expected = pd.read_csv(tmp_path / "out.csv"), found.frame()
    expected = expected[expected["architecture"].isin(["gru", "mgu"])].reset_index(drop=True)
    assert said[["series", "step", "architecture"]].equals(expected[["series", "step", "architecture"]])
    assert said["time"].astype(str).tolist() == [str(time) for time in expected["time"]]
    numbers = [name for name in said.columns if name.startswith(("mean", "lower", "upper", "quantile"))]
    assert len(numbers) >= (6 if case == "quantiles" else 3)
    scale = expected["mean"].abs().mean()
    np.testing.assert_allclose(said[numbers], expected[numbers], rtol=1e-5, atol=1e-5 * scale)


def test_script_reads_newer_rows_of_ones_own_file(tmp_path: Path) -> None:
    """A file with semicolons, decimal commas, more columns and one more month moves dates and numbers."""
    result, _ = trained("airline", {"horizon": 2, "differencing": "first"}, {})
    unpacked(forecast_script(Dossier(result=result)), tmp_path)
    rows = pd.read_csv(tmp_path / "newest_rows.csv")
    newer = pd.concat([rows, pd.DataFrame({"time": ["1961-01"], "passengers": [450.5]})])
    newer.insert(0, "remark", "x")
    newer.to_csv(tmp_path / "own.csv", sep=";", decimal=",", index=False)
    ended = scored(tmp_path, "own.csv", "--time", "time")
    said = pd.read_csv(io.StringIO(ended.stdout))
    assert said["time"].unique().tolist() == ["1961-02", "1961-03"]
    before = pd.read_csv(io.StringIO(scored(tmp_path, "newest_rows.csv").stdout))
    assert not np.allclose(said["mean"], before["mean"])


def test_script_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    """A missing column, too few rows, and a gap each get one sentence."""
    result, _ = trained("airline", {"horizon": 1}, {})
    unpacked(forecast_script(Dossier(result=result)), tmp_path)
    rows = pd.read_csv(tmp_path / "newest_rows.csv")
    for frame, told in (
        (rows.rename(columns={"passengers": "people"}), "has no column 'passengers'"),
        (rows.tail(3), "has 3 rows, and a forecast needs"),
        (rows.assign(passengers=[*rows["passengers"].tolist()[:-1], np.nan]), "not a number"),
    ):
        frame.to_csv(tmp_path / "wrong.csv", index=False)
        ended = scored(tmp_path, "wrong.csv")
        assert ended.returncode == 1
        assert told in ended.stderr


def test_what_is_no_single_series_has_no_script() -> None:
    """One sentence that says what a script would need."""
    from tests.models.analysis.test_forecast import several

    result, _, content = several("time")
    with pytest.raises(DataError, match="one series without gaps"):
        forecast_script(Dossier(result=result), content)
