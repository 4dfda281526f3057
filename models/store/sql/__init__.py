"""The persistent store, on SQLite or PostgreSQL.

Its names are imported on first use: exports need only `codec`, and a page without the store does not wait for SQLAlchemy.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.store.sql.startup import open_store
    from models.store.sql.store import SqlStore

__all__ = ["SqlStore", "open_store"]
_PLACES = {"SqlStore": "models.store.sql.store", "open_store": "models.store.sql.startup"}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
    return getattr(importlib.import_module(_PLACES[name]), name)
