"""Naive predictors, against values that were computed by hand or another way."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from data.baselines import autoregression, forecast_baselines, majority_baseline, ridge, target_series
from data.catalog import get_dataset
from data.embedded import embedded
from data.forecast_windows import forecast_task
from data.metrics import task_metrics
from data.splits import split_in_time
from data.task import Array, Part, TaskData
from data.time_series import TimeSeries
from data.window_options import WindowPlan


def series_of(values: Array, season: int = 0) -> TimeSeries:
    """Make a series of one column, in metres."""
    column = np.asarray(values, dtype=np.float64)[:, None]
    return TimeSeries(values=column, columns=("x",), positions=np.arange(len(column)), units=("m",), season=season)


def scores(data: TaskData, horizon: int, season: int = 0) -> dict[str, float]:
    """Return each baseline's error."""
    return {b.name: b.metrics["rmse_m"] for b in forecast_baselines(data, horizon=horizon, season=season)}


def sunspots() -> Array:
    """Read the sunspot numbers without the product's code."""
    return np.genfromtxt(embedded("sunspots_yearly.csv"), delimiter=",", skip_header=1)[:, 1]


def test_forecast_baselines_sunspots_golden_values() -> None:
    """On the last 15 % of the years persistence is off by 29.1 and AR(9), fitted on the training years, by 17.7."""
    entry = get_dataset("sunspots")
    options = entry.parse({})
    found = {b.name: b.metrics["rmse_sunspots"] for b in entry.baselines(options, entry.load(options, 0))}
    assert found["persistence"] == pytest.approx(29.0948, abs=1e-3)
    assert found["autoregression"] == pytest.approx(17.735, abs=0.01)


def test_forecast_baselines_sunspots_against_plain_loops() -> None:
    """The same two numbers from the file, by loops and the normal equations."""
    values = sunspots()
    start, fitted = int(len(values) * 0.85), int(len(values) * 0.70)
    persistence = np.sqrt(np.mean([(values[row] - values[row - 1]) ** 2 for row in range(start, len(values))]))
    seen = np.array([[1.0, *values[row - 9 : row]] for row in range(24 + 9, fitted)])
    weights = np.linalg.solve(seen.T @ seen, seen.T @ values[24 + 9 : fitted])
    errors = [values[row] - weights @ [1.0, *values[row - 9 : row]] for row in range(start, len(values))]
    entry = get_dataset("sunspots")
    options = entry.parse({})
    found = {b.name: b.metrics["rmse_sunspots"] for b in entry.baselines(options, entry.load(options, 0))}
    assert found["persistence"] == pytest.approx(persistence, rel=1e-5)
    assert found["autoregression"] == pytest.approx(np.sqrt(np.mean(np.square(errors))), rel=1e-4)


@pytest.mark.parametrize("options", [{"differencing": "first"}, {"scaling": "range"}, {"window": 50}])
def test_forecast_baselines_do_not_depend_on_how_a_network_sees_the_data(options: dict[str, object]) -> None:
    """Differencing, scaling and window change nothing about predicting the last value."""
    entry = get_dataset("sunspots")
    parsed = entry.parse(options)
    found = {b.name: b.metrics["rmse_sunspots"] for b in entry.baselines(parsed, entry.load(parsed, 0))}
    assert found["persistence"] == pytest.approx(29.0948, abs=1e-3)


def test_forecast_baselines_straight_line_by_hand() -> None:
    """On 0, 1, 2 ... the last value is off by 1 and 2 for two steps, and a linear model by nothing."""
    data = forecast_task(series_of(np.arange(100.0)), WindowPlan(window=5, horizon=2, targets=("x",)))
    found = scores(data, horizon=2)
    assert found["persistence"] == pytest.approx(np.sqrt((1 + 4) / 2), rel=1e-5)
    assert found["autoregression"] == pytest.approx(0.0, abs=1e-3)
    assert "seasonal_naive" not in found


def test_forecast_baselines_seasonal_naive_by_hand() -> None:
    """A season of four rows that repeats and rises by 1 each time: the same season's last value is off by 1."""
    values = np.tile([0.0, 5.0, 2.0, 9.0], 30) + np.repeat(np.arange(30.0), 4)
    data = forecast_task(series_of(values, season=4), WindowPlan(window=4, horizon=4, targets=("x",)))
    assert scores(data, horizon=4, season=4)["seasonal_naive"] == pytest.approx(1.0, rel=1e-5)


def test_forecast_baselines_season_longer_than_the_past_is_left_out() -> None:
    """Without a value of the same season before the test part, there is no such forecast."""
    data = forecast_task(series_of(np.arange(60.0)), WindowPlan(window=5, targets=("x",)))
    assert "seasonal_naive" not in scores(data, horizon=1, season=50)


@pytest.mark.parametrize("differencing", ["none", "first", "seasonal"])
@pytest.mark.parametrize("horizon", [1, 3])
def test_target_series_is_the_series_behind_the_first_window(differencing: str, horizon: int) -> None:
    """The windows' targets, put back together, are the series; test rows are the last 15 %."""
    values = np.random.default_rng(0).normal(size=120).cumsum()
    plan = WindowPlan(window=6, horizon=horizon, targets=("x",), differencing=differencing)
    data = forecast_task(series_of(values, season=4), plan)
    start = {"none": 0, "first": 1, "seasonal": 4}[differencing] + 6
    found, rows = target_series(data, horizon)
    np.testing.assert_allclose(found[:, 0], values[start:], atol=1e-5)
    assert rows[0] + start == split_in_time(120)[2].start
    assert rows[-1] + start + horizon == 120


def test_autoregression_finds_the_recursion_it_was_made_from() -> None:
    """A noise-free AR(2) is forecast without error, ten steps ahead, for two columns at once."""
    values = np.zeros((60, 2))
    values[:2] = [[1.0, -2.0], [0.5, 3.0]]
    for row in range(2, 60):
        values[row] = 1.6 * values[row - 1] - 0.98 * values[row - 2] + [0.3, -0.1]
    rows = np.array([40, 45])
    forecasts = autoregression(values, rows, 10, 2)
    np.testing.assert_allclose(forecasts, values[rows[:, None] + np.arange(10)], atol=1e-8)


def test_autoregression_is_fitted_before_the_first_forecast_only() -> None:
    """What comes after the first forecast's row changes no forecast that does not see it."""
    values = np.random.default_rng(1).normal(size=(80, 1))
    later = values.copy()
    later[50:] = 1e6
    first = autoregression(values, np.array([50]), 3, 4)
    np.testing.assert_array_equal(first, autoregression(later, np.array([50]), 3, 4))


def test_majority_baseline_counts_training_answers() -> None:
    """The most frequent class of the training part is scored on the test part, by hand."""

    def part(classes: list[int]) -> Part:
        count = len(classes)
        targets = np.array(classes, dtype=np.int64)
        return Part(inputs=np.zeros((count, 1, 1)), targets=targets, lengths=np.ones(count, dtype=np.int64))

    data = TaskData(
        kind="classification",
        train=part([2, 2, 0, 1]),
        validation=part([0]),
        test=part([0, 0, 0, 2, 1]),
        input_size=1,
        output_size=3,
    )
    baseline = majority_baseline(data)
    assert baseline.metrics["accuracy"] == pytest.approx(1 / 5)
    assert baseline.metrics["balanced_accuracy"] == pytest.approx(1 / 3)


def test_embedded_files_are_named_in_the_sources() -> None:
    """Every embedded file has a row in SOURCES.md."""
    table = embedded("SOURCES.md").read_text(encoding="utf-8")
    files = [path.name for path in embedded("SOURCES.md").parent.iterdir() if path.name != "SOURCES.md"]
    assert files
    assert [name for name in files if name not in table] == []
    assert len(pd.read_csv(embedded("sunspots_yearly.csv"))) == 309


def test_ridge_finds_a_linear_rule_over_all_inputs() -> None:
    """The next value of one column is a sum of older values of two; ridge finds it, AR of one column cannot."""
    random = np.random.default_rng(0)
    other = random.normal(size=400)
    values = np.zeros((400, 2))
    values[:, 1] = other
    values[3:, 0] = 2 * other[:-3] - other[1:-2]
    series = TimeSeries(values=values, columns=("a", "b"), positions=np.arange(400), units=("m", "m"))
    data = forecast_task(series, WindowPlan(window=4, targets=("a",)))
    found = {b.name: b.metrics["rmse_m"] for b in forecast_baselines(data, horizon=1)}
    assert found["ridge"] == pytest.approx(0.0, abs=1e-3)
    assert found["autoregression"] > 1


def test_ridge_is_fitted_on_the_training_part_with_a_penalty_from_validation() -> None:
    """The test part changes nothing; noise in many inputs is held down as the best of all penalties would."""
    random = np.random.default_rng(1)
    series = TimeSeries(
        values=random.normal(size=(120, 4)), columns=tuple("abcd"), positions=np.arange(120), units=("m",) * 4
    )
    data = forecast_task(series, WindowPlan(window=12, targets=("a",)))
    turned = replace(data, test=replace(data.test, targets=-data.test.targets))
    np.testing.assert_array_equal(ridge(data), ridge(turned))
    error = float(np.sqrt(np.mean((ridge(data) - data.test.targets) ** 2)))
    design = np.column_stack([data.train.inputs.reshape(len(data.train), -1), np.ones(len(data.train))])
    plain = np.linalg.lstsq(design, data.train.targets, rcond=None)[0]
    answers = np.column_stack([data.test.inputs.reshape(len(data.test), -1), np.ones(len(data.test))]) @ plain
    assert error < 0.8 * float(np.sqrt(np.mean((answers - data.test.targets) ** 2)))


def test_drift_and_mase_of_a_straight_line_by_hand() -> None:
    """On a line that rises by 2 a row drift is right, and persistence one row ahead has exactly one naive error."""
    series = TimeSeries(values=2.0 * np.arange(60)[:, None], columns=("a",), positions=np.arange(60), units=("m",))
    data = forecast_task(series, WindowPlan(window=3, targets=("a",)))
    found = {b.name: b.metrics for b in forecast_baselines(data, horizon=1)}
    assert found["drift"]["rmse_m"] == pytest.approx(0.0, abs=1e-4)
    assert found["persistence"]["mase"] == pytest.approx(1.0, rel=1e-5)


def test_fitted_baselines_know_the_training_rows_only() -> None:
    """Whatever the validation rows hold, the autoregression's coefficients stay."""
    values = np.random.default_rng(0).normal(size=(100, 1)).cumsum(0)
    later = values.copy()
    later[50:80] = 99.0
    rows = np.array([95])
    first = autoregression(values, rows, 1, 3, fitted=50)
    np.testing.assert_array_equal(first, autoregression(later, rows, 1, 3, fitted=50))


def test_ridge_and_scores_never_write_all_windows_out() -> None:
    """Their memory besides the data is a small share of that of all training windows written out."""
    count, window, horizon = 24_000, 80, 24
    values = np.random.default_rng(0).normal(size=(count, 6)).cumsum(axis=0)
    series = TimeSeries(columns=tuple("abcdef"), values=values, positions=np.arange(count), units=("",) * 6)
    data = forecast_task(series, WindowPlan(window=window, horizon=horizon, targets=("a",)))
    written_out = len(data.train) * window * 6 * 8
    ridge(data)  # what is imported and cached on the way is not its work
    tracemalloc.start()
    outputs = ridge(data)
    task_metrics(data, data.test, outputs)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < written_out / 3
