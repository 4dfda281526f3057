"""Analyses of trained gates that are too slow for the server: each function runs in a worker. NumPy, no torch.

Arguments are plain values and arrays: the run as `RunSpec.to_dict` writes it, weights `(R, ...)`, and
the compressed bytes of an uploaded file, if the data came from one.
"""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from data.task import Array, TaskData
from models.analysis.ablation import Ablation, Answers, ablate
from models.analysis.gate_statistics import LayerStatistics, gate_statistics
from models.analysis.interventions import NO_CHANGE, Damage, Intervention, gate_clamps, intervene, questions
from models.analysis.own_runs import LabelledRun
from models.analysis.trained_replica import affordable, seconds_per_sample, subject
from models.cells import get_cell
from models.cells.base import Weights
from models.spec.run import RunSpec
from models.spec.task_data import inflate, repeated_data

STATISTICS = "models.analysis.gate_jobs:statistics"
LEARNING = "models.analysis.gate_jobs:learning"
STANDARD = "models.analysis.gate_jobs:standard_interventions"
CHOSEN = "models.analysis.gate_jobs:chosen_intervention"
ABLATION = "models.analysis.gate_jobs:ablation"

MAX_SAMPLES = 200  # for statistics and ablation; more samples change the results little
MAX_LEARNING_SAMPLES = 32
STATISTICS_SECONDS = 3.0
INTERVENTION_SECONDS = 6.0
ABLATION_SECONDS = 2.4

Content = bytes | TaskData | None  # an uploaded file, or the data of a visitor's network


def statistics(run: Mapping[str, Any], content: Content, weights: Weights) -> list[tuple[LayerStatistics, ...]]:
    """Return gate statistics over test samples: per replica, per layer."""
    spec, data, seeds = opened(run, content, weights)
    samples = samples_for(spec, data, seconds=STATISTICS_SECONDS / seeds, most=MAX_SAMPLES)
    return [gate_statistics(subject(spec, replica(weights, index), data[index], samples)) for index in range(seeds)]


def learning(
    run: Mapping[str, Any], content: Content, snapshots: Sequence[Weights]
) -> list[list[tuple[LayerStatistics, ...]]]:
    """Return gate statistics over fewer samples: per snapshot, per replica, per layer."""
    spec, data, seeds = opened(run, content, snapshots[0])
    each = STATISTICS_SECONDS / (seeds * len(snapshots))
    samples = samples_for(spec, data, seconds=each, most=MAX_LEARNING_SAMPLES)
    return [
        [gate_statistics(subject(spec, replica(weights, index), data[index], samples)) for index in range(seeds)]
        for weights in snapshots
    ]


def standard_interventions(
    run: Mapping[str, Any], content: Content, weights: Weights
) -> tuple[int, list[tuple[Damage, ...]]]:
    """Score every question and every gate at every value.

    Returns:
        The number of test samples, and per replica the damage; the first entry is the score without change.
    """
    cell = get_cell(str(run["architecture"]))
    return _intervened(run, content, weights, (NO_CHANGE, *questions(cell), *gate_clamps(cell)))


def chosen_intervention(
    run: Mapping[str, Any], content: Content, weights: Weights, asked: Intervention
) -> tuple[int, list[tuple[Damage, ...]]]:
    """Score the unchanged network and one intervention; see `standard_interventions`."""
    return _intervened(run, content, weights, (NO_CHANGE, asked))


def _intervened(
    run: Mapping[str, Any], content: Content, weights: Weights, asked: tuple[Intervention, ...]
) -> tuple[int, list[tuple[Damage, ...]]]:
    spec, data, seeds = opened(run, content, weights)
    samples = samples_for(spec, data, seconds=INTERVENTION_SECONDS / (seeds * (len(asked) + 2)))
    found = [intervene(subject(spec, replica(weights, index), data[index], samples), asked) for index in range(seeds)]
    return len(samples), found


def ablation(run: Mapping[str, Any], content: Content, weights: Weights, layer: int, repeat: int = 0) -> Ablation:
    """Score one repeat, whose weights are `(1, ...)`, without each unit of a layer."""
    spec, data, _ = opened(run, content, weights, first=repeat)
    samples = samples_for(spec, data, seconds=ABLATION_SECONDS / spec.hidden_size, most=MAX_SAMPLES)
    return ablate(subject(spec, replica(weights, 0), data[0], samples), layer, _quick_answers(spec))


def _quick_answers(run: RunSpec) -> Answers | None:
    """Return a function that computes outputs with the fast kernel, if there is one; workers have loaded torch."""
    if "torch" not in sys.modules:
        return None
    if isinstance(run, LabelledRun):
        return None
    from models.networks.answers import quick, variant_answers

    return (lambda of, variants: variant_answers(of.run, of.data, of.part, variants)) if quick(run) else None


def opened(
    run: Mapping[str, Any], content: Content, weights: Weights, *, first: int = 0
) -> tuple[RunSpec, list[TaskData], int]:
    """Return the run, the data of each replica, and the number of replicas."""
    count = len(next(iter(weights.values())))
    if isinstance(content, TaskData):  # a visitor's network: the data come with the question
        return LabelledRun.of(run), [content] * count, count
    spec = RunSpec.from_dict(run)
    data = repeated_data(spec.experiment, inflate(content))
    return spec, [data.task(first + index) for index in range(count)], count


def replica(weights: Weights, index: int) -> dict[str, Array]:
    """Return one repeat's weights."""
    return {name: value[index] for name, value in weights.items()}


def samples_for(spec: RunSpec, data: Sequence[TaskData], *, seconds: float, most: int | None = None) -> Array:
    """Return indices of test samples that take about a given number of seconds."""
    samples: Array = np.asarray(affordable(data[0], seconds=seconds, each=seconds_per_sample(spec, data[0]), most=most))
    return samples
