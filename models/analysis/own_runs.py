"""A visitor's network as a run, so that everything that looks at trained networks looks at it, too. NumPy, no torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.task import Array, TaskData
from models.cells.network import answer_network, layer_count
from models.checkpoints.own_data import CHANGE
from models.checkpoints.own_network import OwnNetwork
from models.records.results import ExperimentResult, RunResult, SeedResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec

MAX_SAMPLES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledRun(RunSpec):
    """A run of a network that no experiment trained: `architecture` carries its name, as in `lstm@Our network`."""

    def __post_init__(self) -> None:
        """Accept an architecture that its experiment does not name."""

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "LabelledRun":
        """Undo `to_dict`."""
        return cls(
            experiment=ExperimentSpec.from_dict(raw["experiment"]),
            architecture=str(raw["architecture"]),
            hidden_size=int(raw["hidden_size"]),
            updates=1,
            learning_rate=1.0,
        )


def scoring_spec(data: TaskData, dataset_spec: ExperimentSpec | None = None) -> ExperimentSpec:
    """Return the settings whose dataset scores a task: those of the data, else of an own series.

    Args:
        data: The task.
        dataset_spec: Settings that the data came from; None for a file.
    """
    if dataset_spec is not None and data.unit != CHANGE:
        return dataset_spec
    options = (("unit", data.unit),) if data.unit else ()
    return ExperimentSpec(dataset="own_series", options=options, architectures=("lstm",), seeds=1)


def own_run(network: OwnNetwork, data: TaskData, spec: ExperimentSpec) -> RunResult:
    """Return a network as the result of a run with one repeat, scored on a task."""
    label = plain_label(network.name)
    run = LabelledRun(
        experiment=spec,
        architecture=f"{network.architecture}@{label}",
        hidden_size=network.hidden_size,
        updates=1,
        learning_rate=1.0,
    )
    chosen = np.unique(np.linspace(0, len(data.test) - 1, min(len(data.test), MAX_SAMPLES)).round().astype(np.int64))
    outputs = answer_network(
        network.cell,
        network.weights,
        data.test.inputs[chosen],
        data.test.lengths[chosen],
        each_step=data.each_step,
    )
    return RunResult(
        spec=run,
        status="finished",
        parameters=network.parameters,
        kernel="equations",
        seeds=(_seed(),),
        curves={},
        weights={name: value[None] for name, value in network.weights.items()},
        snapshots=(),
        sample_indices=chosen,
        sample_outputs=outputs[None],
        cost={},
        environment={},
    )


def plain_label(name: str) -> str:
    """Return a visitor's name for a network without anything that a chart or a page could read as markup."""
    kept = "".join(letter if letter.isalnum() or letter in " .,-+()" else " " for letter in name)
    return " ".join(kept.split())[:40] or "network"


def _seed() -> SeedResult:
    return SeedResult(
        seed=0,
        status="finished",
        updates=0,
        seconds=0.0,
        best_update=0,
        validation_loss=float("nan"),
        final_validation_loss=float("nan"),
        test_loss=float("nan"),
        test_metrics={},
    )


def first_repeat(run: RunResult, data: TaskData) -> RunResult:
    """Return a run of an experiment with its first repeat alone, to stand beside a visitor's network on the same data."""
    labelled = LabelledRun(
        experiment=run.spec.experiment,
        architecture=run.spec.architecture,
        hidden_size=run.spec.hidden_size,
        updates=1,
        learning_rate=1.0,
    )
    weights = {name: value[:1] for name, value in run.weights.items()}
    inside = run.sample_indices[run.sample_indices < len(data.test)]
    return RunResult(
        spec=labelled,
        status=run.status,
        parameters=run.parameters,
        kernel=run.kernel,
        seeds=run.seeds[:1],
        curves={},
        weights=weights,
        snapshots=(),
        sample_indices=inside,
        sample_outputs=run.sample_outputs[:1, : len(inside)],
        cost={},
        environment={},
    )


def own_result(runs: tuple[RunResult, ...], spec: ExperimentSpec) -> ExperimentResult:
    """Return runs side by side as a result without baselines."""
    return ExperimentResult(spec=spec, status="finished", runs=runs, baselines={})


def layers_of(weights: Mapping[str, Array]) -> int:
    """Return how many recurrent layers and directions a network has."""
    return layer_count(weights)
