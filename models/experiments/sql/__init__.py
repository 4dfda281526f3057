"""The store that remembers, on SQLite or PostgreSQL."""

from models.experiments.sql.opening import open_store
from models.experiments.sql.store import SqlStore

__all__ = ["SqlStore", "open_store"]
