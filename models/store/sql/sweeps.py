"""The part of the SQL store that keeps sweeps and finds their runs."""

import contextlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from models.errors import StoreError
from models.records import untrusted_values
from models.records.sweep import REUSABLE, FoundRun, SweepRecord
from models.spec.sweep import SweepSpec
from models.store.sql import codec, rows, schema
from models.store.sql.database import Database
from models.store.sql.janitor import Janitor

_AT_ONCE = 500  # keys per statement
_RUNNING = "running"
SWEEP_STATUSES = frozenset({"running", "stopped", "finished"})


class Sweeps:
    """Keeps sweeps. See `models.store.interface.Store` for the methods."""

    _database: Database
    _janitor: Janitor

    def find_runs(self, keys: Sequence[str]) -> dict[str, FoundRun]:
        """See `Store.find_runs`."""

        def work(connection: Connection) -> dict[str, FoundRun]:
            found = {}
            for start in range(0, len(keys), _AT_ONCE):
                for row in connection.execute(_reusable(keys[start : start + _AT_ONCE])):
                    with contextlib.suppress(StoreError):  # an unreadable one is trained again
                        found[row.key] = _found(row)
            return found

        return self._database.read(work) if keys else {}

    def save_sweep(self, record: SweepRecord) -> None:
        """See `Store.save_sweep`."""
        table, key = schema.sweep, record.spec.key()
        values = {
            "spec": codec.to_json(record.spec.to_dict()),
            "status": record.status,
            "message": record.message,
            "control": record.control,
            "created": record.created.isoformat(timespec="microseconds"),
            "lease": self._janitor.leases.owner.id,
        }

        def work(connection: Connection) -> None:
            if record.status == _RUNNING:
                self._janitor.leases.beat(connection)
            if not connection.execute(update(table).where(table.c.key == key).values(**values)).rowcount:
                connection.execute(insert(table).values(key=key, **values))

        self._look_after(key, running=record.status == _RUNNING)
        self._database.write(work)

    def _look_after(self, key: str, *, running: bool) -> None:
        """Keep the lease renewed while a sweep runs, also between its experiments."""
        if running:
            self._janitor.expect(key)
        else:
            self._janitor.ended(key)

    def sweep(self, key: str) -> SweepRecord | None:
        """See `Store.sweep`."""
        table = schema.sweep
        row = self._database.read(
            lambda connection: connection.execute(select(table).where(table.c.key == key)).first()
        )
        return None if row is None else _record(row)

    def sweeps(self, limit: int = 50) -> tuple[SweepRecord, ...]:
        """See `Store.sweeps`; sweeps that this version cannot read are left out."""
        table = schema.sweep
        chosen = select(table).order_by(table.c.created.desc()).limit(limit)
        found = self._database.read(lambda connection: list(connection.execute(chosen)))
        return tuple(record for row in found if (record := _readable(row)) is not None)

    def adopt_sweeps(self) -> tuple[SweepRecord, ...]:
        """See `Store.adopt_sweeps`."""
        if not self._database.read(lambda connection: connection.execute(select(schema.sweep).where(_lost())).first()):
            return ()
        found = [record for row in self._database.write(self._adopt) if (record := _readable(row)) is not None]
        for record in found:
            self._look_after(record.spec.key(), running=True)
        return tuple(found)

    def _adopt(self, connection: Connection) -> list[Row[Any]]:
        self._janitor.leases.beat(connection)
        table, mine = schema.sweep, self._janitor.leases.owner.id
        lost = list(connection.execute(select(table).where(_lost()).with_for_update()))
        connection.execute(update(table).where(table.c.key.in_([row.key for row in lost])).values(lease=mine))
        return lost


def _lost() -> ColumnElement[bool]:
    """Return the condition that a sweep runs and its owner's lease has expired."""
    table = schema.sweep
    return (table.c.status == _RUNNING) & table.c.lease.not_in(select(schema.lease.c.id))


def _reusable(keys: Sequence[str]) -> Any:
    table, runs = schema.experiment, schema.run
    return (
        select(runs, table.c.spec.label("experiment_spec"))
        .join(table, table.c.id == runs.c.experiment)
        .where(runs.c.key.in_(keys), runs.c.status.in_(REUSABLE), runs.c.result.is_not(None))
        .where(table.c.has_content == 0, table.c.imported == 0, table.c.purge_after.is_(None))
        .order_by(table.c.number)
    )


def _found(row: Row[Any]) -> FoundRun:
    with rows.reading("A stored run"):
        result = codec.result_from_plain(untrusted_values.load_json(row.result), rows.read_spec(row.experiment_spec))
    return FoundRun(experiment=row.experiment, result=result)


def _record(row: Row[Any]) -> SweepRecord:
    with rows.reading("This sweep"):
        return SweepRecord(
            spec=SweepSpec.from_dict(
                untrusted_values.mapping(untrusted_values.load_json(row.spec), "A sweep's settings")
            ),
            status=untrusted_values.one_of(row.status, SWEEP_STATUSES, "The status"),
            message=untrusted_values.name(row.message, "A message", longest=rows.MAX_MESSAGE),
            control=row.control,
            created=untrusted_values.moment(row.created, "The date"),
        )


def _readable(row: Row[Any]) -> SweepRecord | None:
    try:
        return _record(row)
    except StoreError:
        return None
