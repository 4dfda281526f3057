"""The part of the SQL store that deletes experiments: hidden at once, removed when they can no longer be undeleted."""

import time

from sqlalchemy import Connection, delete, select, update

from models.records.experiment import UNDO_SECONDS, valid_id
from models.store.sql import schema
from models.store.sql.database import Database


class Deletion:
    """Deletes experiments. See `models.store.interface.Store` for the methods."""

    _database: Database

    def delete(self, experiment: str, *, undo_seconds: float = UNDO_SECONDS) -> bool:
        """See `Store.delete`."""
        table, until = schema.experiment, time.time() + undo_seconds

        def work(connection: Connection) -> bool:
            chosen = update(table).where(table.c.id == experiment).values(purge_after=until)
            present = connection.execute(
                select(table.c.purge_after).where(table.c.id == experiment).with_for_update()
            ).first()
            if present is None or present.purge_after not in (None, until):
                return False
            return connection.execute(chosen).rowcount > 0

        return valid_id(experiment) and self._database.write(work)

    def undelete(self, experiment: str) -> bool:
        """See `Store.undelete`."""
        table = schema.experiment
        seen = False  # a first attempt whose answer was lost may already have undone the deletion

        def work(connection: Connection) -> bool:
            nonlocal seen
            purge(connection)
            row = connection.execute(
                select(table.c.purge_after).where(table.c.id == experiment).with_for_update()
            ).first()
            if row is None or (row.purge_after is None and not seen):
                return False
            seen = True
            connection.execute(update(table).where(table.c.id == experiment).values(purge_after=None))
            return True

        return valid_id(experiment) and self._database.write(work)

    def purge(self) -> int:
        """See `Store.purge`."""
        return self._database.write(purge)


def anything_to_purge(connection: Connection) -> bool:
    """Return whether a deleted experiment can no longer be undeleted."""
    table = schema.experiment
    return (
        connection.execute(select(table.c.number).where(table.c.purge_after <= time.time()).limit(1)).first()
        is not None
    )


def purge(connection: Connection) -> int:
    """Remove deleted experiments that can no longer be undeleted; return how many."""
    table = schema.experiment
    return connection.execute(delete(table).where(table.c.purge_after <= time.time())).rowcount
