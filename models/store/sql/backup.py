"""Back up a SQLite file while it is in use; a damaged file is replaced by its newest good backup."""

import glob
import logging
import os
import re
import shutil
import sqlite3
import tempfile
import threading
import time
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from models.errors import StoreError
from models.platform import sync
from models.store.sql.database import MIN_FREE_BYTES
from models.store.sql.sqlite_file import BUSY_SECONDS, open_existing, sound

log = logging.getLogger(__name__)
KEPT = 2
LOOK_SECONDS = 5.0
LAST_COPY_SECONDS = 2.5  # how long shutdown waits for the last copy; a larger file is copied at the next start
PAUSE_SECONDS = 60.0  # between two copies of a file that keeps changing
MAX_SHARE = 0.02  # of the time spent copying; a large file is copied less often
_LONGEST_COPYING = 3_600.0  # seconds
_STAMP = "%Y%m%d-%H%M%S-%f"
_NAME = re.compile(r"\.backup-(?:n(\d{1,12})-)?(\d{8}-\d{6}-\d{6})$")


def backups_of(path: Path) -> list[Path]:
    """Return the copies of a database file, newest first by number, because clocks may be set back."""
    found = path.parent.glob(f"{glob.escape(path.name)}.backup-*")
    return sorted((one for one in found if _NAME.search(one.name)), key=_order, reverse=True)


def _order(backup: Path) -> tuple[int, str]:
    """Return number and time of a copy; copies of version 0.1 have no number and count as oldest."""
    number, stamp = _NAME.findall(backup.name)[0]
    return int(number or 0), stamp


def made_at(backup: Path) -> datetime:
    """Return when a copy was started; it contains everything saved before."""
    return datetime.strptime(_order(backup)[1], _STAMP).replace(tzinfo=UTC)


def make_backup(path: Path) -> Path:
    """Copy a database file that may be in use, check the copy, and remove older ones.

    Writers wait while pages are copied into memory, but not until they are on disk.

    Raises:
        StoreError: If there is no room, the file cannot be read, or it is damaged; older copies then stay.
    """
    begun = datetime.now(UTC)
    temporary: Path | None = None
    try:
        if shutil.disk_usage(path.parent).free < MIN_FREE_BYTES + path.stat().st_size:
            raise StoreError("There is no room on the disk for a backup of the saved experiments: free some space.")
        handle, name = tempfile.mkstemp(prefix=f"{path.name}.copying-", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        _copy(path, temporary)
        if not sound(temporary):
            raise sqlite3.DatabaseError("malformed")
        log.info("copied %d experiments with %d runs", *_counted(temporary))
        number = 1 + max((_order(one)[0] for one in backups_of(path)), default=0)
        return _put(temporary, path.with_name(f"{path.name}.backup-n{number:06d}-{begun.strftime(_STAMP)}"), path)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(_sentence(error)) from error
    finally:
        _remove(temporary)


def _counted(path: Path) -> tuple[int, int]:
    """Return how many experiments and runs a copy holds, which also shows that it can be read."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT (SELECT count(*) FROM experiment), (SELECT count(*) FROM run)").fetchone()
        return int(found[0]), int(found[1])


def _remove(temporary: Path | None) -> None:
    """Remove an unfinished copy; ignore errors, because a leftover file is harmless."""
    if temporary is not None:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _remove_leftovers(path: Path) -> None:
    """Remove what killed servers left behind; a recent file may belong to another server that is copying now."""
    for left in path.parent.glob(f"{glob.escape(path.name)}.copying-*"):
        if time.time() - left.stat().st_mtime > _LONGEST_COPYING:
            _remove(left)


def _copy(path: Path, target: Path) -> None:
    with closing(open_existing(path, BUSY_SECONDS)) as source, closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA journal_mode = OFF")  # nobody uses this file before it is complete
        copy.execute("PRAGMA synchronous = OFF")
        source.backup(copy)


def _put(temporary: Path, final: Path, path: Path) -> Path:
    """Rename a complete copy to a backup, flush it to disk, and only then remove older ones."""
    state = path.stat()
    os.utime(temporary, ns=(state.st_atime_ns, state.st_mtime_ns))  # so that `_outdated` needs no clock
    sync(temporary)
    temporary.replace(final)
    sync(path.parent)
    for old in backups_of(path)[KEPT:]:
        if old != final:
            with suppress(OSError):
                old.unlink()
    return final


def _sentence(error: Exception) -> str:
    if isinstance(error, sqlite3.DatabaseError) and ("malformed" in str(error) or "not a database" in str(error)):
        return "The file with saved experiments is damaged: restart the app to restore the newest good backup."
    return "The file with saved experiments cannot be backed up at the moment; this is retried."


def restore(path: Path) -> datetime | None:
    """Restore a missing database file from its newest good copy; return when that was made, or None if there is none.

    Raises:
        OSError: If it cannot be written.
    """
    for backup in backups_of(path):
        if not sound(backup):
            continue
        handle, name = tempfile.mkstemp(prefix=f"{path.name}.copying-", dir=path.parent)
        try:
            os.close(handle)
            shutil.copyfile(backup, name)
            sync(Path(name))
            Path(name).replace(path)
            sync(path.parent)
        finally:
            _remove(Path(name))
        return made_at(backup)
    return None


class Backups:
    """A background thread that copies a database file some time after each change, and once more at the end.

    Args:
        path: The file.
        pause: Minimum seconds between two copies.
    """

    def __init__(self, path: Path, *, pause: float = PAUSE_SECONDS) -> None:
        self.problem = ""
        self._path, self._pause = path, pause
        self._not_before = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="gatescope-backup", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Copy any changes, stop the thread and wait for it."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(LAST_COPY_SECONDS)

    def _watch(self) -> None:
        try:
            _remove_leftovers(self._path)
        except OSError as error:
            log.info("unfinished copies could not be removed: %s", error)
        outdated = self._outdated()
        while True:
            try:
                with closing(open_existing(self._path, BUSY_SECONDS)) as connection:
                    self._follow(connection, None if outdated else _state(connection))
            except (sqlite3.Error, OSError) as error:
                log.warning("no backups of %s for now: %s", self._path, error)
                self._stop.wait(min(LOOK_SECONDS, self._pause))
            if self._stop.is_set():
                return
            outdated = True

    def _follow(self, connection: sqlite3.Connection, copied: int | None) -> None:
        """Copy the file after each change, until the end or until another file has its name."""
        followed = self._path.stat().st_ino
        while not self._stop.wait(min(LOOK_SECONDS, self._pause)):
            if self._path.stat().st_ino != followed:
                return
            if time.monotonic() >= self._not_before:
                copied = self._copy_if_changed(connection, copied)
        self._copy_if_changed(connection, copied)

    def _outdated(self) -> bool:
        newest = next(iter(backups_of(self._path)), None)
        return newest is None or not self._path.is_file() or newest.stat().st_mtime_ns != self._path.stat().st_mtime_ns

    def _copy_if_changed(self, connection: sqlite3.Connection, copied: int | None) -> int | None:
        """Copy the file if it has changed since the last copy; return its current state."""
        begun, state = time.monotonic(), _state(connection)
        if state is None or state == copied:
            return copied
        try:
            make_backup(self._path)
            self.problem, copied = "", state
        except StoreError as error:
            self.problem = str(error)
            log.warning("%s", error)
        took = time.monotonic() - begun
        self._not_before = begun + max(self._pause, took / MAX_SHARE)
        return copied


def _state(connection: sqlite3.Connection) -> int | None:
    """Return a number that changes whenever another connection changes the file; None if the file stays locked.

    Never open the file itself for this: closing it would release SQLite's locks on it.
    """
    try:
        return int(connection.execute("PRAGMA data_version").fetchone()[0])
    except sqlite3.OperationalError as error:
        log.info("could not check the database for changes: %s", error)
        return None
