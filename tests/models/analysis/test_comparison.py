"""Frames of a comparison: what is in them, and what is left out."""

from dataclasses import replace

import numpy as np
import pytest

from models.analysis.comparison import (
    BAND_FRAME_COLUMNS,
    CURVE_FRAME_COLUMNS,
    band_frame,
    comparison_table,
    curve_frame,
    median_time,
    spread,
)
from models.analysis.comparison_columns import COLUMNS, MEASURES, deciding_metric, metric_column
from tests.models.analysis.builders import METRIC, result_of


def test_comparison_table_has_a_row_per_architecture_and_baseline() -> None:
    """Architectures come first, in the order of the spec; baselines have a test value and nothing else."""
    table = comparison_table(result_of({"lstm": [0.1, 0.3], "gru": [0.2, 0.2]}, baselines={"Mean": {METRIC: 0.5}}))
    assert table["title"].tolist() == ["LSTM", "GRU", "Mean"]
    assert table["kind"].tolist() == ["architecture", "architecture", "baseline"]
    assert table["test_mean"].tolist() == pytest.approx([0.2, 0.2, 0.5])
    assert table.loc[2, list(COLUMNS)].drop("test_mean").isna().all()
    assert table.loc[0, "weights_kilobytes"] == 4.0
    assert table.loc[0, "best_update"] == 90.5


def test_comparison_table_has_no_spread_for_one_seed() -> None:
    """The spread of one seed is NaN, that of two is their standard deviation."""
    assert np.isnan(comparison_table(result_of({"lstm": [0.1]})).loc[0, "test_spread"])
    two = comparison_table(result_of({"lstm": [0.1, 0.3]}))
    assert two.loc[0, "test_spread"] == pytest.approx(np.sqrt(0.02))


def test_comparison_table_counts_failures() -> None:
    """Diverged and unsolved seeds are counted, and a diverged seed does not enter the mean."""
    result = result_of({"lstm": [0.1, float("nan"), 0.3]}, solved={"lstm": [40, None, 60]})
    row = comparison_table(result).loc[0]
    assert (row["diverged"], row["unsolved"], row["seeds"]) == (1, 1, 3)
    assert row["test_mean"] == pytest.approx(0.2)
    assert row["solved_update"] == 60


def test_comparison_table_columns_are_numeric() -> None:
    """Every described column is a number, so that tables can sort and charts can draw."""
    table = comparison_table(result_of({"lstm": [0.1]}))
    assert all(table[name].dtype == np.float64 for name in COLUMNS)


@pytest.mark.parametrize(
    ("times", "expected"),
    [([10, 20, 30], 20.0), ([10, 20, None], 20.0), ([10, None], np.nan), ([], np.nan), ([10, 20, 30, None], 25.0)],
)
def test_median_time_is_open_once_half_never_got_there(times: list[int | None], expected: float) -> None:
    """None means "not within the budget" and sorts behind every time."""
    assert median_time(times) == pytest.approx(expected, nan_ok=True)


def test_spread_ignores_what_is_not_finite() -> None:
    """One finite value has no spread, whatever stands beside it."""
    assert np.isnan(spread([1.0, float("nan")]))
    assert spread([1.0, 3.0, float("inf")]) == pytest.approx(np.sqrt(2))


def test_curve_frame_is_long_and_skips_what_is_not_finite() -> None:
    """One row per architecture, seed, evaluation and measure; FLOPs follow the updates."""
    result = result_of({"lstm": [0.1, 0.2], "gru": [0.3, 0.4]})
    result.runs[0].curves["training_loss"][0] = np.nan
    frame = curve_frame(result.runs, {"lstm": 10.0})
    assert tuple(frame.columns) == CURVE_FRAME_COLUMNS
    assert len(frame) == 2 * 2 * 3 * len(MEASURES) - 1
    lstm = frame[frame["architecture"] == "lstm"]
    assert (lstm["flops"] == lstm["update"] * 10.0).all()
    assert frame.loc[frame["architecture"] == "gru", "flops"].isna().all()


def test_band_frame_is_mean_and_deviation_over_seeds() -> None:
    """Validation losses 0.5 and 1.5 have mean 1 and deviation sqrt(1/2)."""
    band = band_frame(curve_frame(result_of({"lstm": [0.1, 0.2]}).runs))
    assert tuple(band.columns) == BAND_FRAME_COLUMNS
    row = band[(band["measure"] == "validation_loss") & (band["update"] == 50)].iloc[0]
    assert (row["mean"], row["seeds"], row["seconds"]) == (1.0, 2, 1.0)
    assert row["high"] - row["mean"] == pytest.approx(np.sqrt(0.5))


def test_empty_curves_give_empty_frames_with_their_columns() -> None:
    """Before the first evaluation there is nothing to draw, and nothing breaks."""
    assert tuple(curve_frame([]).columns) == CURVE_FRAME_COLUMNS
    assert tuple(band_frame(curve_frame([])).columns) == BAND_FRAME_COLUMNS


def test_band_frame_of_one_seed_has_no_band() -> None:
    """One seed has no spread."""
    assert band_frame(curve_frame(result_of({"lstm": [0.1]}).runs))["low"].isna().all()


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("rmse_degrees_celsius", "RMSE (degrees celsius)"),
        ("mae", "MAE"),
        ("accuracy", "Accuracy"),
        ("bits_per_character", "Bits per character"),
    ],
)
def test_metric_column_reads_the_unit_from_the_name(name: str, heading: str) -> None:
    """Metric names carry their unit."""
    assert metric_column(name, higher_is_better=False).heading == heading


def test_deciding_metric_knows_its_direction() -> None:
    """The adding problem's error is better when low."""
    name, column = deciding_metric(result_of({"lstm": [0.1]}))
    assert (name, column.better) == (METRIC, "low")


def test_horizon_is_the_median_of_the_trained_networks() -> None:
    """A run whose gradient flow was not measured has none."""
    result = result_of({"lstm": [0.1, 0.3, 0.2], "gru": [0.2, 0.2, 0.2]})
    first = replace(result.runs[0], gradient_flow={"trained_horizon": np.array([4.0, 9.0, np.nan])})
    table = comparison_table(replace(result, runs=(first, *result.runs[1:])))
    assert table["horizon"][0] == 6.5
    assert table["horizon"][1:].isna().all()
