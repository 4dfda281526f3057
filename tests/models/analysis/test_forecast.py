"""The forecast is what the newest networks say of the last rows, in the unit, at the next dates, with a width from unseen errors."""

import json
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from data.task import TaskData
from models.analysis.conformal import half_width
from models.analysis.forecast import (
    COLUMNS,
    ERROR_COLUMNS,
    Forecast,
    forecast_result,
    make_forecast,
)
from models.analysis.forecast_sentences import coverage_sentences
from models.cells import get_cell
from models.cells.network import answer_network
from models.engine.run_here import run_experiment
from models.export.forecast_document import forecast_json
from models.records.results import ExperimentResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.repeats import repeat_data


@lru_cache(maxsize=4)
def trained(resampling: str = "data", horizon: int = 3) -> tuple[ExperimentResult, Forecast]:
    """Train for a moment on the airline passengers and forecast."""
    spec = ExperimentSpec(
        dataset="airline",
        options=(("horizon", horizon),),
        hidden_size=6,
        seeds=4,
        updates=40,
        evaluations=4,
        rate_search=0,
        resampling=resampling,
    )
    result = run_experiment(spec, threads=1)
    found = make_forecast(result, lru_cache(maxsize=8)(lambda repeat: repeat_data(spec, None, repeat)))
    assert found is not None
    return result, found


def test_forecast_has_the_next_dates_of_every_source() -> None:
    """Three months after December 1960 for both cells and the best naive predictor."""
    _, found = trained()
    frame = found.frame()
    assert set(COLUMNS) <= set(frame.columns)
    assert list(dict.fromkeys(frame["architecture"]))[:2] == ["lstm", "gru"]
    assert frame["architecture"].nunique() == 3
    for _, rows in frame.groupby("architecture"):
        assert rows["time"].tolist() == ["1961-01", "1961-02", "1961-03"]
        assert rows["step"].tolist() == [1, 2, 3]
    assert frame["mean"].between(200, 800).all()
    assert found.history["time"].iloc[-1] == "1960-12"
    assert found.history["value"].iloc[-1] == pytest.approx(432, abs=0.1)


def test_forecast_is_the_newest_networks_answer_in_the_unit() -> None:
    """The mean over the repeats of the newest stretch, and of no other."""
    result, found = trained()
    data = repeat_data(result.spec, None, 0)
    for run, source in zip(result.runs, found.sources, strict=False):
        newest = [place for place, seed in enumerate(run.seeds) if seed.stretch_index == 0]
        cell = get_cell(run.spec.architecture)
        said = [
            answer_network(cell, run.replica(place), data.upcoming.inputs, data.upcoming.lengths, each_step=False)
            for place in newest
        ]
        expected = np.mean([data.in_unit(data.upcoming, answer)[0] for answer in said], axis=0)
        np.testing.assert_allclose(source.mean, expected, rtol=1e-6)
        assert source.networks == len(newest)


def test_widths_come_from_the_errors_of_each_repeat_on_its_own_stretch() -> None:
    """Recomputed from the kept outputs and each repeat's own data."""
    result, found = trained()
    run, source = result.runs[0], found.sources[0]
    errors = []
    for place in range(len(run.seeds)):
        data = repeat_data(result.spec, None, place)
        kept = run.sample_indices
        truth = data.in_unit(data.test, data.test.targets)[kept]
        base = 0 if data.test.base is None else data.test.base[kept]
        errors.append(base + data.scaler.inverse(run.sample_outputs[place]) - truth)
    np.testing.assert_allclose(source.half_widths[0.8], half_width(np.concatenate(errors), 0.8), rtol=1e-4)
    assert source.errors == sum(len(each) for each in errors)
    frame = found.frame()
    own = frame[frame["architecture"] == "lstm"]
    np.testing.assert_allclose(own["upper_80"] - own["mean"], source.half_widths[0.8])


def test_errors_by_step_judge_against_naive() -> None:
    """Skill is 0 for the best naive predictor; MASE is the mean error over that of the naive forecast while learning."""
    result, found = trained()
    errors = found.error_frame()
    assert tuple(errors.columns) == ERROR_COLUMNS
    naive = errors[errors["architecture"] == found.sources[-1].name]
    assert naive["skill"].tolist() == [0.0, 0.0, 0.0]
    scale = repeat_data(result.spec, None, 0).naive_errors
    own = errors[errors["architecture"] == "gru"]
    np.testing.assert_allclose(own["mase"], own["mae"] / scale)


def test_one_split_for_all_starts_counts_every_network() -> None:
    """If only starts vary, all networks take part, and there is no later stretch to check the band on."""
    result, found = trained("start")
    assert found.sources[0].networks == 4
    assert found.sources[0].errors == len(result.runs[0].sample_indices)  # of their mean, a point counts once
    assert {cover.points for cover in found.sources[0].coverage.values()} == {0}
    assert coverage_sentences(found)[0] == "LSTM: too few errors of earlier stretches to check the band on later ones."


def test_document_is_strict_json_with_the_promised_names() -> None:
    """Names, steps and bounds; numbers that are not finite become null."""
    _, found = trained()
    made = json.loads(forecast_json(found))
    assert {"series", "time", "step", "architecture", "title", "mean", "lower_80", "upper_80"} <= set(
        made["forecast"][0]
    )
    assert {"architecture", "level", "held", "points"} == set(made["coverage"][0])
    assert len(made["forecast"]) == 9
    assert len(made["errors"]) == 9


def test_other_tasks_have_no_forecast() -> None:
    """A task without a time axis gives None."""
    spec = ExperimentSpec(dataset="adding", options=(("length", 10),), hidden_size=4, seeds=2, updates=2, rate_search=0)
    result = run_experiment(spec, threads=1)

    def data_of(repeat: int) -> TaskData:
        return repeat_data(spec, None, repeat)

    assert make_forecast(result, data_of) is None


def test_frame_of_own_series_names_its_columns(tmp_path: object) -> None:
    """Two targets of a visitor's own file, two steps ahead, daily: each row has its series, date and step."""
    from data.uploads.shared_options import digest

    days = np.datetime_as_string(np.arange("2024-01-01", "2024-06-01", dtype="datetime64[D]"))
    walk = np.cumsum(np.random.default_rng(1).normal(size=(len(days), 2)), axis=0)
    content = pd.DataFrame({"day": days, "north": walk[:, 0], "south": walk[:, 1]}).to_csv(index=False).encode()
    options = {"content": digest(content), "target": "north,south", "horizon": 2, "window": 8}
    spec = ExperimentSpec(
        dataset="own_series",
        options=tuple(options.items()),
        hidden_size=4,
        seeds=2,
        updates=5,
        evaluations=2,
        rate_search=0,
    )
    result = run_experiment(spec, content=content, threads=1)
    found = make_forecast(result, lambda repeat: repeat_data(spec, content, repeat))
    rows = found.frame()[found.frame()["architecture"] == "gru"]
    assert rows["series"].tolist() == ["north", "south", "north", "south"]
    assert rows["time"].tolist() == ["2024-06-01", "2024-06-01", "2024-06-02", "2024-06-02"]
    assert rows["step"].tolist() == [1, 1, 2, 2]


@lru_cache(maxsize=2)
def several(split: str) -> tuple[ExperimentResult, Forecast, bytes]:
    """Forecast five shops of different size, two of which have fewer rows."""
    from data.uploads.command_line import own_content

    random = np.random.default_rng(3)
    frames = []
    for shop in range(5):
        rows = 220 - 20 * (shop % 2)
        days = np.datetime_as_string(np.arange("2024-01-01", "2025-01-01", dtype="datetime64[D]")[:rows])
        sales = 10.0**shop * (5 + np.sin(np.arange(rows) / 2) + random.normal(0, 0.2, rows))
        frames.append(pd.DataFrame({"day": days, "shop": f"shop {shop}", "sales": sales}))
    content = pd.concat(frames).to_csv(index=False).encode()
    asked = {"target": "sales", "series": "shop", "which": "all", "horizon": 2, "window": 8, "split_by": split}
    own = own_content(content, asked, "series")
    spec = ExperimentSpec(
        dataset="own_series",
        options=tuple(own.options.items()),
        architectures=("gru",),
        hidden_size=4,
        seeds=4,
        updates=5,
        evaluations=1,
        rate_search=0,
    )
    result = run_experiment(spec, content=content, threads=1)
    found = forecast_result(result, content)
    assert found is not None
    return result, found, content


@pytest.mark.parametrize("split", ["time", "series"])
def test_several_series_each_have_their_own_forecast(split: str) -> None:
    """A row per series and step at that series' next dates, with its own history, width and naive forecast."""
    _, found, _ = several(split)
    frame = found.frame()
    for name, rows in frame.groupby("architecture"):
        assert rows["series"].tolist() == [f"shop {shop}" for shop in range(5) for _ in range(2)], name
        assert rows["step"].tolist() == [1, 2] * 5
    own = frame[frame["architecture"] == "gru"].set_index("series")
    assert own.loc["shop 0", "time"].tolist() == ["2024-08-08", "2024-08-09"]
    assert own.loc["shop 1", "time"].tolist() == ["2024-07-19", "2024-07-20"]
    last = found.history.groupby("series")["time"].last()
    assert (last["shop 0"], last["shop 1"]) == ("2024-08-07", "2024-07-18")
    assert set(frame["architecture"]) == {"gru", found.sources[-1].name}
    widths = (own["upper_80"] - own["lower_80"]).groupby("series").mean()
    assert widths["shop 4"] / widths["shop 0"] == pytest.approx(1e4, rel=0.5)
    assert np.isfinite(own["mean"]).all()


def test_widths_of_several_series_are_in_their_naive_errors() -> None:
    """Errors over naive errors are ranked together; every repeat's own half of the series counts."""
    result, found, content = several("time")
    run, scaled = result.runs[0], []
    for place in range(4):
        data = repeat_data(result.spec, content, place)
        part = data.test.at(run.sample_indices)
        error = data.in_unit(part, run.sample_outputs[place]) - data.in_unit(part, part.targets)
        scaled.append(error / np.stack([data.histories[number].naive_errors for number in part.series]))
    newest = repeat_data(result.spec, content, 0)
    width = half_width(np.concatenate(scaled), 0.8)
    expected = np.concatenate([width * one.naive_errors for one in newest.histories])
    np.testing.assert_allclose(found.sources[0].half_widths[0.8], expected, rtol=1e-5)


def test_held_out_series_are_spoken_of_by_all_networks() -> None:
    """Without an order in time no repeat is the newest."""
    assert several("series")[1].sources[0].networks == 4
    assert several("time")[1].sources[0].networks == 1
