"""Delayed recall: the first symbol decides, all others distract."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from data.catalog import Claim, dataset
from data.fields import Value, integer
from data.synthetic.base import SymbolTask, full_length, symbol_data
from data.synthetic.parts import draw_distinct_parts
from data.task import Part, TaskData


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallOptions:
    """Options of delayed recall."""

    delay: int = integer(
        20, 5, 200, step=5, label="Delay", unit="steps", help="Distractors between the cue and the answer."
    )
    cues: int = integer(
        8,
        2,
        16,
        label="Cues",
        help="How many different first symbols there are: the classes. More need more of the state.",
    )
    distractors: int = integer(
        8,
        4,
        16,
        label="Distractors",
        help="How many different symbols follow the cue. More kinds push the memory in more directions.",
    )


@dataset
class DelayedRecall(SymbolTask):
    """A cue, random distractors, and the cue as the answer after the last step.

    It follows experiments 2a to 2c of Hochreiter and Schmidhuber (1997), whose sequences also carry one symbol over a
    fixed time lag; there the network predicts every next symbol, here it answers once.
    """

    name = "delayed_recall"
    title = "Delayed recall"
    description = "One cue, then symbols that do not matter; the answer is the cue."
    lesson = (
        "Shows whether a network keeps one symbol while others push it out: for an LSTM the forget-gate bias decides."
    )
    source = "Generated after Hochreiter and Schmidhuber (1997), experiments 2a to 2c"
    kind = "classification"
    Options = RecallOptions
    lag_option = "delay"
    criterion = "99 % right; Hochreiter and Schmidhuber (1997) bound the error of every sequence instead"
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 32,
        "updates": 2000,
        "learning_rate": 0.003,
        "batch_size": 32,
    }
    claims = (
        Claim(
            statement="A forget-gate bias of 1 brings the LSTM to the level of the GRU: confirmed here only if the verdict is that both do equally well.",
            source="Jozefowicz, Zaremba and Sutskever, An Empirical Exploration of Recurrent Network Architectures, ICML 2015",
        ),
    )

    def load(self, options: RecallOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Draw the task."""
        cues = tuple(f"c{index + 1}" for index in range(options.cues))
        others = tuple(f"d{index + 1}" for index in range(options.distractors))
        parts = draw_distinct_parts(seed, self.name, lambda stream, count: _draw(stream, count, options))
        return symbol_data(
            parts,
            kind="classification",
            vocabulary=cues + others,
            class_names=cues,
            notes=("No sequence stands in two parts.",),
        )


def _draw(stream: np.random.Generator, count: int, options: RecallOptions) -> Part:
    cue = stream.integers(0, options.cues, count)
    inputs = stream.integers(options.cues, options.cues + options.distractors, (count, options.delay + 1))
    inputs[:, 0] = cue
    return Part(inputs=inputs, targets=cue, lengths=full_length(inputs))
