"""The memory layout of a layer while the kernels run, and conversions to and from it.

Sequences of a batch are *lanes*: the L values of one unit for all sequences are contiguous, so that one instruction
handles many sequences and element-wise loops run over flat memory. L is the batch size rounded up to whole registers;
results in the padding are discarded.

*State* `(R, T + 1, F, L)` with F = H + 1 + I rows: the hidden state before step t, a row of ones, the inputs of step t.
One product with packed weights `[W_hh | b | W_ih]` then gives a gate's pre-activation, biases included. Step t writes the
hidden rows of entry t + 1, so the state is also the output.

*Gates* `(R, T, planes * H, L)`: what the backward pass needs again. Without gradients there are only two entries, used
alternately by one step and the next (if they shared memory, element-wise loops would not be vectorised).

*Scratch* is memory for one call's intermediate results, divided up by the kernels.
"""

from typing import Any, NamedTuple

from models.kernels.arithmetic import inner
from models.kernels.memory import Pointer, at, located
from models.kernels.shared_functions import separate
from models.kernels.tile import vector_length

Flat = Any  # a contiguous one-dimensional array
Strides = tuple[int, int, int, int]
View = tuple[int, Strides]  # (R, B, T, X) of any layout: address, and strides in elements
ABSENT: View = (0, (0, 0, 0, 0))
ALIGNMENT = (
    16  # numbers; rows and parts of scratch memory start at multiples, so that no register spans two cache lines
)


class Sizes(NamedTuple):
    """Dimensions of a layer.

    Attributes:
        replicas: R.
        batch: B, sequences.
        steps: T.
        inputs: I.
        hidden: H.
        lanes: L, the batch rounded up to whole registers.
        kept: Entries of the gates: T, or 2 without gradients.
    """

    replicas: int
    batch: int
    steps: int
    inputs: int
    hidden: int
    lanes: int
    kept: int


class Parameters(NamedTuple):
    """Weights or their gradients: `(R, G * H, I)`, `(R, G * H, H)`, `(R, G * H)` twice.

    They are addresses outside a kernel and pointers inside.
    """

    weight_ih: Any
    weight_hh: Any
    bias_ih: Any
    bias_hh: Any


class Upstream(NamedTuple):
    """Gradient of the outputs: of the sequence `(R, B, T, H)` and of the last step; one of them is `ABSENT`."""

    sequence: View
    last: View


def scratch_size(sizes: Sizes, sums: int, itemsize: int) -> int:
    """Return the maximum scratch size of a call, in numbers; `sums` counts the pre-activation blocks of a step."""
    rows, length = sums * sizes.hidden, vector_length(itemsize)
    columns = sizes.hidden + sizes.inputs
    states = 3 * sizes.hidden * sizes.lanes  # zeros, gradients of hidden and cell state
    gradient = rows * (columns + 2 * length * length) + sizes.lanes * columns
    return rows * (columns + 1) + ALIGNMENT + rows * sizes.lanes + states + gradient


@inner
def pointers(parameters: Parameters, like: Pointer) -> Parameters:
    """Turn addresses into pointers of the type of `like`."""
    return Parameters(
        located(parameters.weight_ih, like),
        located(parameters.weight_hh, like),
        located(parameters.bias_ih, like),
        located(parameters.bias_hh, like),
    )


@inner
def rounded(count: int) -> int:
    """Return the next multiple of the alignment."""
    return (count + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT


@inner
def clear(target: Pointer, count: int) -> None:
    """Write zeros."""
    for index in range(count):
        target[index] = 0


@inner
def features(sizes: Sizes) -> int:
    """Return F, rows of the state per step."""
    return sizes.hidden + 1 + sizes.inputs


@inner
def state_at(state: Pointer, sizes: Sizes, step: int, replica: int) -> Pointer:
    """Return the state before a step, `(F, L)`."""
    return at(state, (replica * (sizes.steps + 1) + step) * features(sizes) * sizes.lanes)


@inner
def gates_at(gates: Pointer, sizes: Sizes, planes: int, place: tuple[int, int]) -> Pointer:
    """Return the gates at `place`, a step and a replica, `(planes * H, L)`."""
    step, replica = place
    return at(gates, (replica * sizes.kept + step % sizes.kept) * planes * sizes.hidden * sizes.lanes)


@inner
def _copy(row: Pointer, source: Pointer, count: int, stride: int) -> None:
    if stride == 1:  # from a layer below: contiguous, whole registers at a time
        for lane in range(count):
            row[lane] = source[lane]
    else:
        for lane in range(count):
            row[lane] = source[lane * stride]


@separate
def _load(
    state: Pointer,
    steps: int,
    hidden: int,
    inputs: int,
    lanes: int,
    batch: int,
    source: Pointer,
    by_lane: int,
    by_step: int,
    by_feature: int,
) -> None:
    height = hidden + 1 + inputs
    clear(state, hidden * lanes)
    for step in range(steps):
        row = at(state, (step * height + hidden) * lanes)
        for lane in range(lanes):
            row[lane] = 1
        for feature in range(inputs):
            row = at(row, lanes)
            clear(row, lanes)
            _copy(row, at(source, step * by_step + feature * by_feature), batch, by_lane)


@inner
def load_inputs(state: Pointer, sizes: Sizes, inputs: View, replica: int) -> None:
    """Write zero initial state, ones and inputs into a replica's state."""
    source, (by_replica, by_lane, by_step, by_feature) = located(inputs[0], state), inputs[1]
    steps, hidden, features_in, lanes, batch = sizes.steps, sizes.hidden, sizes.inputs, sizes.lanes, sizes.batch
    start, given = state_at(state, sizes, 0, replica), at(source, replica * by_replica)
    _load(start, steps, hidden, features_in, lanes, batch, given, by_lane, by_step, by_feature)


@separate
def _add_rows(
    target: Pointer, hidden: int, lanes: int, batch: int, source: Pointer, by_lane: int, by_unit: int
) -> None:
    for unit in range(hidden):
        row, given = at(target, unit * lanes), at(source, unit * by_unit)
        if by_lane == 1:  # from a layer above: contiguous, whole registers at a time
            for lane in range(batch):
                row[lane] += given[lane]
        else:
            for lane in range(batch):
                row[lane] += given[lane * by_lane]


@inner
def add_gradient(target: Pointer, sizes: Sizes, view: View, place: tuple[int, int]) -> None:
    """Add the upstream gradient at `place`, a step and a replica, to `target (H, L)`; do nothing if it is absent."""
    if view[0] == 0:
        return
    source, (by_replica, by_lane, by_step, by_unit) = located(view[0], target), view[1]
    start = place[1] * by_replica + place[0] * by_step
    _add_rows(target, sizes.hidden, sizes.lanes, sizes.batch, at(source, start), by_lane, by_unit)


@separate
def _pack_side(
    packed: Pointer,
    width: int,
    weight: Pointer,
    columns: int,
    bias: Pointer,
    height: int,
    first: int,
    bias_column: int,
    weight_column: int,
) -> None:
    for row in range(height):
        to, origin = at(packed, row * width), (first + row) % height
        to[bias_column] += bias[origin]
        for column in range(columns):
            to[weight_column + column] = weight[origin * columns + column]


@inner
def pack(packed: Pointer, sizes: Sizes, source: tuple[Parameters, int, int]) -> None:
    """Write `[W_hh | b_ih + b_hh | W_ih]`, `(rows, F)`, of a replica; see `pack_hidden`."""
    clear(packed, source[1] * features(sizes))
    pack_hidden(packed, sizes, source, 0)
    pack_inputs(packed, sizes, source, 0)


@inner
def pack_hidden(packed: Pointer, sizes: Sizes, source: tuple[Parameters, int, int], start: int) -> None:
    """Add recurrent weights and their bias to packed weights.

    Args:
        packed: Packed weights `(rows, F)`.
        sizes: Dimensions.
        source: Parameters, rows per replica, replica.
        start: First row in `packed`.
    """
    parameters, height, replica = source
    width, hidden = features(sizes), sizes.hidden
    to, origin = at(packed, start * width), replica * height
    weight, bias = at(parameters.weight_hh, origin * hidden), at(parameters.bias_hh, origin)
    _pack_side(to, width, weight, hidden, bias, height, 0, hidden, 0)


@inner
def pack_inputs(packed: Pointer, sizes: Sizes, source: tuple[Parameters, int, int], first: int) -> None:
    """Add input weights and their bias to the first rows of packed weights.

    Args:
        packed: Packed weights `(rows, F)`.
        sizes: Dimensions.
        source: Parameters, rows per replica, replica.
        first: Row of the parameters to start with; the rows before it follow at the end.
    """
    parameters, height, replica = source
    width, inputs, origin = features(sizes), sizes.inputs, replica * height
    weight, bias = at(parameters.weight_ih, origin * inputs), at(parameters.bias_ih, origin)
    _pack_side(at(packed, sizes.hidden), width, weight, inputs, bias, height, first, 0, 1)
