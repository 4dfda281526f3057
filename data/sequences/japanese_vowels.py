"""Japanese vowels: who speaks? Sequences of unequal length."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from data.baselines import majority_baseline
from data.catalog import Baseline, Claim, Dataset, NoOptions, dataset
from data.embedded import embedded
from data.fields import Value
from data.scaling import fit_scaler
from data.splits import class_indices
from data.task import Array, Part, Scaler, TaskData, generator

VALIDATION_SHARE = 0.2
LONGEST = 29  # frames


@dataset
class JapaneseVowels(Dataset):
    """640 utterances of 7 to 29 frames with 12 cepstrum coefficients, zero-padded at the end.

    The published split is kept: 270 utterances to train with, 370 to test. Validation is taken from the 270: a fifth of
    every speaker's, chosen by the seed.
    """

    name = "japanese_vowels"
    title = "Japanese vowels"
    description = (
        "Two vowels spoken 640 times by nine men, 7 to 29 frames of 12 coefficients; the answer is the speaker."
    )
    lesson = "On short sequences with 216 examples to learn from, gates bring little: the plain tanh network is hardly behind."
    source = "Kudo, Toyama and Shimbo 1999, UCI Japanese Vowels, as packaged in aeon 1.6"
    licence = "CC BY 4.0"
    family = "real"
    kind = "classification"
    picture = "series"
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 64,
        "updates": 400,
        "learning_rate": 0.003,
        "batch_size": 32,
        "evaluations": 40,
    }

    claims = (
        Claim(
            statement="In models of music and speech, gated units were better than tanh units, and GRU and LSTM comparable.",
            source="Chung, Gulcehre, Cho and Bengio 2014, arXiv 1412.3555",
        ),
    )

    def load(self, options: NoOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Read the utterances; the scale is fitted on the frames of the training part."""
        return self._task(seed, longest=0)

    def load_repeat(self, options: NoOptions, seed: int, number: int, content: bytes | None = None) -> TaskData:
        """Choose another fifth for validation; the published test part stays, and all parts have the longest one's steps."""
        return self._task(seed + number, longest=LONGEST)

    def _task(self, seed: int, *, longest: int) -> TaskData:
        with np.load(embedded("japanese_vowels.npz"), allow_pickle=False) as file:
            stored = {name: file[name] for name in file.files}
        labels, names = class_indices(stored["train_y"])
        train, validation = _split_by_class(labels, seed)
        known = _utterances(stored["train_x"], stored["train_len"])
        scaler = fit_scaler(np.concatenate([known[index] for index in train]).astype(np.float64), "standard")
        test_labels = np.searchsorted(np.array(names), stored["test_y"]).astype(np.int64)
        return TaskData(
            kind="classification",
            train=_part([known[index] for index in train], labels[train], scaler, longest),
            validation=_part([known[index] for index in validation], labels[validation], scaler, longest),
            test=_part(_utterances(stored["test_x"], stored["test_len"]), test_labels, scaler, longest),
            input_size=stored["train_x"].shape[1],
            output_size=len(names),
            class_names=tuple(f"speaker {name}" for name in names),
            feature_names=tuple(f"coefficient {index + 1}" for index in range(stored["train_x"].shape[1])),
            notes=(
                "The published split: 270 utterances to train with, of which a fifth is kept for validation, and 370 to test.",
                "Sequences are 7 to 29 steps long; only their own steps count. Scaled by the training part alone.",
            ),
        )

    def baselines(self, options: NoOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Score the most frequent speaker."""
        return (majority_baseline(data),)

    def metric(self, options: Any) -> str:
        """Return the accuracy."""
        return "accuracy"


def _utterances(frames: Array, lengths: Array) -> list[Array]:
    """Split consecutive frames into utterances, each `(T, F)`."""
    return np.split(frames, np.cumsum(lengths.astype(np.int64))[:-1])


def _split_by_class(labels: Array, seed: int) -> tuple[Array, Array]:
    """Return indices of training and validation; each class gives the same share to validation."""
    order = generator(seed, "japanese_vowels.validation").permutation(len(labels))
    kept = [order[labels[order] == label] for label in np.unique(labels)]
    counts = [round(len(members) * VALIDATION_SHARE) for members in kept]
    validation = np.concatenate([members[:count] for members, count in zip(kept, counts, strict=True)])
    train = np.concatenate([members[count:] for members, count in zip(kept, counts, strict=True)])
    return train, validation


def _part(utterances: list[Array], labels: Array, scaler: Scaler, longest: int) -> Part:
    lengths = np.array([len(frames) for frames in utterances], dtype=np.int64)
    inputs = np.zeros((len(utterances), max(int(lengths.max()), longest), utterances[0].shape[1]), dtype=np.float32)
    for index, frames in enumerate(utterances):
        inputs[index, : len(frames)] = scaler.transform(frames)
    return Part(inputs=inputs, targets=labels, lengths=lengths)
