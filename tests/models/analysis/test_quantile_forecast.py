"""An experiment with quantile loss, from training to verdict, forecast, frames and files."""

import json
from functools import lru_cache

import numpy as np
import pytest

from data.quantiles import QUANTILES, inside
from models.analysis.comparison_columns import deciding_metric
from models.analysis.feed_back import further_forecast
from models.analysis.forecast import Forecast, forecast_result
from models.analysis.forecast_sentences import coverage_sentences
from models.analysis.predictions import QUANTILE_COLUMNS, TRUTH, forecast_frame, kept_part
from models.analysis.train_on_everything import trained_on_everything
from models.analysis.verdict import judge
from models.engine.run_here import run_experiment
from models.export.forecast_document import forecast_json
from models.records.results import ExperimentResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.repeats import repeat_data


@lru_cache(maxsize=1)
def trained() -> tuple[ExperimentResult, Forecast]:
    """Train on the temperatures of El Nino: enough for bands that hold."""
    spec = ExperimentSpec(
        dataset="elnino",
        options=(("horizon", 2),),
        loss="quantile",
        hidden_size=8,
        seeds=3,
        updates=250,
        evaluations=10,
        learning_rate=0.01,
        rate_search=0,
    )
    result = run_experiment(spec, threads=1)
    found = forecast_result(result)
    assert found is not None
    return result, found


def test_training_gives_bands_of_sensible_coverage() -> None:
    """Bands of 80 % hold 60 to 95 % of points that no network was trained on, and the pinball loss beats a constant band's."""
    result, _ = trained()
    for run in result.runs:
        shares = [seed.test_metrics["coverage_80"] for seed in run.seeds]
        assert 0.6 < np.mean(shares) < 0.95, shares
        said = np.mean([seed.test_metrics["pinball_celsius"] for seed in run.seeds])
        naive = np.mean(
            [scores["Persistence: the last value"]["pinball_celsius"] for scores in result.repeat_baselines]
        )
        assert said < naive


def test_verdict_is_about_the_pinball_loss() -> None:
    """Lower is better, by the same rule; RMSE and MAE of the median are still given."""
    result, _ = trained()
    name, column = deciding_metric(result)
    assert (name, column.heading, column.better) == ("pinball_celsius", "Pinball loss (celsius)", "low")
    verdict = judge(result)
    (pair,) = verdict.comparisons
    means = {run.spec.architecture: np.mean(run.test_scores(name)) for run in result.runs}
    assert pair.tested.difference == pytest.approx(means["lstm"] - means["gru"], rel=1e-6)
    assert {"rmse_celsius", "mae_celsius"} <= set(result.runs[0].seeds[0].test_metrics)


def test_forecast_has_quantiles_and_their_coverage_in_words() -> None:
    """Columns in ascending order around the mean of the medians; the words count points of the test stretches."""
    result, found = trained()
    frame = found.frame()
    names = [f"quantile_{100 * level:.0f}" for level in QUANTILES]
    networks = frame[frame["architecture"].isin(["lstm", "gru"])]
    assert (np.diff(networks[names].to_numpy(), axis=1) >= 0).all()
    np.testing.assert_allclose(networks["mean"], networks["quantile_50"])
    assert frame.loc[~frame["architecture"].isin(["lstm", "gru"]), names].isna().all(axis=None)
    source, run = found.sources[0], result.runs[0]
    held = points = 0
    for repeat in range(3):
        data = repeat_data(result.spec, None, repeat)
        part = kept_part(data, run.sample_indices)
        own = inside(data.in_unit(part, part.targets), data.quantiles_in_unit(part, run.sample_outputs[repeat]))
        held, points = held + int(own.sum()), points + own.size
    assert source.quantile_coverage is not None
    assert (source.quantile_coverage.held, source.quantile_coverage.points) == (held, points)
    expected = f"LSTM: {held} of {points} test points lay between its 10 % and 90 % quantiles; 80 % should."
    assert expected in coverage_sentences(found)
    document = json.loads(forecast_json(found))
    assert document["quantile_coverage"][0] == {"architecture": "lstm", "level": 0.8, "held": held, "points": points}
    assert "quantile_90" in document["forecast"][0]


def test_predictions_have_the_band() -> None:
    """The frame of predictions holds the median and the outer quantiles of every network, none of the truth."""
    result, _ = trained()
    frame = forecast_frame(result, repeat_data(result.spec, None, 0))
    low, high = QUANTILE_COLUMNS
    networks = frame[frame["architecture"] != TRUTH]
    assert ((networks[low] <= networks["value"]) & (networks["value"] <= networks[high])).all()
    assert frame.loc[frame["architecture"] == TRUTH, list(QUANTILE_COLUMNS)].isna().all(axis=None)


def test_feeding_back_goes_on_from_the_medians() -> None:
    """The trained steps are those of the forecast; further ones come without quantiles."""
    result, found = trained()
    further = further_forecast(result, found, 4).forecast
    assert further is not None
    for tested, fed in zip(found.sources, further.sources, strict=False):
        if fed.networks:
            np.testing.assert_allclose(fed.mean[:2], tested.mean, rtol=1e-4)
            assert fed.quantiles is None


def test_networks_trained_on_everything_give_quantiles() -> None:
    """They speak in quantiles, too, and the coverage stays that of the tested networks."""
    result, found = trained()
    spoken = trained_on_everything(found, result)
    for tested, own in zip(found.sources[:2], spoken.sources[:2], strict=True):
        assert own.quantiles is not None
        assert own.quantiles.shape == (3, 2)
        assert (np.diff(own.quantiles, axis=0) >= 0).all()
        assert own.quantile_coverage == tested.quantile_coverage


def test_table_says_how_much_the_band_held() -> None:
    """Networks and simple predictors have their share of test values between the outer quantiles, in percent."""
    from models.analysis.comparison import comparison_table

    result, _ = trained()
    table = comparison_table(result).set_index("name")
    expected = 100 * np.mean([seed.test_metrics["coverage_80"] for seed in result.runs[0].seeds])
    assert table.loc[result.runs[0].spec.architecture, "band_held"] == pytest.approx(expected)
    title, metrics = next(iter(result.baselines.items()))
    assert table.loc[title, "band_held"] == pytest.approx(100 * metrics["coverage_80"])
