"""Tanh RNN over a whole sequence, replica by replica. Equations: `models.cells.rnn`; memory: `layout`.

The hidden state is all that the backward pass needs, so nothing is kept in `gates`.
"""

import numpy as np

from models.networks.kernels.compiling import entry, inner
from models.networks.kernels.elementwise import rnn_backward, rnn_forward
from models.networks.kernels.gradients import add_step, new_side, write_hidden, write_inputs
from models.networks.kernels.layout import (
    Flat,
    Parameters,
    Sizes,
    Upstream,
    View,
    add_gradient,
    features,
    load_inputs,
    pack_hidden,
    pack_inputs,
    state_start,
    zeros,
)
from models.networks.kernels.products import multiply

BLOCKS = 1
PLANES = 0


@inner
def _packed(parameters: Parameters, sizes: Sizes, replica: int) -> Flat:
    """Return `[W_hh | b_ih + b_hh | W_ih]`, `(H, F)`."""
    packed = zeros(parameters.bias_ih, sizes.hidden * features(sizes))
    pack_hidden(packed, sizes, (parameters, sizes.hidden, replica), 0)
    pack_inputs(packed, sizes, (parameters, sizes.hidden, replica), 0)
    return packed


@entry
def forward(
    sizes: Sizes, parameters: Parameters, inputs: View, state: Flat, gates: Flat, span: tuple[int, int]
) -> None:
    """Fill `state` for the replicas in `span`."""
    count, width, lanes = sizes.hidden * sizes.lanes, features(sizes), sizes.lanes
    for replica in range(*span):
        packed = _packed(parameters, sizes, replica)
        load_inputs(state, sizes, inputs, replica)
        for step in range(sizes.steps):
            source = (state, state_start(sizes, step, replica), lanes)
            after = state_start(sizes, step + 1, replica)
            weights = (packed, 0, width, 1)
            multiply((state, after, lanes), weights, source, (sizes.hidden, width, lanes), False)
            rnn_forward(state[after : after + count], count)


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
    state, _ = forward_pass
    gradients, d_inputs = results
    count, width, lanes = sizes.hidden * sizes.lanes, features(sizes), sizes.lanes
    rows = sizes.hidden
    d_gates = np.empty(rows * lanes, dtype=state.dtype)
    for replica in range(span[1] - 1, span[0] - 1, -1):
        packed = _packed(parameters, sizes, replica)
        hidden_side = new_side(state, rows, sizes.hidden, sizes.batch)
        input_side = new_side(state, rows, sizes.inputs, sizes.batch)
        d_hidden = zeros(state, count)
        add_gradient(d_hidden, sizes, upstream.last, 0, replica)
        for step in range(sizes.steps - 1, -1, -1):
            add_gradient(d_hidden, sizes, upstream.sequence, step, replica)
            start, after = state_start(sizes, step, replica), state_start(sizes, step + 1, replica)
            rnn_backward(state[after : after + count], d_gates, d_hidden, count)
            add_step((hidden_side, input_side), (d_gates, 0, 0), (state, start), sizes)
            sums = (d_gates, 0, lanes)
            multiply((d_hidden, 0, lanes), (packed, 0, 1, width), sums, (sizes.hidden, rows, lanes), False)
            if len(d_inputs):
                place = (step * sizes.replicas + replica) * sizes.inputs * lanes
                weights = (packed, sizes.hidden + 1, 1, width)
                multiply((d_inputs, place, lanes), weights, sums, (sizes.inputs, rows, lanes), False)
        write_hidden(gradients, hidden_side, sizes, replica)
        write_inputs(gradients, input_side, sizes, (replica, 0))
