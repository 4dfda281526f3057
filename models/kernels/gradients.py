"""Gradient of the packed weights, summed step by step while a step's numbers still are in the cache.

The gradient of one side's weights is the sum over steps of `d_gates (rows, L) @ source (columns, L)^T`. Columns that
fill registers are computed with the source transposed, so that a register holds neighbouring columns; the rest as dot
products over lanes. There are two sides: hidden (h, 1) and inputs (1, x); each gives weights and a bias.
"""

from typing import Any, NamedTuple

from models.kernels.arithmetic import inner
from models.kernels.layout import Parameters, Sizes, clear, features
from models.kernels.memory import Pointer, at, itemsize, located
from models.kernels.products import Matrix, add_dots, multiply, transpose
from models.kernels.tile import VECTOR_BYTES


class Side(NamedTuple):
    """Running sums of one side.

    Attributes:
        rows: Rows of the gradient.
        columns: Columns that are computed in whole registers.
        rest: Columns that are computed as dot products, bias included.
        whole: Sums `(rows, columns)`.
        dots: Sums `(rows, rest, W)` of registers.
        turned: Room for the transposed source `(L, columns)`.
        end: Room after this side's.
    """

    rows: int
    columns: int
    rest: int
    whole: Pointer
    dots: Pointer
    turned: Pointer
    end: Pointer


@inner
def _new_side(room: Pointer, rows: int, columns: int, lanes: int) -> Side:
    """Return empty sums for `rows x (columns + 1)` weights, the one being the bias."""
    length = VECTOR_BYTES // itemsize(room)
    whole = columns // length * length
    rest = columns - whole + 1
    clear(room, rows * (whole + rest * length))
    dots = at(room, rows * whole)
    turned = at(dots, rows * rest * length)
    return Side(rows, whole, rest, room, dots, turned, at(turned, lanes * whole))


class Sides(NamedTuple):
    """Running sums of both sides."""

    hidden: Side
    inputs: Side


@inner
def new_sides(room: Pointer, rows: int, sizes: Sizes) -> Sides:
    """Return empty sums for gradients of `rows` rows."""
    hidden = _new_side(room, rows, sizes.hidden, sizes.lanes)
    return Sides(hidden, _new_side(hidden.end, rows, sizes.inputs, sizes.lanes))


@inner
def add_step(sides: Sides, d_gates: tuple[Pointer, Pointer], state: Pointer, sizes: Sizes) -> None:
    """Add one step to the hidden and to the input side.

    Args:
        sides: Running sums.
        d_gates: Gradient of the sums of the hidden and of the input side.
        state: State before the step.
        sizes: Dimensions.
    """
    lanes = sizes.lanes
    _add(sides.hidden, (d_gates[0], lanes), (state, lanes), at(state, sides.hidden.columns * lanes))
    ones = at(state, sizes.hidden * lanes)
    _add(sides.inputs, (d_gates[1], lanes), (at(ones, sides.inputs.rest * lanes), lanes), ones)


@inner
def _add(side: Side, d_gates: Matrix, source: Matrix, rest: Pointer) -> None:
    """Add one step to one side: `source` are the columns in whole registers, `rest` the others."""
    sums, lanes = d_gates
    length = VECTOR_BYTES // itemsize(sums)
    add_dots((side.dots, side.rest * length), d_gates, (rest, lanes), (side.rows, side.rest, lanes))
    if side.columns:
        turned = (side.turned, side.columns)
        transpose(turned, source, (side.columns, lanes))
        multiply((side.whole, side.columns), (sums, lanes, 1), turned, (side.rows, lanes, side.columns), True)


@inner
def _dot(side: Side, row: int, column: int) -> Any:
    """Return the sum over the numbers of one register."""
    length = VECTOR_BYTES // itemsize(side.dots)
    register = at(side.dots, (row * side.rest + column) * length)
    total = register[0]
    for place in range(1, length):
        total += register[place]
    return total


@inner
def write_sums(results: Parameters, sides: Sides, sizes: Sizes, place: tuple[int, int]) -> None:
    """Write all sums to the gradients of a replica's parameters.

    Args:
        results: Gradients of the parameters.
        sides: Sums over all steps.
        sizes: Dimensions.
        place: Replica, and the row of the input weights that the first row of their sums belongs to.
    """
    _write_hidden(results, sides.hidden, sizes, place[0])
    _write_inputs(results, sides.inputs, sizes, place)


@inner
def pass_to_inputs(
    address: int, packed: Pointer, d_gates: tuple[Pointer, int], sizes: Sizes, place: tuple[int, int]
) -> None:
    """Write the gradient of the inputs of one step.

    Args:
        address: Where the gradient of all inputs `(R, T, I, L)` is, or 0 if nobody wants it.
        packed: Packed weights `(rows, F)`.
        d_gates: Gradient of the sums of the input side, and its rows.
        sizes: Dimensions.
        place: Step, replica.
    """
    if address == 0:
        return
    (sums, rows), (step, replica), lanes = d_gates, place, sizes.lanes
    target = at(located(address, sums), (replica * sizes.steps + step) * sizes.inputs * lanes)
    by_input = (at(packed, sizes.hidden + 1), 1, features(sizes))
    multiply((target, lanes), by_input, (sums, lanes), (sizes.inputs, rows, lanes), False)


@inner
def _write_hidden(results: Parameters, side: Side, sizes: Sizes, replica: int) -> None:
    """Write the sums of the hidden side to the gradient of a replica's recurrent weights and bias."""
    for row in range(side.rows):
        to = replica * side.rows + row
        results.bias_hh[to] = _dot(side, row, side.rest - 1)
        for unit in range(side.columns):
            results.weight_hh[to * sizes.hidden + unit] = side.whole[row * side.columns + unit]
        for unit in range(side.columns, sizes.hidden):
            results.weight_hh[to * sizes.hidden + unit] = _dot(side, row, unit - side.columns)


@inner
def _write_inputs(results: Parameters, side: Side, sizes: Sizes, place: tuple[int, int]) -> None:
    """Write the sums of the input side to the gradient of input weights and bias; `place`: replica, first row."""
    replica, first = place
    for row in range(side.rows):
        to = replica * side.rows + (first + row) % side.rows
        results.bias_ih[to] = _dot(side, row, 0)
        for feature in range(side.rest - 1):
            results.weight_ih[to * sizes.inputs + feature] = _dot(side, row, feature + 1)
        for column in range(side.columns):
            feature = side.rest - 1 + column
            results.weight_ih[to * sizes.inputs + feature] = side.whole[row * side.columns + column]
