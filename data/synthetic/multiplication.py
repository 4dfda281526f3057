"""The multiplication problem: as adding, with the product as the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from data.catalog import Baseline, Claim, Solved, dataset
from data.fields import Value, integer
from data.synthetic.base import SyntheticTask
from data.synthetic.marked import marked_task
from data.task import Scaler, TaskData

SCALER = Scaler(mean=np.array([1 / 4]), std=np.array([np.sqrt(7 / 144)]))  # of the product of two independent U[0, 1]
TOLERANCE = 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiplicationOptions:
    """Options of the multiplication problem."""

    length: int = integer(
        50,
        10,
        400,
        step=10,
        label="Length",
        unit="steps",
        help="Steps of each sequence. The longer, the further back the marked values lie.",
    )


@dataset
class Multiplication(SyntheticTask):
    """Experiment 5 of Hochreiter and Schmidhuber (1997): values from U[0, 1], one marked in each half, their product."""

    name = "multiplication"
    title = "Multiplication problem"
    description = "Random numbers, two of them marked; the answer after the last step is their product."
    lesson = "Shows that a cell which adds up what it reads can still multiply what it kept."
    source = "Generated after Hochreiter and Schmidhuber (1997), experiment 5"
    kind = "regression"
    picture = "series"
    Options = MultiplicationOptions
    lag_option = "length"
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 32,
        "updates": 1500,
        "learning_rate": 0.003,
        "batch_size": 32,
    }
    claims = (
        Claim(
            statement="The LSTM solves it although its cell state can only add: no bias towards sums decides its success.",
            source="Hochreiter and Schmidhuber, Long Short-Term Memory, Neural Computation 9(8), 1997, section 5.5",
        ),
    )

    def load(self, options: MultiplicationOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Draw the task."""
        return marked_task(
            seed, self.name, length=options.length, combine=lambda a, b: a * b, scaler=SCALER, target="product"
        )

    def baselines(self, options: MultiplicationOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Predict the mean, 1/4: a mean squared error of 7/144 in theory."""
        scores = self.metrics(data, data.test, np.zeros_like(data.test.targets))
        return (Baseline(name="mean", title="Always the mean (0.25)", metrics=scores),)

    def metric(self, options: MultiplicationOptions) -> str:
        """Return the mean absolute error of the product."""
        return "mae_value"

    def solved(self, options: MultiplicationOptions) -> Solved:
        """Require a mean absolute error below the tolerance of the original paper."""
        return Solved(
            metric="mae_value",
            threshold=TOLERANCE,
            source="Hochreiter and Schmidhuber (1997): an answer is right within 0.04; here the mean error",
        )
