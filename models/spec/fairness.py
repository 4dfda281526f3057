"""What is held equal between architectures: turns an experiment into one run per architecture.

Data order, split and seeds are the same for all architectures under every rule; the rules differ in what else is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from models.cells import get_cell
from models.spec.experiment import FAIRNESS, ExperimentSpec
from models.spec.run import RunSpec
from models.spec.sizes import DataShape, network_size, parameter_count

MEASURE = "models.training.planning:measure"  # a worker's function: speeds and searched rates for `make_plan`
TOLERANCE = 0.01  # counts lie within this share of their common budget
NEAR, FAR = 0.2, 1.0  # how far the leading hidden size may move to meet the tolerance, as shares of it
MAX_UPDATES = 50_000
LARGEST_HIDDEN = 1024
ShapeSource = DataShape | Callable[[], DataShape]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """What the fairness rule makes of one architecture.

    Attributes:
        run: The run.
        parameters: Trainable numbers of one replica.
        mismatch: Parameters against the common budget of `same_parameters` (0.004 is 0.4 % more), 0 under other rules.
        seconds: Expected training time where a speed was measured, else None.
        tried: Learning rates tried by the search with the best validation loss each reached, empty without a search.
    """

    run: RunSpec
    parameters: int
    mismatch: float = 0.0
    seconds: float | None = None
    tried: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an experiment will do, known before it trains.

    Attributes:
        spec: The experiment.
        runs: One per architecture, in the order of the spec.
        sentence: One sentence for a reader: what is held equal and what that makes of the sizes.
    """

    spec: ExperimentSpec
    runs: tuple[PlannedRun, ...]
    sentence: str

    def run_specs(self) -> tuple[RunSpec, ...]:
        """Return the runs alone."""
        return tuple(planned.run for planned in self.runs)


def needs_measuring(spec: ExperimentSpec) -> bool:
    """Say whether planning has to train briefly first: for speeds, or to search learning rates."""
    return spec.fairness == "same_time" or spec.rate_search > 0


def plan_runs(
    spec: ExperimentSpec,
    shape: ShapeSource | None = None,
    *,
    speeds: Mapping[str, float] | None = None,
    rates: Mapping[str, float] | None = None,
) -> tuple[RunSpec, ...]:
    """Return one run per architecture, in the order of the spec.

    Args:
        spec: The experiment.
        shape: Sizes of the data, or what returns them; needed by `same_parameters` alone. None loads the dataset.
        speeds: Architecture to measured milliseconds per update, for `same_time`; without them all get `spec.updates`.
        rates: Architecture to learning rate, where a search was made.
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
            learning_rate=(rates or {}).get(name, spec.learning_rate),
        )
        for name in spec.architectures
    )


def _resolved(spec: ExperimentSpec, shape: ShapeSource | None) -> DataShape:
    if shape is None:
        return DataShape.of(spec.source().load(spec.dataset_options(), spec.seed))
    return shape if isinstance(shape, DataShape) else shape()


def matched_updates(spec: ExperimentSpec, speeds: Mapping[str, float]) -> dict[str, int]:
    """Return the updates that fit into the same seconds.

    The fastest architecture gets `spec.updates`; the others get as many as they can do in that time, at least one.

    Args:
        spec: The experiment.
        speeds: Architecture to milliseconds per update.
    """
    budget = spec.updates * min(speeds[name] for name in spec.architectures)
    return {name: min(max(1, round(budget / speeds[name])), MAX_UPDATES) for name in spec.architectures}


def matched_hidden_sizes(spec: ExperimentSpec, shape: DataShape) -> dict[str, int]:
    """Return hidden sizes with which whole networks have the same number of parameters, as nearly as units allow.

    The architecture with the most parameters per unit leads with a hidden size close to the spec's. Units are whole
    numbers, and one unit of 16 is a tenth of the parameters: so the leader moves to the nearest hidden size at which
    every count lies within `TOLERANCE` of the middle between the smallest and the largest.
    """

    def count(name: str, hidden: int) -> int:
        return parameter_count(network_size(spec, name, hidden, shape))

    leader = max(spec.architectures, key=lambda name: count(name, spec.hidden_size))
    best: tuple[float, dict[str, int]] | None = None
    for hidden in _candidates(spec.hidden_size):
        target = count(leader, hidden)
        sizes = {name: hidden if name == leader else _nearest(count, name, target) for name in spec.architectures}
        counts = [count(name, sizes[name]) for name in sizes]
        width = (max(counts) - min(counts)) / (
            max(counts) + min(counts)
        )  # largest distance from the middle, as a share
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
    low, high = 1, LARGEST_HIDDEN
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if count(name, middle) < target else (low, middle)
    return min((max(1, low - 1), low), key=lambda hidden: abs(count(name, hidden) - target))


def make_plan(
    spec: ExperimentSpec,
    shape: DataShape,
    *,
    speeds: Mapping[str, float] | None = None,
    searched: Mapping[str, tuple[tuple[float, float], ...]] | None = None,
) -> Plan:
    """Return what an experiment will do, with the numbers that a reader wants to see before it trains.

    Args:
        spec: The experiment.
        shape: Sizes of the data.
        speeds: Architecture to measured milliseconds per update.
        searched: Architecture to (learning rate, best validation loss) pairs of the search.
    """
    rates = {name: best_rate(tried) for name, tried in (searched or {}).items() if tried}
    runs = plan_runs(spec, shape, speeds=speeds, rates=rates)
    counts = [parameter_count(network_size(spec, run.architecture, run.hidden_size, shape)) for run in runs]
    budget = (max(counts) + min(counts)) / 2
    planned = tuple(
        PlannedRun(
            run=run,
            parameters=parameters,
            mismatch=parameters / budget - 1 if spec.fairness == "same_parameters" else 0.0,
            seconds=run.updates * speeds[run.architecture] / 1000 if speeds else None,
            tried=(searched or {}).get(run.architecture, ()),
        )
        for run, parameters in zip(runs, counts, strict=True)
    )
    return Plan(spec=spec, runs=planned, sentence=_sentence(spec, planned))


def best_rate(tried: tuple[tuple[float, float], ...]) -> float:
    """Return the learning rate with the lowest validation loss; one that diverged (not finite) never wins."""
    return min(tried, key=lambda pair: (not abs(pair[1]) < float("inf"), pair[1]))[0]


def _sentence(spec: ExperimentSpec, planned: tuple[PlannedRun, ...]) -> str:
    each = "; ".join(_described(spec, item) for item in planned)
    return f"{FAIRNESS[spec.fairness]}: {each}."


def _described(spec: ExperimentSpec, item: PlannedRun) -> str:
    run = item.run
    text = f"{get_cell(run.architecture).title} {run.hidden_size} units, {item.parameters:,} parameters"
    if spec.fairness == "same_parameters":
        text += f" ({item.mismatch:+.1%})"
    text += f", {run.updates:,} updates"
    if item.seconds is not None:
        text += f", about {item.seconds:.2g} s"
    if item.tried:
        text += f", learning rate {run.learning_rate:.2g}"
    return text
