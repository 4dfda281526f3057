"""How a server finds its store: from the environment, with a damaged file set aside, and never failing to start."""

import logging
import os
import sqlite3
import time
from pathlib import Path

from sqlalchemy.engine import URL

from models.errors import StoreError
from models.experiments.sheltered import ShelteredStore
from models.experiments.sql.database import BUSY_SECONDS, Database, database_url
from models.experiments.sql.store import SqlStore

log = logging.getLogger(__name__)
DATABASE_VARIABLE = "GATESCOPE_DATABASE_URL"
DIRECTORY_VARIABLE = "GATESCOPE_DATA_DIR"
FILE_NAME = "experiments.sqlite"
_MOST_SECONDS_OF_CHECKING = 5.0  # a server that starts does not wait longer
_COMPANIONS = ("", "-journal", "-wal", "-shm")


def open_store(url: str | None = None) -> ShelteredStore:
    """Open the store of this server; whatever happens, there is one.

    Args:
        url: A database URL. None takes `GATESCOPE_DATABASE_URL`, and without it a SQLite file in `GATESCOPE_DATA_DIR`
            (default `.gatescope` in the working directory).

    Returns:
        A store that keeps experiments beyond the process. While the database cannot be used it keeps new ones in memory
        and tries again; its `notice` is then one sentence for a banner. A damaged SQLite file is set aside, and the
        `notice` says so, too.
    """
    return ShelteredStore(lambda: connect_store(url))


def connect_store(url: str | None = None) -> SqlStore:
    """Open a database as a store.

    Raises:
        StoreError: With one sentence that shows no password, if it cannot be used.
    """
    chosen = url or os.environ.get(DATABASE_VARIABLE) or ""
    parsed = database_url(chosen) if chosen else _default_url()
    notice = _set_aside_if_damaged(parsed) if parsed.get_backend_name() == "sqlite" else ""
    try:
        database = Database(parsed)
    except OSError as error:
        raise StoreError(f"The folder of the database cannot be used: {error.strerror}.") from error
    try:
        return SqlStore(database, notice=notice)
    except BaseException:
        database.close()
        raise


def _default_url() -> URL:
    directory = Path(os.environ.get(DIRECTORY_VARIABLE) or ".gatescope")
    return URL.create("sqlite", database=str(directory.absolute() / FILE_NAME))


def _set_aside_if_damaged(url: URL) -> str:
    """Check a SQLite file; rename a damaged one with its journals and return a sentence about it."""
    path = Path(url.database or "")
    if not path.is_file() or _sound(path):
        return ""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    for companion in _COMPANIONS:
        part = path.with_name(path.name + companion)
        if part.exists():
            part.rename(path.with_name(f"{path.name}.damaged-{stamp}{companion}"))
    log.error("damaged database set aside as %s.damaged-%s", path, stamp)
    return (
        f"The file with saved experiments was damaged; it was set aside as `{path.name}.damaged-{stamp}` and a new one "
        "was begun. Links still hold their settings and can be trained again."
    )


def _sound(path: Path) -> bool:
    """Say whether SQLite finds a file consistent; one that is locked, or too large to be checked now, is taken for it."""
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
        try:
            deadline = time.monotonic() + _MOST_SECONDS_OF_CHECKING
            connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
        finally:
            connection.close()
    except sqlite3.OperationalError:
        return True
    except sqlite3.DatabaseError:
        return False
