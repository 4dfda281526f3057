"""A trained network of one seed and its samples: the input of statistics and interventions.

Samples are processed in chunks, to keep arrays small. NumPy, no torch. Axes: N samples, B samples of a chunk, T steps, H
units, O outputs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.task import Array, Part, TaskData
from models.analysis.predictions import kept_part
from models.cells import Cell, get_cell
from models.cells.base import Override
from models.cells.network import Trace, answer_network, layer_weights, run_network
from models.spec.run import RunSpec

MAX_ROWS = 256  # samples of a chunk; more do not fit into the processor's cache
MAX_NUMBERS = 2_000_000  # values of one gate in one chunk
FLOPS_PER_SECOND = 6e10  # of one core, for matrix products of these sizes
SECONDS_PER_UNIT = 5e-9  # element-wise work per unit and step

Overrides = Sequence[Mapping[str, Override] | None] | None
Change = Callable[[slice, Trace], Overrides]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainedReplica:
    """A network and its samples.

    Attributes:
        run: What was trained.
        weights: Weights of one replica, as saved.
        data: The task.
        part: The samples.
    """

    run: RunSpec
    weights: Mapping[str, Array]
    data: TaskData
    part: Part

    @property
    def cell(self) -> Cell:
        """The architecture."""
        return get_cell(self.run.architecture)

    def units(self, layer: int) -> int:
        """Return the hidden units of a layer; a visitor's network may have different numbers."""
        return self.cell.hidden_size(layer_weights(self.weights, layer))

    def with_weights(self, weights: Mapping[str, Array]) -> "TrainedReplica":
        """Return the same samples for another network of the same shape."""
        return replace(self, weights=weights)

    def chunks(self) -> Iterator[slice]:
        """Yield the samples in chunks."""
        steps = max(1, self.part.inputs.shape[1])
        rows = max(1, min(MAX_ROWS, MAX_NUMBERS // (steps * self.run.hidden_size)))
        for start in range(0, len(self.part), rows):
            yield slice(start, min(start + rows, len(self.part)))

    def trace(self, chunk: slice, overrides: Overrides = None) -> Trace:
        """Run a chunk and keep all gates and states."""
        return run_network(
            self.cell,
            self.weights,
            self.part.inputs[chunk],
            self.part.lengths[chunk],
            each_step=self.data.each_step,
            overrides=overrides,
        )

    def answer(self, chunk: slice, overrides: Overrides = None) -> Array:
        """Return the network's outputs for a chunk, `(B, O)` or `(B, T, O)`."""
        return answer_network(
            self.cell,
            self.weights,
            self.part.inputs[chunk],
            self.part.lengths[chunk],
            each_step=self.data.each_step,
            overrides=overrides,
        )

    def outputs(self) -> Array:
        """Return the network's outputs for every sample, `(N, O)` or `(N, T, O)`."""
        return np.concatenate([self.answer(chunk) for chunk in self.chunks()])

    def score(self, outputs: Array) -> dict[str, float]:
        """Return the metrics of outputs for all samples; NaN if one of them is not finite."""
        finite = np.nan_to_num(outputs, nan=0.0, posinf=0.0, neginf=0.0)
        metrics = self.run.experiment.source().metrics(self.data, self.part, finite)
        if np.isfinite(outputs).all():
            return {name: float(value) for name, value in metrics.items()}
        return dict.fromkeys(metrics, float("nan"))


def subject(run: RunSpec, weights: Mapping[str, Array], data: TaskData, samples: Array | None = None) -> TrainedReplica:
    """Return one replica's network on test samples.

    Args:
        run: What was trained.
        weights: Weights of one replica.
        data: The task.
        samples: Indices of test samples; None takes all.
    """
    part = data.test if samples is None else kept_part(data, samples)
    return TrainedReplica(run=run, weights=weights, data=data, part=part)


def seconds_per_sample(run: RunSpec, data: TaskData, layers: int = 0) -> float:
    """Estimate the time of running one sample through one replica, on one core; 0 layers are those of the experiment."""
    spec, cell = run.experiment, get_cell(run.architecture)
    width = spec.encoder_size or (16 if data.vocabulary else data.input_size)
    layers = layers or spec.layers
    sizes = [width, *[run.hidden_size] * (layers - 1)]
    flops = sum(cell.flops_per_step(size, run.hidden_size) for size in sizes)
    per_step = flops / FLOPS_PER_SECOND + layers * run.hidden_size * SECONDS_PER_UNIT
    return float(per_step * data.test.inputs.shape[1])


def affordable(data: TaskData, *, seconds: float, each: float, most: int | None = None) -> Array:
    """Return indices of evenly spaced test samples, at least 20, that take about a given number of seconds.

    Args:
        data: The task.
        seconds: Time budget.
        each: Seconds per sample.
        most: Maximum number of samples.
    """
    count = len(data.test)
    wanted = min(count, most or count, max(20, int(seconds / max(each, 1e-12))))
    return np.unique(np.linspace(0, count - 1, wanted).round().astype(np.int64))
