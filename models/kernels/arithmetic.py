"""Multiply and add in one rounding, asked for by name, so that no compiler decides where it happens.

A compiler that may fuse or reorder freely does so differently from one compilation to the next, and the last bits
of a training then depend on what was compiled before. Kernels are therefore compiled with strict arithmetic, and the
few places where fused multiply-adds matter ask for them here.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba import njit

from models.kernels.memory import emitted

_NAMES = {"float": "f32", "double": "f64"}
Function = TypeVar("Function", bound=Callable[..., Any])
# Strict arithmetic: the order of operations is that of the source, whatever is compiled when and inlined where, so that
# every process trains to the same bits. NaN and infinity are preserved: they mark a diverged replica.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False}


def emit_multiply_add(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """Emit `a * b + c` for numbers or vectors of one type: fused wherever the processor can."""
    kind = a.type
    name = f"v{kind.count}{_NAMES[str(kind.element)]}" if isinstance(kind, ir.VectorType) else _NAMES[str(kind)]
    function = builder.module.globals.get(f"llvm.fmuladd.{name}") or ir.Function(
        builder.module, ir.FunctionType(kind, [kind] * 3), f"llvm.fmuladd.{name}"
    )
    return builder.call(function, [a, b, c])


@emitted
def multiply_add(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    """Return `a * b + c` in the type of the three, rounded once wherever the processor can."""
    if not a == b == c:
        return None

    def generate(context: Any, builder: Any, signature: Any, values: Sequence[Any]) -> Any:
        return emit_multiply_add(builder, *values)

    return a(a, b, c), generate


def inner(function: Function) -> Function:
    """Compile a function that other kernels call."""
    return cast(Function, njit(**OPTIONS)(function))


def entry(function: Function) -> Function:
    """Compile a function that Python calls; it must stand at module level, or the disk cache never hits."""
    return cast(Function, njit(cache=True, **OPTIONS)(function))
