"""End the worker process on this machine while nobody needs it, and start it again when somebody does."""

import logging
import time
from collections.abc import Callable

from models.engine.connection import RESTING, Connection
from models.logs import event
from models.malloc import hand_back_memory

_log = logging.getLogger("gatescope.engine")


class IdleWorker:
    """Watches for work. All methods belong to the engine's thread.

    Args:
        connection: The engine's connection.
        after: Seconds without work after which the worker ends; 0 for never.
        working: Tells whether an experiment or a call is unfinished.
    """

    def __init__(self, connection: Connection, *, after: float, working: Callable[[], bool]) -> None:
        self._connection, self._after, self._working = connection, after, working
        self._needed = time.monotonic()

    @property
    def resting(self) -> bool:
        """Whether the worker has ended because there was no work."""
        return self._connection.state is RESTING

    def wake(self) -> None:
        """Note that somebody needs the worker, and start it if it has ended."""
        self._needed = time.monotonic()
        if self.resting:
            event(_log, "worker started again")
            self._connection.open()

    def tick(self) -> None:
        """End the worker if there was no work for long enough; a worker of another machine is left alone."""
        link = self._connection.link
        if link is None or self._working():
            self._needed = time.monotonic()
        elif self._after and link.local and time.monotonic() - self._needed > self._after:
            event(_log, "worker ended", idle_seconds=round(self._after))
            self._connection.rest()
            hand_back_memory()  # the server's own: sessions have come and gone
