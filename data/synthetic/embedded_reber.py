"""The embedded Reber grammar: the second symbol must come back at the end."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from data.catalog import Baseline, Claim, dataset
from data.catalog import NoOptions as ReberOptions
from data.fields import Value
from data.metrics import task_metrics
from data.synthetic.base import SymbolTask, bigram_baseline, symbol_data
from data.synthetic.parts import Parts, draw_unseen
from data.task import IGNORED, Array, Part, TaskData, generator

SYMBOLS = "BTPSXVE"
LONGEST = 30  # symbols of a string; longer ones, one in a thousand, are drawn again
TRAIN_STRINGS, VALIDATION_STRINGS, TEST_STRINGS = 4_000, 128, 256
_INNER = ("B1", "T2 P3", "S2 X4", "T3 V5", "X3 S6", "P4 V6", "E7")  # node -> symbol and next node of Reber's graph


def transitions() -> Array:
    """Return `(states, symbols)` next states of the whole grammar, -1 where a symbol is not allowed.

    State 0 begins, 1 chooses T or P, then follows a Reber string for each of them, the same symbol again, and E.
    """
    nodes = len(_INNER)
    starts = {"T": 2, "P": 2 + nodes + 1}
    before_end = 2 + 2 * (nodes + 1)
    table = np.full((before_end + 2, len(SYMBOLS)), -1, dtype=np.int64)
    table[0, SYMBOLS.index("B")] = 1
    for symbol, start in starts.items():
        table[1, SYMBOLS.index(symbol)] = start
        for node, arrows in enumerate(_INNER):
            for arrow in arrows.split():
                table[start + node, SYMBOLS.index(arrow[0])] = start + int(arrow[1])
        table[start + nodes, SYMBOLS.index(symbol)] = before_end
    table[before_end, SYMBOLS.index("E")] = before_end + 1
    return table


TRANSITIONS = transitions()
FINAL = len(TRANSITIONS) - 1
ARROWS = np.array([np.resize(np.flatnonzero(row >= 0), 2) for row in TRANSITIONS[:FINAL]])  # (states, coin) -> symbol


@dataset
class EmbeddedReber(SymbolTask):
    """Experiment 1 of Hochreiter and Schmidhuber (1997): B, T or P, a Reber string, the same T or P again, E.

    Every step predicts the next symbol. Where two may follow, each is right with probability 1/2, so a string counts as
    right if at every step the symbols that may follow have the highest scores. `long_range_accuracy` looks at the one
    step that needs memory: the second-last symbol, which repeats the second. Strings of more than 30 symbols are drawn
    again. A few short strings are far more likely than all others: training holds them as often as they are drawn,
    while validation and test hold different strings that training does not hold, so they are longer than average.
    """

    name = "embedded_reber"
    title = "Embedded Reber grammar"
    description = (
        "Strings of a small grammar whose second symbol returns before the last; the answer is the next symbol."
    )
    lesson = (
        "Shows the difference between a grammar that lies in the last symbol or two and one symbol that must be kept."
    )
    source = "Generated after Hochreiter and Schmidhuber (1997), experiment 1, and Reber (1967)"
    kind = "next_token"
    deciding = "sequence_accuracy"
    criterion = "99 % of the strings right at every step; Hochreiter and Schmidhuber (1997) ask for all of them"
    Options = ReberOptions
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 16,
        "updates": 2000,
        "learning_rate": 0.005,
        "batch_size": 32,
    }
    claims = (
        Claim(
            statement="The LSTM learned it in 97 to 100 % of the trials, depending on its size; an Elman network in none.",
            source="Hochreiter and Schmidhuber, Long Short-Term Memory, Neural Computation 9(8), 1997, section 5.1, table 1",
        ),
    )

    def load(self, options: ReberOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Draw strings from the grammar, both arrows of a node with the same probability."""
        train = _draw(generator(seed, f"{self.name}/train"), TRAIN_STRINGS)
        validation = draw_unseen(generator(seed, f"{self.name}/validation"), _draw, VALIDATION_STRINGS, (train,))
        test = draw_unseen(generator(seed, f"{self.name}/test"), _draw, TEST_STRINGS, (train, validation))
        return symbol_data(
            Parts(train=train, validation=validation, test=test),
            kind="next_token",
            vocabulary=tuple(SYMBOLS),
            class_names=tuple(SYMBOLS),
            notes=(
                "The loss is the mean over all steps.",
                "Validation and test hold different strings, none of which is in training; training holds frequent strings often.",
            ),
        )

    def metrics(self, data: TaskData, part: Part, outputs: Array) -> dict[str, float]:
        """Add the shares of strings right at every step and at the step that needs memory."""
        rows, last = np.arange(len(part)), part.lengths - 2
        remembered = outputs[rows, last].argmax(-1) == part.targets[rows, last]
        return task_metrics(data, part, outputs) | {
            "sequence_accuracy": float(np.mean(ranked_first(part, outputs).all(1))),
            "long_range_accuracy": float(np.mean(remembered)),
        }

    def baselines(self, options: Any, data: TaskData) -> tuple[Baseline, ...]:
        """Score a predictor that sees the current symbol alone."""
        return (bigram_baseline(self, data),)


def legal_symbols(inputs: Array) -> Array:
    """Return which symbols may follow each step of strings `(N, T)`, `(N, T, 7)`; values after the end are meaningless."""
    state = np.zeros(len(inputs), dtype=np.int64)
    legal = np.empty((*inputs.shape, len(SYMBOLS)), dtype=bool)
    for step in range(inputs.shape[1]):
        state = TRANSITIONS[state, inputs[:, step]]
        legal[:, step] = TRANSITIONS[state] >= 0
    return legal


def ranked_first(part: Part, outputs: Array) -> Array:
    """Return `(N, T)`: whether every symbol that may follow scores higher than every other; True after the end."""
    legal = legal_symbols(part.inputs)
    worst_legal = np.where(legal, outputs, np.inf).min(-1)
    best_other = np.where(legal, -np.inf, outputs).max(-1)
    right: Array = (worst_legal > best_other) | (part.targets == IGNORED)
    return right


def _draw(stream: np.random.Generator, count: int) -> Part:
    """Draw strings by tossing a coin at every step, and leave out those that are too long."""
    symbols = np.full((count, LONGEST), IGNORED, dtype=np.int64)
    coins = stream.integers(0, 2, (count, LONGEST))
    state = np.zeros(count, dtype=np.int64)
    for step in range(LONGEST):
        running = np.flatnonzero(state != FINAL)
        symbols[running, step] = ARROWS[state[running], coins[running, step]]
        state[running] = TRANSITIONS[state[running], symbols[running, step]]
    complete = symbols[state == FINAL]
    inputs, targets = complete[:, :-1], np.ascontiguousarray(complete[:, 1:])
    return Part(inputs=np.where(targets == IGNORED, 0, inputs), targets=targets, lengths=(targets != IGNORED).sum(1))
