"""How every kernel is compiled."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

# Strict arithmetic: the order of operations is that of the source, whatever is compiled when and inlined where, so that
# every process trains to the same bits. NaN and infinity come through: a diverged replica is recognised by them.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False}


def inner(function: Function) -> Function:
    """Compile a function that other kernels call."""
    return cast(Function, njit(**OPTIONS)(function))


def entry(function: Function) -> Function:
    """Compile a function that Python calls; it must stand at module level, or the disk cache never hits."""
    return cast(Function, njit(cache=True, **OPTIONS)(function))
