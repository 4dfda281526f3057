"""How a layer's numbers lie in memory while the kernels run, and the way in and out.

Sequences of a batch are *lanes*: the L numbers of one unit for all sequences are neighbours, so that one instruction
handles many sequences and element-wise work runs over flat memory. L is the batch size rounded up to whole registers;
what is computed in the rest is thrown away.

*State* `(T + 1, R, F, L)` with F = H + 1 + I rows: the hidden state before step t, a row of ones, the inputs of step t.
One product with packed weights `[W_hh | b | W_ih]` then gives a gate's sum, biases included. Step t writes the hidden
rows of entry t + 1, so the state also is the output.

*Gates* `(T, R, planes * H, L)`: what the backward pass needs again. Where no gradient is wanted there is one entry,
overwritten in each step.

All arrays are flat; `Sizes` knows the dimensions.
"""

from typing import Any, NamedTuple

import numpy as np

from models.networks.kernels.compiling import inner

Flat = Any  # a contiguous one-dimensional array
View = tuple[Flat, tuple[int, int, int, int]]  # any-strided (R, B, T, X): memory and strides in elements


class Sizes(NamedTuple):
    """Dimensions of a layer.

    Attributes:
        replicas: R.
        batch: B, sequences.
        steps: T.
        inputs: I.
        hidden: H.
        lanes: L, the batch rounded up to whole registers.
        kept: Entries of the gates: T, or 1 where no gradient is wanted.
    """

    replicas: int
    batch: int
    steps: int
    inputs: int
    hidden: int
    lanes: int
    kept: int


class Parameters(NamedTuple):
    """Weights or their gradients, each flat: `(R, G * H, I)`, `(R, G * H, H)`, `(R, G * H)` twice."""

    weight_ih: Flat
    weight_hh: Flat
    bias_ih: Flat
    bias_hh: Flat


class Upstream(NamedTuple):
    """Gradient of the outputs: of the sequence `(R, B, T, H)` and of the last step; absent ones are empty."""

    sequence: View
    last: View


@inner
def features(sizes: Sizes) -> int:
    """Return F, rows of the state per step."""
    return sizes.hidden + 1 + sizes.inputs


@inner
def state_start(sizes: Sizes, step: int, replica: int) -> int:
    """Return where a step's state starts."""
    return (step * sizes.replicas + replica) * features(sizes) * sizes.lanes


@inner
def gates_at(gates: Flat, sizes: Sizes, planes: int, step: int, replica: int) -> Flat:
    """Return the part of `gates` that belongs to a step, flat `(planes * H * L)`."""
    size = planes * sizes.hidden * sizes.lanes
    start = (step % sizes.kept * sizes.replicas + replica) * size
    return gates[start : start + size]


@inner
def load_inputs(state: Flat, sizes: Sizes, inputs: View, replica: int) -> None:
    """Write zero initial state, ones and inputs into a replica's state."""
    flat, (by_replica, by_lane, by_step, by_feature) = inputs
    hidden, lanes = sizes.hidden * sizes.lanes, sizes.lanes
    start = state_start(sizes, 0, replica)
    state[start : start + hidden] = 0
    for step in range(sizes.steps):
        start = state_start(sizes, step, replica) + hidden
        state[start : start + lanes] = 1
        for feature in range(sizes.inputs):
            start += lanes
            source = replica * by_replica + step * by_step + feature * by_feature
            for lane in range(sizes.batch):
                state[start + lane] = flat[source + lane * by_lane]
            state[start + sizes.batch : start + lanes] = 0


@inner
def add_gradient(target: Flat, sizes: Sizes, view: View, step: int, replica: int) -> None:
    """Add the upstream gradient of one step to `target (H, L)`; an empty view adds nothing."""
    flat, (by_replica, by_lane, by_step, by_unit) = view
    if len(flat):
        source = replica * by_replica + step * by_step
        for unit in range(sizes.hidden):
            start = unit * sizes.lanes
            for lane in range(sizes.batch):
                target[start + lane] += flat[source + lane * by_lane + unit * by_unit]


@inner
def pack_hidden(packed: Flat, sizes: Sizes, source: tuple[Parameters, int, int], start: int) -> None:
    """Add recurrent weights and their bias to packed weights.

    Args:
        packed: Packed weights `(rows, F)`.
        sizes: Dimensions.
        source: Parameters, rows per replica, replica.
        start: First row in `packed`.
    """
    parameters, height, replica = source
    width, hidden = features(sizes), sizes.hidden
    for row in range(height):
        to, origin = (start + row) * width, replica * height + row
        packed[to + hidden] += parameters.bias_hh[origin]
        for unit in range(hidden):
            packed[to + unit] = parameters.weight_hh[origin * hidden + unit]


@inner
def pack_inputs(packed: Flat, sizes: Sizes, source: tuple[Parameters, int, int], first: int) -> None:
    """Add input weights and their bias to the first rows of packed weights.

    Args:
        packed: Packed weights `(rows, F)`.
        sizes: Dimensions.
        source: Parameters, rows per replica, replica.
        first: Row of the parameters that comes first; those before it come last.
    """
    parameters, height, replica = source
    width, hidden, inputs = features(sizes), sizes.hidden, sizes.inputs
    for row in range(height):
        to, origin = row * width + hidden, replica * height + (first + row) % height
        packed[to] += parameters.bias_ih[origin]
        for feature in range(inputs):
            packed[to + 1 + feature] = parameters.weight_ih[origin * inputs + feature]


@inner
def zeros(like: Flat, count: int) -> Flat:
    """Return a flat array of zeros of the type of `like`."""
    return np.zeros(count, dtype=like.dtype)
