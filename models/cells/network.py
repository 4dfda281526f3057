"""Run a trained network in NumPy: encoder, recurrent layers with every gate, head. No torch.

Weights are a flat mapping as saved: `encoder.weight`, `recurrent.0.weight_ih`, ..., `head.weight`, `head.bias`.
Axes: B samples, T steps, H units, L layers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.cells.base import Cell, Override
from models.cells.sequence import SequenceLayer

FloatArray = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """What happened inside a network.

    Attributes:
        layers: Per layer, gate or state name to `(B, T, H)`, in the cell's own convention.
        outputs: Head outputs: `(B, O)`, or `(B, T, C)` where the task answers at each step.
        encoded: Inputs of the first layer, `(B, T, E)`.
    """

    layers: tuple[Mapping[str, FloatArray], ...]
    outputs: FloatArray
    encoded: FloatArray


def layer_weights(weights: Mapping[str, FloatArray], layer: int) -> dict[str, FloatArray]:
    """Pick one recurrent layer's weights out of a network's."""
    prefix = f"recurrent.{layer}."
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


def layer_count(weights: Mapping[str, FloatArray]) -> int:
    """Return the number of recurrent layers in saved weights."""
    return len({name.split(".")[1] for name in weights if name.startswith("recurrent.")})


def encode(weights: Mapping[str, FloatArray], inputs: FloatArray) -> FloatArray:
    """Return what the first layer sees: embedded tokens `(B, T)`, projected features, or the features themselves."""
    if "encoder.embedding" in weights:
        embedded: FloatArray = weights["encoder.embedding"][inputs]
        return embedded
    if "encoder.weight" in weights:
        projected: FloatArray = inputs @ weights["encoder.weight"].T + weights["encoder.bias"]
        return projected
    return inputs


def scan(
    cell: Cell,
    weights: Mapping[str, FloatArray],
    inputs: FloatArray,
    overrides: Mapping[str, Override] | None = None,
) -> dict[str, FloatArray]:
    """Run one layer over a sequence and keep everything.

    Args:
        cell: The architecture.
        weights: That layer's weights.
        inputs: `(B, T, I)`.
        overrides: Gate name to a number, an array that broadcasts to `(B, T, H)` (NaN keeps), or a function of the
            gates resolved so far in that step.

    Returns:
        Every gate, candidate and state, `(B, T, H)`.
    """
    if isinstance(cell, SequenceLayer):
        return {"hidden": cell.run(weights, inputs)}
    hidden_size = cell.hidden_size(weights)
    state = cell.initial_state(inputs[:, 0], hidden_size)
    steps = []
    for index in range(inputs.shape[1]):
        step = cell.step(weights, inputs[:, index], state, at_step(overrides, index))
        state = cell.next_state(step)
        steps.append(step)
    return {name: np.stack([getattr(step, name) for step in steps], axis=1) for name in steps[0]._fields}


def at_step(overrides: Mapping[str, Override] | None, index: int) -> dict[str, Override] | None:
    """Cut the time axis of array overrides for one step; a time axis of length one holds for every step."""
    if not overrides:
        return None
    return {name: _cut(value, index) for name, value in overrides.items()}


def _cut(override: Override, index: int) -> Override:
    if not isinstance(override, np.ndarray) or override.ndim < 2:
        return override
    return override[..., min(index, override.shape[-2] - 1), :]


def run_network(
    cell: Cell,
    weights: Mapping[str, FloatArray],
    inputs: FloatArray,
    lengths: FloatArray,
    *,
    each_step: bool,
    overrides: Sequence[Mapping[str, Override] | None] | None = None,
) -> Trace:
    """Run a whole network of one replica.

    Args:
        cell: The architecture.
        weights: Saved weights of one replica.
        inputs: `(B, T, F)` features or `(B, T)` tokens.
        lengths: `(B,)` valid steps; without `each_step` the head reads the last valid one.
        each_step: Whether the head answers at every step (labelling, next_token).
        overrides: One mapping per layer, or None.
    """
    encoded = encode(weights, inputs)
    below = encoded
    layers = []
    for layer in range(layer_count(weights)):
        traced = scan(cell, layer_weights(weights, layer), below, overrides[layer] if overrides else None)
        layers.append(traced)
        below = traced["hidden"]
    top = below if each_step else below[np.arange(len(below)), lengths - 1]
    return Trace(layers=tuple(layers), outputs=top @ weights["head.weight"].T + weights["head.bias"], encoded=encoded)


def answer_network(
    cell: Cell,
    weights: Mapping[str, FloatArray],
    inputs: FloatArray,
    lengths: FloatArray,
    *,
    each_step: bool,
    overrides: Sequence[Mapping[str, Override] | None] | None = None,
) -> FloatArray:
    """Return only the head outputs of `run_network`, without keeping what happened inside: faster, and small."""
    if isinstance(cell, SequenceLayer):
        return run_network(cell, weights, inputs, lengths, each_step=each_step).outputs
    encoded = encode(weights, inputs)
    layers = [layer_weights(weights, layer) for layer in range(layer_count(weights))]
    states = [cell.initial_state(encoded[:, 0], cell.hidden_size(layer)) for layer in layers]
    kept = []
    top = states[-1]["hidden"]
    for index in range(encoded.shape[1]):
        below = encoded[:, index]
        for place, layer in enumerate(layers):
            asked = at_step(overrides[place] if overrides else None, index)
            states[place] = cell.next_state(cell.step(layer, below, states[place], asked))
            below = states[place]["hidden"]
        if each_step:
            kept.append(below)
        else:
            top = np.where((lengths == index + 1)[:, None], below, top)
    top = np.stack(kept, axis=1) if each_step else top
    outputs: FloatArray = top @ weights["head.weight"].T + weights["head.bias"]
    return outputs
