"""GRU over a whole sequence, replica by replica. Equations: `models.cells.gru`; memory: `layout`.

Only reset and update gate are one sum over state and inputs. The candidate's sum comes in two parts, since the reset
gate acts on the part of the hidden state alone. Planes are ordered so that both sides are contiguous::

    candidate from inputs | reset gate | update gate | candidate from the hidden state
    <------------- input side -------------->
                           <------------------- hidden side ------------------------>
"""

from typing import Any

import numpy as np

from models.networks.kernels.compiling import entry, inner
from models.networks.kernels.elementwise import gru_backward, gru_forward
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

BLOCKS = 3  # reset gate, update gate, candidate: the rows of the parameters
PLANES = 4


@inner
def _packed(parameters: Parameters, sizes: Sizes, replica: int) -> Flat:
    """Return `(4H, F)` in the order of the planes; what does not belong to a plane's sum is zero."""
    packed = zeros(parameters.bias_ih, PLANES * sizes.hidden * features(sizes))
    source = (parameters, BLOCKS * sizes.hidden, replica)
    pack_hidden(packed, sizes, source, sizes.hidden)
    pack_inputs(packed, sizes, source, 2 * sizes.hidden)
    return packed


@inner
def _sums(gates: Flat, packed: Flat, source: Any, sizes: Sizes) -> None:
    """Compute the four sums of one step from the state at `source`."""
    hidden, lanes, width = sizes.hidden, sizes.lanes, features(sizes)
    state, start = source
    ones = start + hidden * lanes
    plane, rows = hidden * lanes, hidden * width
    from_inputs = (packed, hidden, width, 1)
    multiply((gates, 0, lanes), from_inputs, (state, ones, lanes), (hidden, sizes.inputs + 1, lanes), False)
    both = (packed, rows, width, 1)
    multiply((gates, plane, lanes), both, (state, start, lanes), (2 * hidden, width, lanes), False)
    from_hidden = (packed, 3 * rows, width, 1)
    multiply((gates, 3 * plane, lanes), from_hidden, (state, start, lanes), (hidden, hidden + 1, lanes), False)


@entry
def forward(
    sizes: Sizes, parameters: Parameters, inputs: View, state: Flat, gates: Flat, span: tuple[int, int]
) -> None:
    """Fill `state` and `gates` for the replicas in `span`."""
    count = sizes.hidden * sizes.lanes
    for replica in range(*span):
        packed = _packed(parameters, sizes, replica)
        load_inputs(state, sizes, inputs, replica)
        for step in range(sizes.steps):
            current = gates_at(gates, sizes, PLANES, step, replica)
            start, after = state_start(sizes, step, replica), state_start(sizes, step + 1, replica)
            _sums(current, packed, (state, start), sizes)
            gru_forward(current, state[start : start + count], state[after : after + count], count)


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
    d_gates = np.empty(PLANES * count, dtype=state.dtype)
    for replica in range(span[1] - 1, span[0] - 1, -1):
        packed = _packed(parameters, sizes, replica)
        hidden_side = new_side(state, rows, sizes.hidden, sizes.batch)
        input_side = new_side(state, rows, sizes.inputs, sizes.batch)
        d_hidden = zeros(state, count)
        add_gradient(d_hidden, sizes, upstream.last, 0, replica)
        for step in range(sizes.steps - 1, -1, -1):
            add_gradient(d_hidden, sizes, upstream.sequence, step, replica)
            current = gates_at(gates, sizes, PLANES, step, replica)
            start = state_start(sizes, step, replica)
            gru_backward(current, state[start : start + count], d_gates, d_hidden, count)
            add_step((hidden_side, input_side), (d_gates, count, 0), (state, start), sizes)
            weights = (packed, sizes.hidden * width, 1, width)
            multiply((d_hidden, 0, lanes), weights, (d_gates, count, lanes), (sizes.hidden, rows, lanes), True)
            if len(d_inputs):
                place = (step * sizes.replicas + replica) * sizes.inputs * lanes
                weights = (packed, sizes.hidden + 1, 1, width)
                multiply((d_inputs, place, lanes), weights, (d_gates, 0, lanes), (sizes.inputs, rows, lanes), False)
        write_hidden(gradients, hidden_side, sizes, replica)
        write_inputs(gradients, input_side, sizes, (replica, 2 * sizes.hidden))
