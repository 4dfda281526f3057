"""Handwritten digits of 8 x 8 pixels, read row by row or pixel by pixel."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from data.baselines import majority_baseline
from data.catalog import Baseline, Claim, Dataset, dataset
from data.embedded import embedded
from data.fields import Value, choice
from data.splits import Split, split_at_random, split_by_class
from data.task import Array, Part, TaskData

SIDE = 8
BRIGHTEST = 16
_SPLIT = "Split at random by the seed: 70 % training, 15 % validation, 15 % test."
_REPEATED = f"{_SPLIT[:-1]}; every digit has the same share in each part."


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitsOptions:
    """Options of the digits."""

    reading: str = choice(
        "rows",
        {"rows": "Row by row: 8 steps of 8 pixels", "pixels": "Pixel by pixel: 64 steps"},
        label="Reading",
        help="Row by row is easy. Pixel by pixel, the first pixel has to be remembered for 64 steps.",
    )


@dataset
class Digits(Dataset):
    """1,797 images with values 0 to 16, scaled to 0 to 1; split at random by the seed."""

    name = "digits"
    title = "Handwritten digits"
    description = (
        "1,797 handwritten digits of 8 by 8 pixels, read as a sequence from top to bottom; the answer is the digit."
    )
    lesson = (
        "Row by row, even the plain tanh network reads digits well; "
        "pixel by pixel, the same pictures become a test of memory over 64 steps."
    )
    source = "Alpaydin and Kaynak, UCI Optical Recognition of Handwritten Digits, as packaged in scikit-learn 1.9"
    licence = "CC BY 4.0"
    family = "real"
    kind = "classification"
    picture = "image"
    Options = DigitsOptions
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 32,
        "updates": 2000,
        "learning_rate": 0.003,
        "batch_size": 32,
        "evaluations": 40,
    }

    claims = (
        Claim(
            statement="Reading a picture pixel by pixel tests long memory; on MNIST it takes 784 steps, here 64.",
            source="Le, Jaitly and Hinton 2015, arXiv 1504.00941",
        ),
    )

    def load(self, options: DigitsOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Read the images as sequences of rows or of pixels."""
        return self._task(options, lambda digits: split_at_random(len(digits), seed, "digits.split"), _SPLIT)

    def load_repeat(self, options: DigitsOptions, seed: int, number: int, content: bytes | None = None) -> TaskData:
        """Split the images by the repeat's seed, with the same shares of every digit in each part."""
        return self._task(options, lambda digits: split_by_class(digits, seed + number, "digits.repeats"), _REPEATED)

    def _task(self, options: DigitsOptions, split: Split, note: str) -> TaskData:
        table = pd.read_csv(embedded("digits.csv.gz"), header=None).to_numpy(dtype=np.int64)
        pixels, digits = table[:, :-1].astype(np.float32) / BRIGHTEST, table[:, -1]
        width = SIDE if options.reading == "rows" else 1
        sequences = pixels.reshape(len(pixels), -1, width)
        train, validation, test = (_part(sequences[chosen], digits[chosen]) for chosen in split(digits))
        return TaskData(
            kind="classification",
            train=train,
            validation=validation,
            test=test,
            input_size=width,
            output_size=10,
            class_names=tuple(str(digit) for digit in range(10)),
            feature_names=tuple(f"column {column + 1}" for column in range(width)) if width > 1 else ("pixel",),
            notes=(
                note,
                "Pixels are divided by 16.",
            ),
        )

    def baselines(self, options: DigitsOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Score the most frequent digit."""
        return (majority_baseline(data),)

    def metric(self, options: Any) -> str:
        """Return the accuracy."""
        return "accuracy"


def _part(sequences: Array, digits: Array) -> Part:
    lengths = np.full(len(digits), sequences.shape[1], dtype=np.int64)
    return Part(inputs=sequences, targets=digits, lengths=lengths)
