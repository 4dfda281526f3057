"""Parts of kernels that are compiled once and called, instead of being compiled into each kernel that uses them.

By default numba compiles each kernel together with all functions that it calls: products, packing and sums. A function
marked `separate` is compiled once per dtype, and kernels call it through a symbol, like a function of another library. A
call costs nanoseconds, a product takes microseconds.

A symbol must be registered before a kernel that refers to it is compiled or loaded: `provide` compiles all parts, or loads
them from the disk cache. A process that builds kernels for the cache and never runs them needs only the symbols' names,
which `promise` registers.
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
_parts: dict[
    str, tuple[Callable[..., None], list[bool]]
] = {}  # symbol -> function and, per argument, whether it is a pointer
_provided: dict[str, list[Any]] = {}  # dtype -> compiled parts, which must live as long as the process
_lock = threading.Lock()


def separate(function: Callable[..., None]) -> Any:
    """Mark a function whose arguments are integers, annotated `int`, and pointers (all others), a pointer first.

    Returns:
        The function that kernels call, with the same arguments.
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
    """Compile every part for a dtype, or load it from the disk cache, and register its symbol."""
    with _lock:
        if dtype in _provided:
            return
        kind, compiled = DTYPES[dtype], []
        for symbol, (function, pointers) in _parts.items():  # a part may call those marked before it
            part = cfunc(types.void(*_types(pointers, kind)), cache=True, **OPTIONS)(function)
            llvm.add_symbol(f"{symbol}_{kind}", part.address)
            compiled.append(part)
        _provided[dtype] = compiled


def promise(dtype: str) -> None:
    """Register the symbols without code, in a process that compiles kernels and never runs them."""
    for symbol in _parts:
        llvm.add_symbol(f"{symbol}_{DTYPES[dtype]}", 1)
