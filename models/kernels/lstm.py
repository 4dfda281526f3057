"""LSTM over a whole sequence, replica by replica. Equations: `models.cells.lstm`; memory: `layout`."""

from models.kernels.arithmetic import entry, inner
from models.kernels.elementwise import lstm_backward, lstm_forward
from models.kernels.layout import (
    Flat,
    Parameters,
    Sizes,
    Upstream,
    View,
    add_gradient,
    clear,
    features,
    gates_at,
    load_inputs,
    pack,
    pointers,
    rounded,
    state_at,
)
from models.kernels.memory import Pointer, at, located, pointer
from models.kernels.products import multiply
from models.kernels.weight_gradients import add_step, new_sides, pass_to_inputs, write_sums

SUMS = 4  # input gate, forget gate, candidate, output gate
PLANES = 5  # ... and the cell state


@inner
def _cell_before(gates: Pointer, sizes: Sizes, nothing: Pointer, place: tuple[int, int]) -> Pointer:
    """Return the cell state before a step: the last plane of the previous step, or `nothing` for the first."""
    step, replica = place
    if step == 0:
        return nothing
    return at(gates_at(gates, sizes, PLANES, (step - 1, replica)), 4 * sizes.hidden * sizes.lanes)


@entry
def forward(sizes: Sizes, parameters: Parameters, inputs: View, kept: tuple[Flat, int], scratch: int) -> None:
    """Compute state and gates, `kept`."""
    state = pointer(kept[0])
    gates, packed = located(kept[1], state), located(scratch, state)
    count, width, lanes, rows = sizes.hidden * sizes.lanes, features(sizes), sizes.lanes, SUMS * sizes.hidden
    nothing = at(packed, rounded(rows * width))
    clear(nothing, count)
    weights = pointers(parameters, state)
    for replica in range(sizes.replicas):
        pack(packed, sizes, (weights, rows, replica))
        load_inputs(state, sizes, inputs, replica)
        for step in range(sizes.steps):
            current = gates_at(gates, sizes, PLANES, (step, replica))
            source = (state_at(state, sizes, step, replica), lanes)
            multiply((current, lanes), (packed, width, 1), source, (rows, width, lanes), False)
            before = _cell_before(gates, sizes, nothing, (step, replica))
            lstm_forward(current, before, state_at(state, sizes, step + 1, replica), count)


@entry
def backward(
    sizes: Sizes,
    parameters: Parameters,
    kept: tuple[Flat, int],
    upstream: Upstream,
    results: tuple[Parameters, int],
    scratch: int,
) -> None:
    """Write the gradients of weights, and of inputs `(R, T, I, L)` unless their address is 0.

    Args:
        sizes: Dimensions.
        parameters: Weights of the forward pass, as addresses.
        kept: State, and address of the gates, as the forward pass left them.
        upstream: Gradient of the outputs.
        results: Addresses for the gradients of parameters and inputs.
        scratch: Address of memory for intermediate results.
    """
    state = pointer(kept[0])
    gates, packed = located(kept[1], state), located(scratch, state)
    weights, gradients = pointers(parameters, state), pointers(results[0], state)
    count, width, lanes, rows = sizes.hidden * sizes.lanes, features(sizes), sizes.lanes, SUMS * sizes.hidden
    nothing = at(packed, rounded(rows * width))
    d_gates = at(nothing, count)
    d_hidden = at(d_gates, SUMS * count)
    d_cell = at(d_hidden, count)
    for replica in range(sizes.replicas - 1, -1, -1):  # the last replica's values are still in the cache
        pack(packed, sizes, (weights, rows, replica))
        clear(nothing, count)
        clear(d_hidden, 2 * count)
        sides = new_sides(at(d_cell, count), rows, sizes)
        add_gradient(d_hidden, sizes, upstream.last, (0, replica))
        for step in range(sizes.steps - 1, -1, -1):
            add_gradient(d_hidden, sizes, upstream.sequence, (step, replica))
            current = gates_at(gates, sizes, PLANES, (step, replica))
            before = _cell_before(gates, sizes, nothing, (step, replica))
            lstm_backward(current, before, d_gates, (d_hidden, d_cell), count)
            add_step(sides, (d_gates, d_gates), state_at(state, sizes, step, replica), sizes)
            multiply((d_hidden, lanes), (packed, 1, width), (d_gates, lanes), (sizes.hidden, rows, lanes), False)
            pass_to_inputs(results[1], packed, (d_gates, rows), sizes, (step, replica))
        write_sums(gradients, sides, sizes, (replica, 0))
