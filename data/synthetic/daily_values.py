"""Daily values: a random walk, as prices nearly are, or weeks of five busy and two quiet days."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from data.catalog import Baseline, Claim, dataset
from data.fields import Value, choice, integer
from data.metrics import regression_metrics
from data.synthetic.base import SyntheticTask
from data.synthetic.parts import draw_parts
from data.task import Array, Part, Scaler, TaskData

SERIES = {"walk": "Random walk, as prices nearly are", "week": "Weeks of five busy and two quiet days"}
BUSY_DAYS, DAYS = 5, 7
NOISE = 0.1  # standard deviation of a day's value around its week's level


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyOptions:
    """Options of daily values; a row is a day."""

    series: str = choice("walk", SERIES, label="Series", help="A walk has no pattern to learn. A week has one.")
    window: int = integer(20, 14, 60, label="Window", unit="days", help="Days that are seen before the one to predict.")


@dataset
class DailyValues(SyntheticTask):
    """Windows of generated days; the answer is the next day's value.

    A walk starts at 0 and adds a number from N(0, 1) each day. A week is 1 on five days and 0 on two, plus noise of 0.1, and
    every window starts on a random day of it.
    """

    name = "daily_values"
    title = "Daily values"
    description = "A random walk, or weeks of five busy and two quiet days; the answer is the next day's value."
    lesson = "Shows when a network can beat the last value: where a pattern repeats, and not where there is none."
    source = "Generated after Velarde, Brañez, Bueno, Heredia and Lopez-Ledezma (2022): their activities, and a walk for their stocks"
    kind = "regression"
    picture = "series"
    Options = DailyOptions
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 32,
        "updates": 600,
        "learning_rate": 0.003,
        "batch_size": 32,
    }
    claims = (
        Claim(
            statement="No forecast of a walk has a root mean square error below that of the last value, 1.",
            source="Theory: each step is independent of all that is seen",
        ),
        Claim(
            statement="LSTM and GRU beat the last value on activities that repeat weekly, and not on stock prices.",
            source="Velarde et al., Engineering Proceedings 18(1), 30, 2022",
        ),
    )

    def load(self, options: DailyOptions, seed: int, content: bytes | None = None) -> TaskData:
        """Draw the task."""
        scaler = _scale(options)
        parts = draw_parts(seed, self.name, lambda stream, count: _draw(stream, count, options, scaler))
        return TaskData(
            kind="regression",
            train=parts.train,
            validation=parts.validation,
            test=parts.test,
            input_size=1,
            output_size=1,
            feature_names=("value",),
            target_names=("value",),
            unit="value",
            scaler=scaler,
            notes=("Inputs and targets are scaled by the theoretical mean and deviation of all days.",),
        )

    def baselines(self, options: DailyOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Score the last value."""
        truth = data.in_unit(data.test, data.test.targets)
        last = data.in_unit(data.test, data.test.inputs[:, -1])
        scores = regression_metrics(last, truth, data.unit)
        return (Baseline(name="persistence", title="Persistence: the last value", metrics=scores),)

    def metric(self, options: DailyOptions) -> str:
        """Return the root mean square error."""
        return "rmse_value"


def _scale(options: DailyOptions) -> Scaler:
    if options.series == "walk":
        return Scaler(mean=np.zeros(1), std=np.sqrt([options.window / 2]))
    share = BUSY_DAYS / DAYS
    return Scaler(mean=np.array([share]), std=np.sqrt([share * (1 - share) + NOISE**2]))


def _draw(stream: np.random.Generator, count: int, options: DailyOptions, scaler: Scaler) -> Part:
    values = (_walks if options.series == "walk" else _weeks)(stream, count, options.window + 1)
    scaled = scaler.transform(values[..., None]).astype(np.float32)
    inputs = np.ascontiguousarray(scaled[:, :-1])
    return Part(inputs=inputs, targets=scaled[:, -1].copy(), lengths=np.full(count, options.window, dtype=np.int64))


def _walks(stream: np.random.Generator, count: int, days: int) -> Array:
    steps = stream.normal(size=(count, days))
    steps[:, 0] = 0.0
    return np.cumsum(steps, axis=1)


def _weeks(stream: np.random.Generator, count: int, days: int) -> Array:
    weekday = (stream.integers(0, DAYS, (count, 1)) + np.arange(days)) % DAYS
    return (weekday < BUSY_DAYS) + stream.normal(0.0, NOISE, (count, days))
