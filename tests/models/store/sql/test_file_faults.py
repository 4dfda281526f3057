"""Files and statements fail once, at every possible place, while a database is made, copied, set aside and restored."""

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from models.errors import StoreError
from models.store.sql.backup import backups_of, make_backup
from models.store.sql.sqlite_file import sound
from models.store.sql.startup import connect_store
from tests.models.records.samples import a_record, an_experiment_result

pytestmark = pytest.mark.slow
FILES = (
    (os, "open"),
    (os, "fsync"),
    (os, "close"),
    (tempfile, "mkstemp"),
    (shutil, "copyfile"),
    (shutil, "disk_usage"),
    (Path, "replace"),
    (Path, "rename"),
    (Path, "unlink"),
    (sqlite3, "connect"),
)


class Failing:
    """Makes the n-th operation on files, or the n-th statement, fail once."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.countdown = 0
        for owner, name in FILES:
            patch.setattr(owner, name, self._wrapped(name, getattr(owner, name)))
        event.listen(Engine, "before_cursor_execute", self._statement)

    def at(self, number: int) -> None:
        """Fail at the n-th operation from now; 0 is never."""
        self.countdown = number

    def happened(self) -> bool:
        """Say whether it did; from now on nothing fails."""
        over, self.countdown = self.countdown <= 0, 0
        return over

    def end(self) -> None:
        """Forget about statements; the patches end with the test."""
        event.remove(Engine, "before_cursor_execute", self._statement)

    def _wrapped(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def failing(*args: Any, **keywords: Any) -> Any:
            if self._is_now():
                if name == "close":  # a descriptor is gone even where closing it tells of an error
                    function(*args, **keywords)
                raise sqlite3.OperationalError("disk I/O error") if name == "connect" else OSError(errno.EIO, "broken")
            return function(*args, **keywords)

        return failing

    def _statement(self, *_: object) -> None:
        if self._is_now():
            raise sqlite3.OperationalError("disk I/O error")

    def _is_now(self) -> bool:
        self.countdown -= 1
        return self.countdown == 0


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what makes operations fail."""
    made = Failing(monkeypatch)
    yield made
    made.end()


def attempt(act: Callable[[], object]) -> None:
    """Do something that may fail with a sentence, and with nothing else."""
    try:
        act()
    except StoreError as error:
        told = str(error)
    else:
        told = "."
    assert told.endswith(".")


def kept_in(path: Path) -> list[str]:
    """Keep an experiment and return the ids of all that are kept."""
    store = connect_store(f"sqlite:///{path}")
    record, result = a_record(an_experiment_result().spec), an_experiment_result()
    store.keep(record, result)
    store.close()
    return [record.id]


def assert_kept(path: Path, kept: list[str]) -> None:
    """Hold that a database opens and has the experiments."""
    with closing(connect_store(f"sqlite:///{path}")) as store:
        assert all(store.view(name) is not None for name in kept), path


def opened_and_closed(path: Path) -> None:
    """Open a database as a server does, and close it."""
    connect_store(f"sqlite:///{path}").close()


def damage(path: Path) -> None:
    """Overwrite all but the first page."""
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(bytes(content))


def each_place(failing: Failing, folder: Path, prepare: Callable[[Path], Any], act: Callable[[Path], object]) -> Any:
    """Yield, for every place at which `act` can fail, the path and what `prepare` returned, after the failure."""
    number = 0
    while True:
        number += 1
        path = folder / f"{number}" / "experiments.sqlite"
        path.parent.mkdir()
        prepared = prepare(path)
        failing.at(number)
        attempt(lambda path=path: act(path))
        if not failing.happened():
            return
        yield path, prepared


def test_new_database_is_made_whole_at_the_second_attempt(failing: Failing, folder: Path) -> None:
    """A migration is all or nothing."""
    places = 0
    for path, _ in each_place(failing, folder, lambda path: None, opened_and_closed):
        assert_kept(path, kept_in(path))
        places += 1
    assert places > 20


def test_failed_copy_leaves_the_file_and_the_good_copies(failing: Failing, folder: Path) -> None:
    """The next copy is made, and no temporary file stays behind for long."""
    places = 0
    for path, kept in each_place(failing, folder, kept_in, make_backup):
        assert sound(path)
        assert backups_of(path)
        assert all(sound(copy) for copy in backups_of(path))
        assert sound(make_backup(path))
        assert_kept(path, kept)
        places += 1
    assert places > 8


def test_failed_restoring_is_done_at_the_next_start(failing: Failing, folder: Path) -> None:
    """Wherever setting aside and restoring fail, the next start has everything of the last good copy."""

    def prepare(path: Path) -> list[str]:
        kept = kept_in(path)
        damage(path)
        return kept

    places = 0
    for path, kept in each_place(failing, folder, prepare, opened_and_closed):
        assert_kept(path, kept)
        places += 1
    assert places > 20
