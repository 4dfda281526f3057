"""How many visitors the server serves at a time."""

import threading


class Seats:
    """Counts sessions. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = 0

    @property
    def taken(self) -> int:
        """How many sessions there are."""
        return self._taken

    def take(self, most: int) -> bool:
        """Take a seat unless all `most` are taken; return whether there was one."""
        with self._lock:
            if self._taken >= most:
                return False
            self._taken += 1
            return True

    def leave(self) -> None:
        """Give a seat back."""
        with self._lock:
            self._taken -= 1
