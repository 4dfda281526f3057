"""Add repeats to a finished experiment: trains only what is missing."""

from dataclasses import replace

import streamlit as st

from dashboard import services, state
from data import fields
from models.errors import GatescopeError
from models.records.results import ExperimentView
from models.spec.experiment_settings import ExperimentSpec

ADDED = 8
_PROBLEM = "add_repeats_problem"
_HELP = "Trains only the new repeats, with the same settings and learning rates. All repeats together become a new experiment."


def repeats_to_add(spec: ExperimentSpec) -> int:
    """Return how many repeats the button adds; 0 at the maximum."""
    return max(0, min(ADDED, int(fields.infos(ExperimentSpec)["seeds"].high) - spec.seeds))


def show_add_repeats(view: ExperimentView, *, key: str) -> bool:
    """Draw the button on a finished experiment; return whether an experiment with more repeats was started.

    Args:
        view: The experiment.
        key: Key of the button, different on every page.
    """
    count = repeats_to_add(view.spec)
    if problem := state.take(_PROBLEM):
        st.error(str(problem))
    result = view.result
    if result is None or view.status != "finished" or not count or not all(run.weights for run in result.runs):
        return False
    label = f"Add {count} repeats"
    pressed = st.button(label, icon=":material/add:", key=key, help=_HELP, on_click=_add, args=(view.id, count))
    return pressed and state.experiment() != view.id


def _add(identity: str, count: int) -> None:
    """Start an experiment that continues a finished one, and show it; a callback, as it changes the form."""
    view, record = services.view(identity), services.store().record(identity)
    if view is None or view.result is None:
        state.put(_PROBLEM, "The experiment is no longer kept.")
        return
    spec = replace(view.spec, seeds=view.spec.seeds + count)
    try:
        continued = services.engine().submit(
            services.plan(spec),
            control=state.control(),
            content=record.content if record is not None else None,
            earlier=view.result,
        )
    except GatescopeError as error:
        state.put(_PROBLEM, str(error))
        return
    state.attach(continued)
    state.fill(spec)
