"""Singletons of the server: engine, store, sweeps."""

import atexit
import logging
import shutil
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit import runtime
from streamlit.components.v1 import declare_component

from dashboard import state
from dashboard.kept_downloads import KeptDownloads
from dashboard.streamlit_uploads import BoundedUploads
from data import fields
from models.engine.engine import Engine
from models.engine.sweep_runner import SweepRunner
from models.errors import StoreError
from models.malloc import share_arenas
from models.records.experiment import ExperimentQuery, ExperimentSummary
from models.records.results import ExperimentView
from models.spec.experiment_settings import ExperimentSpec
from models.spec.installation_limits import Limits, misread, variable
from models.store.interface import Store

if TYPE_CHECKING:
    from models.health import Finding

_log = logging.getLogger("gatescope.server")
BUNDLE = "plotly_bundle"  # `dashboard/components/plotly_loader.py` names it
STATIC = Path(__file__).resolve().parents[2] / "static"
_MAX_LISTED = 50
_WITH_RESULT = ("finished", "stopped", "diverged")


@st.cache_resource(show_spinner=False)
def prepare() -> bool:
    """Run once per server: limit malloc arenas and uploads, keep downloads, copy Plotly's bundle to `static/`."""
    share_arenas()
    if runtime.exists():
        running = runtime.get_instance()
        BoundedUploads(running.uploaded_file_mgr).install()
        KeptDownloads(running.media_file_mgr._storage).install()
    bundle = STATIC / "plotly.min.js"
    source = Path(str(files("plotly") / "package_data" / "plotly.min.js"))
    try:
        if not bundle.exists() or bundle.stat().st_size != source.stat().st_size:
            STATIC.mkdir(exist_ok=True)
            shutil.copyfile(source, bundle)
    except OSError as error:  # a read-only image, or a folder of another user: the package itself serves the bundle
        _log.info("Plotly's bundle is served from its package: %s", error)
        declare_component(BUNDLE, path=str(source.parent))
    return True


def warm_up() -> None:
    """Run after a page is drawn: start the engine, or its worker if that has ended for lack of work."""
    _begin()
    engine().wake()


@st.cache_resource(show_spinner=False)
def _begin() -> bool:
    """Run once per server: start engine and sweeps, and report invalid environment variables."""
    for sentence in misread():
        _log.warning("%s", sentence)
    engine().start()
    sweeps().begin()
    return True


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Return the store; it is closed when the server ends, after the engine."""
    from models.store.sql import (
        open_store,
    )  # imported here so that the first visitor's page does not wait for the database

    opened = open_store()
    atexit.register(opened.close)
    return opened


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """Return the engine that trains; it starts in the background."""
    return Engine(store())


@st.cache_resource(show_spinner=False)
def sweeps() -> SweepRunner:
    """Return the sweep runner."""
    return SweepRunner(engine(), store(), limits=Limits.from_environment())


def view(identity: str | None) -> ExperimentView | None:
    """Return an experiment with its progress or results, or None if there is none with that id."""
    found: ExperimentView | None = engine().view(identity) if identity else None
    return found


def spec_of(identity: str) -> ExperimentSpec | None:
    """Return the settings of an experiment, or None if there is none with that id or it cannot be read."""
    try:
        found = view(identity)
    except StoreError:  # reported where the whole experiment is read
        return None
    return found.spec if found else None


def own_experiments(most: int = _MAX_LISTED) -> dict[str, ExperimentSummary]:
    """Return this visitor's latest experiments with a result, and those of the command line, by id."""
    query = ExperimentQuery(status=_WITH_RESULT, control=state.control(), limit=most)
    return {row.view.id: row for row in store().list_experiments(query).rows}


@st.cache_resource(show_spinner=False, ttl=5, max_entries=1)
def health() -> "tuple[Finding, ...]":
    """Return this server's health, examined at most every few seconds."""
    from models.health import examine

    return examine(engine(), store())


def allowed() -> list[dict[str, Any]]:
    """Return what this server allows, one row per limit."""
    chosen = Limits.from_environment()
    return [
        {"limit": info.help, "most": getattr(chosen, name), "unit": info.unit, "variable": variable(name)}
        for name, info in fields.infos(Limits).items()
    ]
