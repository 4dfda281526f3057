"""Dyck languages: balanced brackets, and which bracket may close now."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from data.catalog import Claim, dataset
from data.fields import Value, integer
from data.synthetic.base import SymbolTask, full_length, symbol_data
from data.synthetic.parts import draw_distinct_parts
from data.task import Array, Part, TaskData

OPENING, CLOSING = "([", ")]"


@dataclass(frozen=True, slots=True, kw_only=True)
class DyckOptions:
    """Options of the Dyck languages."""

    length: int = integer(
        32,
        16,
        200,
        step=2,
        label="Length",
        unit="brackets",
        help="Brackets of each string; an odd number counts one less.",
    )
    depth: int = integer(
        8, 2, 20, label="Deepest nesting", help="Most brackets that are open at once: what has to be kept in mind."
    )
    brackets: int = integer(
        1, 1, 2, label="Kinds of brackets", help="One kind needs a counter, two kinds need a memory of their order."
    )


@dataset
class Dyck(SymbolTask):
    """Strings of Dyck-1 or Dyck-2, after Suzgun, Gehrmann, Belinkov and Shieber (2019).

    They ask at each step for the set of brackets that may follow. An opening bracket is always allowed, so the closing
    one determines the set: none at depth 0, else the partner of the last open bracket. It is the class here. Strings
    are drawn uniformly from all balanced ones of the length and depth, not by the grammar's probabilities, and
    have one length; a string is right if every step is.
    """

    name = "dyck"
    title = "Nested brackets (Dyck)"
    description = "Balanced brackets; the answer at each step is which closing bracket may follow."
    lesson = "Shows counting with one kind of bracket, and with two kinds the lack of a stack."
    source = "Generated after Suzgun, Gehrmann, Belinkov and Shieber (2019)"
    kind = "labelling"
    Options = DyckOptions
    lag_option = "length"
    deciding = "sequence_accuracy"
    criterion = "99 % of the strings right at every step; Suzgun et al. (2019) report the share of such strings"
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 16,
        "updates": 1000,
        "learning_rate": 0.005,
        "batch_size": 32,
    }
    claims = (
        Claim(
            statement="An LSTM learns Dyck-1, even with a single unit; no recurrent network they trained did well on Dyck-2.",
            source="Suzgun, Gehrmann, Belinkov and Shieber, LSTM Networks Can Perform Dynamic Counting, 2019",
        ),
    )

    def load(self, options: DyckOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Draw the task."""
        kinds = options.brackets
        names = ("none", *CLOSING[:kinds])
        return symbol_data(
            draw_distinct_parts(seed, self.name, lambda stream, count: _draw(stream, count, options)),
            kind="labelling",
            vocabulary=(*OPENING[:kinds], *CLOSING[:kinds]),
            class_names=names,
            notes=("The loss is the mean over all steps.", "No string stands in two parts."),
        )


@lru_cache(maxsize=16)
def opening_probability(length: int, depth: int) -> Array:
    """Return `(length, depth + 1)`: the probability to open a bracket that makes all balanced strings equally likely.

    Args:
        length: Brackets in all, even.
        depth: Deepest nesting.

    Returns:
        Probability by step and by number of open brackets; 0 where no balanced string passes.
    """
    ways = np.zeros(
        depth + 3
    )  # ways to close everything in the remaining steps, by open brackets; a border at each end
    ways[1] = 1.0
    table = np.zeros((length, depth + 1))
    for step in reversed(range(length)):
        opened, closed = ways[2:], ways[:-2]
        total = opened + closed
        table[step] = np.divide(opened, total, out=np.zeros(depth + 1), where=total > 0)
        ways[1:-1] = total / total.max()
    return table


def _draw(stream: np.random.Generator, count: int, options: DyckOptions) -> Part:
    length, kinds = options.length // 2 * 2, options.brackets
    table = opening_probability(length, options.depth)
    rows = np.arange(count)
    opened = np.zeros(count, dtype=np.int64)
    stack = np.zeros(
        (count, options.depth + 1), dtype=np.int64
    )  # [:, d]: class of the bracket at depth d, 0 at depth 0
    inputs, targets = np.empty((2, count, length), dtype=np.int64)
    for step in range(length):
        opens = stream.random(count) < table[step, opened]
        kind = stream.integers(0, kinds, count)
        closing = kinds + stack[rows, opened] - 1
        inputs[:, step] = np.where(opens, kind, closing)
        opened += np.where(opens, 1, -1)
        stack[rows[opens], opened[opens]] = 1 + kind[opens]
        targets[:, step] = stack[rows, opened]
    return Part(inputs=inputs, targets=targets, lengths=full_length(inputs))
