"""Differences between operating systems: one function each, which does nothing if the system lacks the feature."""

import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import Any

LINUX = sys.platform == "linux"
PARENT = "GATESCOPE_PARENT"  # process id of a child's parent, for `die_with_parent`
_PR_SET_PDEATHSIG = 1
_CGROUP = Path("/sys/fs/cgroup")
_UNLIMITED = 1 << 60  # cgroup v1 reports a huge number if there is no limit


def sync(path: Path) -> None:
    """Flush a file, or the entries of a folder, to disk.

    Windows syncs only files that are open for writing, and no folders.
    """
    folder = path.is_dir()
    try:
        handle = os.open(path, os.O_RDONLY if folder or not hasattr(os, "O_BINARY") else os.O_RDWR)
    except PermissionError:
        if folder:
            return
        raise
    try:
        os.fsync(handle)
    except OSError:
        if LINUX or not folder:
            raise
    finally:
        os.close(handle)


def load_average() -> float:
    """Return the load average of the last minute; NaN if the system does not provide it."""
    count = getattr(os, "getloadavg", None)
    try:
        return float(count()[0]) if count is not None else float("nan")
    except OSError:
        return float("nan")


def lower_priority(by: int) -> None:
    """Lower this process's priority, if the system supports it."""
    nice = getattr(os, "nice", None)
    if nice is not None:
        nice(by)


def user_name() -> str:
    """Return a name that differs between users of the machine."""
    identify = getattr(os, "getuid", None)
    return str(identify()) if identify is not None else "user"


def die_with_parent(parent: int | None = None) -> None:
    """Make the kernel end this process when its parent ends for any reason; Linux only.

    Args:
        parent: Process id of the parent at the start of this process; if it is already gone, this process ends at once.
    """
    prctl = _c_function("prctl")
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if parent is not None and hasattr(os, "getppid") and os.getppid() != parent:
        os._exit(1)


def _c_function(name: str) -> Any:
    """Return a function of the C library, or None if it has none of that name."""
    return getattr(ctypes.CDLL(None), name, None) if LINUX else None


def memory_bytes(root: Path = _CGROUP, own: Path = Path("/proc/self/cgroup")) -> int:
    """Return the bytes of memory that this process may use: its container's limit, or else the machine's memory.

    Args:
        root: Where control groups are mounted, version 1 or 2.
        own: The file that names this process's groups.
    """
    import psutil

    return min([int(psutil.virtual_memory().total), *_group_limits(root, own)])


def _group_limits(root: Path, own: Path) -> list[int]:
    """Return the limits of this process's control groups and of all groups above them."""
    try:
        lines = own.read_text(encoding="ascii").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        _, controllers, group = line.split(":", 2)
        if controllers in ("", "memory") or "memory" in controllers.split(","):
            base, name = (root, "memory.max") if not controllers else (root / "memory", "memory.limit_in_bytes")
            place = base / group.strip("/")
            for folder in (place, *place.parents):
                found += _limit_in(folder / name)
                if folder == base:
                    break
    return found


def _limit_in(file: Path) -> list[int]:
    try:
        text = file.read_text(encoding="ascii").strip()
    except OSError:
        return []
    return [int(text)] if text.isdecimal() and int(text) < _UNLIMITED else []
