"""One small cell, step by step: settings, weights, inputs, trajectories with and without overrides. NumPy, float64.

Axes: T steps, I = 1 input, H hidden units (1 to 4).
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data import fields
from data.errors import InvalidSpecError
from models.cells import Cell, get_cell
from models.cells.base import Gate, Override
from models.cells.network import scan

Array = NDArray[Any]
UPDATE_GATE = "update_gate"
MAX_STEPS, MAX_HIDDEN = 40, 4
LARGEST_INPUT = 100.0
_NUMBER = re.compile(r"[+-]?(\d{1,6}(\.\d{0,6})?|\.\d{1,6})([eE][+-]?\d{1,2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOverride:
    """An override that holds a gate at a value for some steps, in the shown convention.

    Attributes:
        architecture: Name of the cell.
        gate: Name of the gate.
        value: The value, in the gate's range.
        first: First step, counted from 1.
        last: Last step, inclusive.
    """

    architecture: str
    gate: str
    value: float
    first: int = 1
    last: int = MAX_STEPS

    def to_text(self) -> str:
        """Return the form used in links: `lstm.forget_gate:1:2-4`."""
        return f"{self.architecture}.{self.gate}:{self.value:g}:{self.first}-{self.last}"

    @classmethod
    def from_text(cls, text: str) -> "GateOverride":
        """Read what `to_text` wrote.

        Raises:
            InvalidSpecError: If it has another form, or names an unknown architecture or gate.
        """
        found = re.fullmatch(r"([a-z_]{1,40})\.([a-z_]{1,40}):([^:]{1,12}):(\d{1,2})-(\d{1,2})", text)
        if not found or not _NUMBER.fullmatch(found[3]):
            raise InvalidSpecError([f"An override has the form `lstm.forget_gate:1:2-4`, not {fields.shown(text)}."])
        override = cls(
            architecture=found[1], gate=found[2], value=float(found[3]), first=int(found[4]), last=int(found[5])
        )
        override.check()
        return override

    def check(self) -> None:
        """Raise `InvalidSpecError` with every problem, if there are any."""
        cell = get_cell(self.architecture)
        gates = {gate.name: gate for gate in cell.gates}
        if self.gate not in gates:
            raise InvalidSpecError([fields.unknown(self.gate, gates, f"gate of {cell.title}")])
        low = 0.0 if gates[self.gate].kind == "gate" else -1.0
        problems = []
        if not low <= self.value <= 1.0:
            problems.append(f"`{self.gate}` can be held at a value from {low:g} to 1, not {fields.shown(self.value)}.")
        if not 1 <= self.first <= self.last <= MAX_STEPS:
            problems.append(f"The steps of an override must lie in 1 to {MAX_STEPS}, the first before the last.")
        if problems:
            raise InvalidSpecError(problems)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trajectory:
    """The gates and states of one cell over one input sequence.

    Attributes:
        architecture: Name of the cell.
        weights: Its weights.
        inputs: `(T,)`.
        values: Every gate, candidate and state as computed, name to `(T, H)`.
        original: The same without overrides; `values` itself if there are none.
        held: Gate name to `(T,)` bool: the steps at which an override holds it.
    """

    architecture: str
    weights: Mapping[str, Array]
    inputs: Array
    values: Mapping[str, Array]
    original: Mapping[str, Array]
    held: Mapping[str, Array] = field(default_factory=dict)

    def shown(self, gate: Gate, *, keeps: bool = False) -> Array:
        """Return a gate `(T, H)` in the shown convention; see `shown_values`."""
        return shown_values(gate, self.values[gate.name], keeps=keeps)

    def shown_original(self, gate: Gate, *, keeps: bool = False) -> Array:
        """Return a gate `(T, H)` in the shown convention, without overrides."""
        return shown_values(gate, self.original[gate.name], keeps=keeps)

    def before(self, state: str, step: int) -> Array:
        """Return a state `(H,)` before a step (counted from 0); zero before the first."""
        return self.values[state][step - 1] if step else np.zeros_like(self.values[state][0])


def shown_values(gate: Gate, values: Array, *, keeps: bool = False) -> Array:
    """Convert computed values of a gate to the shown convention, or back.

    Args:
        gate: The gate. An update gate is shown in the chosen convention, every other gate as computed.
        values: Its values.
        keeps: Whether an update gate of 1 means keep (PyTorch, Cho et al. 2014) rather than write (Chung et al. 2014).
    """
    if gate.name != UPDATE_GATE:
        return 1 - values if gate.complement else values
    computed_keeps = gate.retains == "direct"
    return values if computed_keeps == keeps else 1 - values


def explore(
    architecture: str, weights: Mapping[str, Array], inputs: Sequence[float], overrides: Sequence[GateOverride] = ()
) -> Trajectory:
    """Run a cell over a sequence, from a zero state.

    Args:
        architecture: Name of the cell.
        weights: One layer's weights, input size 1.
        inputs: T numbers.
        overrides: Gates to hold; those of other architectures are ignored.
    """
    cell = get_cell(architecture)
    sequence = np.asarray(inputs, dtype=np.float64)
    original = _scanned(cell, weights, sequence, None)
    held = _held(cell, [one for one in overrides if one.architecture == architecture], len(sequence))
    values = _scanned(cell, weights, sequence, held) if held else original
    steps = {gate: ~np.isnan(value[0, :, 0]) for gate, value in held.items()}
    return Trajectory(
        architecture=architecture, weights=weights, inputs=sequence, values=values, original=original, held=steps
    )


def _scanned(
    cell: Cell, weights: Mapping[str, Array], sequence: Array, overrides: Mapping[str, Override] | None
) -> dict[str, Array]:
    return {name: value[0] for name, value in scan(cell, weights, sequence[None, :, None], overrides).items()}


def _held(cell: Cell, overrides: Sequence[GateOverride], steps: int) -> dict[str, Array]:
    """Return gate name to `(1, T, 1)` values in the cell's own convention, NaN at steps without an override."""
    held: dict[str, Array] = {}
    for override in overrides:
        values = held.setdefault(override.gate, np.full((1, steps, 1), np.nan))
        own = shown_values(cell.gate(override.gate), np.array(override.value))
        values[:, override.first - 1 : override.last] = own
    return held


def first_event(trajectories: Sequence[Trajectory]) -> int:
    """Return the first step, from 0, at which a state changes by at least half of the largest change of any step."""
    changes = np.zeros(len(trajectories[0].inputs))
    for one in trajectories:
        for state in get_cell(one.architecture).states:
            values = one.values[state.name]
            steps = np.abs(np.diff(values, axis=0, prepend=np.zeros_like(values[:1]))).max(axis=1)
            changes = np.maximum(changes, steps)
    return int(np.argmax(changes >= changes.max() / 2))


def telling_value(architecture: str, weights: Mapping[str, Array], inputs: Sequence[float], gate: str) -> float:
    """Return the end of a gate's range, in the shown convention, whose holding changes the hidden state most."""
    low = 0.0 if get_cell(architecture).gate(gate).kind == "gate" else -1.0

    def change(value: float) -> float:
        held = explore(architecture, weights, inputs, [GateOverride(architecture=architecture, gate=gate, value=value)])
        return float(np.abs(held.values["hidden"] - held.original["hidden"]).max())

    return max((low, 1.0), key=change)


def parse_inputs(text: str) -> tuple[float, ...]:
    """Read an input sequence: numbers separated by commas, semicolons or spaces.

    Raises:
        InvalidSpecError: If there are none or too many, or one is not a number from -100 to 100.
    """
    parts = [part for part in re.split(r"[,;\s]+", text.strip()) if part]
    if not 1 <= len(parts) <= MAX_STEPS:
        raise InvalidSpecError([f"The input needs 1 to {MAX_STEPS} numbers, not {len(parts)}."])
    numbers = []
    for place, part in enumerate(parts, start=1):
        if not _NUMBER.fullmatch(part) or abs(float(part)) > LARGEST_INPUT:
            raise InvalidSpecError([f"Input {place} must be a number from -100 to 100, not {fields.shown(part)}."])
        numbers.append(float(part))
    return tuple(numbers)


def write_inputs(inputs: Sequence[float]) -> str:
    """Return the text that `parse_inputs` reads back."""
    return ",".join(f"{value:g}" for value in inputs)


def generated_inputs(kind: str, steps: int) -> tuple[float, ...]:
    """Return a sequence of a kind in `GENERATORS`, rounded so that a link can hold it exactly."""
    grid = np.arange(steps)
    if kind == "spike":
        values = (grid == min(1, steps - 1)).astype(np.float64)
    elif kind == "steps":
        values = (grid // max(1, steps // 4) % 2).astype(np.float64)
    elif kind == "sine":
        values = np.sin(2 * np.pi * grid / max(4, steps / 2))
    else:
        values = np.random.default_rng(0).normal(size=steps)
    return tuple(float(value) for value in np.round(values, 3))


GENERATORS = {"spike": "Spike", "steps": "Steps", "sine": "Sine", "noise": "Noise"}


def reset_before(weights: Mapping[str, Array]) -> dict[str, Array]:
    """Return PyTorch's GRU weights for the textbook GRU: the same update, since its gate writes where PyTorch's keeps.

    sigmoid(-a) = 1 - sigmoid(a), so the update gate's rows change sign.
    """
    size = weights["weight_hh"].shape[-1]
    turned = {name: value.copy() for name, value in weights.items()}
    for value in turned.values():
        value[size : 2 * size] *= -1
    return turned


def random_weights(cell: Cell, hidden_size: int, seed: int) -> dict[str, Array]:
    """Return weights drawn from N(0, 1) for a cell with one input: large enough that gates visibly move."""
    draws = np.random.default_rng([seed, hidden_size, *cell.name.encode()])
    return {name: np.round(draws.normal(size=shape), 3) for name, shape in cell.weight_shapes(1, hidden_size).items()}


def hand_names(cell: Cell) -> tuple[tuple[str, str, int], ...]:
    """Return every number of a cell of one unit: (label, weight name, row), in the order used in links."""
    named = []
    for name, shape in cell.weight_shapes(1, 1).items():
        count = math.prod(shape)
        for row in range(count):
            block = cell.gate(cell.blocks[row]).title if count == len(cell.blocks) else name.replace("_", " ")
            named.append((f"{block}: {_PARTS.get(name, name.replace('_', ' '))}", name, row))
    return tuple(named)


_PARTS = {
    "weight_ih": "weight of the input",
    "weight_hh": "weight of the hidden state",
    "bias_ih": "bias",
    "bias_hh": "second bias",
}


def hand_weights(cell: Cell, numbers: Sequence[float]) -> dict[str, Array]:
    """Return the weights of one unit from numbers in the order of `hand_names`.

    Raises:
        InvalidSpecError: If their count is wrong.
    """
    names = hand_names(cell)
    if len(numbers) != len(names):
        raise InvalidSpecError([f"{cell.title} with one unit has {len(names)} numbers, not {len(numbers)}."])
    weights = {name: np.zeros(shape) for name, shape in cell.weight_shapes(1, 1).items()}
    for (_, name, row), number in zip(names, numbers, strict=True):
        weights[name].reshape(-1)[row] = number
    return weights
