"""Open the store that the environment names; replace a damaged file by a backup, and never fail to start."""

import contextlib
import logging
import os
import time
from pathlib import Path

from sqlalchemy.engine import URL

from models.errors import StoreError
from models.store.interface import DATABASE_VARIABLE, DIRECTORY_VARIABLE
from models.store.sql.backup import Backups, backups_of, make_backup, restore
from models.store.sql.database import Database, database_url
from models.store.sql.fallback import FallbackStore
from models.store.sql.migrations import outdated
from models.store.sql.sqlite_file import sound
from models.store.sql.store import SqlStore

log = logging.getLogger(__name__)
FILE_NAME = "experiments.sqlite"
# The file itself comes last: SQLite would apply a leftover journal to the file that replaces it.
_COMPANIONS = ("-journal", "-wal", "-shm", "")


def open_store(url: str | None = None) -> FallbackStore:
    """Open this server's store; this never fails.

    Args:
        url: A database URL. None means `GATESCOPE_DATABASE_URL` or, without it, a SQLite file in `GATESCOPE_DATA_DIR`
            (default `.gatescope` in the working directory).

    Returns:
        A persistent store. While the database cannot be used, it keeps new experiments in memory and retries; its
        `notice` is then one sentence for a banner. A damaged SQLite file is renamed and replaced by its newest good
        backup, and the `notice` says so.
    """
    return FallbackStore(lambda: connect_store(url))


def connect_store(url: str | None = None) -> SqlStore:
    """Open a database as a store.

    Raises:
        StoreError: With one sentence that shows no password, if it cannot be used.
    """
    chosen = url or os.environ.get(DATABASE_VARIABLE) or ""
    parsed = database_url(chosen) if chosen else _default_url()
    path = _file_of(parsed)
    try:
        notice = _made_sound(path) if path else ""
        database = Database(parsed)
    except OSError as error:
        raise StoreError(f"The folder of the database cannot be used: {error.strerror}.") from error
    try:
        if path and database.read(outdated):
            with contextlib.suppress(StoreError):  # the failure is logged; a migration is atomic anyway
                make_backup(path)
        return SqlStore(database, notice=notice, backups=Backups(path) if path else None)
    except BaseException:
        database.close()
        raise


def _file_of(url: URL) -> Path | None:
    """Return a URL's SQLite file, or None if it has none."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def _default_url() -> URL:
    directory = Path(os.environ.get(DIRECTORY_VARIABLE) or ".gatescope")
    return URL.create("sqlite", database=str(directory.absolute() / FILE_NAME))


def _made_sound(path: Path) -> str:
    """Replace a damaged or missing file by its newest good backup; return a sentence if that was needed.

    A damaged file and its journals are renamed, not deleted.
    """
    if path.is_file() and (path.stat().st_size or backups_of(path)):
        if sound(path, with_tables=bool(backups_of(path))):
            return ""
        happened = f"was {_fault(path)} and set aside as `{_set_aside(path)}`"
    elif not path.is_file() and backups_of(path):
        happened = "was gone"
    else:
        return ""
    made = restore(path)
    fate = (
        f"the backup of {made:%Y-%m-%d %H:%M:%S} UTC replaced it: what was saved or deleted after that is missing here"
        if made
        else "there is no good backup, so an empty file was created"
    )
    caption = (
        f"The file with saved experiments {happened}; {fate}. Links still hold their settings and can be trained again."
    )
    log.error("%s", caption)
    return caption


def _fault(path: Path) -> str:
    return "damaged" if path.stat().st_size else "empty"


def _set_aside(path: Path) -> str:
    """Rename a database file and its journals; return the new name."""
    name = f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
    for companion in _COMPANIONS:
        part = path.with_name(path.name + companion)
        if part.exists():
            part.rename(path.with_name(name + companion))
    return name
