"""The files that sessions keep in memory: one each, and the oldest are let go when all together become too large."""

import threading
import weakref
from dataclasses import dataclass

from models.spec.installation_limits import MEGABYTE, Limits


@dataclass(slots=True, kw_only=True, eq=False, weakref_slot=True)
class Upload:
    """A visitor's file, kept in this session and with the experiments trained on it.

    Attributes:
        name: Name of the file.
        digest: Identifies the bytes.
        content: The bytes; empty once they were let go.
    """

    name: str
    digest: str
    content: bytes


class HeldUploads:
    """Knows the files of all sessions without keeping them alive. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: list[weakref.ref[Upload]] = []

    def add(self, upload: Upload) -> None:
        """Count a file, and let the oldest ones go if all together exceed the limit; the new one always stays."""
        most = Limits.from_environment().held_megabytes * MEGABYTE
        with self._lock:
            alive = [(held, kept) for held in self._held if (kept := held()) is not None and kept.content]
            total = len(upload.content) + sum(len(kept.content) for _, kept in alive)
            while alive and total > most:
                _, oldest = alive.pop(0)
                total -= len(oldest.content)
                oldest.content = b""
            self._held = [*(held for held, _ in alive), weakref.ref(upload)]

    def megabytes(self) -> float:
        """Return the size of all files."""
        with self._lock:
            return sum(len(kept.content) for held in self._held if (kept := held()) is not None) / MEGABYTE


HELD = HeldUploads()
