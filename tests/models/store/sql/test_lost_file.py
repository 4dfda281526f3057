"""The file of the store is removed, emptied, replaced or cut short while a server uses it, and clocks jump."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.errors import StoreError
from models.records.experiment import ExperimentQuery, ExperimentRecord, Note
from models.store.sql import backup, open_store
from models.store.sql.backup import backups_of, made_at, make_backup
from models.store.sql.fallback import FallbackStore
from models.store.sql.sqlite_file import sound
from models.store.sql.startup import connect_store
from tests.models.records.samples import a_record, a_result, an_experiment_result


@pytest.fixture
def path(folder: Path) -> Path:
    """Where the database is."""
    return folder / "experiments.sqlite"


def keep(store: FallbackStore) -> str:
    """Keep a finished experiment; return its id."""
    result = an_experiment_result()
    record = a_record(result.spec)
    store.keep(record, result)
    return record.id


def begun(store: FallbackStore) -> ExperimentRecord:
    """Create an experiment of which one run has its result."""
    record = a_record()
    store.create(record)
    store.save_result(record.id, "lstm", a_result(record.runs[0]))
    return record


def empty(path: Path) -> None:
    """Cut the file to nothing; its number stays."""
    os.truncate(path, 0)


def cut(path: Path) -> None:
    """Cut the file in the middle."""
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path: Path) -> None:
    """Write something else into the file."""
    path.write_bytes(b"not a database" * 1_000)


def remove_folder(path: Path) -> None:
    """Remove the folder with file and copies."""
    shutil.rmtree(path.parent)


def test_removed_file_is_written_again_with_all_that_was_acknowledged(path: Path) -> None:
    """The banner and the log say so; whoever opens it later finds everything."""
    store = open_store(f"sqlite:///{path}")
    before, live = keep(store), begun(store)
    path.unlink()
    after = keep(store)
    store.save_result(live.id, "gru", a_result(live.runs[1]))
    store.set_status(live.id, "finished")
    assert "removed while the server ran and was rewritten" in store.notice
    assert store.unsaved == ()
    store.close()
    again = connect_store(f"sqlite:///{path}")
    assert all(again.view(name) is not None for name in (before, after))
    assert [run.status for run in again.view(live.id).runs] == ["finished"] * 2
    again.close()


def test_removed_folder_is_made_again(path: Path, folder: Path) -> None:
    """Copies included."""
    place = folder / "data" / path.name
    store = open_store(f"sqlite:///{place}")
    name = keep(store)
    remove_folder(place)
    assert store.view(name) is not None
    store.close()
    again = connect_store(f"sqlite:///{place}")
    assert again.view(name) is not None
    again.close()


@pytest.mark.parametrize("harm", [empty, cut, overwrite])
def test_spoiled_file_is_replaced_by_the_newest_copy_without_a_restart(
    path: Path, harm: Callable[[Path], None]
) -> None:
    """What was saved before the copy is there, what trains now is created again, and the banner says since when."""
    store = open_store(f"sqlite:///{path}")
    before = keep(store)
    made = make_backup(path)
    live = begun(store)
    harm(path)
    after = keep(store)
    assert f"the backup of {made_at(made):%Y-%m-%d %H:%M:%S} UTC replaced it" in store.notice
    store.save_result(live.id, "gru", a_result(live.runs[1]))
    store.set_status(live.id, "finished")
    assert [run.status for run in store.view(live.id).runs] == ["finished"] * 2
    assert store.view(live.id).result is not None
    assert all(store.view(name) is not None for name in (before, after))
    assert list(path.parent.glob("*.damaged-*"))
    store.close()
    assert sound(path)


def test_replaced_file_is_taken_and_said(path: Path, folder: Path) -> None:
    """Another database under the same name holds from then on; no write goes into the old one."""
    other = connect_store(f"sqlite:///{folder}/other.sqlite")
    other.close()
    store = open_store(f"sqlite:///{path}")
    before = keep(store)
    (folder / "other.sqlite").replace(path)
    after = keep(store)
    assert store.view(before) is None
    assert "replaced by another one while the server ran" in store.notice
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT id FROM experiment").fetchall() == [(after,)]


def test_empty_file_never_displaces_a_copy(path: Path) -> None:
    """A file without tables is no backup, at a start it counts as lost, and the last good copies stay."""
    store = open_store(f"sqlite:///{path}")
    name = keep(store)
    make_backup(path)
    store.close()
    before = backups_of(path)
    path.write_bytes(b"")
    with pytest.raises(StoreError):
        make_backup(path)
    assert backups_of(path) == before
    again = open_store(f"sqlite:///{path}")
    assert again.view(name) is not None
    assert "was empty and set aside" in again.notice
    again.close()


def test_file_without_tables_beside_copies_is_lost_at_the_start(path: Path) -> None:
    """Such as the one that SQLite itself makes where there is none."""
    store = open_store(f"sqlite:///{path}")
    name = keep(store)
    store.close()
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE something (x)")
    again = open_store(f"sqlite:///{path}")
    assert again.view(name) is not None
    again.close()


class Clock(datetime):
    """A clock that a test sets."""

    shift = timedelta()

    @classmethod
    def now(cls, tz: object = None) -> datetime:
        """Return the shifted time."""
        return datetime.now(UTC) + cls.shift


def test_clock_that_jumps_does_not_change_which_copy_is_newest(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was just made is kept and is what a restart takes, also on the day before and ten years later."""
    monkeypatch.setattr(backup, "datetime", Clock)
    store = open_store(f"sqlite:///{path}")
    kept = []
    for days in (0, -1, 3_650, -20):
        monkeypatch.setattr(Clock, "shift", timedelta(days=days))
        kept.append(keep(store))
        made = make_backup(path)
        assert backups_of(path)[0] == made
        assert len(backups_of(path)) <= backup.KEPT
    store.close()
    path.unlink()
    again = connect_store(f"sqlite:///{path}")
    assert all(again.view(name) is not None for name in kept)
    again.close()


def test_copies_of_version_0_1_are_older_than_all_others(path: Path) -> None:
    """Their names have no number."""
    store = open_store(f"sqlite:///{path}")
    keep(store)
    made = make_backup(path)
    old = path.with_name(f"{path.name}.backup-20991231-235959-000000")
    shutil.copyfile(made, old)
    assert backups_of(path) == [made, old]
    assert made_at(old).year == 2099
    store.close()


def test_two_servers_notice_a_removed_file(path: Path) -> None:
    """Whoever sees it first writes it again; the other one takes that, and nothing of either is lost."""
    one, two = (open_store(f"sqlite:///{path}") for _ in range(2))
    first, second = keep(one), keep(two)
    path.unlink()
    third = keep(one)
    fourth = keep(two)
    two.add_note(first, Note(text="still here"))
    rows = one.list_experiments(ExperimentQuery()).rows
    assert {row.view.id for row in rows} == {first, second, third, fourth}
    one.close()
    two.close()
