"""The adding problem: remember two marked numbers and answer with their sum."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from data.catalog import Baseline, Claim, Dataset, Solved, dataset
from data.fields import Value, integer
from data.synthetic.marked import marked_task
from data.task import Scaler, TaskData

SCALER = Scaler(mean=np.array([1.0]), std=np.array([np.sqrt(1 / 6)]))  # of the sum of two independent U[0, 1]
TOLERANCE = 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class AddingOptions:
    """Options of the adding problem."""

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
class Adding(Dataset):
    """Experiment 4 of Hochreiter and Schmidhuber (1997), in the form that later papers use.

    Each step is a value from U[0, 1] and a mark; one value in each half is marked, and the target is the sum of both
    (Le, Jaitly and Hinton 2015). The original drew values from U[-1, 1], marked the first value early, and had the target
    0.5 + (x1 + x2) / 4, which is half of our sum: its tolerance of 0.04 is 0.08 on our scale, and ours is stricter.
    """

    name = "adding"
    title = "Adding problem"
    description = "Random numbers, two of them marked; the answer after the last step is their sum."
    lesson = "Shows whether a network can carry two numbers unchanged over many steps that do not matter."
    source = "Generated after Hochreiter and Schmidhuber (1997), experiment 4"
    licence = "generated"
    family = "synthetic"
    kind = "regression"
    picture = "series"
    Options = AddingOptions
    lag_option = "length"
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 32,
        "updates": 2500,
        "learning_rate": 0.003,
        "batch_size": 32,
    }
    claims = (
        Claim(
            statement="An LSTM learns it over hundreds of steps; a network without gates fails at such lags.",
            source="Hochreiter and Schmidhuber, Long Short-Term Memory, Neural Computation 9(8), 1997, section 5.4",
        ),
    )

    def load(self, options: AddingOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Draw the task."""
        return marked_task(
            seed, self.name, length=options.length, combine=lambda a, b: a + b, scaler=SCALER, target="sum"
        )

    def baselines(self, options: AddingOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Predict the mean, 1: a mean squared error of 1/6 in theory."""
        scores = self.metrics(data, data.test, np.zeros_like(data.test.targets))
        return (Baseline(name="mean", title="Always the mean (1)", metrics=scores),)

    def metric(self, options: AddingOptions) -> str:
        """Return the mean absolute error of the sum."""
        return "mae_value"

    def solved(self, options: AddingOptions) -> Solved:
        """Require a mean absolute error below the tolerance of the original paper."""
        return Solved(
            metric="mae_value",
            threshold=TOLERANCE,
            source="Hochreiter and Schmidhuber (1997): an answer is right within 0.04; here the mean error, on a scale twice theirs",
        )
