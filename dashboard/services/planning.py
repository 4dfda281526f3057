"""What training will take, and what the fairness rule makes of a spec."""

from typing import Any

import streamlit as st

from dashboard import services
from models.errors import EngineError
from models.spec.cost import Estimate
from models.spec.experiment import ExperimentSpec
from models.spec.fairness import MEASURE, Plan, make_plan
from models.spec.limits import check_capacity
from models.spec.sizes import DataShape

_MAX_SPECS = 200
_MAX_SECONDS_OF_MEASURING = 300.0


def cost(spec: ExperimentSpec) -> Estimate:
    """Return what training will take.

    Raises:
        CapacityError: If that is more than is allowed.
        DataError: If the options leave too little data.
    """
    return _cost(spec.key(), _has_file(spec), spec)


@st.cache_resource(show_spinner=False, max_entries=_MAX_SPECS)
def _cost(key: str, has_file: bool, _spec: ExperimentSpec) -> Estimate:
    return check_capacity(_spec, DataShape.of(services.task_data(_spec)))


def _has_file(spec: ExperimentSpec) -> bool:
    """Say whether this visitor may see the uploaded file that a spec is about.

    What is cached about a spec is cached apart for those who may: sizes and times tell something of a file, too.
    """
    return services.content(spec) is not None


def plan(spec: ExperimentSpec) -> Plan:
    """Return what the fairness rule makes of a spec: sizes, parameters and updates of every architecture.

    What has to be measured is in it once it was (see `measure`).
    """
    found = _measurements().get(spec.key())
    if found is None:
        return _plan(spec.key(), _has_file(spec), spec)
    return make_plan(spec, DataShape.of(services.task_data(spec)), **found)


@st.cache_resource(show_spinner=False, max_entries=_MAX_SPECS)
def _plan(key: str, has_file: bool, _spec: ExperimentSpec) -> Plan:
    return make_plan(_spec, DataShape.of(services.task_data(_spec)))


def measured(spec: ExperimentSpec) -> bool:
    """Say whether what a spec's plan needs has been measured on this server."""
    return spec.key() in _measurements()


def measure(spec: ExperimentSpec) -> None:
    """Measure what a spec's plan needs, in a worker, and wait for it.

    Raises:
        EngineError: If that failed or took too long.
    """
    try:
        future = services.engine().call(MEASURE, spec.to_dict(), services.content(spec))
        found = future.result(timeout=_MAX_SECONDS_OF_MEASURING)
    except TimeoutError as error:
        raise EngineError("Finding out speeds and learning rates took too long; choose fewer updates.") from error
    kept = _measurements()
    kept[spec.key()] = found
    for key in list(kept)[:-_MAX_SPECS]:
        kept.pop(key, None)


@st.cache_resource(show_spinner=False)
def _measurements() -> dict[str, dict[str, Any]]:
    """Hold what was measured for plans, by the key of the spec."""
    return {}
