"""A store in memory, for a server whose database cannot be reached and for tests: SQLite without a file."""

from sqlalchemy.engine import URL

from models.store.sql import rows
from models.store.sql.database import Database
from models.store.sql.lease import interrupt
from models.store.sql.store import SqlStore


class MemoryStore(SqlStore):
    """Keeps experiments until the process ends. See `models.store.interface.Store` for the methods."""

    def __init__(self) -> None:
        super().__init__(Database(URL.create("sqlite")), watch=False)

    def __contains__(self, experiment: str) -> bool:
        """Return whether an experiment is kept, deleted or not."""
        return self._database.read(lambda connection: rows.exists(connection, experiment))

    def interrupt(self) -> None:
        """End unfinished experiments and keep them, while `close` loses everything."""
        self._database.write(lambda connection: interrupt(connection, self._lease))

    def forget(self, experiment: str) -> None:
        """Remove an experiment at once."""
        self.delete(experiment, undo_seconds=-1.0)
        self.purge()
