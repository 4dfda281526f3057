"""Run a trained network in NumPy: encoder, recurrent layers with every gate, head. No torch.

Weights are a flat mapping as saved: `encoder.weight`, `recurrent.0.weight_ih`, ..., `head.weight`, `head.bias`.
Networks of visitors may read in both directions: a layer with the weight `recurrent.<n>.backward` (its value does not matter)
runs from the last step to the first; in networks that were trained here it has no numbers. If it follows a layer of the same input, the outputs of both are concatenated; a value of 2
says that it stands alone. Axes: B samples, T steps, H units, L layers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.cells.base import Cell, Override, normalised
from models.cells.sequence import SequenceLayer

FloatArray = NDArray[Any]
ALONE = 2  # mark of a backward layer without a forward one beside it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """What happened inside a network.

    Attributes:
        layers: Per layer, gate or state name to `(B, T, H)`, in the cell's own convention.
        read: What the head would read if the sequence ended after each step, `(B, T, D)`.
        outputs: Head outputs: `(B, O)`, or `(B, T, C)` where the task answers at each step.
        encoded: Inputs of the first layer, `(B, T, E)`.
    """

    layers: tuple[Mapping[str, FloatArray], ...]
    read: FloatArray
    outputs: FloatArray
    encoded: FloatArray


def layer_weights(weights: Mapping[str, FloatArray], layer: int) -> dict[str, FloatArray]:
    """Pick one recurrent layer's weights out of a network's."""
    prefix = f"recurrent.{layer}."
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


def layer_count(weights: Mapping[str, FloatArray]) -> int:
    """Return the number of recurrent layers in saved weights."""
    return len({name.split(".")[1] for name in weights if name.startswith("recurrent.")})


def reads_backward(weights: Mapping[str, FloatArray], layer: int) -> bool:
    """Return whether a layer runs from the last step to the first."""
    return f"recurrent.{layer}.backward" in weights


def layer_groups(weights: Mapping[str, FloatArray]) -> list[list[int]]:
    """Return the layers that see the same input together: one, or a forward and a backward one."""
    groups: list[list[int]] = []
    for layer in range(layer_count(weights)):
        mark = weights.get(f"recurrent.{layer}.backward")
        if mark is not None and (not mark.size or float(mark.flat[0]) < ALONE):
            groups[-1].append(layer)
        else:
            groups.append([layer])
    return groups


def backward_order(lengths: FloatArray, steps: int) -> FloatArray:
    """Return `(B, T)` places that turn each sequence round within its length; padding stays where it is."""
    places = np.arange(steps)
    turned: FloatArray = np.where(places < lengths[:, None], lengths[:, None] - 1 - places, places)
    return turned


def scan_layer(
    cell: Cell,
    weights: Mapping[str, FloatArray],
    layer: int,
    inputs: FloatArray,
    lengths: FloatArray,
    overrides: Mapping[str, Override] | None = None,
) -> dict[str, FloatArray]:
    """Run one layer of a network, in its direction; see `scan`. All results are in the order of the steps."""
    own = layer_weights(weights, layer)
    if not reads_backward(weights, layer):
        return scan(cell, own, inputs, overrides)
    order = backward_order(lengths, inputs.shape[1])[..., None]
    turned = {
        name: np.take_along_axis(np.broadcast_to(value, (len(inputs), inputs.shape[1], value.shape[-1])), order, axis=1)
        if isinstance(value, np.ndarray) and value.ndim > 1
        else value
        for name, value in (overrides or {}).items()
    }
    found = scan(cell, own, np.take_along_axis(inputs, order, axis=1), turned)
    return {name: np.take_along_axis(value, order, axis=1) for name, value in found.items()}


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
    layers: list[dict[str, FloatArray]] = []
    groups = layer_groups(weights)
    for place, group in enumerate(groups):
        asked = [overrides[layer] if overrides else None for layer in group]
        layers += [
            scan_layer(cell, weights, layer, below, lengths, own) for layer, own in zip(group, asked, strict=True)
        ]
        below = normalise(weights, place, np.concatenate([layers[layer]["hidden"] for layer in group], axis=-1))
    sizes = [layers[layer]["hidden"].shape[-1] for layer in groups[-1]]
    top = below if each_step else read_out(weights, below, groups[-1], sizes, lengths)
    return Trace(
        layers=tuple(layers),
        read=read_each_step(weights, below),
        outputs=top @ weights["head.weight"].T + weights["head.bias"],
        encoded=encoded,
    )


def normalise(weights: Mapping[str, FloatArray], layer: int, values: FloatArray) -> FloatArray:
    """Return the output `(..., D)` of a layer, normalised if the network does that."""
    if f"norm.{layer}.gain" not in weights:
        return values
    normal: FloatArray = normalised(values) * weights[f"norm.{layer}.gain"] + weights[f"norm.{layer}.shift"]
    return normal


def read_out(
    weights: Mapping[str, FloatArray], top: FloatArray, last: Sequence[int], sizes: Sequence[int], lengths: FloatArray
) -> FloatArray:
    """Return what a head without `each_step` reads from `(B, T, D)`: where the directions end, a mean, or a weighted mean."""
    if not reads_all(weights):
        return final_states(weights, np.split(top, np.cumsum(sizes)[:-1], axis=-1), last, lengths)
    scores = np.where(np.arange(top.shape[1]) < lengths[:, None], _scores(weights, top), -np.inf)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares = shares / shares.sum(axis=1, keepdims=True)
    read: FloatArray = (shares[..., None] * top).sum(axis=1)
    return read


def reads_all(weights: Mapping[str, FloatArray]) -> bool:
    """Return whether an answer is read from all steps."""
    return "readout.mean" in weights or "readout.query" in weights


def _scores(weights: Mapping[str, FloatArray], top: FloatArray) -> FloatArray:
    return top @ weights["readout.query"] if "readout.query" in weights else np.zeros(top.shape[:2], dtype=top.dtype)


def read_each_step(weights: Mapping[str, FloatArray], top: FloatArray) -> FloatArray:
    """Return what the head would read if a sequence ended after each step; a backward layer is taken as it is there."""
    if not reads_all(weights):
        return top
    scores = _scores(weights, top)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))[..., None]
    read: FloatArray = np.cumsum(powers * top, axis=1) / np.cumsum(powers, axis=1)
    return read


def final_states(
    weights: Mapping[str, FloatArray],
    tops: Sequence[FloatArray],
    last: Sequence[int],
    lengths: FloatArray,
) -> FloatArray:
    """Return what a head without `each_step` reads: where the forward direction ends, and where the backward one does."""
    rows = np.arange(len(lengths))
    ends = [0 * lengths if reads_backward(weights, layer) else lengths - 1 for layer in last]
    return np.concatenate([top[rows, end] for top, end in zip(tops, ends, strict=True)], axis=-1)


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
    more = "norm.0.gain" in weights or reads_all(weights)
    if more or any(reads_backward(weights, layer) for layer in range(layer_count(weights))):
        return run_network(cell, weights, inputs, lengths, each_step=each_step, overrides=overrides).outputs
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
