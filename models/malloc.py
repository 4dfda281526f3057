"""What glibc does with memory that was freed. Elsewhere these functions do nothing."""

import ctypes
import os
import sys
from typing import Any

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # parameters of mallopt
_LARGEST_THRESHOLD = 32 << 20  # bytes


def hand_back_memory() -> None:
    """Return what was freed to the system; glibc would keep up to 64 MB of it per thread."""
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    trim = _function("malloc_trim")
    if trim is not None:
        trim(0)


def share_arenas() -> None:
    """Have the short-lived threads of a server share two arenas, which otherwise grow apart; call it before they start."""
    mallopt = _function("mallopt")
    if mallopt is not None:
        mallopt(_ARENA_MAX, 2)


def keep_freed_memory() -> None:
    """Have malloc reuse freed memory where Dask asked it to hand every larger piece back at once.

    Dask's nannies set this variable, which alone makes the training of small models about three times slower. Workers
    of our own start without it; for others, this restores what glibc itself would have settled on.
    """
    mallopt = _function("mallopt") if "MALLOC_TRIM_THRESHOLD_" in os.environ else None
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST_THRESHOLD)
        mallopt(_TRIM_THRESHOLD, 2 * _LARGEST_THRESHOLD)


def _function(name: str) -> Any:
    """Return a function of the C library, None where there is none: other libraries may lack it."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
