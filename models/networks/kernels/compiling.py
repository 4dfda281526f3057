"""How every kernel is compiled."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

# Multiply and add may be fused and sums reordered (the order is then fixed by the compiled code), but NaN and infinity
# must come through: a diverged replica is recognised by them.
OPTIONS: dict[str, Any] = {
    "nogil": True,
    "fastmath": {"contract", "reassoc", "nsz", "arcp"},
    "error_model": "numpy",
    "boundscheck": False,
}


def inner(function: Function) -> Function:
    """Compile a function that other kernels call."""
    return cast(Function, njit(**OPTIONS)(function))


def entry(function: Function) -> Function:
    """Compile a function that Python calls; it must stand at module level, or the disk cache never hits."""
    return cast(Function, njit(cache=True, **OPTIONS)(function))
