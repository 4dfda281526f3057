"""The contract of a layer without recurrence, and the operations used in its equations.

Like a cell's step, a layer is written once: it runs on NumPy arrays, on torch tensors with a replica axis, on the shapes
that count its cost, and on the symbols of an ONNX graph. A namespace of shapes or symbols brings its own `delayed`,
`causal_softmax` and `sinusoids`. Axes: B batch, T steps, I inputs, H units.
"""

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from array_api_compat import array_namespace, is_torch_array

from models.cells.base import Array, Cell, Override, State, StateInfo, Weights, architectures

LONGEST_WAVE = 10_000.0  # Vaswani et al. 2017, section 3.5


class SequenceLayer(Cell):
    """A layer that reads whole sequences at once, `(..., B, T, I)` to `(..., B, T, H)`, and carries no state.

    It is causal: an answer at a step depends on this step and on earlier ones, never on later ones. So it can do every
    task that a recurrent layer can, and padding at the end of a sequence changes nothing before it. It has no gates;
    its only state is its output.
    """

    recurrent = False
    gates = ()
    states = (StateInfo("hidden", "Output", "h_t", r"h_t", "What the next layer can see; it is not carried over."),)
    blocks = ()

    @abstractmethod
    def run(self, weights: Weights, inputs: Array) -> Array:
        """Return the outputs `(..., B, T, H)` of inputs `(..., B, T, I)`.

        Args:
            weights: One layer's weights, each with the same leading axes (none, or R).
            inputs: `(..., B, T, I)`.
        """

    @abstractmethod
    def hidden_size(self, weights: Weights) -> int:
        """Return H from one layer's weights."""

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> Any:
        """Refuse: nothing is carried from step to step.

        Raises:
            TypeError: Always.
        """
        raise TypeError(f"`{self.name}` has no step: it reads whole sequences")


def at_each_step(values: Array, weight: Array, bias: Array | None = None) -> Array:
    """Return `values @ weight^T + bias` at each step, for `(..., B, T, I)`, `(..., O, I)` and `(..., O)`."""
    xp = array_namespace(values)
    transposed = xp.matrix_transpose(weight) if len(weight.shape) > 2 else weight.T
    if len(weight.shape) > 2:  # replicas: one product each, over all steps of all sequences
        flat = xp.reshape(values, (*weight.shape[:-2], -1, values.shape[-1]))
        product = flat @ transposed
        product = product if bias is None else product + bias[..., None, :]
        return xp.reshape(product, (*values.shape[:-1], product.shape[-1]))
    product = values @ transposed
    return product if bias is None else product + bias


def delayed(values: Array, steps: int) -> Array:
    """Return `(..., T, C)` moved `steps` later, with zeros before the first step."""
    xp = array_namespace(values)
    if hasattr(xp, "delayed"):
        return xp.delayed(values, steps)
    if not steps:
        return values
    before = xp.zeros((*values.shape[:-2], steps, values.shape[-1]), dtype=values.dtype, device=values.device)
    return xp.concat([before, values], axis=-2)[..., : values.shape[-2], :]


def windows(values: Array, size: int, distance: int = 1) -> Array:
    """Return `(..., T, size * C)`: each step beside the `size - 1` steps before it that are `distance` apart."""
    parts = [delayed(values, place * distance) for place in range(size)]
    return array_namespace(values).concat(parts, axis=-1)


def relu(values: Array) -> Array:
    """Return max(x, 0) as (x + |x|) / 2, the same on every kind of array."""
    return 0.5 * (values + array_namespace(values).abs(values))


def causal_softmax(scores: Array) -> Array:
    """Return the shares `(..., T, T)` of earlier steps (columns) in each step (rows); later steps have none."""
    xp = array_namespace(scores)
    if hasattr(xp, "causal_softmax"):
        return xp.causal_softmax(scores)
    order = xp.arange(scores.shape[-1], device=scores.device)
    later = order[None, :] > order[:, None]
    if is_torch_array(scores):
        return scores.masked_fill(later, -math.inf).softmax(-1)
    masked = xp.where(later, xp.asarray(-math.inf, dtype=scores.dtype), scores)
    shares = xp.exp(masked - xp.max(masked, axis=-1, keepdims=True))
    return shares / xp.sum(shares, axis=-1, keepdims=True)


def attended(queries: Array, keys: Array, values: Array, heads: int) -> Array:
    """Return causal attention, `(..., T, H)` each: every head mixes the values of the steps up to its own.

    Source: Vaswani et al. 2017, equation 1, with the future masked.
    """
    xp = array_namespace(queries)
    width = queries.shape[-1] // heads
    found = []
    for head in range(heads):
        part = slice(head * width, (head + 1) * width)
        scores = queries[..., part] @ xp.matrix_transpose(keys[..., part])  # (..., T, T)
        found.append(causal_softmax(scores * width**-0.5) @ values[..., part])
    return xp.concat(found, axis=-1)


def sinusoids(like: Array, size: int) -> Array:
    """Return the positions `(T, size)` of the steps of `(..., T, C)`: sines, then cosines of geometric wavelengths.

    Source: Vaswani et al. 2017, section 3.5; sines and cosines are side by side instead of interleaved.
    """
    xp = array_namespace(like)
    if hasattr(xp, "sinusoids"):
        return xp.sinusoids(like, size)
    steps = xp.arange(like.shape[-2], dtype=like.dtype, device=like.device)[:, None]
    waves = xp.asarray(frequencies(size), dtype=like.dtype, device=like.device)[None, :]
    return xp.concat([xp.sin(steps * waves), xp.cos(steps * waves)], axis=-1)[:, :size]


def frequencies(size: int) -> Sequence[float]:
    """Return the angles per step of the waves for `size` numbers."""
    count = (size + 1) // 2
    return [LONGEST_WAVE ** (-wave / count) for wave in range(count)]


def scaled(values: Array, gain: Array, shift: Array) -> Array:
    """Return `values * gain + shift` for `(..., B, T, H)` and `(..., H)`."""
    return values * gain[..., None, None, :] + shift[..., None, None, :]


def recurrent_cells() -> Mapping[str, Cell]:
    """Return the architectures that carry a state from step to step, in the order of `architectures`."""
    return {name: cell for name, cell in architectures().items() if cell.recurrent}
