"""Temporal order: which of two rare symbols came first, long ago."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from data.catalog import Claim, dataset
from data.fields import Value, integer
from data.synthetic.base import SymbolTask, full_length, symbol_data
from data.synthetic.parts import draw_distinct_parts
from data.task import Part, TaskData

VOCABULARY = ("E", "B", "a", "b", "c", "d", "X", "Y")
CLASSES = ("XX", "XY", "YX", "YY")
START, END, FIRST_DISTRACTOR, FIRST_MARK = 0, 1, 2, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOptions:
    """Options of temporal order."""

    length: int = integer(
        100,
        20,
        300,
        step=10,
        label="Length",
        unit="steps",
        help="Steps of each sequence; the two marks lie after a tenth and after half of it.",
    )


@dataset
class TemporalOrder(SymbolTask):
    """Experiment 6a of Hochreiter and Schmidhuber (1997).

    E, then random distractors a to d, then B; one step between a tenth and a fifth of the way and one between five and
    six tenths holds an X or a Y, and the class is the pair. The original had lengths of 100 to 110 steps and marks at steps
    10 to 20 and 50 to 60; here every sequence has the same length and the marks scale with it. The original LSTM had no
    forget gate, so it kept everything from the start; chrono initialisation gives today's cells the same chance.
    """

    name = "temporal_order"
    title = "Temporal order"
    description = "Two symbols X or Y among many that do not matter; the answer is which two, in their order."
    lesson = (
        "Shows how much the start matters: with gates that keep from the beginning (chrono initialisation, recommended "
        "here) both architectures learn it at once, with the standard start hardly."
    )
    source = "Generated after Hochreiter and Schmidhuber (1997), experiment 6a"
    kind = "classification"
    Options = OrderOptions
    lag_option = "length"
    criterion = "99 % right; Hochreiter and Schmidhuber (1997) stop after 2,000 right answers in a row"
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 32,
        "updates": 400,
        "learning_rate": 0.003,
        "batch_size": 32,
        "initialisation": "chrono",
    }
    claims = (
        Claim(
            statement="The LSTM solves it; no earlier recurrent network did at such lags.",
            source="Hochreiter and Schmidhuber, Long Short-Term Memory, Neural Computation 9(8), 1997, section 5.6",
        ),
    )

    def load(self, options: OrderOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Draw the task."""
        parts = draw_distinct_parts(seed, self.name, lambda stream, count: _draw(stream, count, options.length))
        return symbol_data(
            parts,
            kind="classification",
            vocabulary=VOCABULARY,
            class_names=CLASSES,
            notes=("No sequence stands in two parts.",),
        )


def _draw(stream: np.random.Generator, count: int, length: int) -> Part:
    inputs = stream.integers(FIRST_DISTRACTOR, FIRST_MARK, (count, length))
    inputs[:, 0], inputs[:, -1] = START, END
    tenth, rows = length // 10, np.arange(count)
    first, second = stream.integers(0, 2, count), stream.integers(0, 2, count)
    inputs[rows, stream.integers(tenth, 2 * tenth, count)] = FIRST_MARK + first
    inputs[rows, stream.integers(5 * tenth, 6 * tenth, count)] = FIRST_MARK + second
    return Part(inputs=inputs, targets=2 * first + second, lengths=full_length(inputs))
