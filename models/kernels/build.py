"""Compile kernels into the disk cache, or load them from it: `python -m models.kernels.build lstm float32`.

This file needs no torch. Several processes may build different kernels into one folder at the same time.
"""

import importlib
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
from numba import typeof

from models.kernels.layout import Parameters, Sizes, Upstream, View
from models.kernels.shared_functions import promise, provide
from models.platform import PARENT, die_with_parent, lower_priority

KERNELS = ("lstm", "gru", "rnn")
PARTS = "parts"  # the shared functions, which all kernels call
_SIZES, _PARAMETERS = Sizes(*[1] * 7), Parameters(*[1] * 4)
_VIEW: View = (1, (1, 1, 1, 1))


def kernel(name: str) -> ModuleType:
    """Return the module of a kernel."""
    return importlib.import_module(f"models.kernels.{name}")


def compile_kernel(name: str, dtype: str) -> None:
    """Compile forward and backward of a kernel for a dtype; the symbols of the parts must be registered."""
    module, kept = kernel(name), (np.empty(1, dtype), 1)
    forward: tuple[Any, ...] = (_SIZES, _PARAMETERS, _VIEW, kept, 1)
    backward: tuple[Any, ...] = (_SIZES, _PARAMETERS, kept, Upstream(_VIEW, _VIEW), (_PARAMETERS, 1), 1)
    kind: Callable[[Any], Any] = typeof
    module.forward.compile(tuple(kind(one) for one in forward))
    module.backward.compile(tuple(kind(one) for one in backward))


def load(name: str, dtype: str) -> None:
    """Load a kernel and the parts that it calls from the cache; compile what is missing."""
    importlib.import_module("models.kernels.weight_gradients")  # marks the parts
    provide(dtype)
    compile_kernel(name, dtype)


def build(names: list[str], dtype: str) -> None:
    """Compile the named kernels, or `parts`, into the cache, without running them."""
    importlib.import_module("models.kernels.weight_gradients")  # marks the parts
    if PARTS in names:
        provide(dtype)
    else:
        promise(dtype)
    for name in names:
        if name != PARTS:
            compile_kernel(name, dtype)


if __name__ == "__main__":
    die_with_parent(int(os.environ.get(PARENT, os.getppid())))
    lower_priority(10)  # pages and trainings go first
    build(sys.argv[1:-1], sys.argv[-1])
