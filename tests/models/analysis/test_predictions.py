"""Frames of predictions hold what the networks answered."""

import numpy as np
import pandas as pd
import pytest

from data.embedded import embedded
from data.uploads.shared_options import digest
from models.analysis.predictions import (
    CONFUSION_COLUMNS,
    FORECAST_COLUMNS,
    LABEL_COLUMNS,
    TRUTH,
    confusion_frame,
    forecast_frame,
    kept_part,
    label_frame,
)
from models.spec.experiment_settings import ExperimentSpec
from tests.dashboard.fakes import made_up_result


def load(spec: ExperimentSpec):
    """Return a spec's data."""
    return spec.source().load(spec.dataset_options(), spec.seed)


def test_kept_part_holds_the_kept_samples() -> None:
    """Every array of the part is cut alike."""
    data = load(ExperimentSpec(dataset="sunspots"))
    part = kept_part(data, np.array([2, 5]))
    np.testing.assert_array_equal(part.inputs, data.test.inputs[[2, 5]])
    np.testing.assert_array_equal(part.positions, data.test.positions[[2, 5]])
    assert part.scored is None


@pytest.mark.parametrize("options", [(), (("horizon", 3), ("differencing", "first"))])
def test_forecast_frame_has_truth_and_every_seed_in_the_unit(options) -> None:
    """Values are those of the data's unit, by sample, target and seed."""
    spec = ExperimentSpec(dataset="sunspots", options=options, seeds=2)
    data, result = load(spec), made_up_result(spec)
    frame = forecast_frame(result, data)
    assert tuple(frame.columns) == FORECAST_COLUMNS
    kept, outputs = len(result.runs[0].sample_indices), data.output_size
    assert len(frame) == kept * outputs * (1 + 2 * 2)
    truth = frame[frame["architecture"] == TRUTH]["value"].to_numpy().reshape(kept, outputs)
    np.testing.assert_allclose(truth, data.in_unit(data.test, data.test.targets)[:kept], rtol=1e-6)
    gru = frame[(frame["architecture"] == "gru") & (frame["seed"] == 1)]["value"].to_numpy().reshape(kept, outputs)
    expected = result.runs[1].sample_outputs[1] * data.scaler.std + data.scaler.mean
    if data.test.base is not None:
        expected = expected + data.test.base[:kept]
    np.testing.assert_allclose(gru, expected, rtol=1e-5)


def test_confusion_frame_counts_every_answer() -> None:
    """Each kept sample of each seed is one answer, in the row of its class."""
    spec = ExperimentSpec(dataset="digits", seeds=2)
    data, result = load(spec), made_up_result(spec)
    frame = confusion_frame(result, data)
    assert tuple(frame.columns) == CONFUSION_COLUMNS
    lstm = frame[frame["architecture"] == "lstm"]
    kept = result.runs[0].sample_indices
    assert len(lstm) == 100
    assert lstm["count"].sum() == 2 * len(kept)
    by_class = lstm.groupby("truth")["count"].sum()
    assert by_class["3"] == 2 * np.sum(data.test.targets[kept] == 3)
    right = lstm[lstm["truth"] == lstm["predicted"]]["count"].sum()
    answers = result.runs[0].sample_outputs.argmax(-1)
    assert right == np.sum(answers == data.test.targets[kept])


def test_label_frame_tells_right_from_wrong_step_by_step() -> None:
    """The truth comes first; an answer is right where it equals the truth."""
    spec = ExperimentSpec(dataset="copy_memory", seeds=2)
    data, result = load(spec), made_up_result(spec)
    frame = label_frame(result, data, kept=4, replica=1)
    assert tuple(frame.columns) == LABEL_COLUMNS
    steps = int(data.test.lengths[4])
    assert list(frame["title"].unique()) == ["Truth", "LSTM", "GRU"]
    truth = data.test.targets[4, :steps]
    gru = frame[frame["architecture"] == "gru"]
    answer = result.runs[1].sample_outputs[1, 4, :steps].argmax(-1)
    np.testing.assert_array_equal(gru["correct"], answer == truth)
    assert gru["label"].tolist() == [data.class_names[label] for label in answer]
    assert gru["counted"].sum() == data.test.scored[4, :steps].sum()


@pytest.mark.parametrize("make", [forecast_frame, confusion_frame])
def test_frames_without_runs_have_their_columns(make) -> None:
    """No run, no rows."""
    from dataclasses import replace

    spec = ExperimentSpec(dataset="sunspots" if make is forecast_frame else "digits")
    assert make(replace(made_up_result(spec), runs=()), load(spec)).empty


@pytest.mark.parametrize("horizon", [1, 3, 12])
def test_every_step_ahead_stands_at_its_own_date(horizon: int) -> None:
    """What charts and CSVs draw at a month is the value of that month, for every step ahead."""
    spec = ExperimentSpec(dataset="airline", options=(("horizon", horizon),), seeds=2)
    data = load(spec)
    known = pd.read_csv(embedded("airline_monthly.csv")).set_index("month")["passengers"]
    frame = forecast_frame(made_up_result(spec), data)
    truth = frame[frame["architecture"] == TRUTH]
    assert truth["target"].nunique() == horizon
    np.testing.assert_allclose(truth["value"], known[truth["position"]], rtol=1e-5)


@pytest.mark.parametrize("horizon", [1, 3, 12])
def test_every_step_ahead_stands_at_its_own_row_without_dates(horizon: int) -> None:
    """A file without a time counts rows; the value at a row is that row's."""
    values = np.random.default_rng(2).normal(size=300).round(4)
    content = ("y\n" + "\n".join(map(str, values)) + "\n").encode()
    options = {"content": digest(content), "target": "y", "horizon": horizon, "window": 10}
    spec = ExperimentSpec(dataset="own_series", options=tuple(options.items()), seeds=2)
    data = spec.source().load(spec.dataset_options(), 0, content)
    frame = forecast_frame(made_up_result(spec, content=content), data)
    truth = frame[frame["architecture"] == TRUTH]
    first = int(data.train.positions.reshape(-1)[0]) - 10
    np.testing.assert_allclose(truth["value"], values[truth["position"].astype(int) - first], rtol=1e-4)
