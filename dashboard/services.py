"""What the server holds for all visitors: engine, store and loaded data. The only user of Streamlit's caches."""

import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.words import grouped
from data.catalog import TaskData, get_dataset
from models.errors import EngineError
from models.experiments.results import ExperimentView
from models.experiments.spec import ExperimentSpec, Options
from models.experiments.store import MemoryStore, Store

STATIC = Path(__file__).resolve().parent.parent / "static"
_MOST_TASKS = 12


@st.cache_resource(show_spinner=False)
def prepare() -> bool:
    """Do once per server what pages rely on: the chart library beside the page, the engine on its way."""
    bundle = STATIC / "plotly.min.js"
    source = Path(str(files("plotly") / "package_data" / "plotly.min.js"))
    if not bundle.exists() or bundle.stat().st_size != source.stat().st_size:
        STATIC.mkdir(exist_ok=True)
        shutil.copyfile(source, bundle)
    return True


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Return where experiments are kept."""
    return MemoryStore()


def engine() -> Any:
    """Return the engine that trains.

    Raises:
        EngineError: If it cannot be started.
    """
    return _engine()


@st.cache_resource(show_spinner=False)
def _engine() -> Any:
    try:
        from models.experiments.engine import Engine
    except ImportError as error:
        raise EngineError("Training is not available here.") from error
    return Engine(store())


def view(identity: str | None) -> ExperimentView | None:
    """Return what is known of an experiment, or None if there is none of that id."""
    found: ExperimentView | None = engine().view(identity) if identity else None
    return found


def spec_of(identity: str) -> ExperimentSpec | None:
    """Return the settings of an experiment, or None if there is none of that id."""
    found = view(identity)
    return found.spec if found else None


def cost_line(spec: ExperimentSpec) -> str:
    """Say in one line what training will cost.

    Raises:
        GatescopeError: If it would cost more than is allowed.
    """
    return f"{grouped(spec.updates * len(spec.architectures))} updates"


def flops_per_update(spec: ExperimentSpec) -> dict[str, float]:
    """Return each architecture's floating-point operations of one update of one seed, by formula."""
    return {}


def task_data(spec: ExperimentSpec, content: bytes | None = None) -> TaskData:
    """Return the arrays of a spec's dataset; they are shared, so nobody may change them.

    Raises:
        DataError: If the options leave too little data.
    """
    return _task_data(spec.dataset, spec.options, spec.seed, content)


@st.cache_resource(show_spinner=False, max_entries=_MOST_TASKS)
def _task_data(dataset: str, options: Options, seed: int, content: bytes | None) -> TaskData:
    entry = get_dataset(dataset)
    return entry.load(entry.parse(dict(options)), seed, content)
