"""LSTM over a whole sequence, replica by replica. Equations: `models.cells.lstm`; memory: `layout`."""

import numpy as np

from models.networks.kernels.compiling import entry, inner
from models.networks.kernels.elementwise import lstm_backward, lstm_forward
from models.networks.kernels.gradients import add_step, new_side, write_hidden, write_inputs
from models.networks.kernels.layout import (
    Flat,
    Parameters,
    Sizes,
    Upstream,
    View,
    add_gradient,
    features,
    gates_at,
    load_inputs,
    pack_hidden,
    pack_inputs,
    state_start,
    zeros,
)
from models.networks.kernels.products import multiply

BLOCKS = 4  # input gate, forget gate, candidate, output gate
PLANES = 5  # ... and the cell state


@inner
def _packed(parameters: Parameters, sizes: Sizes, replica: int) -> Flat:
    """Return `[W_hh | b_ih + b_hh | W_ih]`, `(4H, F)`."""
    packed = zeros(parameters.bias_ih, BLOCKS * sizes.hidden * features(sizes))
    pack_hidden(packed, sizes, (parameters, BLOCKS * sizes.hidden, replica), 0)
    pack_inputs(packed, sizes, (parameters, BLOCKS * sizes.hidden, replica), 0)
    return packed


@inner
def _cell_before(gates: Flat, sizes: Sizes, nothing: Flat, place: tuple[int, int]) -> Flat:
    step, replica = place
    if step == 0:
        return nothing
    count = sizes.hidden * sizes.lanes
    return gates_at(gates, sizes, PLANES, step - 1, replica)[4 * count :]


@entry
def forward(
    sizes: Sizes, parameters: Parameters, inputs: View, state: Flat, gates: Flat, span: tuple[int, int]
) -> None:
    """Fill `state` and `gates` for the replicas in `span`."""
    count, width, lanes = sizes.hidden * sizes.lanes, features(sizes), sizes.lanes
    nothing = zeros(state, count)
    for replica in range(*span):
        packed = _packed(parameters, sizes, replica)
        load_inputs(state, sizes, inputs, replica)
        for step in range(sizes.steps):
            current = gates_at(gates, sizes, PLANES, step, replica)
            before = _cell_before(gates, sizes, nothing, (step, replica))
            source = (state, state_start(sizes, step, replica), lanes)
            multiply((current, 0, lanes), (packed, 0, width, 1), source, (BLOCKS * sizes.hidden, width, lanes), False)
            after = state_start(sizes, step + 1, replica)
            lstm_forward(current, before, state[after : after + count], count)


@entry
def backward(
    sizes: Sizes,
    parameters: Parameters,
    forward_pass: tuple[Flat, Flat],
    upstream: Upstream,
    results: tuple[Parameters, Flat],
    span: tuple[int, int],
) -> None:
    """Write the gradients of weights, and of inputs `(T, R, I, L)` unless that array is empty.

    Args:
        sizes: Dimensions.
        parameters: Weights of the forward pass.
        forward_pass: State and gates.
        upstream: Gradient of the outputs.
        results: Take the gradients of parameters and inputs.
        span: Which replicas. The last comes first: its numbers are the freshest in the cache.
    """
    state, gates = forward_pass
    gradients, d_inputs = results
    count, width, lanes = sizes.hidden * sizes.lanes, features(sizes), sizes.lanes
    rows = BLOCKS * sizes.hidden
    nothing = zeros(state, count)
    d_gates = np.empty(rows * lanes, dtype=state.dtype)
    for replica in range(span[1] - 1, span[0] - 1, -1):
        packed = _packed(parameters, sizes, replica)
        hidden_side = new_side(state, rows, sizes.hidden, sizes.batch)
        input_side = new_side(state, rows, sizes.inputs, sizes.batch)
        d_hidden, d_cell = zeros(state, count), zeros(state, count)
        add_gradient(d_hidden, sizes, upstream.last, 0, replica)
        for step in range(sizes.steps - 1, -1, -1):
            add_gradient(d_hidden, sizes, upstream.sequence, step, replica)
            current = gates_at(gates, sizes, PLANES, step, replica)
            before = _cell_before(gates, sizes, nothing, (step, replica))
            lstm_backward(current, before, d_gates, (d_hidden, d_cell), count)
            start = state_start(sizes, step, replica)
            add_step((hidden_side, input_side), (d_gates, 0, 0), (state, start), sizes)
            sums = (d_gates, 0, lanes)
            multiply((d_hidden, 0, lanes), (packed, 0, 1, width), sums, (sizes.hidden, rows, lanes), False)
            if len(d_inputs):
                place = (step * sizes.replicas + replica) * sizes.inputs * lanes
                weights = (packed, sizes.hidden + 1, 1, width)
                multiply((d_inputs, place, lanes), weights, sums, (sizes.inputs, rows, lanes), False)
        write_hidden(gradients, hidden_side, sizes, replica)
        write_inputs(gradients, input_side, sizes, (replica, 0))
