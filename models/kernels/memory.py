"""Plain pointers for kernels: no reference counts, no index checks, nothing but an address and a type.

Memory comes in from Python, which keeps it alive during the call: one array, which tells the type of numbers, and plain
addresses, because passing a number to a kernel is ten times faster than passing an array. Inside, everything is a pointer that is
moved with `at` and indexed like an array. The user of a pointer must know the dimensions.
"""

from collections.abc import Callable, Sequence
from typing import Any

from numba import types
from numba.extending import intrinsic

Pointer = Any  # indexed like an array


def emitted(function: Callable[..., Any]) -> Any:
    """Make an intrinsic: a function that emits LLVM instructions; it sees literal numbers as such."""
    return intrinsic(prefer_literal=True)(function)


@emitted
def pointer(typing_context: Any, array: Any) -> Any:
    """Return the pointer to the first number of a contiguous array."""

    def generate(context: Any, builder: Any, signature: Any, values: Sequence[Any]) -> Any:
        return context.make_array(array)(context, builder, values[0]).data

    kind: Any = types.CPointer
    return kind(array.dtype)(array), generate


@emitted
def located(typing_context: Any, address: Any, like: Any) -> Any:
    """Return the pointer to an address, of the type of `like`."""

    def generate(context: Any, builder: Any, signature: Any, values: Sequence[Any]) -> Any:
        return builder.inttoptr(values[0], values[1].type)

    return like(types.intp, like), generate


@emitted
def at(typing_context: Any, base: Any, count: Any) -> Any:
    """Return the pointer `count` numbers after `base`."""

    def generate(context: Any, builder: Any, signature: Any, values: Sequence[Any]) -> Any:
        return builder.gep(values[0], [values[1]])

    return base(base, types.intp), generate


@emitted
def itemsize(typing_context: Any, base: Any) -> Any:
    """Return the bytes of one number; known when the kernel is compiled."""

    def generate(context: Any, builder: Any, signature: Any, values: Sequence[Any]) -> Any:
        return context.get_constant(types.intp, base.dtype.bitwidth // 8)

    return types.intp(base), generate
