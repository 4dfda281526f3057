"""The files that sessions keep in memory: one each, and the oldest are let go when all together become too large."""

import contextlib
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass

from models.malloc import hand_back_memory
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

    def add(self, upload: Upload, gone: Callable[[str], object] = lambda digest: None) -> None:
        """Count a file, and let the oldest ones go if all together exceed the limit; the new one always stays.

        Args:
            upload: The file.
            gone: Called with its digest once no session has it any more; may be called from any thread.
        """
        most = Limits.from_environment().held_megabytes * MEGABYTE
        weakref.finalize(upload, self._notice, upload.digest, gone).atexit = False
        let_go = []
        with self._lock:
            alive = [(held, kept) for held in self._held if (kept := held()) is not None and kept.content]
            total = len(upload.content) + sum(len(kept.content) for _, kept in alive)
            while alive and total > most:
                _, oldest = alive.pop(0)
                total -= len(oldest.content)
                oldest.content = b""
                let_go.append(oldest.digest)
            self._held = [*(held for held, _ in alive), weakref.ref(upload)]

        for digest in let_go:
            self._end(digest, gone)

    def _notice(self, digest: str, gone: Callable[[str], object]) -> None:
        """Handle the end of a file in a thread of its own: whoever notices it may hold a lock."""
        with contextlib.suppress(RuntimeError):  # the server is shutting down
            threading.Thread(target=self._end, args=(digest, gone), name="gatescope-upload", daemon=True).start()

    def _end(self, digest: str, gone: Callable[[str], object]) -> None:
        with self._lock:
            alive = [kept for held in self._held if (kept := held()) is not None and kept.content]
        if not any(kept.digest == digest for kept in alive):
            gone(digest)
        hand_back_memory()  # after the bytes, and what was made from them, have become free

    def megabytes(self) -> float:
        """Return the size of all files."""
        with self._lock:
            return sum(len(kept.content) for held in self._held if (kept := held()) is not None) / MEGABYTE


HELD = HeldUploads()
