"""Connections, transactions and retries: everything that SQLite and PostgreSQL do differently is here."""

import contextlib
import logging
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.pool import QueuePool

from models.errors import StoreError, StoreLostError
from models.store.sql.postgresql_connection import STATEMENT_SECONDS, be_impatient
from models.store.sql.sqlite_file import BUSY_SECONDS, SqliteFile, identity_of

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

WRITE_PATIENCE = 10.0
READ_PATIENCE = 3.0
_LONGEST_PAUSE = 0.5
MIN_FREE_BYTES = 200_000_000  # with less free, nothing new is written, because a full disk would stop everything
_DAMAGED = "the file is damaged"
_QUIET_SECONDS = 2.0  # how long after a failure reads fail at once, so that pages do not queue up
_HOPELESS = ("disk is full", "malformed", "not a database", "readonly", "read-only", "no such table")


def database_url(text: str) -> URL:
    """Return a parsed database URL with this program's drivers.

    Raises:
        StoreError: If it is not one for SQLite or PostgreSQL; the message shows no password.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise StoreError(
            "`GATESCOPE_DATABASE_URL` must look like `postgresql://user:password@host:5432/name`, "
            "but its value is not a URL."
        ) from None
    backend = url.drivername.split("+")[0]
    drivers = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "sqlite": "sqlite"}
    if backend not in drivers:
        raise StoreError(
            f"`GATESCOPE_DATABASE_URL` must begin with `postgresql://` or `sqlite://`, not `{backend}://`."
        )
    return url.set(drivername=drivers[backend])


def masked(url: URL) -> str:
    """Return a URL without its password and without query values, for the log; visitors see no address at all."""
    return url.set(query={}).render_as_string(hide_password=True)


class Database:
    """One database: runs short transactions and retries them while the problem may be temporary.

    Args:
        url: SQLite or PostgreSQL.
        write_patience: Seconds until a write that meets a locked or unreachable database gives up.
        read_patience: The same for reading; short, because a page waits for it.
    """

    def __init__(
        self, url: URL, *, write_patience: float = WRITE_PATIENCE, read_patience: float = READ_PATIENCE
    ) -> None:
        self.url = url
        self.write_patience = write_patience
        self.read_patience = read_patience
        self._down_until, self._trouble = 0.0, ""
        self.file = _file_of(url)
        self.engine = _sqlite(url, self.file) if url.get_backend_name() == "sqlite" else _postgresql(url)

    def write(self, work: Callable[[Connection], Answer], *, patience: float | None = None) -> Answer:
        """Run `work` in one transaction; it may be retried, so it must be idempotent.

        Args:
            work: Called with the connection.
            patience: Seconds in place of `write_patience`.

        Raises:
            StoreError: If it cannot be done within the patience.
        """
        return self._repeat(work, self.write_patience if patience is None else patience, write=True)

    def require_space(self) -> None:
        """Raise `StoreError` if the disk of a SQLite file is nearly full; call it before large writes."""
        if self.url.get_backend_name() != "sqlite" or not self.url.database:
            return
        with contextlib.suppress(OSError):
            if shutil.disk_usage(Path(self.url.database).parent).free < MIN_FREE_BYTES:
                raise StoreError(
                    f"The disk that keeps experiments has less than {MIN_FREE_BYTES // 1_000_000} MB left: free some "
                    "space; nothing saved before is lost."
                )

    def read(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work` in one transaction that only reads.

        Raises:
            StoreError: If it cannot be done within the patience.
        """
        if time.monotonic() < self._down_until:
            raise StoreError(self._trouble)
        return self._repeat(work, self.read_patience, write=False)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        if self.file is not None:
            self.file.close()

    def _repeat(self, work: Callable[[Connection], Answer], patience: float, *, write: bool) -> Answer:
        deadline = time.monotonic() + patience
        pause = 0.01
        while True:
            try:
                with self._connection(write) as connection:
                    with connection.begin():
                        answer = work(connection)
                    if not write or self.file is None or identity_of(connection) == self.file.identity():
                        return answer
                self.file.check()
                log.warning("the store's file was replaced during a write, which is repeated")
                continue
            except SQLAlchemyError as error:
                if not _may_pass(error) or time.monotonic() + pause > deadline:
                    raise self._sentence(error) from error
                log.info("the store is busy, retrying: %s", type(error).__name__)
            time.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _connection(self, write: bool) -> Connection:
        if self.engine.dialect.name == "postgresql" and not write:  # a page reads one consistent snapshot
            return self.engine.connect().execution_options(isolation_level="REPEATABLE READ")
        return self.engine.connect().execution_options(gatescope_write=write)

    def _sentence(self, error: SQLAlchemyError) -> StoreError:
        log.warning("store failed at %s: %s", masked(self.url), _reason(error))
        if "full" in _reason(error).lower():
            return StoreError("The disk that keeps experiments is full: free some space; nothing saved before is lost.")
        kind = _kind(error)
        if self.file is not None and (kind == _DAMAGED or "no such table" in _reason(error)):
            return StoreLostError("The file with saved experiments is damaged or empty; the newest copy replaces it.")
        way_out = "restart the app to restore the newest backup" if kind == _DAMAGED else "try again later"
        sentence = f"The database of experiments cannot be used now ({kind}); {way_out}."
        if _may_pass(error):
            self._trouble, self._down_until = sentence, time.monotonic() + _QUIET_SECONDS
        return StoreError(sentence)


def _may_pass(error: SQLAlchemyError) -> bool:
    if isinstance(error, IntegrityError) or not isinstance(error, DBAPIError):
        return False
    reason = _reason(error).lower()
    return isinstance(error, (OperationalError, InterfaceError)) and not any(word in reason for word in _HOPELESS)


def _reason(error: SQLAlchemyError) -> str:
    return str(error.orig) if isinstance(error, DBAPIError) else str(error)


def _kind(error: SQLAlchemyError) -> str:
    """Name the problem in two or three words; the driver's own text may contain hosts and statements."""
    reason = _reason(error).lower()
    kinds = {
        "locked": "it is locked",
        "malformed": _DAMAGED,
        "not a database": _DAMAGED,
        "readonly": "it is read-only",
        "password": "the password is refused",
        "does not exist": "the database or role does not exist",
        "connection": "it cannot be reached",
        "timeout": "it does not answer",
    }
    return next((kind for word, kind in kinds.items() if word in reason), "an error of the database")


def _file_of(url: URL) -> SqliteFile | None:
    """Return the file of a SQLite URL, or None if it has none."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return SqliteFile(Path(str(url.database)), BUSY_SECONDS)


def _sqlite(url: URL, file: SqliteFile | None) -> Engine:
    if file is None:
        # A database in memory lives in one connection, which threads take in turn.
        one = {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0, "connect_args": {"check_same_thread": False}}
        engine = create_engine(url, **one)
    else:
        engine = create_engine(url, creator=file.connect)
        _watch(engine, file)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are started below, not by the driver
        for pragma in (
            # WAL has a corruption bug before SQLite 3.51.3, and Python may bundle an older version.
            "journal_mode = DELETE",
            "synchronous = FULL",
            "mmap_size = 0",
            "foreign_keys = ON",
            "trusted_schema = OFF",
            f"busy_timeout = {BUSY_SECONDS * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("gatescope_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _watch(engine: Engine, file: SqliteFile) -> None:
    """Make every connection remember its file, and drop connections whose file has been replaced."""

    @event.listens_for(engine, "connect")
    def note(_connection: Any, record: Any) -> None:
        record.info["file"] = file.identity()

    @event.listens_for(engine, "checkout")
    def compare(_connection: Any, record: Any, _proxy: Any) -> None:
        file.check()
        if record.info.get("file") != file.identity():
            raise DisconnectionError("the file of this connection is gone")


def _postgresql(url: URL) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, pool_size=4, max_overflow=4, connect_args={"connect_timeout": 2})

    be_impatient(engine)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = '{STATEMENT_SECONDS}s'; SET lock_timeout = '5s'")
            cursor.execute("SET idle_in_transaction_session_timeout = '30s'")
        connection.commit()

    return engine
