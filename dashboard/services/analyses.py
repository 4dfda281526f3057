"""Results that identical requests share: analyses by workers, figures, known results."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

import streamlit as st

from dashboard.services import planning, singletons
from models.bounded_cache import BoundedCache
from models.errors import EngineError
from models.records.results import ExperimentResult
from models.spec.experiment_settings import ExperimentSpec

Answer = TypeVar("Answer")
_MAX_FIGURES = 80
_MAX_ANALYSES = 100
_MAX_KNOWN = 16
_MAX_SECONDS_OF_ANALYSIS = 120.0


def analyse(function: str, key: tuple[Hashable, ...], make: Callable[[], tuple[Any, ...]]) -> "Future[Any]":
    """Run an analysis on a worker; identical requests share one result.

    Args:
        function: `package.module:function`.
        key: Everything that determines the result, starting with the experiment's id.
        make: Returns the arguments.

    Returns:
        The future; `answer` waits for it.
    """
    kept = _analyses()
    asked = (function, *key)
    future = kept.get(asked)
    if future is None or (future.done() and future.exception() is not None):
        future = singletons.engine().call(function, *make())
        kept.put(asked, future)
    return future


def answer(future: "Future[Any]") -> Any:
    """Wait for an analysis.

    Raises:
        EngineError: If it failed or took too long.
    """
    try:
        return future.result(timeout=_MAX_SECONDS_OF_ANALYSIS)
    except TimeoutError as error:
        raise EngineError("This takes too long at the moment; the workers are busy. Try again in a minute.") from error


@st.cache_resource(show_spinner=False)
def _analyses() -> "BoundedCache[tuple[Hashable, ...], Future[Any]]":
    """Cache workers' results by function and key."""
    return BoundedCache(_MAX_ANALYSES)


def drawn(key: tuple[Hashable, ...], make: Callable[[], Answer]) -> Answer:
    """Return the cached value for this key or create it with `make`: figures of final results.

    Args:
        key: Everything the figure depends on, starting with the experiment's id or the spec's key.
        make: Creates it. All visitors who may see the value share it, so do not modify it.
    """
    answer: Answer = _drawn(key, make)
    return answer


@st.cache_resource(show_spinner=False, max_entries=_MAX_FIGURES)
def _drawn(key: tuple[Hashable, ...], _make: Callable[[], Any]) -> Any:
    return _make()


def known_result(spec: ExperimentSpec) -> ExperimentResult | None:
    """Return the result of an experiment with these settings, whoever trained it; None if any run is missing.

    Experiments on uploaded files are never found.
    """
    kept = _known_results()
    if (known := kept.get(spec.key())) is not None:
        return known
    planned = planning.plan(spec).run_specs()
    runs = tuple(run for run in (singletons.store().find_run(run.key()) for run in planned) if run is not None)
    if len(runs) < len(planned):
        return None
    found = ExperimentResult(spec=spec, status="finished", runs=runs, baselines={})
    kept.put(spec.key(), found)
    return found


@st.cache_resource(show_spinner=False)
def _known_results() -> BoundedCache[str, ExperimentResult]:
    """Cache the results with which statements were checked, by the key of the spec."""
    return BoundedCache(_MAX_KNOWN)
