"""The persistent store, on SQLite or PostgreSQL."""

from models.store.sql.startup import open_store
from models.store.sql.store import SqlStore

__all__ = ["SqlStore", "open_store"]
