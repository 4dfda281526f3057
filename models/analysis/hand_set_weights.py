"""Hand-set weights that make one unit do one thing: the teaching presets of the cell explorer.

A preset gives each role of a gate a reaction: an input weight and a bias. Roles come from a cell's own description, so a
preset works for every architecture that has the roles.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.cells import Cell
from models.cells.base import Gate

Array = NDArray[Any]
Reaction = tuple[float, float]  # weight of the input, bias
OPEN: Reaction = (0.0, 8.0)
SHUT: Reaction = (0.0, -8.0)
ON_SPIKE: Reaction = (16.0, -8.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingPreset:
    """A behaviour that one unit can be given by hand-set weights.

    Attributes:
        title: Name shown.
        lesson: One sentence: what to look for.
        keep: Reaction of the gate that keeps memory, if another gate decides what is written.
        keep_alone: Reaction of that gate if it also decides what is written (as in the GRU).
        write: Reaction of a separate input gate.
        candidate: Reaction of the candidate.
        inputs: An input sequence that shows the behaviour.
    """

    title: str
    lesson: str
    keep: Reaction
    keep_alone: Reaction
    write: Reaction
    candidate: Reaction
    inputs: tuple[float, ...] = (0.0, 1.0, 0.0, 0.0, 0.0)


TEACHING: dict[str, TeachingPreset] = {
    "remember": TeachingPreset(
        title="Remember forever",
        lesson="The spike is written once and kept: the memory stays although no further input comes.",
        keep=OPEN,
        keep_alone=(-16.0, 8.0),
        write=ON_SPIKE,
        candidate=(2.0, 0.0),
    ),
    "forget": TeachingPreset(
        title="Forget at once",
        lesson="The same spike with a gate that keeps nothing: one step later it never happened.",
        keep=SHUT,
        keep_alone=SHUT,
        write=ON_SPIKE,
        candidate=(2.0, 0.0),
    ),
    "detect": TeachingPreset(
        title="Detect a spike",
        lesson="The LSTM ignores small inputs and lets the trace of a large one fade; one gate for both lets them through.",
        keep=(0.0, 0.8),
        keep_alone=(-9.0, 2.2),
        write=(12.0, -7.0),
        candidate=(3.0, 0.0),
        inputs=(0.2, 0.1, 1.0, 0.2, 0.0, 0.1, 0.0, 0.0),
    ),
    "count": TeachingPreset(
        title="Count up",
        lesson="The LSTM's cell state adds one for every one that comes; a state that is an average cannot count.",
        keep=OPEN,
        keep_alone=(-2.0, 3.0),
        write=ON_SPIKE,
        candidate=(8.0, 0.0),
        inputs=(1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0),
    ),
    "copy": TeachingPreset(
        title="Copy the input",
        lesson="Nothing is kept and everything written: the state follows the input through tanh.",
        keep=SHUT,
        keep_alone=SHUT,
        write=OPEN,
        candidate=(1.0, 0.0),
        inputs=(0.0, 0.5, 1.0, -0.5, -1.0, 0.0),
    ),
}


def teaching_weights(cell: Cell, preset: TeachingPreset) -> dict[str, Array]:
    """Return the weights of one unit of a cell that implement the preset; other gates are open."""
    weights = {name: np.zeros(shape) for name, shape in cell.weight_shapes(1, 1).items()}
    for row, block in enumerate(cell.blocks):
        weight, bias = _reaction(cell, cell.gate(block), preset)
        weights["weight_ih"][row, 0] = weight
        weights["bias_ih"][row] = bias
    return weights


def _reaction(cell: Cell, gate: Gate, preset: TeachingPreset) -> Reaction:
    if gate.kind == "candidate":
        return preset.candidate
    if gate.retains:
        weight, bias = preset.keep if "input_gate" in cell.blocks else preset.keep_alone
        return (weight, bias) if gate.retains == "direct" else (-weight, -bias)
    return preset.write if gate.name == "input_gate" else OPEN
