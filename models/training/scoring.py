"""From losses and outputs to the dataset's metrics."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.metrics import LN2
from data.task import TaskData
from models.cells import get_cell
from models.cells.sampling import sample_text
from models.networks.network import ReplicatedNetwork
from models.spec.experiment import ExperimentSpec
from models.spec.run import RunSpec

SAMPLE_LENGTH = 80
SAMPLE_TEMPERATURE = 0.7


class Scorer:
    """Scores replicas of one experiment on its own dataset's terms.

    Args:
        spec: The experiment.
        data: Its task.
    """

    def __init__(self, spec: ExperimentSpec, data: TaskData) -> None:
        self._spec = spec
        self._data = data
        self._source = spec.source()
        options = spec.dataset_options()
        self._metric = self._source.metric(options)
        self._criterion = self._source.solved(options)
        follows_loss = self._metric == "bits_per_character"
        self.needs_outputs = not follows_loss or self._criterion is not None

    def validation_metric(self, loss: float, outputs: NDArray[Any] | None) -> float:
        """Return the deciding metric of one replica on the validation part; NaN if its outputs are not finite."""
        if outputs is None:
            return loss / LN2
        if not np.isfinite(outputs).all():
            return math.nan
        return float(self._source.metrics(self._data, self._data.validation, outputs)[self._metric])

    def test_metrics(self, outputs: NDArray[Any]) -> dict[str, float]:
        """Return every test metric of one replica; all NaN if its outputs are not finite."""
        finite = np.nan_to_num(outputs, nan=0.0, posinf=0.0, neginf=0.0)
        metrics = self._source.metrics(self._data, self._data.test, finite)
        if np.isfinite(outputs).all():
            return dict(metrics)
        return dict.fromkeys(metrics, math.nan)

    def solved(self, metric: float) -> bool:
        """Say whether a validation metric meets the literature's criterion."""
        criterion = self._criterion
        return criterion is not None and criterion.metric == self._metric and criterion.reached(metric)

    def samples(self, network: ReplicatedNetwork, run: RunSpec) -> tuple[str, ...]:
        """Return text written by the first replica still training, for next-token tasks."""
        if self._data.kind != "next_token":
            return ()
        weights = {name: p.detach()[0].cpu().numpy() for name, p in network.named_parameters()}
        cell = get_cell(run.architecture)
        return (
            sample_text(
                cell,
                weights,
                self._data.vocabulary,
                length=SAMPLE_LENGTH,
                temperature=SAMPLE_TEMPERATURE,
                seed=self._spec.seed,
            ),
        )
