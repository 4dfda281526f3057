"""Write a text file all or nothing."""

import os
import threading
from pathlib import Path

from models.errors import GatescopeError


def write_text(target: Path, text: str) -> Path:
    """Write a text beside its place and move it there; return the path.

    Raises:
        GatescopeError: If it cannot be written.
    """
    partial = target.with_suffix(f".{os.getpid()}.{threading.get_ident()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(target)
    except OSError as error:
        raise GatescopeError(f"Cannot write `{target}`: {error.strerror}; choose another folder.") from error
    return target
