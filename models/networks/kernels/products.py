"""Matrix products of any size, cut into tiles.

A matrix is a tuple `(array, start, stride)`: a contiguous one-dimensional array, the place of its first number and the
distance of its rows, both in elements. Left operands have two strides, `(array, start, row_stride, depth_stride)`.
Columns come in whole registers: callers pad them to a multiple of `vector_length`.
"""

from typing import Any

from models.networks.kernels.compiling import inner
from models.networks.kernels.tile import TILE_ROWS, VECTOR_BYTES, dot_tile, multiply_tile

HALF_TILE = TILE_ROWS // 2
DOT_ROWS = 4  # 4 x 2 sums in registers, on every processor
Matrix = Any  # (array, start, stride)
Left = Any  # (array, start, row_stride, depth_stride)


@inner
def multiply(out: Matrix, a: Left, b: Matrix, shape: tuple[int, int, int], accumulate: bool) -> None:
    """Compute `out (+)= a @ b` for `shape = (rows, depth, columns)`; columns a multiple of the vector length."""
    rows, depth, columns = shape
    length = VECTOR_BYTES // out[0].itemsize
    column = 0
    while column < columns:  # a strip of one or two registers: its part of `b` stays in the first-level cache
        strip = (b[0], b[1] + column, b[2])
        if columns - column >= 2 * length:
            _multiply_wide((out[0], out[1] + column, out[2]), a, strip, (rows, depth), accumulate)
            column += 2 * length
        else:
            _multiply_narrow((out[0], out[1] + column, out[2]), a, strip, (rows, depth), accumulate)
            column += length


@inner
def _multiply_wide(out: Matrix, a: Left, b: Matrix, shape: tuple[int, int], accumulate: bool) -> None:
    rows, depth = shape
    row = 0
    while row + TILE_ROWS <= rows:
        multiply_tile(TILE_ROWS, 2, _below(out, row), _below(a, row), b, depth, accumulate)
        row += TILE_ROWS
    if row + HALF_TILE <= rows:
        multiply_tile(HALF_TILE, 2, _below(out, row), _below(a, row), b, depth, accumulate)
        row += HALF_TILE
    while row < rows:
        multiply_tile(1, 2, _below(out, row), _below(a, row), b, depth, accumulate)
        row += 1


@inner
def _multiply_narrow(out: Matrix, a: Left, b: Matrix, shape: tuple[int, int], accumulate: bool) -> None:
    rows, depth = shape
    row = 0
    while row + TILE_ROWS <= rows:
        multiply_tile(TILE_ROWS, 1, _below(out, row), _below(a, row), b, depth, accumulate)
        row += TILE_ROWS
    while row < rows:
        multiply_tile(1, 1, _below(out, row), _below(a, row), b, depth, accumulate)
        row += 1


@inner
def _below(matrix: Any, row: int) -> Any:
    """Return the matrix from `row` on."""
    return (matrix[0], matrix[1] + row * matrix[2], *matrix[2:])


@inner
def add_dots(out: Matrix, a: Matrix, b: Matrix, shape: tuple[int, int, int]) -> None:
    """Add `a @ b^T` for `shape = (rows, columns, lanes)`, summed over registers but not within them.

    Place `(i, j)` of `out` is a whole register; `fold` adds its numbers up in the end.
    """
    rows, columns, lanes = shape
    length = VECTOR_BYTES // out[0].itemsize
    count = lanes // length
    column = 0
    while column < columns:
        wide = column + 2 <= columns
        target = (out[0], out[1] + column * length, out[2])
        source = _below(b, column)
        row = 0
        while row + DOT_ROWS <= rows:
            if wide:
                dot_tile(DOT_ROWS, 2, _below(target, row), _below(a, row), source, count)
            else:
                dot_tile(DOT_ROWS, 1, _below(target, row), _below(a, row), source, count)
            row += DOT_ROWS
        while row < rows:
            if wide:
                dot_tile(1, 2, _below(target, row), _below(a, row), source, count)
            else:
                dot_tile(1, 1, _below(target, row), _below(a, row), source, count)
            row += 1
        column += 2 if wide else 1
