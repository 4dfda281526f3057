"""Gates averaged over many samples: time course, saturation, time scales. NumPy, no torch.

Axes: N samples, T steps, H units. Gates are in the shown convention (`Gate.complement`), unless stated otherwise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from data.task import Array
from models.analysis.trained_replica import TrainedReplica
from models.cells import Cell
from models.cells.network import Trace, layer_count

OPEN, CLOSED = 0.9, 0.1
MIN_KEPT = 1e-6  # lower bound of kept shares, so that the logarithm stays finite


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerStatistics:
    """Statistics of one layer over many samples, without padding.

    Attributes:
        mean: Gate or state to `(T,)`: mean over units and samples at each step; NaN where no sample has that step.
        spread: The same, standard deviation over units and samples.
        unit_mean: Gate to `(H,)`: mean over samples and steps.
        opened: Gate to `(H,)`: share of steps with the gate above 0.9. Gates only, no candidates.
        closed: Gate to `(H,)`: share of steps with the gate below 0.1.
        half_life: `(H,)` steps after which a memory that decays at the unit's average rate is halved: ln 2 divided by
            the mean of -ln(kept share); infinite if nothing is lost. Empty if no gate decides what is kept.
    """

    mean: Mapping[str, Array]
    spread: Mapping[str, Array]
    unit_mean: Mapping[str, Array]
    opened: Mapping[str, Array]
    closed: Mapping[str, Array]
    half_life: Array


def gate_statistics(subject: TrainedReplica) -> tuple[LayerStatistics, ...]:
    """Run all samples and return one entry per layer."""
    sums = [_Sums(cell=subject.cell) for _ in range(layer_count(subject.weights))]
    for chunk in subject.chunks():
        trace = subject.trace(chunk)
        valid = valid_steps(subject, chunk)
        for layer, found in enumerate(sums):
            found.add(shown(subject.cell, trace, layer), kept_share(subject.cell, trace.layers[layer]), valid)
    return tuple(found.statistics() for found in sums)


def valid_steps(subject: TrainedReplica, chunk: slice) -> Array:
    """Return `(B, T)`: True where a sample has a step, False on padding."""
    valid: Array = np.arange(subject.part.inputs.shape[1]) < subject.part.lengths[chunk, None]
    return valid


def shown(cell: Cell, trace: Trace, layer: int) -> dict[str, Array]:
    """Return a layer's gates and states, `(B, T, H)`, with gates in the shown convention."""
    flipped = {gate.name for gate in cell.gates if gate.complement}
    return {name: 1 - values if name in flipped else values for name, values in trace.layers[layer].items()}


def kept_share(cell: Cell, layer: Mapping[str, Array]) -> Array | None:
    """Return the share of its memory that each unit keeps at each step, or None if no gate decides it.

    Args:
        cell: The architecture.
        layer: Gate name to `(..., H)`, in the cell's own convention.
    """
    deciding = [gate for gate in cell.gates if gate.retains is not None]
    shares = [layer[gate.name] if gate.retains == "direct" else 1 - layer[gate.name] for gate in deciding]
    if not shares:
        return None
    product: Array = np.prod(shares, axis=0)
    return product


def half_lives(log_kept: Array) -> Array:
    """Return half-lives in steps from the mean logarithm of the kept share; infinite where nothing is lost."""
    with np.errstate(divide="ignore"):
        steps: Array = np.log(2.0) / np.maximum(-log_kept, 0.0)
    return steps


@dataclass
class _Sums:
    """Running sums of one layer over chunks, in float64."""

    cell: Cell
    total: dict[str, Array] = field(default_factory=dict)

    def add(self, values: Mapping[str, Array], kept: Array | None, valid: Array) -> None:
        weight = valid[..., None]
        self._put("counted", valid.sum(0, dtype=np.float64))
        gates = {gate.name for gate in self.cell.gates if gate.kind == "gate"}
        for name, found in values.items():
            masked = np.where(weight, found, 0).astype(np.float64)
            self._put(f"sum {name}", masked.sum((0, 2)))
            self._put(f"squares {name}", (masked**2).sum((0, 2)))
            self._put(f"units {name}", masked.sum((0, 1)))
            if name in gates:
                self._put(f"opened {name}", ((found > OPEN) & weight).sum((0, 1), dtype=np.float64))
                self._put(f"closed {name}", ((found < CLOSED) & weight).sum((0, 1), dtype=np.float64))
        if kept is not None:
            logarithms = np.log(np.clip(kept, MIN_KEPT, 1.0), dtype=np.float64)
            self._put("log kept", np.where(weight, logarithms, 0).sum((0, 1)))

    def _put(self, name: str, value: Array) -> None:
        self.total[name] = self.total.get(name, 0) + value

    def statistics(self) -> LayerStatistics:
        names = [name.removeprefix("sum ") for name in self.total if name.startswith("sum ")]
        steps = self.total["counted"]
        units = len(self.total[f"units {names[0]}"])
        counts = np.where(steps > 0, steps * units, np.nan)
        mean = {name: self.total[f"sum {name}"] / counts for name in names}
        squares = {name: self.total[f"squares {name}"] / counts for name in names}
        return LayerStatistics(
            mean=mean,
            spread={name: np.sqrt(np.maximum(squares[name] - mean[name] ** 2, 0)) for name in names},
            unit_mean=self._shares("units ", names),
            opened=self._shares("opened ", names),
            closed=self._shares("closed ", names),
            half_life=half_lives(self.total["log kept"] / steps.sum()) if "log kept" in self.total else np.empty(0),
        )

    def _shares(self, prefix: str, names: Iterable[str]) -> dict[str, Array]:
        count = max(float(self.total["counted"].sum()), 1.0)
        return {name: self.total[prefix + name] / count for name in names if prefix + name in self.total}
