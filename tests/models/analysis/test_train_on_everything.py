"""Networks for use learn from every row, for as long as validation found, and have no score."""

from dataclasses import replace

import numpy as np
import pytest

from data.repeat_splits import whole_data
from models.analysis.forecast import upcoming_answer
from models.analysis.forecast_sentences import coverage_sentences
from models.analysis.train_on_everything import (
    STARTS,
    everything_forecast,
    found_updates,
    train_on_everything,
    trained_on_everything,
)
from models.errors import DataError
from models.export.forecast_document import forecast_document
from models.spec.repeats import repeat_data
from tests.models.analysis.test_forecast import trained


def test_all_samples_are_trained_on() -> None:
    """Training, validation and test one after another; scales and what comes next stay."""
    result, _ = trained()
    data = repeat_data(result.spec, None, 0)
    whole = whole_data(data)
    assert len(whole.train) == len(data.train) + len(data.validation) + len(data.test)
    np.testing.assert_array_equal(whole.train.inputs[-1], data.test.inputs[-1])
    np.testing.assert_array_equal(whole.train.positions[-1], data.test.positions[-1])
    assert whole.scaler is data.scaler
    assert whole.upcoming is data.upcoming


def test_updates_are_the_median_of_the_best_ones() -> None:
    """Diverged repeats do not count, and there is at least one update."""
    run = trained()[0].runs[0]
    seeds = [replace(run.seeds[0], best_update=best, status="finished") for best in (10, 30, 20)]
    broken = replace(run.seeds[0], best_update=900, status="diverged")
    assert found_updates(replace(run, seeds=(*seeds, broken))) == 20
    assert found_updates(replace(run, seeds=(replace(seeds[0], best_update=0),))) == 1


def test_networks_see_the_newest_rows() -> None:
    """Other answers in the newest part give other weights, which those of the tested networks would not."""
    result, _ = trained()
    run = result.runs[1]
    weights = train_on_everything(run.spec.to_dict(), None, 5)
    assert {len(value) for value in weights.values()} == {STARTS}
    again = train_on_everything(run.spec.to_dict(), None, 5)
    for name, value in weights.items():
        np.testing.assert_array_equal(value, again[name])
        assert not np.array_equal(value[0], value[1]) or not value.any()
    assert not np.allclose(weights["head.weight"][0], run.replica(0)["head.weight"])


def test_forecast_is_their_mean_and_says_that_nothing_tested_them() -> None:
    """Widths and coverage stay those of the tested networks; words and JSON say so."""
    result, tested = trained()
    data = repeat_data(result.spec, None, 0)
    runs = {run.spec.architecture: run for run in result.runs}
    weights = {name: train_on_everything(run.spec.to_dict(), None, found_updates(run)) for name, run in runs.items()}
    found = everything_forecast(tested, runs, weights, data)
    for before, after in zip(tested.sources[:2], found.sources[:2], strict=True):
        said = [
            upcoming_answer(after.name, {name: value[start] for name, value in weights[after.name].items()}, data)
            for start in range(STARTS)
        ]
        np.testing.assert_allclose(after.mean, np.mean(said, axis=0))
        assert not np.allclose(after.mean, before.mean)
        assert after.half_widths is before.half_widths
    assert found.sources[2] is tested.sources[2]
    assert "These networks have no test score of their own" in coverage_sentences(found)[1]
    assert forecast_document(found)["trained_on_everything"] == {name: found_updates(run) for name, run in runs.items()}
    assert forecast_document(tested)["trained_on_everything"] is None
    here = trained_on_everything(tested, result)
    np.testing.assert_array_equal(here.sources[0].mean, found.sources[0].mean)


def test_too_many_samples_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence with the fix, before anything is written out."""
    monkeypatch.setattr("models.analysis.train_on_everything.MAX_BYTES", 1000)
    with pytest.raises(DataError, match="choose a shorter window"):
        train_on_everything(trained()[0].runs[0].spec.to_dict(), None, 5)


def test_every_row_of_several_series_is_trained_on() -> None:
    """A repeat tests half of the series; what is trained here reaches each one's last row."""
    from functools import partial

    from models.analysis.train_on_everything import load_everything
    from tests.models.analysis.test_forecast import several

    result, tested, content = several("time")
    whole = whole_data(load_everything(result.spec, partial(repeat_data, content=content)))
    for number, history in enumerate(whole.histories):
        last = whole.train.rows[whole.train.series == number].max()
        assert last == len(history.values) - 2  # two steps ahead
    found = trained_on_everything(tested, result, content)
    assert np.isfinite(found.sources[0].mean).all()
    assert found.sources[0].mean.shape == tested.sources[0].mean.shape
