"""The micro-kernel: the innermost block of every matrix product, written as explicit vector instructions.

A product `out = a @ b` of small matrices is fast when the processor does little else than fused multiply-adds on
numbers that are already in its registers. Everything here serves that:

*Vectors.* A register holds `W` adjacent numbers of a row (16 of float32 with AVX-512, 8 with AVX2, 4 with NEON or
SSE), and one instruction multiplies and adds all of them.

*Tiles.* One tile is `rows x vectors` registers of `out`, for example 8 x 2. They stay in registers while the loop runs
over the depth `k`; per step it loads `vectors` pieces of row `k` of `b`, broadcasts one number of `a` per row to a whole
register, and does `rows * vectors` multiply-adds::

                     b[k, 0:W]   b[k, W:2W]
        a[0, k]  ->  out[0,0] += ..  out[0,1] += ..
        a[1, k]  ->  out[1,0] += ..  out[1,1] += ..
         ...

So each loaded number is used several times: 10 loads feed 16 multiply-adds. Many independent sums are needed anyway,
because a multiply-add takes four cycles and two can start in each.

*Strides.* `a[i, k]` lies at `i * row_stride + k * depth_stride`. A transposed matrix only swaps the two, so the same
tile serves the forward product (weights), the backward one (weights transposed) and the gradient of the weights.

`multiply_tile` does that; `transpose_tile` prepares an operand whose depth lies along memory. `dot_tile` serves the few
columns of the weight gradient that do not fill a register: it multiplies whole registers of both operands and leaves
the sum over a register's numbers to the caller.

The functions below are numba *intrinsics*: at compile time they receive numba types and emit LLVM instructions; only
these run. A matrix is a tuple `(pointer, strides...)`: the address of its first number, and the distance of its rows in
elements. `rows` and `vectors` must be literals, because they determine which instructions are emitted. Nothing is checked
at run time: the callers in `products.py` pass valid sizes.
"""

import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import config, types
from numba.core import cgutils

from models.kernels.arithmetic import emit_multiply_add
from models.kernels.memory import emitted

INT = ir.IntType(64)
LANE = ir.IntType(32)


def _features() -> str:
    """Return the instruction sets numba compiles for, such as `+avx2,+avx512f`."""
    chosen = getattr(config, "CPU_FEATURES", None)
    return llvm.get_host_cpu_features().flatten() if chosen is None else str(chosen)


def _vector_bytes() -> int:
    features = _features()
    if "+avx512f" in features:
        return 64
    return 32 if "+avx2" in features or "+avx," in features + "," else 16


VECTOR_BYTES = _vector_bytes()
# With 32 registers a tile has 8 x 2 sums, with 16 it has 4 x 2, which leaves enough for the operands.
TILE_ROWS = 8 if VECTOR_BYTES == 64 or platform.machine().lower() in ("arm64", "aarch64") else 4


def vector_length(itemsize: int) -> int:
    """Return how many numbers of `itemsize` bytes one register holds."""
    return VECTOR_BYTES // itemsize


@emitted
def multiply_tile(
    typing_context: Any, rows: Any, vectors: Any, out: Any, a: Any, b: Any, depth: Any, accumulate: Any
) -> Any:
    """Compute one tile, `out[i, :] (+)= sum over k of a[i, k] * b[k, :]`.

    Args:
        typing_context: numba's.
        rows: Rows of the tile, a literal.
        vectors: Registers per row, a literal.
        out: Result `(pointer, stride)`; row `i` starts at `i * stride`.
        a: Left operand `(pointer, row_stride, depth_stride)`.
        b: Right operand `(pointer, stride)`; row `k` starts at `k * stride`.
        depth: Number of summands.
        accumulate: Whether the product is added to `out` or replaces it.
    """
    if not _are_literal(rows, vectors):
        return None
    height, width = rows.literal_value, vectors.literal_value

    def generate(context: Any, builder: Any, signature: Any, values: Sequence[Any]) -> Any:
        emit = _Emitter(context, builder, out[0])
        result, left, right = emit.matrix(values[2]), emit.matrix(values[3]), emit.matrix(values[4])
        sums = _Sums(emit, height, width)
        sums.clear()
        with builder.if_then(values[6]):
            sums.load(result)
        with cgutils.for_range(builder, values[5], intp=INT) as loop:
            pieces = [emit.load(right, (loop.index, 0), piece) for piece in range(width)]
            for row in range(height):
                sums.add(row, emit.spread(left, (row, 0), (loop.index, 1)), pieces)
        sums.store(result)
        return context.get_dummy_value()

    return types.void(rows, vectors, out, a, b, types.intp, types.boolean), generate


@emitted
def dot_tile(typing_context: Any, rows: Any, columns: Any, out: Any, a: Any, b: Any, count: Any) -> Any:
    """Add products of whole registers, `out[i, j, :] += sum over v of a[i, v, :] * b[j, v, :]`.

    Args:
        typing_context: numba's.
        rows: Rows of `a`, a literal.
        columns: Rows of `b`, a literal.
        out: Result `(pointer, stride)`; register `(i, j)` starts at `i * stride + j * W`.
        a: Left operand `(pointer, stride)`; row `i` starts at `i * stride`.
        b: Right operand, likewise.
        count: Registers per row of `a` and `b`.
    """
    if not _are_literal(rows, columns):
        return None
    height, width = rows.literal_value, columns.literal_value

    def generate(context: Any, builder: Any, signature: Any, values: Sequence[Any]) -> Any:
        emit = _Emitter(context, builder, out[0])
        result, left, right = emit.matrix(values[2]), emit.matrix(values[3]), emit.matrix(values[4])
        sums = _Sums(emit, height, width)
        sums.load(result)
        with cgutils.for_range(builder, values[5], intp=INT) as loop:
            pieces = [emit.load(right, (column, 0), loop.index) for column in range(width)]
            for row in range(height):
                sums.add(row, emit.load(left, (row, 0), loop.index), pieces)
        sums.store(result)
        return context.get_dummy_value()

    return types.void(rows, columns, out, a, b, types.intp), generate


@emitted
def transpose_tile(typing_context: Any, out: Any, source: Any) -> Any:
    """Write a square of `W x W` numbers transposed, both `(pointer, stride)`.

    Each round interleaves the first half of the registers with the second; after log2(W) rounds every register holds a
    column.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Sequence[Any]) -> Any:
        emit = _Emitter(context, builder, out[0])
        result, given, length = emit.matrix(values[0]), emit.matrix(values[1]), emit.length
        registers = [emit.load(given, (row, 0), 0) for row in range(length)]
        for _ in range(length.bit_length() - 1):
            halves = zip(registers[: length // 2], registers[length // 2 :], strict=True)
            registers = [mixed for first, second in halves for mixed in emit.interleave(first, second)]
        for row, register in enumerate(registers):
            emit.store(register, result, (row, 0), 0)
        return context.get_dummy_value()

    return types.void(out, source), generate


def _are_literal(*arguments: Any) -> bool:
    return all(isinstance(argument, types.IntegerLiteral) for argument in arguments)


@dataclass(frozen=True, slots=True)
class _Matrix:
    """A matrix during code generation: pointer to its first number, and its strides in elements."""

    first: Any
    strides: tuple[Any, ...]


class _Emitter:
    """Emits loads and stores for matrices of one element type.

    Args:
        context: numba's target context.
        builder: LLVM instruction builder.
        pointer_type: numba type of the pointers.
    """

    def __init__(self, context: Any, builder: Any, pointer_type: Any) -> None:
        self.builder = builder
        self.itemsize = pointer_type.dtype.bitwidth // 8
        self.length = vector_length(self.itemsize)
        self.vector = ir.VectorType(context.get_value_type(pointer_type.dtype), self.length)

    def matrix(self, value: Any) -> _Matrix:
        """Take `(pointer, strides...)` apart."""
        first, *strides = cgutils.unpack_tuple(self.builder, value)  # type: ignore[no-untyped-call]
        return _Matrix(first, tuple(strides))

    def load(self, matrix: _Matrix, row: tuple[Any, int], piece: Any) -> Any:
        """Load vector number `piece` of a row; `row` is an index and its stride."""
        return self.builder.load(self._vector_pointer(matrix, row, piece), align=self.itemsize)

    def store(self, value: Any, matrix: _Matrix, row: tuple[Any, int], piece: Any) -> None:
        """Store a vector; see `load`."""
        self.builder.store(value, self._vector_pointer(matrix, row, piece), align=self.itemsize)

    def spread(self, matrix: _Matrix, row: tuple[Any, int], depth: tuple[Any, int]) -> Any:
        """Broadcast one number to every element of a vector."""
        number = self.builder.load(self._pointer(matrix, row, depth), align=self.itemsize)
        empty = ir.Constant(self.vector, ir.Undefined)
        single = self.builder.insert_element(empty, number, ir.Constant(LANE, 0))
        places = ir.Constant(ir.VectorType(LANE, self.length), [0] * self.length)
        return self.builder.shuffle_vector(single, empty, places)

    def interleave(self, first: Any, second: Any) -> list[Any]:
        """Return two vectors: first and second half of `first[0], second[0], first[1], second[1], ...`."""
        order = [place + offset for place in range(self.length) for offset in (0, self.length)]
        kind = ir.VectorType(LANE, self.length)
        halves = (order[: self.length], order[self.length :])
        return [self.builder.shuffle_vector(first, second, ir.Constant(kind, half)) for half in halves]

    def _pointer(self, matrix: _Matrix, *indices: tuple[Any, int]) -> Any:
        pointer = matrix.first
        for index, axis in indices:
            offset = self.builder.mul(_whole(index), matrix.strides[axis])
            pointer = self.builder.gep(pointer, [offset])
        return pointer

    def _vector_pointer(self, matrix: _Matrix, row: tuple[Any, int], piece: Any) -> Any:
        offset = self.builder.mul(_whole(piece), _whole(self.length))
        pointer = self.builder.gep(self._pointer(matrix, row), [offset])
        return self.builder.bitcast(pointer, self.vector.as_pointer())


class _Sums:
    """The running sums of a tile: `rows x vectors` variables that LLVM keeps in registers."""

    def __init__(self, emit: _Emitter, rows: int, vectors: int) -> None:
        self.emit, self.rows, self.vectors = emit, rows, vectors
        new: Callable[..., Any] = cgutils.alloca_once
        self.variables = [[new(emit.builder, emit.vector) for _ in range(vectors)] for _ in range(rows)]

    def _each(self) -> Iterator[tuple[int, int, Any]]:
        for row in range(self.rows):
            for piece in range(self.vectors):
                yield row, piece, self.variables[row][piece]

    def clear(self) -> None:
        """Start from zero."""
        zero = ir.Constant(self.emit.vector, [0.0] * self.emit.length)
        for _, _, variable in self._each():
            self.emit.builder.store(zero, variable)

    def load(self, matrix: _Matrix) -> None:
        """Start from the current values of the result."""
        for row, piece, variable in self._each():
            self.emit.builder.store(self.emit.load(matrix, (row, 0), piece), variable)

    def store(self, matrix: _Matrix) -> None:
        """Write the sums to the result."""
        for row, piece, variable in self._each():
            self.emit.store(self.emit.builder.load(variable), matrix, (row, 0), piece)

    def add(self, row: int, left: Any, pieces: Sequence[Any]) -> None:
        """Add `left * piece` to each sum of a row."""
        builder = self.emit.builder
        for variable, piece in zip(self.variables[row], pieces, strict=True):
            builder.store(emit_multiply_add(builder, left, piece, builder.load(variable)), variable)


def _whole(value: Any) -> Any:
    return ir.Constant(INT, value) if isinstance(value, int) else value
