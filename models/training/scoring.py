"""From losses and outputs to the dataset's metrics."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.metrics import LN2
from data.task import Part, TaskData
from models.cells import get_cell
from models.cells.sampling import sample_text
from models.networks.network import ReplicatedNetwork
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec

SAMPLE_LENGTH = 80
SAMPLE_TEMPERATURE = 0.7


class Scorer:
    """Scores replicas of one experiment on its own dataset's terms.

    Args:
        spec: The experiment.
        tasks: The data of each replica.
    """

    def __init__(self, spec: ExperimentSpec, tasks: Sequence[TaskData]) -> None:
        self._spec = spec
        self._tasks = list(tasks)
        self._source = spec.source()
        options = spec.dataset_options()
        self._metric = self._source.metric(options)
        self._criterion = self._source.solved(options)
        follows_loss = self._metric == "bits_per_character"
        self.needs_outputs = not follows_loss or self._criterion is not None

    def validation_metric(self, replica: int, loss: float, outputs: NDArray[Any] | None) -> float:
        """Return the deciding metric of a replica on the validation part; NaN if its outputs are not finite."""
        if outputs is None:
            return loss / LN2
        if not np.isfinite(outputs).all():
            return math.nan
        data = self._tasks[replica]
        return float(self._source.metrics(data, data.validation, _own_steps(data.validation, outputs))[self._metric])

    def test_metrics(self, replica: int, outputs: NDArray[Any]) -> dict[str, float]:
        """Return every test metric of a replica; all NaN if its outputs are not finite."""
        finite = np.nan_to_num(outputs, nan=0.0, posinf=0.0, neginf=0.0)
        data = self._tasks[replica]
        metrics = self._source.metrics(data, data.test, _own_steps(data.test, finite))
        if np.isfinite(outputs).all():
            return dict(metrics)
        return dict.fromkeys(metrics, math.nan)

    def solved(self, metric: float) -> bool:
        """Return whether a validation metric meets the literature's criterion."""
        criterion = self._criterion
        return criterion is not None and criterion.metric == self._metric and criterion.reached(metric)

    def samples(self, network: ReplicatedNetwork, run: RunSpec) -> tuple[str, ...]:
        """Return text written by the first replica still training, for next-token tasks."""
        if self._tasks[0].kind != "next_token":
            return ()
        weights = {name: p.detach()[0].cpu().numpy() for name, p in network.named_parameters()}
        cell = get_cell(run.architecture)
        return (
            sample_text(
                cell,
                weights,
                self._tasks[0].vocabulary,
                length=SAMPLE_LENGTH,
                temperature=SAMPLE_TEMPERATURE,
                seed=self._spec.seed,
            ),
        )


def _own_steps(part: Part, outputs: NDArray[Any]) -> NDArray[Any]:
    """Return answers `(N, T, C)` at the steps that the part has; other repeats' parts may have longer sequences."""
    return outputs[:, : part.inputs.shape[1]] if outputs.ndim == 3 else outputs
