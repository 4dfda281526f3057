"""Bound what Streamlit itself keeps of uploaded files.

Its address for uploads takes any number of files of a session, whether or not an uploader asked for them, and keeps them
until the session ends.
"""

import threading
from typing import Any

from models.spec.installation_limits import MEGABYTE, Limits

_REMOVED = "DeletedFile"  # Streamlit's class for a file that an uploader names and that is gone
MAX_FILES = 6  # of a session: each uploader needs its newest one


class BoundedUploads:
    """Takes the place of a file manager's `add_file`, and removes the oldest files beforehand.

    Args:
        manager: Streamlit's file manager.
    """

    def __init__(self, manager: Any) -> None:
        self._manager, self._add = manager, manager.add_file
        self._lock = threading.Lock()
        self._files: list[tuple[str, str, int]] = []  # session, file and bytes, oldest first

    def install(self) -> None:
        """Bound the manager from now on."""
        self._manager.add_file = self.add_file

    def add_file(self, session_id: str, file: Any) -> None:
        """Keep a file. The oldest go: of this session, if it has too many, and of all, if they are too large together."""
        most = Limits.from_environment().held_megabytes * MEGABYTE
        with self._lock:
            alive = [one for one in self._files if self._manager.get_files(one[0], [one[1]])]
            own = [one for one in alive if one[0] == session_id]
            doomed = own[: max(0, len(own) - MAX_FILES + 1)]
            kept = [one for one in alive if one not in doomed]
            total = len(file.data) + sum(size for _, _, size in kept)
            while kept and total > most:
                doomed.append(kept.pop(0))
                total -= doomed[-1][2]
            for session, name, _ in doomed:
                self._manager.remove_file(session, name)
            self._files = [*kept, (session_id, file.file_id, len(file.data))]
            self._add(session_id, file)


def was_removed(file: object) -> bool:
    """Return whether an uploader's file is no longer kept: removing it counts as a change of the uploader."""
    return type(file).__name__ == _REMOVED
