"""Element-wise parts of the cells, over H * L contiguous numbers.

The gradients are derived from the equations in `models.cells`; `d_x` is the gradient of the loss with respect to x.
"""

import math
from typing import Any, cast

import numpy as np
from numba import types
from numba.extending import overload

from models.kernels.arithmetic import OPTIONS, inner, multiply_add
from models.kernels.memory import Pointer

# float32: quotient of two polynomials in x^2, exact to two units in the last place for |x| <= BOUND, where tanh is 1.
BOUND = np.float32(7.90531110763549805)
NUMERATOR = tuple(
    np.float32(value)
    for value in (
        -2.76076847742355e-16,
        2.00018790482477e-13,
        -8.60467152213735e-11,
        5.12229709037114e-08,
        1.48572235717979e-05,
        6.37261928875436e-04,
        4.89352455891786e-03,
    )
)
DENOMINATOR = tuple(
    np.float32(value)
    for value in (1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03)
)
HALF = np.float32(0.5)


def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent: a vectorised approximation in float32, the C library's in float64."""
    return math.tanh(x)


@overload(tanh, jit_options=cast(Any, OPTIONS))
def _tanh(x: Any) -> Any:
    n0, n1, n2, n3, n4, n5, n6 = NUMERATOR
    d0, d1, d2, d3 = DENOMINATOR

    def rational(x: Any) -> Any:
        clamped = BOUND if x > BOUND else x  # written so that NaN stays NaN
        clamped = -BOUND if clamped < -BOUND else clamped
        square = clamped * clamped
        top = multiply_add(square, n0, n1)
        top = multiply_add(square, top, n2)
        top = multiply_add(square, top, n3)
        top = multiply_add(square, top, n4)
        top = multiply_add(square, top, n5)
        top = multiply_add(square, top, n6)
        bottom = multiply_add(square, d0, d1)
        bottom = multiply_add(square, bottom, d2)
        bottom = multiply_add(square, bottom, d3)
        return clamped * top / bottom

    def exact(x: Any) -> Any:
        return math.tanh(x)

    return rational if x == types.float32 else exact


def sigmoid(x: Any) -> Any:
    """Return the logistic function."""
    return 0.5 + 0.5 * math.tanh(0.5 * x)


@overload(sigmoid, jit_options=cast(Any, OPTIONS))
def _sigmoid(x: Any) -> Any:
    def single(x: Any) -> Any:
        return multiply_add(HALF, tanh(HALF * x), HALF)

    def double(x: Any) -> Any:
        return 0.5 + 0.5 * tanh(0.5 * x)

    return single if x == types.float32 else double


def unit(like: Any) -> Any:
    """Return 1 in the type of `like`; a plain 1 would turn float32 into float64."""
    return type(like)(1)


@overload(unit, jit_options=cast(Any, OPTIONS))
def _unit(like: Any) -> Any:
    one = np.float32(1) if like == types.float32 else np.float64(1)

    def constant(like: Any) -> Any:
        return one

    return constant


@inner
def lstm_forward(gates: Pointer, before: Pointer, hidden: Pointer, count: int) -> None:
    """Turn the pre-activations in `gates` (input, forget, candidate, output) into gates, new cell state and hidden state.

    Args:
        gates: Five planes of `count`: the four pre-activations, and space for the cell state.
        before: Cell state before the step.
        hidden: Output: the new hidden state.
        count: H * L.
    """
    for i in range(count):
        entering = sigmoid(gates[i])
        kept = sigmoid(gates[count + i])
        candidate = tanh(gates[2 * count + i])
        shown = sigmoid(gates[3 * count + i])
        cell = multiply_add(kept, before[i], entering * candidate)
        gates[i] = entering
        gates[count + i] = kept
        gates[2 * count + i] = candidate
        gates[3 * count + i] = shown
        gates[4 * count + i] = cell
        hidden[i] = shown * tanh(cell)


@inner
def lstm_backward(
    gates: Pointer, before: Pointer, d_gates: Pointer, d_states: tuple[Pointer, Pointer], count: int
) -> None:
    """Compute the gradient of the pre-activations, and turn that of the new cell state into that of the previous one.

    Args:
        gates: As `lstm_forward` left them.
        before: Cell state before the step.
        d_gates: Output: gradient of the four pre-activations.
        d_states: Gradients of the hidden and of the cell state; the latter is overwritten.
        count: H * L.
    """
    d_hidden, d_cell = d_states
    one = unit(gates[0])
    for i in range(count):
        entering, kept, candidate = gates[i], gates[count + i], gates[2 * count + i]
        shown, squashed = gates[3 * count + i], tanh(gates[4 * count + i])
        d_new = multiply_add(d_hidden[i] * shown, multiply_add(-squashed, squashed, one), d_cell[i])
        d_gates[i] = d_new * candidate * multiply_add(-entering, entering, entering)
        d_gates[count + i] = d_new * before[i] * multiply_add(-kept, kept, kept)
        d_gates[2 * count + i] = d_new * entering * multiply_add(-candidate, candidate, one)
        d_gates[3 * count + i] = d_hidden[i] * squashed * multiply_add(-shown, shown, shown)
        d_cell[i] = d_new * kept


@inner
def gru_forward(gates: Pointer, before: Pointer, hidden: Pointer, count: int) -> None:
    """Turn the pre-activations in `gates` into gates and new hidden state.

    Args:
        gates: Four planes of `count`: the candidate's pre-activation from the inputs (overwritten by the candidate), reset
            gate, update gate, the candidate's pre-activation from the hidden state (kept).
        before: Hidden state before the step.
        hidden: Output: the new hidden state.
        count: H * L.
    """
    for i in range(count):
        reset = sigmoid(gates[count + i])
        kept = sigmoid(gates[2 * count + i])
        candidate = tanh(multiply_add(reset, gates[3 * count + i], gates[i]))
        gates[i] = candidate
        gates[count + i] = reset
        gates[2 * count + i] = kept
        hidden[i] = multiply_add(kept, before[i] - candidate, candidate)


@inner
def gru_backward(gates: Pointer, before: Pointer, d_gates: Pointer, d_hidden: Pointer, count: int) -> None:
    """Compute the gradient of the pre-activations, and the part of the gradient that flows directly to the previous state.

    Args:
        gates: As `gru_forward` left them.
        before: Hidden state before the step.
        d_gates: Output: gradient of the four pre-activations.
        d_hidden: Gradient of the hidden state; overwritten.
        count: H * L.
    """
    one = unit(gates[0])
    for i in range(count):
        candidate, reset, kept = gates[i], gates[count + i], gates[2 * count + i]
        d_candidate = d_hidden[i] * (one - kept) * multiply_add(-candidate, candidate, one)
        d_gates[i] = d_candidate
        d_gates[count + i] = d_candidate * gates[3 * count + i] * multiply_add(-reset, reset, reset)
        d_gates[2 * count + i] = d_hidden[i] * (before[i] - candidate) * multiply_add(-kept, kept, kept)
        d_gates[3 * count + i] = d_candidate * reset
        d_hidden[i] = d_hidden[i] * kept


@inner
def rnn_forward(hidden: Pointer, count: int) -> None:
    """Turn the pre-activations in `hidden` into the hidden state."""
    for i in range(count):
        hidden[i] = tanh(hidden[i])


@inner
def rnn_backward(hidden: Pointer, d_gates: Pointer, d_hidden: Pointer, count: int) -> None:
    """Compute the gradient of the pre-activations from that of the hidden state."""
    one = unit(hidden[0])
    for i in range(count):
        d_gates[i] = d_hidden[i] * multiply_add(-hidden[i], hidden[i], one)
