"""Predicted quantiles: they do not cross, and they are scored by pinball loss and coverage, naive predictors too."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from data.catalog import catalogue, get_dataset
from data.metrics import scores_by_series, task_metrics
from data.quantiles import BAND, QUANTILES, ascending, error_quantiles, quantile_metric
from data.task import TaskData

QUANTILE_DATASETS = [
    name for name, entry in catalogue().items() if entry.family != "own" and entry.predicts_quantiles(entry.parse({}))
]


@lru_cache(maxsize=2)
def loaded(name: str) -> TaskData:
    """Return a dataset's task for networks that predict quantiles."""
    entry = get_dataset(name)
    return replace(entry.load(entry.parse({}), 0), quantiles=QUANTILES)


def head_outputs(data: TaskData, *, spread: float) -> np.ndarray:
    """Return outputs for the test part: the truth in the middle, and as much below as above it."""
    truth = np.asarray(data.test.targets, dtype=np.float64)
    return np.concatenate([truth - spread, truth, truth + spread], axis=-1)


def test_quantiles_are_in_ascending_order() -> None:
    """Crossed outputs are sorted level by level, each target for itself."""
    crossed = np.array([[3.0, 10.0, 1.0, 30.0, 2.0, 20.0]])  # two targets, level after level
    np.testing.assert_array_equal(ascending(crossed), [[[1.0, 10.0]], [[2.0, 20.0]], [[3.0, 30.0]]])


def test_metrics_of_known_quantiles_by_hand() -> None:
    """Levels 1 below, at and 1 above the truth lose 0.1, 0 and 0.1, and every point is inside the band."""
    data = loaded("sunspots")
    scores = task_metrics(data, data.test, head_outputs(data, spread=1.0))
    unit = float(data.scaler.std[0]) if data.scaler is not None else 1.0
    assert scores["pinball_10_sunspots"] == pytest.approx(0.1 * unit, rel=1e-4)
    assert scores["pinball_50_sunspots"] == pytest.approx(0.0, abs=1e-5)
    assert scores["pinball_90_sunspots"] == pytest.approx(0.1 * unit, rel=1e-4)
    assert scores["pinball_sunspots"] == pytest.approx(0.2 / 3 * unit, rel=1e-4)
    assert scores[f"coverage_{BAND}"] == 1.0
    assert scores["rmse_sunspots"] == pytest.approx(0.0, abs=1e-4)


def test_coverage_counts_the_points_inside() -> None:
    """A band moved off every second sample holds half of the points."""
    data = loaded("sunspots")
    outputs = head_outputs(data, spread=1.0)
    outputs[::2] += 5.0
    share = task_metrics(data, data.test, outputs)[f"coverage_{BAND}"]
    assert share == pytest.approx(len(outputs) // 2 / len(outputs))


def test_values_are_the_medians() -> None:
    """What asks for values gets the medians, in the unit; targets stay themselves."""
    data = loaded("sunspots")
    outputs = head_outputs(data, spread=2.0)[:, ::-1]
    truth = data.in_unit(data.test, data.test.targets)
    np.testing.assert_allclose(data.in_unit(data.test, outputs), truth, atol=1e-4)
    assert data.quantiles_in_unit(data.test, outputs).shape == (len(QUANTILES), *truth.shape)


@pytest.mark.parametrize("name", QUANTILE_DATASETS)
def test_baselines_are_scored_by_the_deciding_metric(name: str) -> None:
    """Every forecasting dataset's naive predictors have pinball loss and coverage, and a perfect network beats them all."""
    entry, data = get_dataset(name), loaded(name)
    options = entry.parse({})
    metric = quantile_metric(entry.metric(options))
    best = task_metrics(data, data.test, head_outputs(data, spread=1e-3))
    for baseline in entry.baselines(options, data):
        assert set(best) == set(baseline.metrics), baseline.name
        assert best[metric] < baseline.metrics[metric]
        assert 0.2 < baseline.metrics[f"coverage_{BAND}"] <= 1.0


@pytest.mark.parametrize("name", QUANTILE_DATASETS)
def test_baselines_without_quantiles_have_no_pinball_loss(name: str) -> None:
    """Where networks predict values, naive predictors are scored as before."""
    entry = get_dataset(name)
    options, plain = entry.parse({}), replace(loaded(name), quantiles=())
    assert not any("pinball" in metric for one in entry.baselines(options, plain) for metric in one.metrics)


@pytest.mark.parametrize("name", ["twelve_shops", "us_macro_panel"])
def test_every_series_counts_once(name: str) -> None:
    """The deciding metric of several series is the mean over series; each series' best naive predictor has one, too."""
    entry, data = get_dataset(name), loaded(name)
    options = entry.parse({})
    outputs = head_outputs(data, spread=0.5)
    each = scores_by_series(data, data.test, outputs, entry.metric(options))
    assert np.mean(list(each.values())) == pytest.approx(task_metrics(data, data.test, outputs)["scaled_pinball"])
    assert set(entry.series_baselines(options, data)) == set(each)


def test_quantiles_of_naive_predictors_are_those_of_their_training_errors() -> None:
    """About a tenth of the training errors lies below the lowest level."""
    errors = np.random.default_rng(0).normal(size=(1_000, 2, 1))
    low, _, high = error_quantiles(errors)
    assert np.mean(errors < low) == pytest.approx(QUANTILES[0], abs=0.002)
    assert np.mean(errors > high) == pytest.approx(1 - QUANTILES[-1], abs=0.002)
