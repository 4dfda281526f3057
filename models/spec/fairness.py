"""Fairness rules: turn an experiment into one run per architecture, keeping something equal between them.

Under every rule, all architectures have the same data order, split and seeds; the rules differ in what else is equal.
"""

from collections.abc import Callable, Mapping

from models.spec.deciding_metric import for_loss
from models.spec.experiment_settings import MAX_UPDATES, ExperimentSpec
from models.spec.run import MAX_HIDDEN_SIZE, RunSpec
from models.spec.sizes import DataShape, network_size, parameter_count

MEASURE = "models.training.planning:measure"  # runs in a worker; returns the speeds for `models.spec.plan.make_plan`
TOLERANCE = 0.01  # parameter counts lie within this share of their common budget
NEAR, FAR = 0.2, 1.0  # how far the leading hidden size may move to meet the tolerance, relative to it
ShapeSource = DataShape | Callable[[], DataShape]


def needs_measuring(spec: ExperimentSpec) -> bool:
    """Return whether planning must train briefly first, to measure speeds; runs search learning rates themselves."""
    return spec.fairness == "same_time"


def plan_runs(
    spec: ExperimentSpec,
    shape: ShapeSource | None = None,
    *,
    speeds: Mapping[str, float] | None = None,
) -> tuple[RunSpec, ...]:
    """Return one run per architecture, in the order of the spec.

    Args:
        spec: The experiment.
        shape: Sizes of the data, or a function that returns them; only `same_parameters` needs them. None loads the dataset.
        speeds: Architecture to measured milliseconds per update, for `same_time`; without them all get `spec.updates`.
    """
    hidden = dict.fromkeys(spec.architectures, spec.hidden_size)
    if spec.fairness == "same_parameters" and len(spec.architectures) > 1:
        hidden = matched_hidden_sizes(spec, _resolved(spec, shape))
    updates = dict.fromkeys(spec.architectures, spec.updates)
    if spec.fairness == "same_time" and speeds:
        updates = matched_updates(spec, speeds)
    return tuple(
        RunSpec(
            experiment=spec,
            architecture=name,
            hidden_size=hidden[name],
            updates=updates[name],
            learning_rate=spec.learning_rate,
        )
        for name in spec.architectures
    )


def _resolved(spec: ExperimentSpec, shape: ShapeSource | None) -> DataShape:
    if shape is None:
        return DataShape.of(for_loss(spec, spec.source().load(spec.dataset_options(), spec.seed)))
    return shape if isinstance(shape, DataShape) else shape()


def matched_updates(spec: ExperimentSpec, speeds: Mapping[str, float]) -> dict[str, int]:
    """Return the number of updates per architecture that take the same time.

    The fastest architecture gets `spec.updates`; the others get as many as fit into that time, at least one.

    Args:
        spec: The experiment.
        speeds: Architecture to milliseconds per update.
    """
    budget = spec.updates * min(speeds[name] for name in spec.architectures)
    return {name: min(max(1, round(budget / speeds[name])), MAX_UPDATES) for name in spec.architectures}


def matched_hidden_sizes(spec: ExperimentSpec, shape: DataShape) -> dict[str, int]:
    """Return hidden sizes that give whole networks nearly the same number of parameters.

    The architecture with the most parameters per unit leads with a hidden size close to the spec's. One unit more or less
    changes a network of 16 units by about a tenth, so the leader moves to the nearest hidden size at which every count
    lies within `TOLERANCE` of the midpoint between the smallest and the largest count.
    """

    def count(name: str, hidden: int) -> int:
        return parameter_count(network_size(spec, name, hidden, shape))

    leader = max(spec.architectures, key=lambda name: count(name, spec.hidden_size))
    best: tuple[float, dict[str, int]] | None = None
    for hidden in _candidates(spec.hidden_size):
        target = count(leader, hidden)
        sizes = {name: hidden if name == leader else _nearest(count, name, target) for name in spec.architectures}
        counts = [count(name, sizes[name]) for name in sizes]
        width = (max(counts) - min(counts)) / (max(counts) + min(counts))  # largest relative distance from the midpoint
        near = abs(hidden - spec.hidden_size) <= NEAR * spec.hidden_size
        if width <= (TOLERANCE / 2 if near else TOLERANCE):
            return sizes
        if best is None or width < best[0] * 0.9:
            best = width, sizes
    return best[1] if best else {}


def _candidates(hidden_size: int) -> list[int]:
    """Return hidden sizes to try, nearest first and the larger of two equally near first."""
    low, high = max(1, round(hidden_size * (1 - NEAR))), max(hidden_size + 1, round(hidden_size * (1 + FAR)))
    return sorted(range(low, high + 1), key=lambda hidden: (abs(hidden - hidden_size), -hidden))


def _nearest(count: Callable[[str, int], int], name: str, target: int) -> int:
    """Return the hidden size whose count is nearest to `target`; counts grow with the size."""
    low, high = 1, MAX_HIDDEN_SIZE
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if count(name, middle) < target else (low, middle)
    return min((max(1, low - 1), low), key=lambda hidden: abs(count(name, hidden) - target))


def best_rate(tried: tuple[tuple[float, float], ...]) -> float:
    """Return the learning rate with the lowest validation loss, ignoring those that diverged."""
    return min(tried, key=lambda pair: (not abs(pair[1]) < float("inf"), pair[1]))[0]
