"""Chorales by J. S. Bach: which notes sound next? Several labels at each step."""

import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from data.catalog import Baseline, Claim, Dataset, NoOptions, dataset
from data.embedded import embedded
from data.fields import Value
from data.metrics import task_metrics
from data.task import IGNORED, Array, Part, TaskData, generator

LOWEST, NOTES = 21, 88  # the keys of a piano, as MIDI counts them
LONGEST = 160  # frames
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataset
class JsbChorales(Dataset):
    """382 four-part chorales in frames of a quarter note, each frame the set of notes that sound.

    A step shows the frame before (the first shows silence), and the answer is the next frame: for each of 88 notes whether it
    sounds. The loss is the negative log-likelihood of a frame in nats, summed over notes, as in Boulanger-Lewandowski,
    Bengio and Vincent 2012, whose split is kept: 229 chorales to train with, 76 for validation, 77 to test.
    """

    name = "jsb_chorales"
    title = "Bach's chorales"
    description = (
        "382 four-part chorales, quarter note by quarter note; the answer is the set of notes that sound next."
    )
    lesson = (
        "Chung et al. 2014 print 8.54 nats per frame for a GRU of 46 units (as listed on paperswithcode.com) and 8.67 for an LSTM "
        "of 36 (from memory, not checked). In docs/many-series.md the LSTM's is reproduced and the GRU's is not."
    )
    source = "Bach's chorales, split and form of Boulanger-Lewandowski, Bengio and Vincent 2012, from czhuang/JSB-Chorales-dataset"
    licence = "public domain"
    family = "real"
    kind = "multi_label"
    picture = "image"
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 36,
        "updates": 600,
        "learning_rate": 0.01,
        "batch_size": 8,
        "evaluations": 30,
    }

    claims = (
        Claim(
            statement="Gated units were better than tanh units on polyphonic music, and GRU and LSTM comparable.",
            source="Chung, Gulcehre, Cho and Bengio 2014, arXiv 1412.3555",
        ),
    )

    def load(self, options: NoOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Read the published split; nothing is random."""
        return self._task(
            _chorales(), "The published split: 229 chorales to train with, 76 for validation, 77 to test."
        )

    def load_repeat(self, options: NoOptions, seed: int, number: int, content: bytes | None = None) -> TaskData:
        """Keep the published test part; repeats after the first draw other chorales for training and validation."""
        if not number:
            return self.load(options, seed)
        stored = _chorales()
        known = [*stored["train"], *stored["valid"]]
        order = generator(seed + number, "jsb_chorales.validation").permutation(len(known))
        count = len(stored["train"])
        drawn = {
            "train": [known[index] for index in order[:count]],
            "valid": [known[index] for index in order[count:]],
            "test": stored["test"],
        }
        return self._task(
            drawn, "77 chorales are the published test; 229 for training and 76 for validation are drawn anew."
        )

    def _task(self, chorales: Mapping[str, Sequence[Array]], split: str) -> TaskData:
        names = tuple(f"{_NAMES[pitch % 12]}{pitch // 12 - 1}" for pitch in range(LOWEST, LOWEST + NOTES))
        return TaskData(
            kind="multi_label",
            train=_part(chorales["train"]),
            validation=_part(chorales["valid"]),
            test=_part(chorales["test"]),
            input_size=NOTES,
            output_size=NOTES,
            class_names=names,
            feature_names=names,
            notes=(
                split,
                "Frames of a quarter note; each step sees the frame before and answers which of 88 notes sound.",
            ),
        )

    def baselines(self, options: NoOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Score how often each note sounds, and how often it does after having sounded and after not."""
        frames = data.train.targets[data.train.targets[..., 0] != IGNORED]
        alone = _logits(frames.sum(axis=0), len(frames))
        often = np.broadcast_to(alone, data.test.targets.shape)
        before, sounds = data.train.inputs, np.maximum(data.train.targets, 0)
        counted = (data.train.targets[..., :1] != IGNORED).astype(np.float64)
        stayed, came = ((state * sounds * counted).sum(axis=(0, 1)) for state in (before, 1 - before))
        on, off = ((state * counted).sum(axis=(0, 1)) for state in (before, 1 - before))
        after = np.where(data.test.inputs > 0, _logits(stayed, on), _logits(came, off))
        found = (
            ("frequencies", "Note frequencies of the training part", often),
            ("note_before", "Each note by whether it sounded before", after),
        )
        return tuple(
            Baseline(name=name, title=title, metrics=task_metrics(data, data.test, np.asarray(logits)))
            for name, title, logits in found
        )

    def metric(self, options: Any) -> str:
        """Return the negative log-likelihood of a frame in nats."""
        return "nats_per_step"


def _logits(hits: Array, count: Array | int) -> Array:
    """Return log odds of shares, with half a case added to both sides so that none is infinite."""
    result: Array = np.log(hits + 0.5) - np.log(count - hits + 0.5)
    return result


def _chorales() -> dict[str, list[Array]]:
    """Return the parts by name; each chorale is `(T, 88)` of 0 and 1."""
    with gzip.open(embedded("jsb_chorales_quarter.json.gz"), "rt", encoding="utf-8") as file:
        stored: dict[str, list[list[list[int]]]] = json.load(file)
    return {name: [_roll(frames) for frames in chorales] for name, chorales in stored.items()}


def _roll(frames: list[list[int]]) -> Array:
    roll = np.zeros((len(frames), NOTES), dtype=np.float32)
    for step, pitches in enumerate(frames):
        roll[step, np.array(pitches, dtype=np.int64) - LOWEST] = 1.0
    return roll


def _part(rolls: Sequence[Array]) -> Part:
    lengths = np.array([len(roll) for roll in rolls], dtype=np.int64)
    inputs = np.zeros((len(rolls), LONGEST, NOTES), dtype=np.float32)
    targets = np.full((len(rolls), LONGEST, NOTES), float(IGNORED), dtype=np.float32)
    for index, roll in enumerate(rolls):
        inputs[index, 1 : len(roll)] = roll[:-1]
        targets[index, : len(roll)] = roll
    return Part(inputs=inputs, targets=targets, lengths=lengths)
