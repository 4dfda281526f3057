"""Tanh RNN over a whole sequence, replica by replica. Equations: `models.cells.rnn`; memory: `layout`.

The hidden state is all that the backward pass needs, so there are no gates.
"""

from models.kernels.arithmetic import entry
from models.kernels.elementwise import rnn_backward, rnn_forward
from models.kernels.layout import (
    Flat,
    Parameters,
    Sizes,
    Upstream,
    View,
    add_gradient,
    clear,
    features,
    load_inputs,
    pack,
    pointers,
    rounded,
    state_at,
)
from models.kernels.memory import at, located, pointer
from models.kernels.products import multiply
from models.kernels.weight_gradients import add_step, new_sides, pass_to_inputs, write_sums

SUMS = 1
PLANES = 0


@entry
def forward(sizes: Sizes, parameters: Parameters, inputs: View, kept: tuple[Flat, int], scratch: int) -> None:
    """Compute the state."""
    state = pointer(kept[0])
    packed = located(scratch, state)
    count, width, lanes, rows = sizes.hidden * sizes.lanes, features(sizes), sizes.lanes, sizes.hidden
    weights = pointers(parameters, state)
    for replica in range(sizes.replicas):
        pack(packed, sizes, (weights, rows, replica))
        load_inputs(state, sizes, inputs, replica)
        for step in range(sizes.steps):
            source = (state_at(state, sizes, step, replica), lanes)
            hidden = state_at(state, sizes, step + 1, replica)
            multiply((hidden, lanes), (packed, width, 1), source, (rows, width, lanes), False)
            rnn_forward(hidden, count)


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
    packed = located(scratch, state)
    weights, gradients = pointers(parameters, state), pointers(results[0], state)
    count, width, lanes, rows = sizes.hidden * sizes.lanes, features(sizes), sizes.lanes, sizes.hidden
    d_gates = at(packed, rounded(rows * width))
    d_hidden = at(d_gates, count)
    for replica in range(sizes.replicas - 1, -1, -1):  # the last replica's values are still in the cache
        pack(packed, sizes, (weights, rows, replica))
        clear(d_hidden, count)
        sides = new_sides(at(d_hidden, count), rows, sizes)
        add_gradient(d_hidden, sizes, upstream.last, (0, replica))
        for step in range(sizes.steps - 1, -1, -1):
            add_gradient(d_hidden, sizes, upstream.sequence, (step, replica))
            rnn_backward(state_at(state, sizes, step + 1, replica), d_gates, d_hidden, count)
            add_step(sides, (d_gates, d_gates), state_at(state, sizes, step, replica), sizes)
            multiply((d_hidden, lanes), (packed, 1, width), (d_gates, lanes), (sizes.hidden, rows, lanes), False)
            pass_to_inputs(results[1], packed, (d_gates, rows), sizes, (step, replica))
        write_sums(gradients, sides, sizes, (replica, 0))
