"""Digits and Japanese vowels: shapes, ragged lengths, and splits that share nothing."""

import gzip

import numpy as np
import pytest

from data.catalog import get_dataset
from data.embedded import embedded
from data.splits import class_indices, split_at_random
from data.task import TaskData

PARTS = ("train", "validation", "test")


def load(name: str, seed: int = 0, **options: object) -> TaskData:
    """Load a dataset with options."""
    entry = get_dataset(name)
    return entry.load(entry.parse(options), seed)


def test_split_at_random_gives_every_sample_to_one_part() -> None:
    """The three parts are a permutation of all samples, 70, 15 and 15 % of them, the same for the same seed."""
    parts = split_at_random(200, 3, "x")
    assert [len(part) for part in parts] == [140, 30, 30]
    assert sorted(np.concatenate(parts)) == list(range(200))
    assert all((one == two).all() for one, two in zip(parts, split_at_random(200, 3, "x"), strict=True))
    assert (parts[0] != split_at_random(200, 4, "x")[0]).any()
    assert (parts[0] != split_at_random(200, 3, "y")[0]).any()


def test_class_indices_are_sorted_names() -> None:
    """Classes are numbered in the order of their names."""
    indices, names = class_indices(np.array(["b", "a", "b"]))
    assert names == ("a", "b")
    assert indices.tolist() == [1, 0, 1]
    assert indices.dtype == np.int64


def test_digits_rows_and_pixels_are_the_same_pictures() -> None:
    """Row by row or pixel by pixel, the same seed gives the same pictures in the same order."""
    rows, pixels = load("digits"), load("digits", reading="pixels")
    for name in PARTS:
        one, two = rows.part(name), pixels.part(name)
        assert one.inputs.shape[1:] == (8, 8)
        assert two.inputs.shape[1:] == (64, 1)
        np.testing.assert_array_equal(one.inputs.reshape(len(one), -1), two.inputs.reshape(len(two), -1))
        np.testing.assert_array_equal(one.targets, two.targets)


def test_digits_are_the_file_s() -> None:
    """All 1,797 pictures with their digits are there once, values divided by 16."""
    data = load("digits")
    stored = sorted(gzip.decompress(embedded("digits.csv.gz").read_bytes()).decode("ascii").split())
    found = []
    for name in PARTS:
        part = data.part(name)
        values = np.column_stack([part.inputs.reshape(len(part), -1) * 16, part.targets]).astype(int)
        found += [",".join(map(str, row)) for row in values]
    assert sorted(found) == stored
    assert len(stored) == 1797


def test_digits_other_seed_other_split() -> None:
    """The seed decides which pictures are trained on."""
    assert (load("digits", seed=1).train.targets != load("digits").train.targets).any()


def test_japanese_vowels_published_split() -> None:
    """All 370 published test utterances are the test part; training and validation share the published 270."""
    data = load("japanese_vowels")
    assert [len(data.part(name)) for name in PARTS] == [216, 54, 370]
    assert np.bincount(data.train.targets).tolist() == [24] * 9
    assert np.bincount(data.validation.targets).tolist() == [6] * 9
    assert np.bincount(data.test.targets).tolist() == [31, 35, 88, 44, 29, 24, 40, 50, 29]


def test_japanese_vowels_training_and_validation_share_no_utterance() -> None:
    """No utterance is in two parts, and the seed decides which are kept for validation."""
    data = load("japanese_vowels")
    seen = [{row.tobytes() for row in data.part(name).inputs[:, :7]} for name in PARTS]
    assert [len(keys) for keys in seen] == [216, 54, 370]
    assert not seen[0] & seen[1] | seen[0] & seen[2] | seen[1] & seen[2]
    assert {row.tobytes() for row in load("japanese_vowels", seed=1).validation.inputs[:, :7]} != seen[1]


def test_japanese_vowels_ragged_lengths_are_the_file_s() -> None:
    """7 to 29 steps; behind an utterance's end there are zeros, within it the standardised frames of the file."""
    data = load("japanese_vowels")
    stored = np.load(embedded("japanese_vowels.npz"))
    np.testing.assert_array_equal(data.test.lengths, stored["test_len"])
    assert (data.test.lengths.min(), data.test.lengths.max()) == (7, 29)
    behind = np.arange(data.test.inputs.shape[1]) >= data.test.lengths[:, None]
    assert (data.test.inputs[behind] == 0).all()
    frames = data.test.inputs[~behind]
    correlation = [np.corrcoef(frames[:, column], stored["test_x"][:, column])[0, 1] for column in range(12)]
    assert min(correlation) > 0.999999
    within = data.train.inputs[np.arange(data.train.inputs.shape[1]) < data.train.lengths[:, None]]
    np.testing.assert_allclose(within.mean(axis=0), 0.0, atol=1e-4)
    np.testing.assert_allclose(within.std(axis=0), 1.0, atol=1e-4)


@pytest.mark.parametrize(("name", "share"), [("digits", 18 / 270), ("japanese_vowels", 31 / 370)])
def test_sequences_majority_by_hand(name: str, share: float) -> None:
    """The most frequent class of the training part, counted in the test part."""
    data = load(name)
    most = np.bincount(data.train.targets).argmax()
    assert np.mean(data.test.targets == most) == pytest.approx(share)
    (baseline,) = get_dataset(name).baselines(get_dataset(name).parse({}), data)
    assert baseline.metrics["accuracy"] == pytest.approx(share)
