"""The SQLite file while a server has it open: detects that it was removed, replaced or emptied, and rewrites it if possible.

SQLite keeps writing into a removed file, and creates a new, empty one for the next connection. So every connection
remembers which file it opened, and a write counts only if that file still has its name.
"""

import contextlib
import logging
import os
import sqlite3
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from models.errors import StoreLostError
from models.platform import sync

log = logging.getLogger(__name__)
BUSY_SECONDS = 5
_MAX_SECONDS_OF_CHECKING = 5.0  # how long a starting server waits for the check
Identity = tuple[int, int] | None  # device and number of a file; None if there is none
GONE = "The file with saved experiments was removed while the server ran and cannot be rewritten; the newest copy replaces it."


def open_existing(path: Path, timeout: float) -> sqlite3.Connection:
    """Open an existing file, without SQLite's default of creating an empty one."""
    address = f"file:{quote(str(path))}?mode=rw"
    return sqlite3.connect(address, uri=True, timeout=timeout, check_same_thread=False)


def sound(path: Path, seconds: float = _MAX_SECONDS_OF_CHECKING, *, with_tables: bool = True) -> bool:
    """Return whether a file has our tables and is consistent; True if it is locked or the check takes too long."""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
            deadline = time.monotonic() + seconds
            connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
            if with_tables:
                connection.execute("SELECT count(*) FROM schema_version").fetchone()
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.OperationalError as error:
        return "no such table" not in str(error)
    except sqlite3.DatabaseError:
        return False


class SqliteFile:
    """A SQLite file. Every method may be called from any thread.

    Args:
        path: Its path; it is created if it does not exist.
        timeout: Seconds that a connection waits for a lock.
    """

    def __init__(self, path: Path, timeout: float) -> None:
        self.path, self._timeout = path, timeout
        self.notice = ""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._lock = threading.Lock()
        self._identity = self.identity()
        self._keeper = self._kept_open()

    def identity(self) -> Identity:
        """Return the identity of the file that has this name now."""
        try:
            state = self.path.stat()
        except FileNotFoundError:
            return None
        return state.st_dev, state.st_ino

    def connect(self) -> sqlite3.Connection:
        """Open the existing file.

        Raises:
            StoreLostError: If it was removed and cannot be rewritten.
        """
        self.check()
        if self._keeper is None:
            self._keeper = self._kept_open()
        return open_existing(self.path, self._timeout)

    def check(self) -> None:
        """Rewrite the file if it was removed, and accept another file that has replaced it.

        Raises:
            StoreLostError: If it was removed and cannot be rewritten.
        """
        if self.identity() == self._identity:
            return
        with self._lock:
            now = self.identity()
            if now == self._identity:
                return
            if now is None:
                self._write_again()
                told = "removed while the server ran and was rewritten from the open file: nothing is lost"
            else:
                told = "replaced by another one while the server ran; what only the old one contained is missing here"
            self.notice = f"The file with saved experiments was {told} ({datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC)."
            log.error("%s", self.notice)
            self._close_keeper()
            self._identity, self._keeper = self.identity(), self._kept_open()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close_keeper()

    def _kept_open(self) -> sqlite3.Connection | None:
        """Keep the file open, so that its content can be read after it is removed."""
        try:
            connection = open_existing(self.path, self._timeout)
            connection.execute("PRAGMA schema_version").fetchone()
        except sqlite3.Error as error:
            log.info("the file of the store is not kept open: %s", error)
            return None
        return connection

    def _close_keeper(self) -> None:
        if self._keeper is not None:
            with contextlib.suppress(sqlite3.Error):
                self._keeper.close()

    def _write_again(self) -> None:
        """Write the content of the removed file under its old name."""
        if self._keeper is None:
            raise StoreLostError(GONE)
        name = ""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(prefix=f"{self.path.name}.copying-", dir=self.path.parent)
            os.close(handle)
            with contextlib.closing(sqlite3.connect(name)) as copy:
                self._keeper.backup(copy)
            if not sound(Path(name)):
                raise StoreLostError(GONE)
            sync(Path(name))
            Path(name).replace(self.path)
            sync(self.path.parent)
        except (OSError, sqlite3.Error) as error:
            raise StoreLostError(GONE) from error
        finally:
            if name:
                with contextlib.suppress(OSError):
                    Path(name).unlink(missing_ok=True)


def identity_of(connection: Any) -> Identity:
    """Return which file a SQLAlchemy connection was opened on."""
    found: Identity = connection.info.get("file")
    return found
