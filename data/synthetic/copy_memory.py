"""The copy task: repeat a string of symbols after a long pause."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from data.catalog import Baseline, Claim, dataset
from data.fields import Value, integer
from data.metrics import log_softmax
from data.synthetic.base import SymbolTask, counted, full_length, symbol_data
from data.synthetic.parts import draw_distinct_parts
from data.task import Array, Part, TaskData

LETTERS = tuple("ABCDEFGH")
BLANK, CUE = 8, 9
VOCABULARY = (*LETTERS, "·", ">")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyOptions:
    """Options of the copy task."""

    delay: int = integer(
        20,
        5,
        200,
        step=5,
        label="Delay",
        unit="steps",
        help="Steps between the last symbol and the first answer, the cue included.",
    )
    symbols: int = integer(
        5, 3, 10, label="Symbols", help="Symbols to remember, each one of eight: three bits per symbol."
    )


@dataset
class CopyMemory(SymbolTask):
    """The copying problem in the form of Arjovsky, Shah and Bengio (2016) and Bai, Kolter and Koltun (2018).

    S symbols, T - 1 blanks, a cue, and S further blanks while the answer is given: T + 2S steps. The answer is blank
    until the cue has been read and the S symbols in order after it. The loss is averaged over all T + 2S steps, blanks
    included, so that a model without memory reaches S ln 8 / (T + 2S) nats; accuracy is measured on the last S steps.
    """

    name = "copy_memory"
    title = "Copy after a pause"
    description = "A few symbols, a pause, then a cue: the answer is the symbols in their order."
    lesson = "Shows how many symbols a network can hold at once, and for how long."
    source = "Generated after Hochreiter and Schmidhuber (1997) and Arjovsky, Shah and Bengio (2016)"
    kind = "labelling"
    Options = CopyOptions
    lag_option = "delay"
    criterion = "99 % of the answers; Arjovsky, Shah and Bengio (2016) compare losses with the memoryless one instead"
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 64,
        "updates": 2000,
        "learning_rate": 0.006,
        "batch_size": 32,
        "initialisation": "chrono",
    }
    claims = (
        Claim(
            statement="A network without gates stays at the loss of a predictor without memory; beyond T = 100 the LSTM of the paper does, too.",
            source="Arjovsky, Shah and Bengio, Unitary Evolution Recurrent Neural Networks, ICML 2016",
        ),
        Claim(
            statement="A TCN solves it at a delay of 100 where an LSTM of the same size struggles; measured here with five symbols and 12,400 parameters: 100 % of the answers in all eight repeats, against 13 to 21 %.",
            source="Bai, Kolter and Koltun, arXiv:1803.01271, 2018; python -m tests.known_results copy",
        ),
    )

    def load(self, options: CopyOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Draw the task."""
        parts = draw_distinct_parts(
            seed, self.name, lambda stream, count: _draw(stream, count, options.delay, options.symbols)
        )
        return symbol_data(
            parts,
            kind="labelling",
            vocabulary=VOCABULARY,
            class_names=(*LETTERS, "·"),
            notes=(
                "The loss is the mean over all steps, the blank ones included; accuracy counts the answer alone.",
                "No sequence stands in two parts.",
            ),
        )

    def metrics(self, data: TaskData, part: Part, outputs: Array) -> dict[str, float]:
        """Add the mean cross-entropy over all steps, in nats, which the literature plots."""
        chosen = np.take_along_axis(log_softmax(outputs.astype(np.float64)), part.targets[..., None], axis=-1)
        return super().metrics(data, part, outputs) | {"cross_entropy_nats": -float(chosen.mean())}

    def baselines(self, options: CopyOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Score a predictor without memory: sure of the blanks, and guessing among eight letters after the cue."""
        certain = 50.0
        scores = np.zeros((*data.test.targets.shape, data.output_size))
        answer = counted(data.test)
        scores[~answer, BLANK] = certain
        scores[answer, BLANK] = -certain
        memoryless = self.metrics(data, data.test, scores)
        return (Baseline(name="memoryless", title="Without memory: blanks, then a guess", metrics=memoryless),)


def _draw(stream: np.random.Generator, count: int, delay: int, symbols: int) -> Part:
    steps = delay + 2 * symbols
    letters = stream.integers(0, len(LETTERS), (count, symbols))
    inputs = np.full((count, steps), BLANK, dtype=np.int64)
    inputs[:, :symbols] = letters
    inputs[:, symbols + delay - 1] = CUE
    targets = np.full((count, steps), BLANK, dtype=np.int64)
    targets[:, -symbols:] = letters
    scored = np.zeros((count, steps), dtype=bool)
    scored[:, -symbols:] = True
    return Part(inputs=inputs, targets=targets, lengths=full_length(inputs), scored=scored)
