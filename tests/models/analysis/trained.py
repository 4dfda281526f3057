"""Small networks for tests of what is computed from their weights: random ones of any task, and trained ones."""

from dataclasses import replace
from typing import Any

import numpy as np

from data.task import Part, TaskData
from models.analysis.trained_replica import TrainedReplica
from models.cells import get_cell
from models.records.results import RunResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from models.spec.run import RunSpec

HIDDEN, STEPS, COUNT = 5, 9, 11
OUTPUTS = {"regression": 2, "classification": 3, "labelling": 3, "next_token": 4}


def random_weights(architecture: str, *, inputs: int = 2, outputs: int = 2, layers: int = 2) -> dict[str, np.ndarray]:
    """Return one replica's weights, float32."""
    random, found = np.random.default_rng(3), {}
    for layer in range(layers):
        shapes = get_cell(architecture).weight_shapes(inputs if layer == 0 else HIDDEN, HIDDEN)
        found |= {f"recurrent.{layer}.{name}": random.normal(0, 0.6, shape) for name, shape in shapes.items()}
    found |= {"head.weight": random.normal(size=(outputs, HIDDEN)), "head.bias": random.normal(size=outputs)}
    return {name: value.astype(np.float32) for name, value in found.items()}


def random_task(kind: str = "regression", *, ragged: bool = True) -> TaskData:
    """Return a task of a kind whose three parts are the same random sequences of two features."""
    random, outputs = np.random.default_rng(4), OUTPUTS[kind]
    targets = {
        "regression": random.normal(size=(COUNT, outputs)).astype(np.float32),
        "classification": np.arange(COUNT) % outputs,
        "labelling": random.integers(-1, outputs, (COUNT, STEPS)),
        "next_token": random.integers(0, outputs, (COUNT, STEPS)),
    }[kind]
    part = Part(
        inputs=random.normal(size=(COUNT, STEPS, 2)).astype(np.float32),
        targets=targets,
        lengths=random.integers(3, STEPS + 1, COUNT) if ragged else np.full(COUNT, STEPS),
    )
    names = tuple("abcd"[:outputs])
    return TaskData(
        kind=kind,  # type: ignore[arg-type]
        train=part,
        validation=part,
        test=part,
        input_size=2,
        output_size=outputs,
        class_names=names,
        target_names=names if kind == "regression" else (),
    )


def run_of(architecture: str, *, layers: int = 2) -> RunSpec:
    """Return a run of the adding problem with this file's sizes."""
    spec = ExperimentSpec(
        dataset="adding", architectures=(architecture,), hidden_size=HIDDEN, layers=layers, seeds=1, updates=5
    )
    return plan_runs(spec)[0]


def random_subject(
    architecture: str, kind: str = "regression", *, layers: int = 2, ragged: bool = True
) -> TrainedReplica:
    """Return a random network on a random task."""
    data = random_task(kind, ragged=ragged)
    weights = random_weights(architecture, outputs=data.output_size, layers=layers)
    return TrainedReplica(run=run_of(architecture, layers=layers), weights=weights, data=data, part=data.test)


def train_run(run: RunSpec, data: TaskData) -> RunResult:
    """Train a run to its end."""
    from models.training.loop import train

    generator = train(run, data, should_stop=lambda: False)
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def trained(architecture: str, **changes: Any) -> tuple[RunResult, TaskData]:
    """Train one architecture on few sequences of a dataset, and return result and data."""
    spec = ExperimentSpec(architectures=(architecture,), **{"hidden_size": 6, "seeds": 2, "updates": 6, **changes})
    data = spec.source().load(spec.dataset_options(), spec.seed)
    data = replace(data, **{name: _few(data.part(name)) for name in ("train", "validation", "test")})
    return train_run(plan_runs(spec)[0], data), data


def _few(part: Part) -> Part:
    fields = ("inputs", "targets", "lengths", "scored", "base", "positions")
    return Part(**{name: None if getattr(part, name) is None else getattr(part, name)[:80] for name in fields})
