"""Compile fused kernels into the disk cache in separate processes, and record which were compiled and checked.

The compiler would leave 140 MB in this process. Separate processes can use several cores and have a lower priority. A record
is valid for one state of the sources, one processor, and one version of each library: the first two are in the name of the
cache folder, the third is in the marker files.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import psutil

from models.platform import PARENT, memory_bytes

_PARTS = "parts"
_BUILDER_BYTES = 300e6  # memory of one compiling process
MIN_BYTES = 1.3e9  # server, worker and one compiling process
_SPARE = 4  # times the memory of one process must be free to run two at a time
_ROOT = Path(__file__).resolve().parents[2]
_building = threading.Lock()


def built(name: str, dtype: str = "float32") -> bool:
    """Return whether a kernel is in the cache, so that it loads quickly."""
    return _remembered("built", name, dtype) and _remembered("built", _PARTS, dtype)


def checked(name: str, dtype: str = "float32") -> bool:
    """Return whether a cached kernel passed its check on this machine."""
    return _remembered("checked", name, dtype) and built(name, dtype)


def remember_check(name: str, dtype: str = "float32") -> None:
    """Record that a kernel passed its check."""
    _remember("checked", name, dtype)


def build(names: Sequence[str], dtype: str = "float32") -> bool:
    """Compile the kernels that are not in the cache, several at a time if cores and memory allow, and wait for the end.

    Returns:
        Whether all were compiled. If not, compiling them in the caller's process will show the error.
    """
    with _building:
        missing = [name for name in names if not built(name, dtype)]
        if not missing:
            return True
        parts = [] if _remembered("built", _PARTS, dtype) else [_PARTS]
        lots = [[*parts, *missing[1:]], missing[:1]] if _room_for_two() else [[*parts, *missing]]
        running = [(lot, _start(lot, dtype)) for lot in lots if lot]
        for lot, process in running:
            if process.wait() == 0:
                for name in lot:
                    _remember("built", name, dtype)
    return all(built(name, dtype) for name in missing)


def memory_suffices() -> bool:
    """Return whether this machine or container has enough memory to compile beside a server and a worker."""
    return memory_bytes() >= MIN_BYTES


def _room_for_two() -> bool:
    return (os.cpu_count() or 1) > 1 and min(
        psutil.virtual_memory().available, memory_bytes()
    ) > _SPARE * _BUILDER_BYTES


def _start(names: Sequence[str], dtype: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "models.kernels.build", *names, dtype]
    environment = {**os.environ, PARENT: str(os.getpid())}
    return subprocess.Popen(  # noqa: S603
        command, cwd=_ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _mark(what: str, name: str, dtype: str) -> Path:
    from models.kernels.cache import prepare_cache

    return prepare_cache() / f"{what}-{name}-{dtype}"


def _versions() -> str:
    return " ".join(f"{name} {version(name)}" for name in ("torch", "numba", "llvmlite"))


def _remembered(what: str, name: str, dtype: str) -> bool:
    try:
        return _mark(what, name, dtype).read_text(encoding="utf-8") == _versions()
    except OSError:
        return False


def _remember(what: str, name: str, dtype: str) -> None:
    mark = _mark(what, name, dtype)
    fresh = mark.with_name(f"{mark.name}-{os.getpid()}")
    fresh.write_text(_versions(), encoding="utf-8")
    os.replace(fresh, mark)  # atomic, so that nobody reads half of it
