"""A background thread that renews this server's lease, ends experiments of dead servers and purges deleted ones."""

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Connection

from models.errors import StoreError
from models.store.sql.database import Database
from models.store.sql.deletion import anything_to_purge, purge
from models.store.sql.lease import BEAT_SECONDS, Leases, Owner, interrupt, this_process

log = logging.getLogger(__name__)
CLOSE_SECONDS = 1.5  # how long shutdown waits for a database that does not answer


class Janitor:
    """Renews one store's lease and checks the others.

    Args:
        database: Where leases and experiments are kept.
        owner: Owner of the lease; None for this process.
    """

    def __init__(self, database: Database, owner: Owner | None = None) -> None:
        self.leases = Leases(owner or this_process())
        self._database = database
        self._running: set[str] = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="gatescope-store", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread and wait for it."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=CLOSE_SECONDS)

    def expect(self, experiment: str) -> None:
        """Renew the lease until this experiment has ended."""
        with self._lock:
            self._running.add(experiment)

    def ended(self, experiment: str) -> None:
        """Stop renewing the lease for this experiment."""
        with self._lock:
            self._running.discard(experiment)

    def round(self) -> None:
        """Run one round: renew the lease, end experiments of dead owners, purge.

        Raises:
            StoreError: If the database cannot be used.
        """
        if self._running:
            self._database.write(self.leases.beat)
        for lease in self._database.read(self.leases.dead):
            ended = self._database.write(_ending(lease))
            log.info("ended %d experiments of a dead server", ended)
        if self._database.read(anything_to_purge):
            self._database.write(purge)

    def _watch(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            try:
                self.round()
            except StoreError as error:
                log.warning("%s", error)


def _ending(lease: str) -> Callable[[Connection], int]:
    return lambda connection: interrupt(connection, lease)
