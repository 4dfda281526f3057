"""Plain pointers for kernels: an address and a type, without reference counts or index checks.

Python allocates the memory and keeps it alive during a call. It passes one array, which determines the dtype, and plain
addresses, because passing a number to a kernel is ten times faster than passing an array. Inside a kernel everything is a
pointer, which is moved with `at` and indexed like an array. Code that uses a pointer must know the dimensions.
"""

from collections.abc import Callable, Sequence
from typing import Any

from numba import types
from numba.extending import intrinsic

Pointer = Any  # indexed like an array


def emitted(function: Callable[..., Any]) -> Any:
    """Make an intrinsic: a function that emits LLVM instructions and sees the values of literal arguments."""
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
    """Return an address as a pointer of the type of `like`."""

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
    """Return the bytes of one number, a constant at compile time."""

    def generate(context: Any, builder: Any, signature: Any, values: Sequence[Any]) -> Any:
        return context.get_constant(types.intp, base.dtype.bitwidth // 8)

    return types.intp(base), generate
