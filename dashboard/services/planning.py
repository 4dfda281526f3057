"""The plan of an experiment: computed once, and and measured if its fairness rule needs that."""

from typing import Any

import streamlit as st

from dashboard.services import datasets, singletons
from models.bounded_cache import BoundedCache
from models.errors import EngineError
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import MEASURE
from models.spec.installation_limits import Limits
from models.spec.plan import Plan, make_plan
from models.spec.sizes import DataShape

_MAX_SPECS = 200
_MAX_SECONDS_OF_MEASURING = 300.0


def _has_file(spec: ExperimentSpec) -> bool:
    """Return whether this visitor may see the uploaded file that a spec uses.

    Caches are separate for those who may, because sizes and times also reveal something about a file.
    """
    return datasets.content(spec) is not None


def plan(spec: ExperimentSpec) -> Plan:
    """Return the plan of an experiment, computed once per change of settings.

    It includes measurements once they exist (see `measure`).

    Raises:
        DataError: If the options leave too little data.
    """
    found: Plan = _plan(spec.key(), _has_file(spec), measured(spec), spec)
    return found


@st.cache_resource(show_spinner=False, max_entries=_MAX_SPECS)
def _plan(key: str, has_file: bool, measured: bool, _spec: ExperimentSpec) -> Plan:
    shape = DataShape.of(datasets.task_data(_spec), datasets.content(_spec))
    return make_plan(_spec, shape, limits=Limits.from_environment(), **(_measurements().get(key) or {}))


def measured(spec: ExperimentSpec) -> bool:
    """Return whether this server has measured what a spec's plan needs."""
    return spec.key() in _measurements()


def measure(spec: ExperimentSpec) -> None:
    """Measure what a spec's plan needs on a worker, and wait for it.

    Raises:
        EngineError: If it failed or took too long.
    """
    try:
        future = singletons.engine().call(MEASURE, spec.to_dict(), datasets.content(spec))
        found = future.result(timeout=_MAX_SECONDS_OF_MEASURING)
    except TimeoutError as error:
        raise EngineError("Measuring speeds took too long; choose fewer updates.") from error
    _measurements().put(spec.key(), found)


@st.cache_resource(show_spinner=False)
def _measurements() -> BoundedCache[str, dict[str, Any]]:
    """Cache measurements for plans by the key of the spec."""
    return BoundedCache(_MAX_SPECS)
