"""Predictions fed back: the first steps are the forecast's own, later ones see earlier ones, and widths are measured so."""

import io
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from models.analysis.conformal import half_width
from models.analysis.feed_back import MIN_PLACES, further_forecast
from models.analysis.forecast import Forecast, forecast_result
from models.analysis.forecast_sentences import coverage_sentences
from models.cells import get_cell
from models.cells.network import answer_network
from models.engine.run_here import run_experiment
from models.records.results import ExperimentResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.repeats import repeat_data, repeat_recipe


@lru_cache(maxsize=4)
def trained(horizon: int, differencing: str) -> tuple[ExperimentResult, Forecast]:
    """Train a GRU for a moment on sunspots."""
    spec = ExperimentSpec(
        dataset="sunspots",
        options=(("horizon", horizon), ("differencing", differencing)),
        architectures=("gru",),
        hidden_size=4,
        seeds=3,
        updates=20,
        evaluations=2,
        rate_search=0,
    )
    result = run_experiment(spec, threads=1)
    tested = forecast_result(result)
    assert tested is not None
    return result, tested


@pytest.mark.parametrize("differencing", ["none", "first"])
def test_first_steps_are_the_forecast_and_dates_go_on(differencing: str) -> None:
    """As far as was trained nothing changes; after it each year follows, marked as fed back."""
    result, tested = trained(3, differencing)
    further = further_forecast(result, tested, 8).forecast
    assert further is not None
    frame = further.frame()
    frame = frame[frame["architecture"] == "gru"]
    np.testing.assert_allclose(further.sources[0].mean[:3], tested.sources[0].mean, rtol=1e-5)
    assert frame["fed_back"].tolist() == [False] * 3 + [True] * 5
    assert frame["time"].tolist() == list(range(2009, 2017))
    assert "Steps after 3 come from predictions" in coverage_sentences(further)[0]


def test_predictions_are_the_next_inputs() -> None:
    """By hand, in the scaled numbers that the network sees."""
    result, tested = trained(1, "none")
    run, data = result.runs[0], repeat_data(result.spec, None, 0)
    window = data.upcoming.inputs.astype(np.float64).copy()
    said = []
    for _ in range(4):
        lengths = np.array([window.shape[1]])
        outputs = answer_network(get_cell("gru"), run.replica(0), window.astype(np.float32), lengths, each_step=False)
        said.append(float(data.in_unit(data.upcoming, outputs)[0, 0]))
        step = data.input_scaler.transform(np.array([said[-1:]]))
        window = np.concatenate([window[:, 1:], step[None]], axis=1)
    further = further_forecast(result, tested, 4).forecast
    np.testing.assert_allclose(further.sources[0].mean, said, rtol=1e-4)


def test_widths_are_measured_on_what_no_network_saw() -> None:
    """At the first step they are of the same errors as the forecast's, from fewer places; later steps are wider."""
    result, tested = trained(1, "none")
    further = further_forecast(result, tested, 4).forecast
    run, errors = result.runs[0], []
    for place in range(3):
        data = repeat_data(result.spec, None, place)
        part = data.test
        error = data.in_unit(part, run.sample_outputs[place]) - data.in_unit(part, part.targets)
        errors.append(error[: len(part) - 3])
    expected = half_width(np.concatenate(errors), 0.8)
    np.testing.assert_allclose(further.sources[0].half_widths[0.8][0], expected[0], rtol=1e-4)
    assert further.sources[0].half_widths[0.8][-1] > expected[0]
    assert further.sources[0].coverage[0.8].points > 0


def test_no_more_steps_than_can_be_checked() -> None:
    """A stretch of so many rows leaves at least five places to go on from."""
    result, tested = trained(1, "none")
    further = further_forecast(result, tested, 60).forecast
    rows = len(repeat_data(result.spec, None, 0).test)
    assert int(further.steps.max()) == rows - MIN_PLACES + 1


def test_unknown_inputs_are_named() -> None:
    """An input that is not predicted gets one sentence instead of a forecast."""
    spec = ExperimentSpec(
        dataset="us_macro",
        options=(("horizon", 2),),
        architectures=("gru",),
        hidden_size=4,
        seeds=2,
        updates=3,
        evaluations=1,
        rate_search=0,
    )
    result = run_experiment(spec, threads=1)
    tested = forecast_result(result)
    further = further_forecast(result, tested, 6)
    assert further.forecast is None
    assert "is an input that is not predicted" in further.obstacle


@pytest.mark.parametrize("title", ["Ridge: linear in the whole window", "AR(9): linear, by least squares"])
@pytest.mark.parametrize("differencing", ["none", "first"])
def test_best_baseline_goes_on_too(title: str, differencing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as networks were trained it is the forecast's own line; after it, it has widths, coverage and a skill of 0."""
    result, _ = trained(3, differencing)  # other tests share it, so before anything is replaced
    monkeypatch.setattr("models.analysis.forecast_baseline.usual_baseline", lambda result: title)
    tested = forecast_result(result)
    further = further_forecast(result, tested, 8).forecast
    naive, own = tested.sources[-1], further.sources[-1]
    assert (own.name, own.title) == (naive.name, naive.title)
    assert own.title == title
    np.testing.assert_allclose(own.mean[:3], naive.mean, rtol=1e-5)
    assert len(own.half_widths[0.8]) == 8
    assert own.coverage[0.8].points > 0
    errors = further.error_frame()
    assert (errors[errors["architecture"] == own.name]["skill"] == 0).all()
    assert errors[errors["architecture"] == "gru"]["skill"].notna().all()
    frame = further.frame()
    assert frame[frame["architecture"] == own.name]["fed_back"].any() == (own.name == "ridge")


def test_persistence_goes_on_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its error at step six is that of the last value, from every place in a stretch from which six steps can be checked."""
    result, _ = trained(3, "none")
    monkeypatch.setattr(
        "models.analysis.forecast_baseline.usual_baseline", lambda result: "Persistence: the last value"
    )
    further = further_forecast(result, forecast_result(result), 6).forecast
    errors = []
    for place in range(3):
        data = repeat_data(result.spec, None, place)
        part = data.test
        told = data.in_unit(part, part.targets)
        values = np.concatenate([told[:, 0], told[-1, 1:]])
        before = data.input_scaler.inverse(np.asarray(part.inputs[:, -1]))[:, 0]
        count = len(values) - 5
        errors.append(before[:count] - values[5:])
    expected = np.sqrt(np.mean(np.concatenate(errors) ** 2))
    np.testing.assert_allclose(further.sources[-1].rmse[5], expected, rtol=1e-5)


def test_forecast_and_card_name_the_same_baseline() -> None:
    """The forecast's simple predictor is the one that the verdict compares the networks with."""
    from models.analysis.verdict import judge

    result, tested = trained(3, "none")
    assert tested.sources[-1].title == judge(result).baselines[0].baseline


def test_fewer_steps_have_their_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short stretches, or the most that are fed back; nothing is said where all steps were made."""
    result, tested = trained(1, "none")
    made = further_forecast(result, tested, 4)
    assert made.shortfall(4) == ""
    assert "test stretches are too short" in further_forecast(result, tested, 60).shortfall(60)
    monkeypatch.setattr("models.analysis.feed_back.MAX_STEPS", 5)
    assert further_forecast(result, tested, 9).shortfall(9) == "Made 5 steps: the most that are fed back."


DAYS = 400


@lru_cache(maxsize=4)
def planned(rows: int, **options: str) -> tuple[ExperimentResult, Forecast, bytes]:
    """Train a GRU for a moment on daily sales that follow the price, with so many planned days."""
    from data.uploads.command_line import own_content

    random, days = np.random.default_rng(0), DAYS
    prices = 1 + (np.arange(days + rows) % 5).astype(float)
    sales = np.r_[50 - 5 * prices[:days] + random.normal(0, 0.5, days), [np.nan] * rows]
    dates = pd.date_range("2024-01-01", periods=days + rows).astype(str)
    content = pd.DataFrame({"day": dates, "price": prices, "sales": sales}).to_csv(index=False).encode()
    own = own_content(content, {"target": "sales", "horizon": 2, "window": 6, **options}, "series")
    spec = ExperimentSpec(
        dataset="own_series",
        options=tuple(own.options.items()),
        architectures=("gru",),
        hidden_size=6,
        seeds=3,
        updates=60,
        evaluations=4,
        rate_search=0,
    )
    result = run_experiment(spec, content=content, threads=1)
    tested = forecast_result(result, content)
    assert tested is not None
    return result, tested, content


@pytest.mark.parametrize("options", [{"known": "price"}, {"known": "price", "inputs": "sales", "calendar": "weekday"}])
def test_what_is_known_ahead_is_seen_further_ahead(options: dict[str, str]) -> None:
    """The later steps are what the network says of a file in which its own first steps have come true."""
    result, tested, content = planned(8, **options)
    further = further_forecast(result, tested, 6, content).forecast
    said = further.sources[0].mean
    np.testing.assert_allclose(said[:2], tested.sources[0].mean, rtol=1e-5)
    recipe = repeat_recipe(result.spec, content, 0)
    series, scales = recipe.series[""], recipe.scales[""]
    told = pd.read_csv(io.BytesIO(content))
    told.loc[DAYS : DAYS + 3, "sales"] = said[:4]
    columns = {"sales": told["sales"].to_numpy(), "price": told["price"].to_numpy()}
    weekday = 2 * np.pi * (np.arange(len(told)) % 7) / 7  # the first day is a Monday
    columns |= {"weekday sine": np.sin(weekday), "weekday cosine": np.cos(weekday)}
    past = scales.inputs.transform(np.stack([columns[name][DAYS - 2 : DAYS + 4] for name in recipe.inputs], axis=-1))
    ahead = scales.ahead.transform(np.stack([columns[name][DAYS : DAYS + 6] for name in recipe.known], axis=-1))
    window = np.concatenate([past, ahead], axis=-1)[None].astype(np.float32)
    data = repeat_data(result.spec, content, 0)
    outputs = answer_network(get_cell("gru"), result.runs[0].replica(0), window, np.array([6]), each_step=False)
    assert len(series.values) == DAYS
    np.testing.assert_allclose(said[4:6], data.scaler.inverse(outputs)[0], rtol=1e-4)
    assert further.sources[0].coverage[0.8].points > 0


def test_plan_ends_the_forecast() -> None:
    """There are as many steps as the file plans; fewer than two rounds are refused with the rows to add."""
    result, tested, content = planned(7, known="price")
    made = further_forecast(result, tested, 9, content)
    assert made.shortfall(9) == "Made 6 steps: more rows of what is known ahead are not there."
    result, tested, content = planned(3, known="price")
    made = further_forecast(result, tested, 6, content)
    assert "`price` is known ahead for 3 rows, and 4 are needed to go on after 2 steps; add rows" in made.obstacle
