"""Gradient of the packed weights, summed step by step while a step's values are still in the cache.

The gradient of one side's weights is the sum over steps of `d_gates (rows, L) @ source (columns, L)^T`. Columns that
fill registers are computed with the source transposed, so that a register holds adjacent columns; the rest as dot
products over lanes. There are two sides: hidden (h, 1) and inputs (1, x); each gives weights and a bias.
"""

from typing import Any, NamedTuple

from models.kernels.arithmetic import inner
from models.kernels.layout import Parameters, Sizes, clear, features
from models.kernels.memory import Pointer, at, itemsize, located
from models.kernels.products import add_dots, multiply, transpose
from models.kernels.shared_functions import separate
from models.kernels.tile import VECTOR_BYTES


class Side(NamedTuple):
    """Running sums of one side.

    Attributes:
        rows: Rows of the gradient.
        columns: Columns that are computed in whole registers.
        rest: Columns that are computed as dot products, bias included.
        whole: Sums `(rows, columns)`.
        dots: Sums `(rows, rest, W)` of registers.
        turned: Scratch memory for the transposed source `(L, columns)`.
        end: Scratch memory after this side's.
    """

    rows: int
    columns: int
    rest: int
    whole: Pointer
    dots: Pointer
    turned: Pointer
    end: Pointer


@inner
def _new_side(scratch: Pointer, rows: int, columns: int, lanes: int) -> Side:
    """Return empty sums for `rows x (columns + 1)` weights, the one being the bias."""
    length = VECTOR_BYTES // itemsize(scratch)
    whole = columns // length * length
    rest = columns - whole + 1
    clear(scratch, rows * (whole + rest * length))
    dots = at(scratch, rows * whole)
    turned = at(dots, rows * rest * length)
    return Side(rows, whole, rest, scratch, dots, turned, at(turned, lanes * whole))


class Sides(NamedTuple):
    """Running sums of both sides."""

    hidden: Side
    inputs: Side


@inner
def new_sides(scratch: Pointer, rows: int, sizes: Sizes) -> Sides:
    """Return empty sums for gradients of `rows` rows."""
    hidden = _new_side(scratch, rows, sizes.hidden, sizes.lanes)
    return Sides(hidden, _new_side(hidden.end, rows, sizes.inputs, sizes.lanes))


@separate
def _add_side(
    whole: Pointer,
    dots: Pointer,
    turned: Pointer,
    rows: int,
    columns: int,
    rest: int,
    d_gates: Pointer,
    source: Pointer,
    remaining: Pointer,
    lanes: int,
) -> None:
    length = VECTOR_BYTES // itemsize(whole)
    add_dots((dots, rest * length), (d_gates, lanes), (remaining, lanes), (rows, rest, lanes))
    if columns:
        transpose((turned, columns), (source, lanes), (columns, lanes))
        multiply((whole, columns), (d_gates, lanes, 1), (turned, columns), (rows, lanes, columns), True)


@inner
def add_step(sides: Sides, d_gates: tuple[Pointer, Pointer], state: Pointer, sizes: Sizes) -> None:
    """Add one step to the hidden and to the input side.

    Args:
        sides: Running sums.
        d_gates: Gradients of the pre-activations of the hidden side and of the input side.
        state: State before the step.
        sizes: Dimensions.
    """
    lanes = sizes.lanes
    _add(sides.hidden, d_gates[0], state, at(state, sides.hidden.columns * lanes), lanes)
    ones = at(state, sizes.hidden * lanes)
    _add(sides.inputs, d_gates[1], at(ones, sides.inputs.rest * lanes), ones, lanes)


@inner
def _add(side: Side, d_gates: Pointer, source: Pointer, rest: Pointer, lanes: int) -> None:
    """Add one step to one side: `source` are the columns in whole registers, `rest` the others."""
    _add_side(side.whole, side.dots, side.turned, side.rows, side.columns, side.rest, d_gates, source, rest, lanes)


@inner
def _total(register: Pointer) -> Any:
    """Return the sum over the numbers of one register."""
    total = register[0]
    for place in range(1, VECTOR_BYTES // itemsize(register)):
        total += register[place]
    return total


@separate
def _write_side(
    weight: Pointer,
    bias: Pointer,
    whole: Pointer,
    dots: Pointer,
    rows: int,
    columns: int,
    rest: int,
    skipped: int,
    first: int,
    replica: int,
) -> None:
    length = VECTOR_BYTES // itemsize(whole)
    width, before = columns + rest - 1, (rest - 1) * skipped
    for row in range(rows):
        to = replica * rows + (first + row) % rows
        sums = at(dots, row * rest * length)
        bias[to] = _total(at(sums, 0 if skipped else (rest - 1) * length))
        target = at(weight, to * width)
        for column in range(columns):
            target[before + column] = whole[row * columns + column]
        for column in range(rest - 1):
            target[column if skipped else columns + column] = _total(at(sums, (column + skipped) * length))


@inner
def write_sums(results: Parameters, sides: Sides, sizes: Sizes, place: tuple[int, int]) -> None:
    """Write the summed gradients of a replica's parameters.

    Among the columns computed as dot products, the bias is the last on the hidden side and the first on the input side.

    Args:
        results: Gradients of the parameters.
        sides: Sums over all steps.
        sizes: Dimensions.
        place: Replica, and the row of the input weights to which the first row of their sums belongs.
    """
    side, weight, bias = sides.hidden, results.weight_hh, results.bias_hh
    _write_side(weight, bias, side.whole, side.dots, side.rows, side.columns, side.rest, 0, 0, place[0])
    side, weight, bias = sides.inputs, results.weight_ih, results.bias_ih
    _write_side(weight, bias, side.whole, side.dots, side.rows, side.columns, side.rest, 1, place[1], place[0])


@inner
def pass_to_inputs(
    address: int, packed: Pointer, d_gates: tuple[Pointer, int], sizes: Sizes, place: tuple[int, int]
) -> None:
    """Write the gradient of the inputs of one step.

    Args:
        address: Address of the gradient of all inputs `(R, T, I, L)`, or 0 if it is not needed.
        packed: Packed weights `(rows, F)`.
        d_gates: Gradient of the pre-activations of the input side, and its number of rows.
        sizes: Dimensions.
        place: Step, replica.
    """
    if address == 0:
        return
    (sums, rows), (step, replica), lanes = d_gates, place, sizes.lanes
    target = at(located(address, sums), (replica * sizes.steps + step) * sizes.inputs * lanes)
    by_input = (at(packed, sizes.hidden + 1), 1, features(sizes))
    multiply((target, lanes), by_input, (sums, lanes), (sizes.inputs, rows, lanes), False)
