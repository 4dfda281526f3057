"""The SQL store: what an engine writes while experiments run, and what pages read of one experiment.

Its other parts are in `experiment_list`, `notes_decisions_tags`, `deletion` and `sweeps`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from models.bounded_cache import BoundedCache
from models.records import untrusted_values
from models.records.experiment import ExperimentRecord, new_id, valid_id
from models.records.results import FINAL, Baselines, ExperimentResult, ExperimentView, RunResult, RunView
from models.records.summaries import array_bytes
from models.spec.experiment_settings import ExperimentSpec
from models.store.sql import codec, rows, schema
from models.store.sql.backup import Backups
from models.store.sql.database import Database
from models.store.sql.deletion import Deletion
from models.store.sql.experiment_list import ExperimentLists
from models.store.sql.janitor import CLOSE_SECONDS, Janitor
from models.store.sql.lease import Owner, interrupt
from models.store.sql.migrations import migrate
from models.store.sql.notes_decisions_tags import NotesDecisionsTags
from models.store.sql.sweeps import Sweeps

CREATE_PATIENCE = 2.0  # seconds; a page waits, and an experiment that cannot be created is kept in memory for now
_OPENING_PATIENCE = 2.0  # seconds; a starting server does not wait for its database but retries later
MAX_CACHED_BYTES = 150_000_000  # of final results, which never change and which pages read often


class SqlStore(ExperimentLists, NotesDecisionsTags, Deletion, Sweeps):
    """Keeps experiments in SQLite or PostgreSQL. See `models.store.interface.Store` for the methods.

    Opening it migrates the tables and ends unfinished experiments of dead servers; a thread repeats the latter.
    Every write carries a token, so that a write retried after a lost answer counts once.

    Args:
        database: Where to keep them.
        owner: The process that runs these experiments; None for this process.
        notice: Sentence for a banner about how the store was opened.
        watch: Whether to run the thread.
        backups: Backs up the database file; this store starts and stops it.

    Raises:
        StoreError: If the database cannot be used.
    """

    def __init__(
        self,
        database: Database,
        *,
        owner: Owner | None = None,
        notice: str = "",
        watch: bool = True,
        backups: Backups | None = None,
    ) -> None:
        self._database, self._notice, self._backups = database, notice, backups
        self._cache: BoundedCache[tuple[str, str], RunResult] = BoundedCache(MAX_CACHED_BYTES, size_of=array_bytes)
        database.write(migrate, patience=_OPENING_PATIENCE)
        self._janitor = Janitor(database, owner)
        self._janitor.round()
        if watch:
            self._janitor.start()
        if backups is not None:
            backups.start()

    @property
    def notice(self) -> str:
        """See `Store.notice`."""
        problem = self._backups.problem if self._backups else ""
        seen = self._database.file.notice if self._database.file else ""
        return " ".join(filter(None, (self._notice, seen, problem)))

    def create(self, record: ExperimentRecord) -> None:
        """See `Store.create`."""

        def work(connection: Connection) -> None:
            if not rows.exists(connection, record.id):
                self._janitor.leases.beat(connection)
                rows.insert_experiment(connection, record, self._lease)

        rows.check_id(record.id)
        self._database.require_space()
        self._janitor.expect(record.id)
        self._database.write(work, patience=CREATE_PATIENCE)

    def set_status(self, experiment: str, status: str, message: str = "") -> bool:
        """See `Store.set_status`."""
        table, token = schema.experiment, new_id()

        def work(connection: Connection) -> bool:
            values = {"status": status, "message": message, "written_by": token}
            chosen = update(table).where(table.c.id == experiment, table.c.status.not_in(FINAL)).values(**values)
            if connection.execute(chosen).rowcount:
                return True
            return bool(
                connection.execute(select(table.c.written_by).where(table.c.id == experiment)).scalar() == token
            )

        changed = self._change(experiment, work)
        if status in FINAL:
            self._janitor.ended(experiment)
        return changed

    def set_baselines(self, experiment: str, baselines: Baselines, repeats: Sequence[Baselines] = ()) -> None:
        """See `Store.set_baselines`."""
        table, packed = schema.experiment, codec.baselines_to_json(baselines, repeats)

        def work(connection: Connection) -> None:
            connection.execute(update(table).where(table.c.id == experiment).values(baselines=packed))

        self._change(experiment, work)

    def set_run_status(
        self, experiment: str, architecture: str, status: str, *, attempt: int = 1, message: str = ""
    ) -> bool:
        """See `Store.set_run_status`."""

        def work(connection: Connection, row: Row[Any]) -> None:
            if attempt > row.attempt:
                connection.execute(delete(schema.curve).where(*rows.of_run(schema.curve, experiment, architecture)))
            values = {"status": status, "attempt": attempt, "message": message}
            rows.update_run(connection, experiment, architecture, values)

        return self._change_run(experiment, architecture, work)

    def append_curve(self, experiment: str, architecture: str, points: Sequence[tuple[float, ...]]) -> None:
        """See `Store.append_curve`."""
        if not points:
            return
        token, packed, curve = new_id(), codec.pack_points(points), schema.curve

        def work(connection: Connection, _row: Row[Any]) -> None:
            if connection.execute(select(curve.c.chunk).where(curve.c.id == token)).first():
                return
            of_run = rows.of_run(curve, experiment, architecture)
            last = connection.execute(select(func.coalesce(func.max(curve.c.chunk), 0)).where(*of_run)).scalar_one()
            values = {"id": token, "experiment": experiment, "architecture": architecture, "points": packed}
            connection.execute(insert(curve).values(chunk=last + 1, **values))

        self._change_run(experiment, architecture, work)

    def save_result(self, experiment: str, architecture: str, result: RunResult) -> bool:
        """See `Store.save_result`."""
        self._database.require_space()
        packed = _packed(result)

        def work(connection: Connection, _row: Row[Any]) -> None:
            rows.put_result(connection, (experiment, architecture), result, packed)

        return self._change_run(experiment, architecture, work)

    def _change_run(self, experiment: str, architecture: str, work: Callable[[Connection, Row[Any]], None]) -> bool:
        """Change a run that is not final; return whether it was changed."""
        token = new_id()

        def checked(connection: Connection) -> bool:
            row = rows.locked_run(connection, experiment, architecture)
            if row.status in FINAL:
                return bool(row.written_by == token)
            work(connection, row)
            rows.update_run(connection, experiment, architecture, {"written_by": token})
            return True

        rows.check_id(experiment)
        return self._database.write(checked)

    def keep(self, record: ExperimentRecord, result: ExperimentResult, message: str = "") -> None:
        """See `Store.keep`."""
        packed = {run.spec.architecture: _packed(run) for run in result.runs}
        table = schema.experiment

        def work(connection: Connection) -> None:
            if rows.exists(connection, record.id):
                return
            rows.insert_experiment(connection, record, self._lease)
            for run in result.runs:
                place = (record.id, run.spec.architecture)
                rows.put_result(connection, place, run, packed[run.spec.architecture])
            values = {"status": result.status, "message": message}
            connection.execute(update(table).where(table.c.id == record.id).values(**values))

        rows.check_id(record.id)
        self._database.require_space()
        self._database.write(work)

    def view(self, experiment: str) -> ExperimentView | None:
        """See `Store.view`."""
        if not valid_id(experiment):
            return None
        return self._database.read(lambda connection: self._view(connection, experiment))

    def _view(self, connection: Connection, experiment: str) -> ExperimentView | None:
        row = rows.visible(connection, experiment)
        if row is None:
            return None
        with rows.reading("This experiment"):
            spec = rows.read_spec(row.spec)
            runs = tuple(self._run_view(connection, run, spec) for run in rows.runs_of(connection, experiment))
            result = rows.experiment_result(row, spec, runs, FINAL)
            return ExperimentView(id=experiment, spec=spec, runs=runs, result=result, **rows.read_status(row))

    def _run_view(self, connection: Connection, row: Row[Any], spec: ExperimentSpec) -> RunView:
        result = None if row.result is None else self._result(connection, row, spec)
        curves = result.curves if result else codec.unpack_points(rows.chunks(connection, row))
        updates = [seed.updates for seed in result.seeds] if result else curves.get("update", [])
        return rows.read_run_view(row, spec, update=int(max(updates, default=0)), curves=curves, result=result)

    def _result(self, connection: Connection, row: Row[Any], spec: ExperimentSpec) -> RunResult:
        """Read a result, or take it from the cache: a final result never changes."""
        key = (row.experiment, row.architecture)
        cached = self._cache.get(key)
        if cached is None:
            cached = codec.result_from_plain(
                untrusted_values.load_json(row.result), spec, rows.read_tensors(connection, key)
            )
            self._cache.put(key, cached)
        return cached

    def record(self, experiment: str) -> ExperimentRecord | None:
        """See `Store.record`."""

        def work(connection: Connection) -> ExperimentRecord | None:
            row = rows.visible(connection, experiment)
            if row is None:
                return None
            place = (experiment, "", "content")
            content = rows.read_artifact(connection, place) if row.has_content else None
            with rows.reading("This experiment"):
                return rows.read_record(row, rows.runs_of(connection, experiment), content)

        return self._database.read(work) if valid_id(experiment) else None

    def control(self, experiment: str) -> str | None:
        """See `Store.control`."""
        if not valid_id(experiment):
            return None
        row = self._database.read(lambda connection: rows.visible(connection, experiment))
        return None if row is None else str(row.control)

    def find_run(self, key: str) -> RunResult | None:
        """See `Store.find_run`."""
        table, runs = schema.experiment, schema.run
        chosen = (
            select(runs, table.c.spec.label("experiment_spec"))
            .join(table, table.c.id == runs.c.experiment)
            .where(runs.c.key == key, runs.c.status == "finished", runs.c.result.is_not(None))
            .where(table.c.has_content == 0, table.c.imported == 0, table.c.purge_after.is_(None))
            .order_by(table.c.number.desc())
            .limit(1)
        )

        def work(connection: Connection) -> RunResult | None:
            row = connection.execute(chosen).first()
            with rows.reading("A stored run"):
                return None if row is None else self._result(connection, row, rows.read_spec(row.experiment_spec))

        return self._database.read(work)

    def close(self) -> None:
        """See `Store.close`."""
        self._janitor.stop()
        try:
            self._database.write(lambda connection: interrupt(connection, self._lease), patience=CLOSE_SECONDS)
        finally:
            if self._backups is not None:
                self._backups.stop()
            self._database.close()

    @property
    def _lease(self) -> str:
        return self._janitor.leases.owner.id


def _packed(result: RunResult) -> dict[str, bytes]:
    return {kind: codec.pack(tensors) for kind, tensors in codec.tensors_of(result).items()}
