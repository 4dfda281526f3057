"""Parity: whether the number of ones so far is odd."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from data.catalog import Claim, dataset
from data.fields import Value, choice, integer
from data.synthetic.base import SymbolTask, full_length, symbol_data
from data.synthetic.parts import draw_distinct_parts
from data.task import IGNORED, Part, TaskData

ANSWERS = {"each_step": "At each step", "end": "At the end only"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParityOptions:
    """Options of parity."""

    length: int = integer(
        16,
        12,
        200,
        label="Length",
        unit="bits",
        help="Bits of each sequence. Longer ones are much harder: a single bit flips the answer.",
    )
    answer: str = choice(
        "each_step",
        ANSWERS,
        label="Answer",
        help="At each step every bit teaches something; at the end only, one wrong bit makes the answer a coin toss.",
    )


@dataset
class Parity(SymbolTask):
    """The running exclusive or of random bits, asked for at each step or at the end only."""

    name = "parity"
    title = "Parity"
    description = "Random bits; the answer is whether the number of ones so far is odd."
    lesson = "Shows a task of one remembered bit that still is hard to learn, because no single input tells anything."
    source = "Generated; a classic since Minsky and Papert (1969)"
    kind = "labelling"
    Options = ParityOptions
    lag_option = "length"
    criterion = "99 % of the answers, a convention of this project: parity has no published criterion"
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 16,
        "updates": 600,
        "learning_rate": 0.003,
        "batch_size": 32,
    }
    claims = (
        Claim(
            statement="Two states are enough, so every recurrent network can represent it, and LSTMs generalise to longer strings.",
            source="Bhattamishra, Ahuja and Goyal, On the Ability and Limitations of Transformers to Recognize Formal Languages, EMNLP 2020",
        ),
    )

    def load(self, options: ParityOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Draw the task."""
        at_end = options.answer == "end"
        parts = draw_distinct_parts(seed, self.name, lambda stream, count: _draw(stream, count, options.length, at_end))
        where = "on the last step alone" if at_end else "over all steps"
        return symbol_data(
            parts,
            kind="labelling",
            vocabulary=("0", "1"),
            class_names=("even", "odd"),
            notes=(f"Loss and accuracy are taken {where}.", "No sequence stands in two parts."),
        )


def _draw(stream: np.random.Generator, count: int, length: int, at_end: bool) -> Part:
    inputs = stream.integers(0, 2, (count, length))
    targets = np.bitwise_xor.accumulate(inputs, axis=1)
    if at_end:
        targets[:, :-1] = IGNORED
    return Part(inputs=inputs, targets=targets, lengths=full_length(inputs))
