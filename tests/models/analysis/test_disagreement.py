"""Errors of single samples."""

from dataclasses import replace

import numpy as np
import pytest

from data.task import IGNORED, Scaler
from models.analysis.disagreement import ERROR_COLUMNS, error_frame, error_name, most_disputed, sample_errors
from models.spec.experiment_settings import ExperimentSpec
from tests.dashboard.fakes import made_up_result
from tests.models.analysis.trained import random_task


def test_regression_error_is_absolute_and_in_the_unit() -> None:
    """Errors are mean absolute differences over outputs, scaled back to the unit."""
    data = replace(random_task(), scaler=Scaler(mean=np.array([5.0, 5.0]), std=np.array([2.0, 4.0])))
    outputs = data.test.targets + np.array([1.0, -1.0])
    np.testing.assert_allclose(sample_errors(data, data.test, outputs[None])[0], 3.0, rtol=1e-6)
    assert error_name(replace(data, unit="degrees_celsius")) == "Absolute error (degrees celsius)"


def test_class_error_is_surprise_in_bits() -> None:
    """Equal scores for two of three classes, the third impossible, surprise by exactly one bit."""
    data = random_task("classification")
    scores = np.full((11, 3), -1e9)
    scores[np.arange(11), data.test.targets] = 0
    scores[np.arange(11), (data.test.targets + 1) % 3] = 0
    np.testing.assert_allclose(sample_errors(data, data.test, scores), 1.0)


def test_labelling_error_counts_only_steps_that_count() -> None:
    """Steps without a target neither add to the error nor divide it."""
    data = random_task("labelling")
    targets = np.full_like(data.test.targets, IGNORED)
    targets[:, 2] = 1
    part = replace(data.test, targets=targets)
    scores = np.zeros((11, 9, 3))
    scores[:, 5] = 1e6 * np.eye(3)[0]
    np.testing.assert_allclose(sample_errors(data, part, scores), np.log2(3))


def test_frame_averages_seeds_and_finds_the_dispute() -> None:
    """One row per sample and architecture, mean over seeds; the most disputed sample has the largest difference."""
    spec = ExperimentSpec(dataset="adding", options=(("length", 10),), hidden_size=4, seeds=2)
    result = made_up_result(spec)
    data = spec.source().load(spec.dataset_options(), spec.seed)
    frame = error_frame(result, data)
    assert tuple(frame.columns) == ERROR_COLUMNS
    run = result.runs[0]
    part_error = np.abs(
        data.in_unit(data.test, run.sample_outputs) - data.in_unit(data.test, data.test.targets[run.sample_indices])
    ).mean((0, 2))
    np.testing.assert_allclose(frame.loc[frame["architecture"] == "lstm", "error"], part_error, rtol=1e-6)
    wide = frame.pivot(index="sample", columns="architecture", values="error")
    assert most_disputed(frame, "lstm", "gru") == (wide["lstm"] - wide["gru"]).abs().idxmax()
    assert most_disputed(frame, "lstm", "rnn") is None


def test_seed_that_diverged_is_left_out() -> None:
    """A seed whose outputs are not finite does not spoil the mean of the others."""
    spec = ExperimentSpec(dataset="adding", options=(("length", 10),), hidden_size=4, seeds=2)
    result = made_up_result(spec)
    data = spec.source().load(spec.dataset_options(), spec.seed)
    run = result.runs[0]
    broken = run.sample_outputs.copy()
    broken[1] = np.nan
    alone = replace(result, runs=(replace(run, sample_outputs=run.sample_outputs[:1]),))
    spoilt = replace(result, runs=(replace(run, sample_outputs=broken),))
    assert error_frame(spoilt, data)["error"].tolist() == pytest.approx(error_frame(alone, data)["error"].tolist())
