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


def equal_forecasts(folder: Path, found: Forecast, file: str = "newest_rows.csv") -> pd.DataFrame:
    """Assert that the script's forecast of a file is the page's to 1e-5; return it."""
    ended = scored(folder, file)
    assert ended.returncode == 0, ended.stderr
    said, expected = pd.read_csv(io.StringIO(ended.stdout)), found.frame()
    expected = expected[expected["architecture"].isin(["gru", "mgu"])].reset_index(drop=True)
    assert said[["series", "step", "architecture"]].equals(expected[["series", "step", "architecture"]])
    assert said["time"].astype(str).tolist() == [str(time) for time in expected["time"]]
    numbers = [name for name in said.columns if name.startswith(("mean", "lower", "upper", "quantile"))]
    for _, places in expected.groupby("series").groups.items():
        scale = expected.loc[places, "mean"].abs().mean()
        np.testing.assert_allclose(
            said.loc[places, numbers], expected.loc[places, numbers], rtol=1e-5, atol=1e-5 * scale
        )
    return said


def trained_on(content: bytes, options: dict[str, object], **settings: object) -> tuple[ExperimentResult, Forecast]:
    """Train for a moment on a file of one's own."""
    from data.uploads.command_line import own_content

    own = own_content(content, options, "series")
    spec = ExperimentSpec(
        dataset="own_series",
        options=tuple(own.options.items()),
        architectures=("gru", "mgu"),
        **(QUICK | settings),
    )
    result = run_experiment(spec, content=content, threads=1)
    found = forecast_result(result, content)
    assert found is not None
    return result, found


def shops(planned: int = 0, gap: bool = False) -> bytes:
    """Return sales of four shops of different size and length, with a size, a region and a price, which so many days plan."""
    random, frames = np.random.default_rng(3), []
    for shop in range(4):
        rows = 220 - 20 * (shop % 2) + planned
        days = np.datetime_as_string(np.arange("2024-01-01", "2025-03-01", dtype="datetime64[D]")[:rows])
        price = 1 + random.integers(0, 4, rows)
        sales = 10.0**shop * (9 + np.sin(np.arange(rows) / 2) - price + random.normal(0, 0.2, rows))
        sales[rows - planned :] = np.nan
        if gap:
            sales[rows - 6] = np.nan
        place = {"shop": f"shop {shop}", "size": 5.0 + shop, "region": "north" if shop % 2 else "south"}
        frames.append(pd.DataFrame({"day": days, **place, "price": price, "sales": sales}))
    return pd.concat(frames).to_csv(index=False).encode()


SHOPS = {"target": "sales", "inputs": "sales", "series": "shop", "which": "all", "horizon": 2, "window": 8}
SEVERAL = {
    "a scale for each": {},
    "one scale for all": {"scale_by": "all"},
    "held-out series": {"split_by": "series"},
    "static columns": {"static": "size,region"},
    "calendar": {"calendar": "weekday,month"},
    "a planned price": {"known": "price", "static": "size", "calendar": "weekday"},
    "a planned price, changes": {"known": "price", "differencing": "first", "scale_by": "all"},
    "two targets": {"target": "sales,price", "inputs": "sales,price", "differencing": "first"},
    "a gap in each": {"missing": "interpolate", "differencing": "first"},
}


@pytest.mark.parametrize("case", SEVERAL)
def test_script_forecasts_every_series(case: str, tmp_path: Path) -> None:
    """Every series' mean and bounds to 1e-5 from the long file, with what is known ahead and what stays the same."""
    options = SHOPS | SEVERAL[case]
    content = shops(planned=3 if "known" in options else 0, gap="missing" in options)
    result, found = trained_on(content, options)
    unpacked(forecast_script(Dossier(result=result), content), tmp_path)
    names = set(equal_forecasts(tmp_path, found)["series"])
    assert len(names) == 4 * len(str(options["target"]).split(","))
    assert {name.split(",")[0] for name in names} == {f"shop {shop}" for shop in range(4)}
    (tmp_path / "own.csv").write_bytes(content)
    ended = scored(tmp_path, "own.csv")
    assert ended.stdout == scored(tmp_path, "newest_rows.csv").stdout, ended.stderr


@pytest.mark.parametrize("known", ["price", ""])
def test_script_of_one_series_knows_what_is_ahead(known: str, tmp_path: Path) -> None:
    """A planned price from the file's future rows, and the weekday of the dates; another plan gives another forecast."""
    table = pd.read_csv(io.BytesIO(shops(planned=2)))
    content = table[table["shop"] == "shop 1"].drop(columns=["shop", "size", "region"]).to_csv(index=False).encode()
    asked = {"target": "sales", "horizon": 2, "window": 8, "known": known, "calendar": "weekday"}
    if not known:
        content = pd.read_csv(io.BytesIO(content)).dropna().to_csv(index=False).encode()
    result, found = trained_on(content, asked)
    unpacked(forecast_script(Dossier(result=result), content), tmp_path)
    before = equal_forecasts(tmp_path, found)
    if not known:
        return
    newest = pd.read_csv(tmp_path / "newest_rows.csv")
    newest.loc[newest.index[-2:], "price"] += 3
    newest.to_csv(tmp_path / "dear.csv", index=False)
    dear = pd.read_csv(io.StringIO(scored(tmp_path, "dear.csv").stdout))
    assert not np.allclose(dear["mean"], before["mean"], rtol=1e-3)
    newest.iloc[:-1].to_csv(tmp_path / "short.csv", index=False)
    assert "needs price for 2 rows after the last one, and the file has 1" in scored(tmp_path, "short.csv").stderr


def test_script_reads_a_column_for_each_series(tmp_path: Path) -> None:
    """A wide file gives the same forecast as the long one, also where a series ends earlier than others."""
    content = shops()
    result, found = trained_on(content, SHOPS)
    unpacked(forecast_script(Dossier(result=result), content), tmp_path)
    wide = pd.read_csv(io.BytesIO(content)).pivot(index="day", columns="shop", values="sales")
    wide.to_csv(tmp_path / "wide.csv")
    equal_forecasts(tmp_path, found, "wide.csv")
    wide.rename(columns={"shop 2": "kiosk"}).to_csv(tmp_path / "three.csv")
    three = pd.read_csv(io.StringIO(scored(tmp_path, "three.csv").stdout))
    assert three["series"].unique().tolist() == ["shop 0", "shop 1", "shop 3"]
    pd.read_csv(io.BytesIO(content)).replace("shop 2", "kiosk").to_csv(tmp_path / "new.csv", index=False)
    assert "has the series 'kiosk'; the networks know shop 0, shop 1" in scored(tmp_path, "new.csv").stderr


def test_script_of_columns_that_are_series(tmp_path: Path) -> None:
    """A file with a column for each place, as it was uploaded, is a file for the script, too."""
    wide = pd.read_csv(io.BytesIO(shops())).pivot(index="day", columns="shop", values="sales").dropna().reset_index()
    content = wide.to_csv(index=False).encode()
    asked = {"stack": "shop 0,shop 1,shop 2,shop 3", "series": "place", "target": "value", "inputs": "value"}
    result, found = trained_on(content, asked | {"which": "all", "horizon": 2, "window": 8, "calendar": "month"})
    unpacked(forecast_script(Dossier(result=result), content), tmp_path)
    equal_forecasts(tmp_path, found)
    (tmp_path / "own.csv").write_bytes(content)
    equal_forecasts(tmp_path, found, "own.csv")


def test_script_of_several_embedded_series(tmp_path: Path) -> None:
    """Ten quantities, each with its own scale and its season's quarter before."""
    result, found = trained("us_macro_panel", {"horizon": 3, "differencing": "first"}, {"loss": "quantile"})
    unpacked(forecast_script(Dossier(result=result)), tmp_path)
    said = equal_forecasts(tmp_path, found)
    assert said["series"].nunique() == 10
    assert "quantile_90" in said


def test_script_is_refused_where_nothing_is_forecast() -> None:
    """Classes have no script; a missing plan is asked for."""
    content = shops(planned=1)
    asked = {**SHOPS, "known": "price", "which": "one", "only": "shop 1"}
    from data.uploads.command_line import own_content

    own = own_content(content, asked, "series")
    spec = ExperimentSpec(
        dataset="own_series", options=tuple(own.options.items()), architectures=("gru", "mgu"), **QUICK
    )
    with pytest.raises(DataError, match=r"`price` is known ahead.*next 2 rows"):
        forecast_script(Dossier(result=run_experiment(spec, content=content, threads=1)), content)
    spec = ExperimentSpec(dataset="adding", options=(("length", 10),), architectures=("gru", "mgu"), **QUICK)
    with pytest.raises(DataError, match="numbers in time order"):
        forecast_script(Dossier(result=run_experiment(spec, threads=1)))
