"""Bach's chorales: the published split, frames, loss per frame and simple predictors."""

import numpy as np
import pytest
import torch

from data.catalog import get_dataset
from data.metrics import multi_label_metrics
from data.task import IGNORED, TaskData
from models.training.evaluation import loss_sums


def load(number: int = 0) -> TaskData:
    """Return the data of a repeat."""
    entry = get_dataset("jsb_chorales")
    return entry.load_repeat(entry.parse({}), 0, number)


def test_chorales_keep_the_published_split() -> None:
    """229, 76 and 77 chorales; the test part never changes, the others are drawn anew after the first repeat."""
    first, second = load(), load(1)
    for data in (first, second):
        assert (len(data.train), len(data.validation), len(data.test)) == (229, 76, 77)
        np.testing.assert_array_equal(data.test.inputs, first.test.inputs)
    assert (first.train.lengths.sum(), first.test.lengths.sum()) == (13_807, 4_725)
    assert first.train.inputs.shape == second.train.inputs.shape
    assert not np.array_equal(first.train.lengths, second.train.lengths)


def test_chorales_see_the_frame_before_and_nothing_later() -> None:
    """The first step sees silence; every other one sees the frame that the step before had to answer."""
    part = load().train
    for index in (0, 100):
        steps = int(part.lengths[index])
        assert not part.inputs[index, 0].any()
        np.testing.assert_array_equal(part.inputs[index, 1:steps], part.targets[index, : steps - 1])
        assert (part.targets[index, steps:] == IGNORED).all()
        assert not part.inputs[index, steps:].any()


def test_loss_of_several_labels_is_a_sum_over_labels_and_a_mean_over_steps() -> None:
    """Both the trainer's loss and the metric agree with the formula written out; padded steps count nothing."""
    targets = np.array([[[1, 0], [0, 0], [IGNORED, IGNORED]]], dtype=np.float32)
    odds = np.array([[[2.0, -1.0], [0.5, 3.0], [9.0, 9.0]]], dtype=np.float32)
    p = 1 / (1 + np.exp(-odds))
    wanted = [-np.log(p[0, 0, 0]) - np.log(1 - p[0, 0, 1]), -np.log(1 - p[0, 1, 0]) - np.log(1 - p[0, 1, 1])]
    assert multi_label_metrics(odds, targets)["nats_per_step"] == pytest.approx(np.mean(wanted), rel=1e-6)
    assert multi_label_metrics(odds, targets)["note_accuracy"] == pytest.approx(1 / 3)
    total, count = loss_sums("multi_label", torch.from_numpy(odds)[None], torch.from_numpy(targets)[None])
    assert float(total / count) == pytest.approx(np.mean(wanted), rel=1e-6)


def test_note_frequencies_are_the_best_that_ignores_the_past() -> None:
    """The baseline of frequencies is near the entropy of independent notes, and knowing the frame before is better."""
    entry, data = get_dataset("jsb_chorales"), load()
    scores = {one.name: one.metrics["nats_per_step"] for one in entry.baselines(entry.parse({}), data)}
    frames = data.test.targets[data.test.targets[..., 0] != IGNORED]
    share = frames.mean(axis=0).clip(1e-9, 1 - 1e-9)
    entropy = -(share * np.log(share) + (1 - share) * np.log(1 - share)).sum()
    assert entropy < scores["frequencies"] < entropy + 0.2
    assert 8 < scores["note_before"] < scores["frequencies"]
