"""Keep files for download until a browser has fetched them.

Streamlit makes a file when its button is pressed, and deletes it as soon as two runs of any visitors' pages have ended: on a
busy server before the browser that asked for it can fetch it.
"""

import threading
import time
from collections import Counter, deque
from typing import Any

SECONDS = 10.0


class KeptDownloads:
    """Takes the place of two methods of a storage of files, and deletes each file some time after it was asked to.

    Args:
        storage: Streamlit's storage of files.
        seconds: How long files stay.
    """

    def __init__(self, storage: Any, seconds: float = SECONDS) -> None:
        self._storage, self._seconds = storage, seconds
        self._load, self._delete = storage.load_and_get_id, storage.delete_file
        self._lock = threading.Lock()
        self._loads: Counter[str] = Counter()
        self._doomed: deque[tuple[float, str, int]] = deque()  # when, which file, how often it had been loaded

    def install(self) -> None:
        """Take the place of the storage's methods from now on."""
        self._storage.load_and_get_id, self._storage.delete_file = self.load_and_get_id, self.delete_file

    def load_and_get_id(self, *args: Any, **named: Any) -> str:
        """Store a file; one that was to be deleted stays."""
        with self._lock:
            name = str(self._load(*args, **named))
            self._loads[name] += 1
        return name

    def delete_file(self, file_id: str) -> None:
        """Delete a file later, unless it is stored again until then."""
        with self._lock:
            self._doomed.append((time.monotonic() + self._seconds, file_id, self._loads[file_id]))
            if len(self._doomed) == 1:
                self._later()

    def _later(self) -> None:
        timer = threading.Timer(max(0.01, self._doomed[0][0] - time.monotonic()), self._delete_due)
        timer.daemon = True
        timer.start()

    def _delete_due(self) -> None:
        with self._lock:
            while self._doomed and self._doomed[0][0] <= time.monotonic():
                _, name, loads = self._doomed.popleft()
                if self._loads[name] == loads:
                    del self._loads[name]
                    self._delete(name)
            if self._doomed:
                self._later()
