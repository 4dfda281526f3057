"""A server always gets a store, and its banner says in one sentence what is not as it should be."""

import contextlib
import logging
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import event, inspect, text

from models.errors import StoreError
from models.records.experiment import ExperimentQuery, Note
from models.store.sql import database, open_store, schema, startup
from models.store.sql.database import Database, database_url, masked
from models.store.sql.migrations import MIGRATIONS
from models.store.sql.startup import connect_store
from tests.models.records.samples import a_record, an_experiment_result


def test_default_is_a_file_in_the_data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a URL experiments are kept in a file, in a folder that only its owner can enter."""
    folder = tmp_path / "new"
    monkeypatch.setenv("GATESCOPE_DATA_DIR", str(folder))
    store = open_store()
    record = a_record()
    store.create(record)
    store.close()
    assert (folder / startup.FILE_NAME).is_file()
    assert folder.stat().st_mode & 0o077 == 0
    again = open_store()
    assert again.view(record.id).status == "interrupted"
    assert again.notice == ""
    again.close()


def test_sqlite_is_opened_for_durability(tmp_path: Path) -> None:
    """Rollback journal, full synchronisation, no memory map, foreign keys on, untrusted schema."""
    store = connect_store(f"sqlite:///{tmp_path}/x.sqlite")
    with store._database.engine.connect() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "mmap_size", "foreign_keys", "trusted_schema", "busy_timeout")
        }
    store.close()
    assert found == {
        "journal_mode": "delete",
        "synchronous": 2,
        "mmap_size": 0,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": 5000,
    }


def test_no_file_but_the_database_and_its_journal_is_written(tmp_path: Path) -> None:
    """There is never a write-ahead log."""
    store = connect_store(f"sqlite:///{tmp_path}/x.sqlite")
    result = an_experiment_result()
    store.keep(a_record(result.spec), result)
    assert {path.name for path in tmp_path.iterdir()} <= {"x.sqlite", "x.sqlite-journal"}
    store.close()


@pytest.mark.parametrize("damage", ["middle", "head", "text"])
def test_damaged_file_is_set_aside_and_the_app_starts(tmp_path: Path, damage: str) -> None:
    """The damaged file stays for rescue, a new one is begun, and the banner says so."""
    path = tmp_path / "x.sqlite"
    store = connect_store(f"sqlite:///{path}")
    result = an_experiment_result()
    for _ in range(4):
        store.keep(a_record(result.spec), result)
    store.close()
    content = bytearray(path.read_bytes())
    start = {"middle": 8192, "head": 0, "text": 0}[damage]
    content[start : start + 4096] = (b"not a database" * 300)[:4096]
    path.write_bytes(b"hello" if damage == "text" else bytes(content))
    again = open_store(f"sqlite:///{path}")
    record = a_record()
    again.create(record)
    assert again.view(record.id) is not None
    assert "set aside" in again.notice
    assert len(list(tmp_path.glob("x.sqlite.damaged-*"))) == 1
    again.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@127.0.0.1:1/x",
        "postgresql://me:hunter2@127.0.0.1:1/x?sslpassword=hunter2",
        "mysql://me:hunter2@db.internal/x",
        "me:hunter2@db.internal",
        "postgresql://me:hunter2@127.0.0.1:port/x",
    ],
)
def test_bad_url_is_one_sentence_without_the_password(
    url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store lives in memory, the banner says why, and the password is nowhere, also not in the log."""
    monkeypatch.setattr("models.store.sql.store._OPENING_PATIENCE", 0.1)
    caplog.set_level(logging.DEBUG)
    store = open_store(url)
    record = a_record()
    store.create(record)
    assert store.view(record.id) is not None
    assert "kept only until this server ends" in store.notice
    assert "hunter2" not in store.notice + caplog.text
    assert "db.internal" not in store.notice
    store.close()


def test_masked_url_hides_password_and_query() -> None:
    """What is logged names the place and nothing secret."""
    shown = masked(database_url("postgresql://me:hunter2@host/x?password=hunter2"))
    assert shown == "postgresql+psycopg://me:***@host/x"


def test_migrations_lead_to_the_schema(database_address: str) -> None:
    """The migrated tables have exactly the columns that the code knows, and migrating again does nothing."""
    store = connect_store(database_address)
    found = inspect(store._database.engine)
    assert set(found.get_table_names()) == set(schema.metadata.tables)
    for name, table in schema.metadata.tables.items():
        columns = {column["name"]: column["nullable"] for column in found.get_columns(name)}
        expected = {column.name: bool(column.nullable) for column in table.columns}
        assert set(columns) == set(expected), name
        assert {
            key: value
            for key, value in columns.items()
            if key not in found.get_pk_constraint(name)["constrained_columns"]
        } == {key: value for key, value in expected.items() if not table.columns[key].primary_key}
    with store._database.engine.connect() as connection:
        assert connection.execute(text("SELECT version FROM schema_version")).scalars().all() == [len(MIGRATIONS)]
    store.close()
    connect_store(database_address).close()


def test_full_disk_is_refused_with_a_sentence_and_nothing_is_lost(tmp_path: Path) -> None:
    """When no page is left, the save is refused whole and what was saved before stays."""
    store = connect_store(f"sqlite:///{tmp_path}/x.sqlite")
    record, result = a_record(), an_experiment_result()
    store.create(record)
    store._database.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "x.sqlite")) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]

    @event.listens_for(store._database.engine, "connect")
    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(StoreError, match=r"disk .* is full"):
        store.keep(a_record(result.spec), result)
    assert store.view(record.id).status == "queued"
    store._database.close()
    event.remove(store._database.engine, "connect", limit)
    store.close()


def test_nearly_full_disk_takes_no_new_experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the disk is full new experiments go into memory, with a sentence, and notes can still be written."""
    store = open_store(f"sqlite:///{tmp_path}/x.sqlite")
    old, new = a_record(), a_record()
    store.create(old)
    monkeypatch.setattr(database, "MIN_FREE_BYTES", 2**60)
    store.create(new)
    assert store.unsaved == (new.id,)
    assert "less than" in store.notice
    store.add_note(old.id, Note(text="still here"))
    assert len(store.notes(old.id)) == 1
    store.close()


def test_unwritable_folder_is_one_sentence(tmp_path: Path) -> None:
    """A folder that cannot be made is named as the problem."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="folder of the database"):
        connect_store(f"sqlite:///{tmp_path}/file/below/x.sqlite")


def test_odd_row_does_not_hide_the_others(tmp_path: Path) -> None:
    """A row that cannot be read is counted in lists and explained when it is opened."""
    store = connect_store(f"sqlite:///{tmp_path}/x.sqlite")
    good, odd = a_record(), a_record()
    for record in (good, odd):
        store.create(record)
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute('UPDATE experiment SET spec = \'{"dataset": "gone"}\' WHERE id = ?', (odd.id,))
    connection.close()
    found = store.list_experiments(ExperimentQuery())
    assert ([row.view.id for row in found.rows], found.total, [one.id for one in found.unreadable]) == (
        [good.id],
        2,
        [odd.id],
    )
    with pytest.raises(StoreError, match="cannot be read by this version"):
        store.view(odd.id)
    store.close()


def test_changed_bytes_are_found(tmp_path: Path) -> None:
    """A result whose bytes are not what was stored is not shown."""
    store = connect_store(f"sqlite:///{tmp_path}/x.sqlite")
    result = an_experiment_result()
    record = a_record(result.spec)
    store.keep(record, result)
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute("UPDATE artifact SET bytes = zeroblob(length(bytes)) WHERE kind = 'weights'")
    connection.close()
    with pytest.raises(StoreError, match="damaged"):
        store.view(record.id)
    store.close()


def test_database_repeats_while_another_writer_holds_the_lock(tmp_path: Path) -> None:
    """A short lock by another process delays a write and nothing else."""
    address = f"sqlite:///{tmp_path}/x.sqlite"
    store = connect_store(address)
    other = Database(database_url(address))
    held = threading.Event()

    def hold(connection: object) -> None:
        held.set()
        time.sleep(0.3)

    thread = threading.Thread(target=other.write, args=(hold,))
    thread.start()
    held.wait()
    record = a_record()
    store.create(record)
    thread.join()
    assert store.view(record.id) is not None
    other.close()
    store.close()
