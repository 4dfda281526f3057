"""GRU over a whole sequence, replica by replica. Equations: `models.cells.gru`; memory: `layout`.

The pre-activations of reset and update gate are one sum over state and inputs. The candidate's has two parts, because the
reset gate acts only on the part of the hidden state. Planes are ordered so that both sides are contiguous::

    candidate from inputs | reset gate | update gate | candidate from the hidden state
    <------------- input side -------------->
                           <------------------- hidden side ------------------------>
"""

from models.kernels.arithmetic import entry, inner
from models.kernels.elementwise import gru_backward, gru_forward
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
    pack_hidden,
    pack_inputs,
    pointers,
    rounded,
    state_at,
)
from models.kernels.memory import Pointer, at, located, pointer
from models.kernels.products import multiply
from models.kernels.weight_gradients import add_step, new_sides, pass_to_inputs, write_sums

BLOCKS = 3  # reset gate, update gate, candidate: the rows of the parameters
SUMS = 4  # pre-activations; the candidate has two
PLANES = 4


@inner
def _pack(packed: Pointer, parameters: Parameters, sizes: Sizes, replica: int) -> None:
    """Write weights `(4H, F)` in the order of the planes; weights that a plane does not use are zero."""
    clear(packed, SUMS * sizes.hidden * features(sizes))
    source = (parameters, BLOCKS * sizes.hidden, replica)
    pack_hidden(packed, sizes, source, sizes.hidden)
    pack_inputs(packed, sizes, source, 2 * sizes.hidden)


@inner
def _add_up(gates: Pointer, packed: Pointer, state: Pointer, sizes: Sizes) -> None:
    """Compute the four pre-activations of one step."""
    hidden, lanes, width = sizes.hidden, sizes.lanes, features(sizes)
    plane, rows = hidden * lanes, hidden * width
    inputs = (at(state, plane), lanes)  # the row of ones and the inputs
    multiply((gates, lanes), (at(packed, hidden), width, 1), inputs, (hidden, sizes.inputs + 1, lanes), False)
    both = (at(packed, rows), width, 1)
    multiply((at(gates, plane), lanes), both, (state, lanes), (2 * hidden, width, lanes), False)
    recurrent = (at(packed, 3 * rows), width, 1)
    multiply((at(gates, 3 * plane), lanes), recurrent, (state, lanes), (hidden, hidden + 1, lanes), False)


@entry
def forward(sizes: Sizes, parameters: Parameters, inputs: View, kept: tuple[Flat, int], scratch: int) -> None:
    """Compute state and gates, `kept`."""
    state = pointer(kept[0])
    gates, packed = located(kept[1], state), located(scratch, state)
    count = sizes.hidden * sizes.lanes
    weights = pointers(parameters, state)
    for replica in range(sizes.replicas):
        _pack(packed, weights, sizes, replica)
        load_inputs(state, sizes, inputs, replica)
        for step in range(sizes.steps):
            current = gates_at(gates, sizes, PLANES, (step, replica))
            before = state_at(state, sizes, step, replica)
            _add_up(current, packed, before, sizes)
            gru_forward(current, before, state_at(state, sizes, step + 1, replica), count)


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
    count, width, lanes, rows = sizes.hidden * sizes.lanes, features(sizes), sizes.lanes, BLOCKS * sizes.hidden
    d_gates = at(packed, rounded(SUMS * sizes.hidden * width))
    d_hidden = at(d_gates, SUMS * count)
    for replica in range(sizes.replicas - 1, -1, -1):  # the last replica's values are still in the cache
        _pack(packed, weights, sizes, replica)
        clear(d_hidden, count)
        sides = new_sides(at(d_hidden, count), rows, sizes)
        add_gradient(d_hidden, sizes, upstream.last, (0, replica))
        for step in range(sizes.steps - 1, -1, -1):
            add_gradient(d_hidden, sizes, upstream.sequence, (step, replica))
            current = gates_at(gates, sizes, PLANES, (step, replica))
            before = state_at(state, sizes, step, replica)
            gru_backward(current, before, d_gates, d_hidden, count)
            d_recurrent = at(d_gates, count)
            add_step(sides, (d_recurrent, d_gates), before, sizes)
            by_unit = (at(packed, sizes.hidden * width), 1, width)
            multiply((d_hidden, lanes), by_unit, (d_recurrent, lanes), (sizes.hidden, rows, lanes), True)
            pass_to_inputs(results[1], packed, (d_gates, rows), sizes, (step, replica))
        write_sums(gradients, sides, sizes, (replica, 2 * sizes.hidden))
