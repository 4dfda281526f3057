"""Control how glibc returns freed memory. With other C libraries these functions do nothing."""

import ctypes
import os
import sys
from typing import Any

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # parameters of mallopt
_LARGEST_THRESHOLD = 32 << 20  # bytes


def hand_back_memory() -> None:
    """Return freed memory to the system; glibc would keep up to 64 MB of it per thread."""
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    trim = _function("malloc_trim")
    if trim is not None:
        trim(0)


def share_arenas() -> None:
    """Make a server's short-lived threads share two arenas instead of one each; call it before they start."""
    mallopt = _function("mallopt")
    if mallopt is not None:
        mallopt(_ARENA_MAX, 2)


def keep_freed_memory() -> None:
    """Make malloc reuse freed memory although Dask's `MALLOC_TRIM_THRESHOLD_` makes it return larger blocks at once.

    Dask's nannies set this variable, which alone makes the training of small models about three times slower. Workers
    of our own start without it; for others, this restores the values that glibc itself would have adapted to.
    """
    mallopt = _function("mallopt") if "MALLOC_TRIM_THRESHOLD_" in os.environ else None
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST_THRESHOLD)
        mallopt(_TRIM_THRESHOLD, 2 * _LARGEST_THRESHOLD)


def _function(name: str) -> Any:
    """Return a function of the C library, or None if the library lacks it."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
