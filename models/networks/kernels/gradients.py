"""Gradient of the packed weights, summed step by step while a step's numbers still are in the cache.

The gradient of one side's weights is the sum over steps of `d_gates (rows, L) @ source (columns, L)^T`. Columns that
fill registers are computed with the source transposed, so that a register holds neighbouring columns; the rest as dot
products over lanes. There are two sides: hidden (h, 1) and inputs (1, x); each gives weights and a bias.
"""

from typing import Any, NamedTuple

import numpy as np

from models.networks.kernels.compiling import inner
from models.networks.kernels.layout import Flat, Parameters, Sizes, zeros
from models.networks.kernels.products import Matrix, add_dots, multiply
from models.networks.kernels.tile import VECTOR_BYTES


class Side(NamedTuple):
    """Running sums of one side.

    Attributes:
        rows: Rows of the gradient.
        columns: Columns that are computed in whole registers.
        rest: Columns that are computed as dot products, bias included.
        whole: Sums `(rows, columns)`.
        dots: Sums `(rows, rest, W)` of registers.
        turned: Room for the transposed source `(B, columns)`.
    """

    rows: int
    columns: int
    rest: int
    whole: Flat
    dots: Flat
    turned: Flat


@inner
def new_side(like: Flat, rows: int, columns: int, batch: int) -> Side:
    """Return empty sums for `rows x (columns + 1)` weights, the one being the bias."""
    length = VECTOR_BYTES // like.itemsize
    whole = columns // length * length
    rest = columns - whole + 1
    turned = np.empty(batch * whole, dtype=like.dtype)
    return Side(rows, whole, rest, zeros(like, rows * whole), zeros(like, rows * rest * length), turned)


@inner
def add_step(sides: tuple[Side, Side], d_gates: Any, state: Any, sizes: Sizes) -> None:
    """Add one step to the hidden and to the input side.

    Args:
        sides: Running sums of both sides.
        d_gates: Gradient of the gates' sums of each side, `(array, start of hidden side, start of input side)`.
        state: State before the step, `(array, start)`.
        sizes: Dimensions.
    """
    lanes, hidden = sizes.lanes, sizes.hidden
    array, start = state
    ones = start + hidden * lanes
    whole = start + sides[0].columns * lanes
    _add(sides[0], (d_gates[0], d_gates[1], lanes), (array, start, lanes), (array, whole, lanes), sizes.batch)
    whole = ones + sides[1].rest * lanes
    _add(sides[1], (d_gates[0], d_gates[2], lanes), (array, whole, lanes), (array, ones, lanes), sizes.batch)


@inner
def _add(side: Side, d_gates: Matrix, source: Matrix, rest: Matrix, batch: int) -> None:
    """Add one step to one side: `source` are the columns in whole registers, `rest` the others."""
    array, start, lanes = d_gates
    length = VECTOR_BYTES // array.itemsize
    add_dots((side.dots, 0, side.rest * length), d_gates, rest, (side.rows, side.rest, lanes))
    if side.columns:
        _transpose(side.turned, source, (side.columns, batch))
        turned = (side.turned, 0, side.columns)
        shape = (side.rows, batch, side.columns)
        multiply((side.whole, 0, side.columns), (array, start, lanes, 1), turned, shape, True)


@inner
def _transpose(out: Flat, source: Matrix, shape: tuple[int, int]) -> None:
    """Write `source (rows, columns)` as dense `(columns, rows)`."""
    rows, columns = shape
    array, start, stride = source
    for row in range(rows):
        for column in range(columns):
            out[column * rows + row] = array[start + row * stride + column]


@inner
def _dot(side: Side, row: int, column: int) -> Any:
    """Return the sum over the numbers of one register."""
    length = VECTOR_BYTES // side.dots.itemsize
    start = (row * side.rest + column) * length
    total = side.dots[start]
    for place in range(start + 1, start + length):
        total += side.dots[place]
    return total


@inner
def write_hidden(results: Parameters, side: Side, sizes: Sizes, replica: int) -> None:
    """Write the sums of the hidden side to the gradient of a replica's recurrent weights and bias."""
    for row in range(side.rows):
        to = replica * side.rows + row
        results.bias_hh[to] = _dot(side, row, side.rest - 1)
        for unit in range(side.columns):
            results.weight_hh[to * sizes.hidden + unit] = side.whole[row * side.columns + unit]
        for unit in range(side.columns, sizes.hidden):
            results.weight_hh[to * sizes.hidden + unit] = _dot(side, row, unit - side.columns)


@inner
def write_inputs(results: Parameters, side: Side, sizes: Sizes, place: tuple[int, int]) -> None:
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
