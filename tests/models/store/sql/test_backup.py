"""A damaged database file costs at most what was saved since the last copy, and a sentence says which that was."""

import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from models.errors import StoreError
from models.records.experiment import Note
from models.store.sql import backup, open_store
from models.store.sql.backup import Backups, backups_of, made_at, make_backup
from models.store.sql.database import Database, database_url
from models.store.sql.sqlite_file import sound
from models.store.sql.startup import connect_store
from models.store.sql.store import SqlStore
from tests.models.records.samples import a_record, an_experiment_result
from tests.timing import wait_until


@pytest.fixture
def path(folder: Path) -> Path:
    """Where the database is."""
    return folder / "experiments.sqlite"


def keep(path: Path, count: int = 1) -> list[str]:
    """Keep experiments, as a server does that is ended in good order; return their ids."""
    store = connect_store(f"sqlite:///{path}")
    result = an_experiment_result()
    records = [a_record(result.spec) for _ in range(count)]
    for record in records:
        store.keep(record, result)
    store.close()
    return [record.id for record in records]


def damage(path: Path) -> None:
    """Overwrite all but the first page."""
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(bytes(content))


until = wait_until


def test_damaged_file_is_replaced_by_the_newest_good_backup(path: Path) -> None:
    """What was saved before the copy is there again, the damaged file stays, and one sentence names the time."""
    kept = keep(path)
    kept += keep(path)
    damage(path)
    store = open_store(f"sqlite:///{path}")
    assert all(store.view(name) is not None for name in kept)
    assert f"{made_at(backups_of(path)[0]):%Y-%m-%d %H:%M:%S} UTC replaced it" in store.notice
    assert "set aside as `experiments.sqlite.damaged-" in store.notice
    assert len(list(path.parent.glob("*.damaged-*"))) == 1
    store.close()


def test_damaged_backup_is_passed_over(path: Path) -> None:
    """Where the newest copy is damaged as well the one before it is taken."""
    first, second = keep(path)[0], keep(path)[0]
    damage(path)
    damage(backups_of(path)[0])
    store = connect_store(f"sqlite:///{path}")
    assert store.view(first) is not None
    assert store.view(second) is None
    store.close()


def test_file_that_is_gone_is_replaced(path: Path) -> None:
    """A file that was lost, or a restart between setting aside and restoring, ends with the backup in place."""
    kept = keep(path)
    path.unlink()
    store = connect_store(f"sqlite:///{path}")
    assert store.view(kept[0]) is not None
    assert "was gone" in store.notice
    store.close()


def test_new_file_is_no_trouble(path: Path) -> None:
    """The first start has no notice."""
    store = connect_store(f"sqlite:///{path}")
    assert store.notice == ""
    store.close()


def test_damage_never_takes_the_place_of_a_good_backup(path: Path) -> None:
    """A damaged file is not copied; the sentence says what to do, and nothing is left lying about."""
    keep(path)
    before = backups_of(path)
    damage(path)
    with pytest.raises(StoreError, match="restart the app"):
        make_backup(path)
    assert backups_of(path) == before
    assert sound(before[0])
    assert not list(path.parent.glob("*.copying-*"))


def test_backups_follow_changes_and_only_changes(path: Path) -> None:
    """Each change is copied after a pause, two copies are kept, and nothing is copied while nothing changes."""
    store = SqlStore(Database(database_url(f"sqlite:///{path}")), watch=False, backups=Backups(path, pause=0.05))
    record = a_record()
    store.create(record)
    until(lambda: bool(backups_of(path)))
    seen = set(backups_of(path))
    for _ in range(3):
        newest = backups_of(path)[0]
        store.add_note(record.id, Note(text="one more"))
        until(lambda before=newest: backups_of(path)[0] > before)
        seen.update(backups_of(path))
    with closing(sqlite3.connect(backups_of(path)[0])) as copy:
        assert copy.execute("SELECT count(*) FROM note").fetchone() == (3,)
    last = backups_of(path)
    time.sleep(0.3)
    assert backups_of(path) == last
    assert len(last) == backup.KEPT < len(seen)
    store.close()


def test_backup_during_writing_is_whole(path: Path) -> None:
    """A copy that is made while experiments are saved is sound, and no save fails for it."""
    store = connect_store(f"sqlite:///{path}")
    result, stop, kept = an_experiment_result(), threading.Event(), []

    def save() -> None:
        while not stop.is_set():
            record = a_record(result.spec)
            store.keep(record, result)
            kept.append(record.id)

    thread = threading.Thread(target=save)
    thread.start()
    until(lambda: len(kept) > 2)
    acknowledged = list(kept)
    made = [make_backup(path) for _ in range(4)]
    stop.set()
    thread.join()
    store.close()
    with closing(sqlite3.connect(backups_of(path)[0])) as copy:
        found = {name for (name,) in copy.execute("SELECT id FROM experiment")}
    assert set(acknowledged) <= found
    assert len(set(made)) == 4


def test_full_disk_is_said_and_stops_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without room for a copy the store goes on and its banner says what is missing."""
    store = SqlStore(Database(database_url(f"sqlite:///{path}")), watch=False, backups=Backups(path, pause=0.02))
    monkeypatch.setattr(backup, "MIN_FREE_BYTES", 2**60)
    record = a_record()
    store.create(record)
    until(lambda: "no room" in store.notice)
    store.add_note(record.id, Note(text="still written"))
    monkeypatch.setattr(backup, "MIN_FREE_BYTES", 0)
    until(lambda: store.notice == "")
    assert backups_of(path)
    store.close()


def test_what_a_killed_server_left_of_a_copy_is_removed(path: Path) -> None:
    """An old unfinished copy goes; a young one may be another server's."""
    old, young = (path.with_name(f"{path.name}.copying-{name}") for name in ("old", "young"))
    for left in (old, young):
        left.write_bytes(b"x")
    os.utime(old, (0, 0))
    keep(path)
    assert (old.exists(), young.exists()) == (False, True)


def test_database_that_is_locked_for_long_is_copied_later(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that lasts does not end the copying for good."""
    monkeypatch.setattr(backup, "BUSY_SECONDS", 0)
    store = SqlStore(Database(database_url(f"sqlite:///{path}")), watch=False, backups=Backups(path, pause=0.02))
    until(lambda: bool(backups_of(path)))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        time.sleep(0.2)
        other.execute("COMMIT")
    before = backups_of(path)[0]
    store.create(a_record())
    until(lambda: backups_of(path)[0] > before and store.notice == "")
    store.close()
