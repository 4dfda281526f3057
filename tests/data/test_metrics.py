"""Metrics of the task kinds, against values computed by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from data.metrics import (
    accuracy,
    balanced_accuracy,
    log_softmax,
    next_token_metrics,
    regression_metrics,
    task_metrics,
)
from data.task import IGNORED, Part, Scaler, TaskData, TaskKind


def one_part(kind: TaskKind, part: Part, **more: object) -> TaskData:
    """Return a task of one part."""
    return TaskData(kind=kind, train=part, validation=part, test=part, input_size=1, output_size=2, **more)


def test_regression_metrics_by_hand() -> None:
    """Errors of 3 and 4 give a root mean square of sqrt(12.5) and a mean of 3.5, named by the unit."""
    scores = regression_metrics(np.array([[3.0], [0.0]]), np.array([[0.0], [4.0]]), "celsius")
    assert scores == {"rmse_celsius": pytest.approx(math.sqrt(12.5)), "mae_celsius": pytest.approx(3.5)}


def test_regression_metrics_without_unit_have_plain_names() -> None:
    """No unit, no suffix."""
    assert set(regression_metrics(np.zeros(2), np.zeros(2), "")) == {"rmse", "mae"}


def test_regression_metrics_are_computed_in_float64() -> None:
    """Squares of large float32 errors do not overflow."""
    scores = regression_metrics(np.array([3e38], dtype=np.float32), np.array([0.0], dtype=np.float32), "")
    assert scores["rmse"] == pytest.approx(3e38)


def test_accuracy_leaves_out_ignored_and_unscored_steps() -> None:
    """Of four steps one is ignored and one not scored: one of two is right."""
    targets = np.array([[0, 1, IGNORED, 1]])
    scores = np.array([[[2.0, 1.0], [2.0, 1.0], [9.0, 0.0], [0.0, 1.0]]])
    scored = np.array([[True, True, True, False]])
    assert accuracy(scores, targets) == pytest.approx(2 / 3)
    assert accuracy(scores, targets, scored) == 0.5


def test_accuracy_does_not_change_its_arguments() -> None:
    """The mask of scored steps is not written to."""
    scored = np.array([[True, True]])
    accuracy(np.zeros((1, 2, 2)), np.array([[IGNORED, 0]]), scored)
    assert scored.all()


def test_balanced_accuracy_of_the_majority_is_one_over_classes() -> None:
    """Always answering a class of nine tenths scores one half, and a class that does not occur is left out."""
    scores = np.tile([1.0, 0.0, 0.0], (10, 1))
    targets = np.array([0] * 9 + [1])
    assert balanced_accuracy(scores, targets) == 0.5
    assert accuracy(scores, targets) == 0.9


def test_next_token_metrics_of_even_scores() -> None:
    """Four equal scores are two bits and a perplexity of four."""
    scores = next_token_metrics(np.zeros((1, 3, 4)), np.array([[0, 1, IGNORED]]))
    assert scores == {
        "bits_per_character": pytest.approx(2.0),
        "perplexity": pytest.approx(4.0),
        "accuracy": pytest.approx(0.5),
    }


def test_next_token_metrics_by_hand() -> None:
    """A probability of 3/4 for the first and 1/4 for the second token gives the mean of their bits."""
    scores = np.log(np.array([[[0.75, 0.25], [0.75, 0.25]]]))
    expected = (-math.log2(0.75) - math.log2(0.25)) / 2
    assert next_token_metrics(scores, np.array([[0, 1]]))["bits_per_character"] == pytest.approx(expected)


@given(hnp.arrays(np.float64, (2, 3), elements=st.floats(-1e6, 1e6)))
def test_log_softmax_is_a_distribution_and_ignores_shifts(scores: np.ndarray) -> None:
    """Probabilities sum to one, and a constant added to all scores changes nothing."""
    logs = log_softmax(scores)
    assert np.exp(logs).sum(-1) == pytest.approx(1.0)
    assert log_softmax(scores + 1234.0) == pytest.approx(logs, abs=1e-6)


def test_log_softmax_survives_large_scores() -> None:
    """No overflow, no NaN."""
    assert log_softmax(np.array([1e9, 0.0])) == pytest.approx([0.0, -1e9])


def test_task_metrics_regression_is_in_the_data_unit() -> None:
    """Standardised errors are scaled back, and differences are added to their base."""
    part = Part(
        inputs=np.zeros((2, 1, 1), dtype=np.float32),
        targets=np.zeros((2, 1), dtype=np.float32),
        lengths=np.ones(2, dtype=np.int64),
        base=np.array([[100.0], [200.0]]),
    )
    data = one_part("regression", part, scaler=Scaler(mean=np.array([5.0]), std=np.array([2.0])), unit="celsius")
    assert task_metrics(data, part, np.array([[1.0], [-1.0]])) == {"rmse_celsius": 2.0, "mae_celsius": 2.0}
    assert data.in_unit(part, part.targets).tolist() == [[105.0], [205.0]]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("classification", {"accuracy", "balanced_accuracy"}),
        ("labelling", {"accuracy"}),
        ("next_token", {"bits_per_character", "perplexity", "accuracy"}),
    ],
)
def test_task_metrics_chooses_by_kind(kind: TaskKind, names: set[str]) -> None:
    """Each kind has its own metrics."""
    targets = np.array([0, 1]) if kind == "classification" else np.array([[0, 1], [1, IGNORED]])
    part = Part(inputs=np.zeros((2, 2), dtype=np.int64), targets=targets, lengths=np.array([2, 2]))
    assert set(task_metrics(one_part(kind, part), part, np.zeros((*targets.shape, 2)))) == names


def test_task_metrics_labelling_uses_scored_steps() -> None:
    """Accuracy of a labelling task counts the scored steps alone."""
    part = Part(
        inputs=np.zeros((1, 2), dtype=np.int64),
        targets=np.array([[0, 1]]),
        lengths=np.array([2]),
        scored=np.array([[False, True]]),
    )
    assert task_metrics(one_part("labelling", part), part, np.array([[[0.0, 1.0], [0.0, 1.0]]])) == {"accuracy": 1.0}
