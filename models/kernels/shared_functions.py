"""Parts of kernels that are compiled once and called, instead of being copied into each kernel that uses them.

numba inlines what a kernel calls: each kernel, and each function on the way to it, then contains products, packing and
sums, and the compiler goes through all of them again and again. What is marked `separate` is compiled on its own, once
for each type of numbers; kernels refer to it by a symbol, as to a function of another library. A call costs
nanoseconds, a product takes microseconds.

A symbol must be known before a kernel that refers to it is compiled or loaded: `provide` compiles, or loads from the
disk cache, all parts. A process that builds kernels for the cache and never runs them needs only names, and `promise`
gives it those.
"""

import inspect
import threading
from collections.abc import Callable, Sequence
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import cfunc, types
from numba.core import cgutils

from models.kernels.arithmetic import OPTIONS
from models.kernels.memory import emitted

DTYPES: dict[str, Any] = {"float32": types.float32, "float64": types.float64}
_parts: dict[str, tuple[Callable[..., None], list[bool]]] = {}  # symbol -> function, and which arguments are pointers
_provided: dict[str, list[Any]] = {}  # dtype -> compiled parts, which must live as long as the process
_lock = threading.Lock()


def separate(function: Callable[..., None]) -> Any:
    """Mark a function of whole numbers, annotated `int`, and pointers, which all else is; a pointer comes first.

    Returns:
        What kernels call, with the same arguments.
    """
    parameters = list(inspect.signature(function).parameters.values())
    pointers = [parameter.annotation is not int for parameter in parameters]
    symbol = f"gatescope_{function.__name__.strip('_')}"
    _parts[symbol] = (function, pointers)

    def call(typing_context: Any, *given: Any) -> Any:
        dtype = given[0].dtype

        def generate(context: Any, builder: Any, signature: Any, values: Sequence[Any]) -> Any:
            kind = ir.FunctionType(ir.VoidType(), [value.type for value in values])
            declared: Callable[..., Any] = cgutils.get_or_insert_function
            builder.call(declared(builder.module, kind, f"{symbol}_{dtype}"), values)
            return context.get_dummy_value()

        return types.void(*_types(pointers, dtype)), generate

    context = inspect.Parameter("typing_context", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    plain = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    call.__signature__ = inspect.Signature([context, *plain])  # type: ignore[attr-defined]
    return emitted(call)


def _types(pointers: Sequence[bool], dtype: Any) -> list[Any]:
    pointer: Any = types.CPointer
    return [pointer(dtype) if one else types.intp for one in pointers]


def provide(dtype: str) -> None:
    """Compile every part for a type of numbers, or load it from the disk cache, and make its symbol known."""
    with _lock:
        if dtype in _provided:
            return
        kind, compiled = DTYPES[dtype], []
        for symbol, (function, pointers) in _parts.items():  # a part may call those that were marked before it
            part = cfunc(types.void(*_types(pointers, kind)), cache=True, **OPTIONS)(function)
            llvm.add_symbol(f"{symbol}_{kind}", part.address)
            compiled.append(part)
        _provided[dtype] = compiled


def promise(dtype: str) -> None:
    """Make the symbols known without anything behind them, in a process that compiles kernels and never runs them."""
    for symbol in _parts:
        llvm.add_symbol(f"{symbol}_{DTYPES[dtype]}", 1)
