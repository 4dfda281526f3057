"""Fused multiply-add as an explicit operation, so that no compiler decides where to use it.

A compiler that may fuse or reorder operations does so differently from one compilation to the next, and the last bits
of a training then depend on what was compiled before. So kernels are compiled with strict arithmetic, and the few
places where fused multiply-adds matter call the functions of this file.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba import njit

from models.kernels.memory import emitted

_NAMES = {"float": "f32", "double": "f64"}
Function = TypeVar("Function", bound=Callable[..., Any])
# Strict arithmetic: operations keep the order of the source, regardless of compilation order and inlining, so that every
# process trains to the same bits. NaN and infinity are preserved: they mark a diverged replica.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False}


def emit_multiply_add(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """Emit `a * b + c` for numbers or vectors of one type, fused if the processor can."""
    kind = a.type
    name = f"v{kind.count}{_NAMES[str(kind.element)]}" if isinstance(kind, ir.VectorType) else _NAMES[str(kind)]
    function = builder.module.globals.get(f"llvm.fmuladd.{name}") or ir.Function(
        builder.module, ir.FunctionType(kind, [kind] * 3), f"llvm.fmuladd.{name}"
    )
    return builder.call(function, [a, b, c])


@emitted
def multiply_add(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    """Return `a * b + c` in the arguments' common type, rounded once if the processor can."""
    if not a == b == c:
        return None

    def generate(context: Any, builder: Any, signature: Any, values: Sequence[Any]) -> Any:
        return emit_multiply_add(builder, *values)

    return a(a, b, c), generate


def inner(function: Function) -> Function:
    """Compile a function that other kernels call."""
    return cast(Function, njit(**OPTIONS)(function))


def entry(function: Function) -> Function:
    """Compile a function that Python calls; it must be at module level, or the disk cache never hits."""
    return cast(Function, njit(cache=True, **OPTIONS)(function))
