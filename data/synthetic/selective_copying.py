"""Selective copying: pick symbols out of noise and repeat them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from data.catalog import Claim, dataset
from data.fields import Value, integer
from data.synthetic.base import SymbolTask, full_length, symbol_data
from data.synthetic.parts import draw_distinct_parts
from data.task import IGNORED, Part, TaskData

LETTERS = tuple("ABCDEFGH")
NOISE, CUE = 8, 9
VOCABULARY = (*LETTERS, "·", ">")


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectiveOptions:
    """Options of selective copying."""

    length: int = integer(
        64, 16, 256, step=8, label="Length", unit="steps", help="Steps before the answer, noise and symbols together."
    )
    symbols: int = integer(
        8, 3, 12, label="Symbols", help="Symbols at random places among the noise, each one of eight, to be repeated."
    )


@dataset
class SelectiveCopying(SymbolTask):
    """The selective copying task of Gu and Dao (2023), smaller.

    Symbols are at random places in noise; then as many cues ask for them in their order. The copy task can be solved by
    counting steps, but here a network must decide by content what to write. Only the answers count, also in the loss.
    """

    name = "selective_copying"
    title = "Selective copying"
    description = "Symbols at random places in noise, then cues; the answer is the symbols in their order."
    lesson = "Shows what gates are for: to write what matters and to ignore what does not."
    source = "Generated after Gu and Dao (2023), section 3.1"
    kind = "labelling"
    Options = SelectiveOptions
    lag_option = "length"
    criterion = "99 % of the answers, a convention of this project; Gu and Dao (2023) report accuracy"
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 64,
        "updates": 1200,
        "learning_rate": 0.005,
        "batch_size": 32,
    }
    claims = (
        Claim(
            statement="It takes gates that depend on the input; a recurrence that treats all inputs alike cannot tell noise from symbols.",
            source="Gu and Dao, Mamba: Linear-Time Sequence Modeling with Selective State Spaces, 2023, section 3.1",
        ),
        Claim(
            statement="minGRU needs two or more layers; measured here with four symbols in 32 steps and eight repeats: 67 to 72 % of the answers with one layer, 98 to 99 % with two.",
            source="Feng et al., Were RNNs All We Needed?, arXiv:2410.01201, 2024; python -m tests.known_results selective",
        ),
    )

    def load(self, options: SelectiveOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Draw the task."""
        return symbol_data(
            draw_distinct_parts(
                seed, self.name, lambda stream, count: _draw(stream, count, options.length, options.symbols)
            ),
            kind="labelling",
            vocabulary=VOCABULARY,
            class_names=LETTERS,
            notes=("Loss and accuracy are taken on the answer alone.", "No sequence stands in two parts."),
        )


def _draw(stream: np.random.Generator, count: int, length: int, symbols: int) -> Part:
    letters = stream.integers(0, len(LETTERS), (count, symbols))
    places = np.sort(stream.random((count, length)).argsort(1)[:, :symbols], axis=1)
    inputs = np.full((count, length + symbols), NOISE, dtype=np.int64)
    inputs[np.arange(count)[:, None], places] = letters
    inputs[:, length:] = CUE
    targets = np.full_like(inputs, IGNORED)
    targets[:, length:] = letters
    return Part(inputs=inputs, targets=targets, lengths=full_length(inputs))
