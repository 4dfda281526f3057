"""Everything that is said about one visitor's network at a glance: gates, saturation, half-lives, horizon, score."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.task import Array, TaskData
from models.analysis.gate_statistics import LayerStatistics, gate_statistics
from models.analysis.own_runs import own_run, scoring_spec
from models.analysis.traces import Panel, panels_of
from models.analysis.trained_replica import TrainedReplica, subject
from models.checkpoints.own_data import CHANGE
from models.checkpoints.own_network import OwnNetwork
from models.spec.experiment_settings import ExperimentSpec

MAX_SAMPLES = 100


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkView:
    """What `inspect` found.

    Attributes:
        network: The network.
        data: Its inputs.
        panels: Per layer and direction every gate and state of the chosen sample, `(H, T)`, gates as pictures show them.
        statistics: Per layer and direction, over up to 100 samples.
        gradient: Norm of the last output's gradient with respect to each step's input, `(T,)`.
        horizon: Steps back to the first with at least 1 % of the largest norm.
        score: Metrics, where targets are given.
        outputs: The answer to each sample, in the targets' unit, `(N, O)` or per step `(N, T, C)`.
    """

    network: OwnNetwork
    data: TaskData
    panels: tuple[tuple[Panel, ...], ...]
    statistics: tuple[LayerStatistics, ...]
    gradient: Array
    horizon: float
    score: Mapping[str, float]
    outputs: Array

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        names = self.network.layer_names
        return {
            "format": "gatescope-inspect-1",
            "name": self.network.name,
            "architecture": self.network.architecture,
            "form": self.network.form,
            "parameters": self.network.parameters,
            "notes": [*self.network.notes, *self.data.notes],
            "inputs": list(self.data.feature_names) or ["token"],
            "samples": len(self.data.test),
            "steps": int(self.data.test.inputs.shape[1]),
            "layers": [
                _layer_document(name, panels, found)
                for name, panels, found in zip(names, self.panels, self.statistics, strict=True)
            ],
            "gradient_horizon": {"norms": self.gradient.tolist(), "steps": self.horizon},
            "score": dict(self.score),
            "outputs": self.outputs.tolist(),
        }


def _layer_document(name: str, panels: tuple[Panel, ...], found: LayerStatistics) -> dict[str, Any]:
    gates = {
        gate: {
            "mean": float(found.unit_mean[gate].mean()),
            "share_above_0.9": float(opened.mean()),
            "share_below_0.1": float(found.closed[gate].mean()),
            "unit_above_0.9": opened.tolist(),
            "unit_below_0.1": found.closed[gate].tolist(),
        }
        for gate, opened in found.opened.items()
    }
    return {
        "layer": name,
        "units": int(panels[0].values.shape[0]),
        "gates": gates,
        "half_lives": found.half_life.tolist(),
        "course": {key: found.mean[key].tolist() for key in found.mean},
        "heatmaps": {panel.name: {"title": panel.title, "values": panel.values.tolist()} for panel in panels},
    }


def inspect_network(
    network: OwnNetwork, data: TaskData, *, sample: int = 0, dataset_spec: ExperimentSpec | None = None
) -> NetworkView:
    """Look into a network on some data.

    Args:
        network: The network.
        data: Its inputs, from `models.checkpoints.own_data`.
        sample: Which sample the heatmaps show.
        dataset_spec: Settings of the dataset that the data came from, if they did.
    """
    from models.training.input_gradients import gradient_horizon  # loads torch

    run = own_run(network, data, scoring_spec(data, dataset_spec))
    count = len(data.test)
    chosen = np.unique(np.linspace(0, count - 1, min(count, MAX_SAMPLES)).round().astype(np.int64))
    some = subject(run.spec, network.weights, data, chosen)
    every = subject(run.spec, network.weights, data)
    steps = int(data.test.lengths[sample])
    trace = every.trace(slice(sample, sample + 1))
    longest = np.flatnonzero(data.test.lengths == data.test.inputs.shape[1])
    norms, horizon = gradient_horizon(network.architecture, network.weights, data.test.inputs[longest])
    outputs = every.outputs()
    return NetworkView(
        network=network,
        data=data,
        panels=tuple(panels_of(run.spec.architecture, layer, steps) for layer in trace.layers),
        statistics=gate_statistics(some),
        gradient=norms,
        horizon=horizon,
        score={} if data.unit == CHANGE else _score(every, outputs),
        outputs=outputs if data.each_step else data.in_unit(data.test, outputs),
    )


def _score(replica: TrainedReplica, outputs: Array) -> dict[str, float]:
    return replica.score(outputs)
