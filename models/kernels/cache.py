"""Choose where compiled kernels are cached between processes: a private folder, set before numba is imported."""

import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

from models.platform import user_name

VARIABLE = "NUMBA_CACHE_DIR"


def source_digest() -> str:
    """Return a hash of this package's sources.

    numba notices a change in the file of a kernel but not in the files that it imports, so each state of the sources gets
    its own folder.
    """
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def prepare_cache() -> Path:
    """Point numba at a folder owned by this user and return it; call this before the first kernel is defined.

    `NUMBA_CACHE_DIR`, if set, is used as the parent. Compiled code is loaded from this folder and run, so it must belong to
    this user and nobody else may write to it; if no such folder can be created, this process uses a temporary one.
    """
    name = f"kernels-{source_digest()}-{processor_digest()}"
    given = os.environ.get(VARIABLE)
    if given and Path(given).name == name:
        folder = Path(given)
    else:
        folder = _first_private([Path(given)] if given else _candidates()) / name
        folder.mkdir(mode=0o700, exist_ok=True)
    os.environ[VARIABLE] = str(folder)
    config = getattr(sys.modules.get("numba"), "config", None)  # None while another thread still imports numba
    if config is not None:
        config.reload_config()
    return folder


def processor_digest() -> str:
    """Return a short hash of the processor that code is compiled for.

    Processes that compile for different processors must not share a folder: numba's index of a function is not locked, so
    two processes that save at once can end up with each other's code.
    """
    asked = [os.environ.get(name, "") for name in ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES")]
    try:
        from llvmlite import binding

        host = [binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()]
    except ImportError:  # without it there is nothing to cache
        host = []
    return hashlib.sha256("/".join([*asked, *host]).encode()).hexdigest()[:8]


def _candidates() -> list[Path]:
    parents = [os.environ.get("XDG_CACHE_HOME"), os.path.expanduser("~/.cache")]
    shared = Path(tempfile.gettempdir()) / f"gatescope-{user_name()}"
    return [Path(parent) / "gatescope" for parent in parents if parent and os.path.isabs(parent)] + [shared]


def _first_private(folders: list[Path]) -> Path:
    for folder in folders:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        if _is_private(folder):
            return folder
    return Path(tempfile.mkdtemp(prefix="gatescope-"))


def _is_private(folder: Path) -> bool:
    """Return whether the folder belongs to this user, is writable, and nobody else may write to it."""
    if folder.is_symlink() or not os.access(folder, os.W_OK | os.X_OK):
        return False
    if not hasattr(os, "getuid"):
        return True
    state = folder.stat()
    return state.st_uid == os.getuid() and not state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
