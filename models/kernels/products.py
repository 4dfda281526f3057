"""Matrix products of any size, cut into tiles.

A matrix is a tuple `(pointer, stride)`: the address of its first number, and the distance of its rows in elements. Left
operands have two strides, `(pointer, row_stride, depth_stride)`. Columns come in whole registers: callers pad them to a
multiple of `vector_length`.
"""

from typing import Any

from models.kernels.arithmetic import inner
from models.kernels.memory import Pointer, at, itemsize
from models.kernels.shared_functions import separate
from models.kernels.tile import TILE_ROWS, VECTOR_BYTES, dot_tile, multiply_tile, transpose_tile

HALF_TILE = TILE_ROWS // 2
DOT_ROWS = 4  # 4 x 2 sums in registers, on every processor
Matrix = Any  # (pointer, stride)
Left = Any  # (pointer, row_stride, depth_stride)


@inner
def _below(matrix: Any, row: int) -> Any:
    """Return the matrix from `row` on."""
    return (at(matrix[0], row * matrix[1]), *matrix[1:])


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


@separate
def _product(
    out: Pointer,
    out_stride: int,
    a: Pointer,
    a_row: int,
    a_depth: int,
    b: Pointer,
    b_stride: int,
    rows: int,
    depth: int,
    columns: int,
    accumulate: int,
) -> None:
    length = VECTOR_BYTES // itemsize(out)
    left, shape, add = (a, a_row, a_depth), (rows, depth), accumulate != 0
    column = 0
    while column < columns:  # a strip of one or two registers, whose part of `b` stays in the L1 cache
        strip = (at(b, column), b_stride)
        if columns - column >= 2 * length:
            _multiply_wide((at(out, column), out_stride), left, strip, shape, add)
            column += 2 * length
        else:
            _multiply_narrow((at(out, column), out_stride), left, strip, shape, add)
            column += length


@inner
def multiply(out: Matrix, a: Left, b: Matrix, shape: tuple[int, int, int], accumulate: bool) -> None:
    """Compute `out (+)= a @ b` for `shape = (rows, depth, columns)`; columns a multiple of the vector length."""
    rows, depth, columns = shape
    _product(out[0], out[1], a[0], a[1], a[2], b[0], b[1], rows, depth, columns, accumulate)


@inner
def add_dots(out: Matrix, a: Matrix, b: Matrix, shape: tuple[int, int, int]) -> None:
    """Add `a @ b^T` for `shape = (rows, columns, lanes)`, summed over registers but not within them.

    Entry `(i, j)` of `out` is a whole register; the caller sums its numbers.
    """
    rows, columns, lanes = shape
    length = VECTOR_BYTES // itemsize(out[0])
    count = lanes // length
    column = 0
    while column < columns:
        wide = column + 2 <= columns
        target = (at(out[0], column * length), out[1])
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


@inner
def transpose(out: Matrix, source: Matrix, shape: tuple[int, int]) -> None:
    """Write `source (rows, columns)` transposed; both dimensions a multiple of the vector length."""
    rows, columns = shape
    length = VECTOR_BYTES // itemsize(out[0])
    for row in range(0, rows, length):
        for column in range(0, columns, length):
            to = (at(out[0], column * out[1] + row), out[1])
            transpose_tile(to, (at(source[0], row * source[1] + column), source[1]))
