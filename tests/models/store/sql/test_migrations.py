"""Databases of every version open, or a sentence says what to do; released migrations stay as they are."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from models.errors import StoreError
from models.store.sql import migrations, schema
from models.store.sql.backup import backups_of
from models.store.sql.database import Database, database_url
from models.store.sql.migrations import MIGRATIONS
from models.store.sql.startup import connect_store
from tests.models.records.samples import a_record

RELEASED = {
    "_FIRST": "77322b2142aeb2c4",
    "_SWEEP": "cc430cb5e4813bb0",
    "_OF_SWEEP": "c623f98ce9601831",
}


def at_version(address: str, number: int) -> None:
    """Make the tables of an older version."""
    database = Database(database_url(address))

    def work(connection: object) -> None:
        migrations._version(connection)
        for change in MIGRATIONS[:number]:
            change(connection)
        connection.execute(update(schema.version).values(version=number))

    database.write(work)
    database.close()


@pytest.mark.parametrize("name", list(RELEASED))
def test_released_migration_is_not_edited(name: str) -> None:
    """Databases with these tables exist: a change of the tables is a new migration at the end of the list."""
    assert hashlib.sha256(getattr(migrations, name).encode()).hexdigest()[:16] == RELEASED[name]
    assert len(MIGRATIONS) >= len(RELEASED)


@pytest.mark.parametrize("number", range(1, len(MIGRATIONS)))
def test_older_version_is_brought_up_to_date(database_address: str, number: int) -> None:
    """An older database opens and takes experiments."""
    at_version(database_address, number)
    store = connect_store(database_address)
    record = a_record()
    store.create(record)
    assert store.view(record.id) is not None
    assert store.notice == ""
    store.close()


def test_backup_comes_before_a_migration(tmp_path: Path) -> None:
    """The older tables are copied first, so that the older program can be used again."""
    address = f"sqlite:///{tmp_path}/x.sqlite"
    at_version(address, 1)
    store = connect_store(address)
    with closing(sqlite3.connect(backups_of(tmp_path / "x.sqlite")[-1])) as copy:
        assert copy.execute("SELECT version FROM schema_version").fetchall() == [(1,)]
    store.close()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE schema_version SET version = 99", "schema version 99.*install the newer Gatescope"),
        ("UPDATE schema_version SET version = -3", "does not say which version"),
        ("UPDATE schema_version SET version = 'new'", "does not say which version"),
        ("DELETE FROM schema_version", "does not say which version"),
        ("UPDATE schema_version SET version = 1", "do not match schema version 1"),
        ("ALTER TABLE run DROP COLUMN losses", "do not match schema version"),
        ("DROP TABLE tag", "do not match schema version"),
    ],
)
def test_unknown_tables_are_left_alone_and_the_sentence_names_the_fix(tmp_path: Path, change: str, told: str) -> None:
    """A database of no known version is neither changed nor set aside."""
    address = f"sqlite:///{tmp_path}/x.sqlite"
    connect_store(address).close()
    with closing(sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)) as connection:
        connection.execute(change)
        before = list(connection.iterdump())
    with pytest.raises(StoreError, match=f"{told}.*GATESCOPE_DATA_DIR"):
        connect_store(address)
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as connection:
        assert list(connection.iterdump()) == before
    assert not list(tmp_path.glob("*damaged*"))
