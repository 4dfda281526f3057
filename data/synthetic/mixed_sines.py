"""Mixed sines: continue a sum of waves of unknown periods under noise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from data.catalog import Baseline, Claim, dataset
from data.fields import Value, integer, real
from data.metrics import regression_metrics
from data.synthetic.base import SyntheticTask
from data.synthetic.parts import draw_parts
from data.task import Array, Part, Scaler, TaskData

PERIODS = (8.0, 40.0)
AMPLITUDES = (0.5, 1.0)
MEAN_SQUARED_AMPLITUDE = 7 / 12  # of U[0.5, 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class SinesOptions:
    """Options of mixed sines."""

    window: int = integer(
        50,
        20,
        200,
        step=10,
        label="Window",
        unit="steps",
        help="Steps that are seen. Windows longer than the longest wave make the sum predictable.",
    )
    horizon: int = integer(
        5,
        1,
        50,
        label="Horizon",
        unit="steps",
        help="How far after the window the answer lies. The further, the more exactly the waves must be known.",
    )
    sines: int = integer(
        2, 1, 3, label="Sines", help="Waves in the sum, each with its own period, phase and amplitude."
    )
    noise: float = real(
        0.1,
        0.0,
        0.5,
        step=0.05,
        label="Noise",
        help="Standard deviation of the noise on every value, the answer included: no forecast can err less.",
    )


@dataset
class MixedSines(SyntheticTask):
    """Every sequence has its own periods (8 to 40 steps), phases and amplitudes (0.5 to 1), all drawn uniformly."""

    name = "mixed_sines"
    title = "Mixed sines"
    description = "A sum of waves with noise, different in each sequence; the answer is the value some steps ahead."
    lesson = "Shows forecasting of smooth signals, where little memory is needed and architectures often tie."
    source = "Generated"
    kind = "regression"
    picture = "series"
    Options = SinesOptions
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 32,
        "updates": 2000,
        "learning_rate": 0.005,
        "batch_size": 32,
    }
    claims = (
        Claim(
            statement="No forecast has a root mean square error below the noise's standard deviation.",
            source="Theory: the noise of the answer is independent of all that is seen",
        ),
    )

    def load(self, options: SinesOptions, seed: int, content: bytes | None = None) -> TaskData:
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
            notes=("Inputs and targets are divided by the signal's theoretical standard deviation.",),
        )

    def baselines(self, options: SinesOptions, data: TaskData) -> tuple[Baseline, ...]:
        """Score persistence, and the best linear function of the window."""
        truth = data.in_unit(data.test, data.test.targets)
        last = data.in_unit(data.test, data.test.inputs[:, -1])
        linear = data.in_unit(data.test, _linear(data))
        return (
            Baseline(
                name="persistence",
                title="Persistence: the last value",
                metrics=regression_metrics(last, truth, data.unit),
            ),
            Baseline(
                name="linear",
                title="Linear in the window, by least squares",
                metrics=regression_metrics(linear, truth, data.unit),
            ),
        )

    def metric(self, options: SinesOptions) -> str:
        """Return the root mean square error."""
        return "rmse_value"


def _scale(options: SinesOptions) -> Scaler:
    variance = options.sines * MEAN_SQUARED_AMPLITUDE / 2 + options.noise**2
    return Scaler(mean=np.zeros(1), std=np.sqrt([variance]))


def _draw(stream: np.random.Generator, count: int, options: SinesOptions, scaler: Scaler) -> Part:
    shape = (count, options.sines, 1)
    period, phase = stream.uniform(*PERIODS, shape), stream.uniform(0, 2 * np.pi, shape)
    amplitude = stream.uniform(*AMPLITUDES, shape)
    times = np.append(np.arange(options.window), options.window - 1 + options.horizon)
    waves = amplitude * np.sin(2 * np.pi * times / period + phase)
    values = waves.sum(1) + stream.normal(0.0, options.noise, (count, len(times)))
    scaled = scaler.transform(values[..., None]).astype(np.float32)
    inputs = np.ascontiguousarray(scaled[:, :-1])
    return Part(inputs=inputs, targets=scaled[:, -1].copy(), lengths=np.full(count, options.window, dtype=np.int64))


def _linear(data: TaskData) -> Array:
    design, asked = (_with_constant(part.inputs[..., 0]) for part in (data.train, data.test))
    forecast: Array = asked @ np.linalg.lstsq(design, data.train.targets.astype(np.float64), rcond=None)[0]
    return forecast


def _with_constant(windows: Array) -> Array:
    return np.column_stack([windows.astype(np.float64), np.ones(len(windows))])
