"""Stores to test: in memory, on SQLite, on PostgreSQL."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.store.interface import Store
from models.store.sql import SqlStore
from models.store.sql.database import Database, database_url
from models.store.sql.in_memory import MemoryStore
from tests.models.store import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a private PostgreSQL server."""
    with postgres.server() as url:
        yield url


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder in memory, where the system has one: many commits are slow on a disk that keeps its word."""
    memory = Path("/dev/shm")  # noqa: S108
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as name:
        yield Path(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_address(request: pytest.FixtureRequest, folder: Path) -> str:
    """URL of an empty database, one kind after the other."""
    if request.param == "sqlite":
        return f"sqlite:///{folder}/experiments.sqlite"
    return postgres.new_database(request.getfixturevalue("postgres_server"))


@pytest.fixture
def connect(database_address: str) -> Iterator[Callable[..., SqlStore]]:
    """Open SQL stores on the same database; they are closed at the end."""
    opened = []

    def open_one(**options: object) -> SqlStore:
        opened.append(SqlStore(Database(database_url(database_address)), watch=False, **options))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, folder: Path) -> Iterator[Store]:
    """A store of each kind."""
    if request.param == "memory":
        yield MemoryStore()
        return
    address = f"sqlite:///{folder}/experiments.sqlite"
    if request.param == "postgresql":
        address = postgres.new_database(request.getfixturevalue("postgres_server"))
    opened = SqlStore(Database(database_url(address)), watch=False)
    yield opened
    opened.close()
