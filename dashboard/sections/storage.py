"""Where results are kept, shown when it matters: a banner if saving fails, a line if storage is not durable."""

import os
from pathlib import Path

import streamlit as st

from dashboard import services
from models.store.interface import DATABASE_VARIABLE

PASSING = (
    "Experiments are kept here until this app restarts. A link holds all settings, so the same numbers can be trained "
    "again; what you want to keep, export."
)


def storage_passes() -> bool:
    """Return whether this host loses its files: `GATESCOPE_EPHEMERAL=1`, or Community Cloud without a database."""
    if os.environ.get(DATABASE_VARIABLE):
        return False
    return os.environ.get("GATESCOPE_EPHEMERAL") == "1" or Path.cwd().is_relative_to("/mount/src")


def show_storage() -> None:
    """Draw notices about storage; nothing if it works and is durable."""
    show_trouble()
    if storage_passes():
        st.caption(f":material/hourglass_empty: {PASSING}")


def show_trouble() -> None:
    """Draw a banner while results cannot be saved, or if saved ones were affected."""
    from models.store.sql.fallback import FallbackStore  # loads SQLAlchemy, which the first view does not need

    store = services.store()
    for sentence in filter(None, (store.notice, getattr(services.engine(), "notice", ""))):
        st.warning(sentence, icon=":material/database_off:")
    if isinstance(store, FallbackStore) and store.unsaved and st.button("Save now", icon=":material/save:"):
        store.retry()
        st.rerun()
