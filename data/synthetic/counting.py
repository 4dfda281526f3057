"""Counting: strings a^n b^n and a^n b^n c^n, tested at counts beyond training."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from data.catalog import Baseline, Claim, Solved, dataset
from data.fields import Value, choice, integer
from data.metrics import accuracy, task_metrics
from data.synthetic.base import SymbolTask, bigram_baseline, symbol_data
from data.synthetic.parts import Parts
from data.task import IGNORED, Array, Part, TaskData, generator

LANGUAGES = {"anbn": "aⁿ bⁿ", "anbncn": "aⁿ bⁿ cⁿ"}
END = "$"
TRAIN_SEQUENCES = 2_000
TEST_REACH = 4  # times n


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingOptions:
    """Options of counting."""

    n: int = integer(
        32,
        4,
        64,
        label="Largest n in training",
        help="Training strings have n from 1 to this; testing goes to four times.",
    )
    language: str = choice(
        "anbn", LANGUAGES, label="Language", help="Two letters need one counter, three letters need two."
    )


@dataset
class Counting(SymbolTask):
    """Predict each next symbol of a^n b^n (a^n b^n c^n), and the end of the string, from positive examples only.

    While the a's last, either a or b may follow; from the first b on, the rest is certain. A string is accepted if the
    most likely symbol may follow at every step, the end included, and `largest_n` is the largest n below which no string
    is rejected. The loss is averaged over all steps, the uncertain ones included; `accuracy` counts the certain ones.
    """

    name = "counting"
    title = "Counting"
    description = "As many b's as a's, then the end; the answer at each step is the next symbol."
    lesson = "Shows who really counts: beyond the largest n of training only a counter is right, not a learned shape."
    source = "Generated after Gers and Schmidhuber (2001) and Weiss, Goldberg and Yahav (2018)"
    kind = "next_token"
    Options = CountingOptions
    lag_option = "n"
    deciding = "largest_n"
    criterion = "Every string of the training range is accepted, as Gers and Schmidhuber (2001) ask before they test longer ones"
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 16,
        "updates": 3000,
        "learning_rate": 0.005,
        "batch_size": 32,
    }
    claims = (
        Claim(
            statement="An LSTM can count without bound and goes far beyond its training; a GRU and a tanh network cannot.",
            source="Weiss, Goldberg and Yahav, On the Practical Computational Power of Finite Precision RNNs for Language Recognition, ACL 2018",
        ),
        Claim(
            statement="A Transformer does not go beyond the lengths of its training where an LSTM counts on; measured here with n up to 16 in eight repeats: 16 to 17 against 25 to 46.",
            source="Bhattamishra, Ahuja and Goyal, On the Ability and Limitations of Transformers to Recognize Formal Languages, EMNLP 2020; python -m tests.known_results counting",
        ),
    )

    def load(self, options: CountingOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Draw training strings; validation holds each n of the training range once, the test every n to four times it."""
        letters = 3 if options.language == "anbncn" else 2
        drawn = generator(seed, f"{self.name}/train").integers(1, options.n + 1, TRAIN_SEQUENCES)
        parts = Parts(
            train=strings(drawn, letters),
            validation=strings(np.arange(1, options.n + 1), letters),
            test=strings(np.arange(1, TEST_REACH * options.n + 1), letters),
        )
        vocabulary = (*"abc"[:letters], END)
        return symbol_data(
            parts,
            kind="next_token",
            vocabulary=vocabulary,
            class_names=vocabulary,
            notes=(
                f"Training draws n from 1 to {options.n}, validation holds each of them once, the test every n to "
                f"{TEST_REACH * options.n}. The language has one string for each n, so the parts share the short ones; what "
                f"counts lies beyond {options.n}, and neither training nor the choice of weights has seen it.",
                "The loss is the mean over all steps; accuracy counts the steps whose answer is certain.",
            ),
        )

    def at_lag(self, options: Any, lag: int, seed: int) -> TaskData:
        """Return the task with the one string of a count as its test part."""
        data = self.load(options, seed)
        return replace(data, test=strings(np.array([lag]), data.output_size - 1))

    def higher_is_better(self, options: Any) -> bool:
        """Higher is better: it counts further."""
        return True

    def solved(self, options: CountingOptions) -> Solved:
        """Require every string of the training range."""
        return Solved(metric=self.deciding, threshold=options.n, source=self.criterion, higher_is_better=True)

    def metrics(self, data: TaskData, part: Part, outputs: Array) -> dict[str, float]:
        """Score next symbols, accuracy where they are certain, and how far the network counts."""
        scores = task_metrics(data, part, outputs)
        scores["accuracy"] = accuracy(outputs, part.targets, part.scored)
        return scores | {"largest_n": float(largest_n(part, outputs))}

    def baselines(self, options: CountingOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Score a predictor that sees the current symbol alone."""
        return (bigram_baseline(self, data),)


def strings(counts: Array, letters: int) -> Part:
    """Return the strings with the given n, each predicting its next symbol and at last the end.

    Args:
        counts: `(N,)` values of n.
        letters: Number of letters, 2 or 3; token `letters` is the end.
    """
    lengths = counts * letters
    steps = np.arange(lengths.max())
    valid = steps < lengths[:, None]
    inputs = np.where(valid, steps // counts[:, None], 0)
    targets = np.where(valid, (steps + 1) // counts[:, None], IGNORED)
    return Part(inputs=inputs, targets=targets, lengths=lengths, scored=valid & (inputs > 0))


def largest_n(part: Part, outputs: Array) -> int:
    """Return the largest n of a part up to which no string is rejected."""
    counts = ((part.inputs == 0) & (part.targets != IGNORED)).sum(1)
    chosen = outputs.argmax(-1)
    may_follow = (part.targets == IGNORED) | (chosen == part.targets) | ((part.inputs == 0) & (chosen <= 1))
    rejected = counts[~may_follow.all(1)]
    return int(rejected.min()) - 1 if len(rejected) else int(counts.max())
