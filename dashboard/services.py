"""What the server holds for all visitors: engine, store and loaded data. The only user of Streamlit's caches."""

import importlib
import shutil
import sys
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from dashboard import state
from dashboard.seats import Seats
from data import fields
from data.catalog import TaskData, get_dataset
from data.upload import Inspection, Report, describe, digest, inspect
from models.errors import EngineError
from models.experiments.cost import Estimate, flops_per_update
from models.experiments.engine import Engine
from models.experiments.fairness import MEASURE, Plan, make_plan
from models.experiments.records import ExperimentSummary
from models.experiments.results import ExperimentResult, ExperimentView
from models.experiments.sizes import DataShape, run_size
from models.experiments.spec import ExperimentSpec, Options
from models.experiments.store import ExperimentQuery, Store
from models.experiments.sweep_runner import SweepRunner
from models.limits import Limits, check_capacity, variable

if TYPE_CHECKING:
    from models.health import Finding

Answer = TypeVar("Answer")
STATIC = Path(__file__).resolve().parent.parent / "static"
_VISITORS_AT_FULL_PACE = 8
_MOST_TASKS = 12
_MOST_UPLOADS = 8
_MOST_SPECS = 200
_MOST_FIGURES = 150
_MOST_SECONDS_OF_MEASURING = 300.0
_MOST_LISTED = 50
_MOST_ANALYSES = 100
_MOST_KNOWN = 16
_MOST_SECONDS_OF_ANALYSIS = 120.0
_WITH_RESULT = ("finished", "stopped", "diverged")


@st.cache_resource(show_spinner=False)
def prepare() -> bool:
    """Do once per server what pages rely on: put the chart library beside the page."""
    bundle = STATIC / "plotly.min.js"
    source = Path(str(files("plotly") / "package_data" / "plotly.min.js"))
    if not bundle.exists() or bundle.stat().st_size != source.stat().st_size:
        STATIC.mkdir(exist_ok=True)
        shutil.copyfile(source, bundle)
    return True


@st.cache_resource(show_spinner=False)
def warm_up() -> bool:
    """Do once per server, behind the first page, what later ones would wait for: start the engine, load scipy."""
    engine().start()
    sweeps().begin()
    threading.Thread(target=importlib.import_module, args=("scipy.stats",), name="warm-up", daemon=True).start()
    return True


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Return where experiments are kept."""
    from models.experiments.sql import open_store  # the first visitor's page does not wait for the database

    return open_store()


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """Return the engine that trains; it starts in the background."""
    return Engine(store(), admit=_admit)


@st.cache_resource(show_spinner=False)
def sweeps() -> SweepRunner:
    """Return what carries sweeps out."""
    return SweepRunner(engine(), store())


def _admit(spec: ExperimentSpec) -> None:
    check_capacity(spec, DataShape.of(task_data(spec)))


class _Full(Exception):  # noqa: N818
    """There is no seat; raised so that nothing is cached."""


def seats() -> Seats:
    """Return the count of this server's visitors."""
    found: Seats = _seats()
    return found


@st.cache_resource(show_spinner=False)
def _seats() -> Seats:
    return Seats()


def seated(*, again: bool = False) -> bool:
    """Say whether this session has a seat, and take one if there is one.

    Args:
        again: Whether it had one before; then it gets one in any case.
    """
    try:
        _seat(again)
    except _Full:
        return False
    return True


@st.cache_resource(show_spinner=False, max_entries=1, scope="session", on_release=lambda seats: seats.leave())
def _seat(_again: bool) -> Seats:
    found = seats()
    if not found.take(sys.maxsize if _again else Limits.from_environment().sessions):
        raise _Full
    return found


def pace(seconds: float) -> float:
    """Return how long a page waits between two looks at what goes on: longer where many visitors look.

    Args:
        seconds: What suits a visitor who is alone.
    """
    return seconds * max(1.0, seats().taken / _VISITORS_AT_FULL_PACE)


def view(identity: str | None) -> ExperimentView | None:
    """Return what is known of an experiment, or None if there is none of that id."""
    found: ExperimentView | None = engine().view(identity) if identity else None
    return found


def spec_of(identity: str) -> ExperimentSpec | None:
    """Return the settings of an experiment, or None if there is none of that id."""
    found = view(identity)
    return found.spec if found else None


def cost(spec: ExperimentSpec) -> Estimate:
    """Return what training will take.

    Raises:
        CapacityError: If that is more than is allowed.
        DataError: If the options leave too little data.
    """
    return _cost(spec.key(), _has_file(spec), spec)


@st.cache_resource(show_spinner=False, max_entries=_MOST_SPECS)
def _cost(key: str, has_file: bool, _spec: ExperimentSpec) -> Estimate:
    return check_capacity(_spec, DataShape.of(task_data(_spec)))


def _has_file(spec: ExperimentSpec) -> bool:
    """Say whether this visitor may see the uploaded file that a spec is about.

    What is cached about a spec is cached apart for those who may: sizes and times tell something of a file, too.
    """
    return content(spec) is not None


def plan(spec: ExperimentSpec) -> Plan:
    """Return what the fairness rule makes of a spec: sizes, parameters and updates of every architecture.

    What has to be measured is in it once it was (see `measure`).
    """
    found = _measurements().get(spec.key())
    return (
        _plan(spec.key(), _has_file(spec), spec)
        if found is None
        else make_plan(spec, DataShape.of(task_data(spec)), **found)
    )


@st.cache_resource(show_spinner=False, max_entries=_MOST_SPECS)
def _plan(key: str, has_file: bool, _spec: ExperimentSpec) -> Plan:
    return make_plan(_spec, DataShape.of(task_data(_spec)))


def measured(spec: ExperimentSpec) -> bool:
    """Say whether what a spec's plan needs has been measured on this server."""
    return spec.key() in _measurements()


def measure(spec: ExperimentSpec) -> None:
    """Measure what a spec's plan needs, in a worker, and wait for it.

    Raises:
        EngineError: If that failed or took too long.
    """
    try:
        found = engine().call(MEASURE, spec.to_dict(), content(spec)).result(timeout=_MOST_SECONDS_OF_MEASURING)
    except TimeoutError as error:
        raise EngineError("Finding out speeds and learning rates took too long; choose fewer updates.") from error
    kept = _measurements()
    kept[spec.key()] = found
    for key in list(kept)[:-_MOST_SPECS]:
        kept.pop(key, None)


@st.cache_resource(show_spinner=False)
def _measurements() -> dict[str, dict[str, Any]]:
    """Hold what was measured for plans, by the key of the spec."""
    return {}


def update_flops(view: ExperimentView) -> dict[str, float]:
    """Return each architecture's floating-point operations of one update of one seed, by formula."""
    shape = DataShape.of(task_data(view.spec))
    batch = min(view.spec.batch_size, shape.train.sequences)
    return {
        run.spec.architecture: flops_per_update(run_size(run.spec, shape), shape.train.steps, batch)
        for run in view.runs
    }


def content(spec: ExperimentSpec) -> bytes | None:
    """Return the uploaded file that a spec is about, if this visitor may see it.

    That is the file of this session, or the one that came with the experiment whose link was opened.
    """
    expected = dict(spec.options).get("content")
    if not expected:
        return None
    kept = state.upload()
    if kept is not None and kept.digest == expected:
        return kept.content
    shown = state.experiment()
    record = store().record(shown) if shown else None
    return record.content if record and record.content and digest(record.content) == expected else None


def lacks_file(spec: ExperimentSpec) -> bool:
    """Say whether a spec is about the visitor's own file and none was uploaded yet."""
    return spec.source().family == "own" and not dict(spec.options).get("content")


def inspection(name: str, dataset: str, decimal: str, *, content: bytes) -> Inspection:
    """Return what an uploaded file looks like.

    Raises:
        DataError: If it cannot be read.
    """
    return _inspection(digest(content), name, dataset, decimal, content)


@st.cache_resource(show_spinner=False, max_entries=_MOST_UPLOADS)
def _inspection(key: str, name: str, dataset: str, decimal: str, _content: bytes) -> Inspection:
    return inspect(_content, name, dataset=dataset, decimal=decimal)


def report(spec: ExperimentSpec) -> Report | None:
    """Return what would be used of an uploaded file, or None for a spec that is about none.

    Raises:
        DataError: If it cannot be used so.
    """
    given = content(spec)
    return _report(spec.dataset, spec.options, spec.seed, given) if given is not None else None


@st.cache_resource(show_spinner=False, max_entries=_MOST_UPLOADS)
def _report(dataset: str, options: Options, seed: int, _content: bytes) -> Report:
    return describe(dataset, dict(options), _content, seed=seed)


def task_data(spec: ExperimentSpec) -> TaskData:
    """Return the arrays of a spec's dataset; they are shared, so nobody may change them.

    Raises:
        DataError: If the options leave too little data, or the file that they are about is not there.
    """
    return data_with(spec, content(spec))


def data_with(spec: ExperimentSpec, given: bytes | None) -> TaskData:
    """Return the arrays of a spec's dataset, made from a file that is at hand; see `task_data`.

    Raises:
        DataError: If the options leave too little data, or the file is missing.
    """
    return _task_data(spec.dataset, spec.options, spec.seed, given is not None, given)


@st.cache_resource(show_spinner=False, max_entries=_MOST_TASKS)
def _task_data(dataset: str, options: Options, seed: int, present: bool, _content: bytes | None) -> TaskData:
    """Load data; `present` keeps those who have not the file from data that others loaded from it."""
    entry = get_dataset(dataset)
    return entry.load(entry.parse(dict(options)), seed, _content)


def own_experiments(most: int = _MOST_LISTED) -> dict[str, ExperimentSummary]:
    """Return this visitor's latest experiments with a result, and those of the command line, by id."""
    query = ExperimentQuery(status=_WITH_RESULT, control=state.control(), limit=most)
    return {row.view.id: row for row in store().list_experiments(query).rows}


def analyse(function: str, key: tuple[Hashable, ...], make: Callable[[], tuple[Any, ...]]) -> "Future[Any]":
    """Have a worker analyse something, once for all visitors who ask the same.

    Args:
        function: `package.module:function`.
        key: What is analysed: an experiment's id and whatever else decides the answer.
        make: Returns the arguments.

    Returns:
        The future; `answer` waits for it.
    """
    kept = _analyses()
    asked = (function, *key)
    future = kept.get(asked)
    if future is None or (future.done() and future.exception() is not None):
        future = kept[asked] = engine().call(function, *make())
        for old in list(kept)[:-_MOST_ANALYSES]:
            kept.pop(old, None)
    return future


def answer(future: "Future[Any]") -> Any:
    """Wait for an analysis.

    Raises:
        EngineError: If it failed or took too long.
    """
    try:
        return future.result(timeout=_MOST_SECONDS_OF_ANALYSIS)
    except TimeoutError as error:
        raise EngineError("This takes too long at the moment; the workers are busy. Try again in a minute.") from error


@st.cache_resource(show_spinner=False)
def _analyses() -> "dict[tuple[Hashable, ...], Future[Any]]":
    """Hold what workers found out, by function and subject."""
    return {}


def drawn(key: tuple[str | int | bool, ...], make: Callable[[], Answer]) -> Answer:
    """Return what `make` made for this key before, or make it: figures of results that will not change any more.

    Args:
        key: All that the figure depends on, the experiment's id or the spec's key first.
        make: Makes it. What it returns is shared by all visitors who may see it, so nobody may change it.
    """
    answer: Answer = _drawn(key, make)
    return answer


@st.cache_resource(show_spinner=False, max_entries=_MOST_FIGURES)
def _drawn(key: tuple[str | int | bool, ...], _make: Callable[[], Any]) -> Any:
    return _make()


def known_result(spec: ExperimentSpec) -> ExperimentResult | None:
    """Return the result of an experiment with these settings, whoever trained it; None if a run of it is not kept.

    Experiments on uploaded files are never found.
    """
    kept = _known_results()
    if spec.key() not in kept:
        runs = [store().find_run(run.key()) for run in plan(spec).run_specs()]
        if any(run is None for run in runs):
            return None
        kept[spec.key()] = ExperimentResult(
            spec=spec, status="finished", runs=tuple(run for run in runs if run is not None), baselines={}
        )
        for key in list(kept)[:-_MOST_KNOWN]:
            kept.pop(key, None)
    return kept[spec.key()]


@st.cache_resource(show_spinner=False)
def _known_results() -> dict[str, ExperimentResult]:
    """Hold results that statements were checked with, by the key of the spec."""
    return {}


@st.cache_resource(show_spinner=False, ttl=5, max_entries=1)
def health() -> "tuple[Finding, ...]":
    """Return how this server is; examined every few seconds at most, however many ask."""
    from models.health import examine

    return examine(engine(), store())


def allowed() -> list[dict[str, Any]]:
    """Return what this server allows, one row per limit."""
    chosen = Limits.from_environment()
    return [
        {"limit": info.help, "most": getattr(chosen, name), "unit": info.unit, "variable": variable(name)}
        for name, info in fields.infos(Limits).items()
    ]
