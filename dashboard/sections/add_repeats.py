"""Add repeats to a finished experiment, which trains only what is missing; train a stopped one to its end."""

from dataclasses import replace

import streamlit as st

from dashboard import services, state
from dashboard.formatting import sentence_of
from data import fields
from data.repeat_splits import MAX_STRETCHES
from models.errors import GatescopeError
from models.records.results import ExperimentResult, ExperimentView
from models.spec.experiment_settings import ExperimentSpec

ADDED = 8
_PROBLEM = "add_repeats_problem"
_STARTS = (
    "Every stretch or split is already in use: these are new starts on the same data, averaged with the earlier ones."
)
_HELP = "Trains only the new repeats, with the same settings and learning rates. All repeats together become a new experiment."


def repeats_to_add(spec: ExperimentSpec) -> int:
    """Return how many repeats the button adds; 0 at the maximum."""
    return max(0, min(ADDED, int(fields.infos(ExperimentSpec)["seeds"].high) - spec.seeds))


def adds_starts_only(result: ExperimentResult) -> bool:
    """Return whether all stretches of time or splits are in use, so that further repeats share those that there are."""
    if result.spec.resampling == "start":
        return False
    seeds = result.runs[0].seeds
    different = len({seed.stretch_index for seed in seeds})
    return different < len(seeds) or (seeds[0].stretch is not None and different >= MAX_STRETCHES)


def show_add_repeats(view: ExperimentView, *, key: str) -> bool:
    """Draw the button on a finished experiment; return whether an experiment with more repeats was started.

    Args:
        view: The experiment.
        key: Key of the button, different on every page.
    """
    count = repeats_to_add(view.spec)
    if problem := state.take(_PROBLEM):
        st.error(sentence_of(problem))
    result = view.result
    if result is None or view.status != "finished" or not count or not all(run.weights for run in result.runs):
        return False
    label, why = f"Add {count} repeats", f"{_HELP} {_STARTS}" if adds_starts_only(result) else _HELP
    pressed = st.button(label, icon=":material/add:", key=key, help=why, on_click=_add, args=(view.id, count))
    return pressed and state.experiment() != view.id


def show_continue(view: ExperimentView, *, key: str) -> None:
    """Draw the button that trains a stopped experiment to its end.

    Args:
        view: The experiment.
        key: Key of the button, different on every page.
    """
    st.button(
        "Continue",
        icon=":material/resume:",
        key=key,
        help="Trains again from the first update to the last: the same settings give the same numbers on the way.",
        on_click=_add,
        args=(view.id, 0),
    )


def _add(identity: str, count: int) -> None:
    """Start an experiment that continues another one, and show it; a callback, as it changes the form.

    Args:
        identity: The other experiment.
        count: How many repeats are added; 0 trains all of them again.
    """
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
            earlier=view.result if count else None,
        )
    except GatescopeError as error:
        state.put(_PROBLEM, str(error))
        return
    state.attach(continued)
    state.fill(spec)
