"""The tabs of the Gates page: each is computed only while it is open."""

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard.components.choice import choose_one
from dashboard.components.lazy_tabs import lazy_tabs
from dashboard.formatting import listed, sentence_of
from dashboard.sections.averages import show_courses, show_saturation, show_time_scales
from dashboard.sections.disagreement import show_disagreement
from dashboard.sections.edit_sample import show_edit_sample
from dashboard.sections.find_alike import show_find_alike
from dashboard.sections.gates_while_learning import show_learning
from dashboard.sections.gradient_horizon import show_gradient_horizon
from dashboard.sections.inputs import show_inputs
from dashboard.sections.selection import Selection, not_recurrent, with_gates
from dashboard.sections.switch_off import show_switch_off
from dashboard.sections.traces import show_traces
from dashboard.sections.units import show_units
from dashboard.sections.why_it_won import show_why_it_won
from models.errors import GatescopeError

Part = Callable[[Selection], None]
SAMPLES = {"one": "One sample", "many": "Mean of many samples"}
UNITS = {"damage": "Which are needed", "saturation": "Open or shut", "time_scales": "How long they remember"}
ALIKE = {"alike": "Where the same units are on", "disagree": "Where networks disagree"}


def show_tabs(selection: Selection) -> None:
    """Draw the tabs; what needs gates is left out where no network has any."""
    gated = with_gates(selection)
    left = not_recurrent(selection)
    if left:
        st.caption(f"{listed(left)}: not recurrent, so without gates. Shown under Heatmaps and Find alike only.")
    parts: dict[str, Callable[[], None]] = {"Heatmaps": _guarded(_heatmaps, selection)}
    if gated is not None:
        parts |= {title: _guarded(show, gated) for title, show in _questions(selection).items()}
    parts["Find alike"] = _guarded(_samples, selection)
    if not selection.own:
        parts["Why did it win"] = _guarded(show_why_it_won, selection)
    lazy_tabs(parts, key=selection.tab_key)


def _questions(selection: Selection) -> dict[str, Part]:
    """Return the tabs that only networks with gates have."""
    learning = {} if selection.own else {"While learning": show_learning}
    return {
        "Switch it off": show_switch_off,
        **learning,
        "Units": _units,
        "Inputs": _inputs,
        "Edit a sample": show_edit_sample,
    }


def _guarded(show: Part, selection: Selection) -> Callable[[], None]:
    def draw() -> None:
        try:
            show(selection)
        except GatescopeError as error:
            st.error(sentence_of(error))

    return draw


def _choice(options: Mapping[str, str], *, label: str, key: str) -> str:
    return choose_one(label, options, key=key, default=next(iter(options)))


def _heatmaps(selection: Selection) -> None:
    gated = with_gates(selection)
    if gated is not None and _choice(SAMPLES, label="Heatmaps of", key="heatmaps_of") == "many":
        show_courses(gated)
    else:
        show_traces(selection)


def _units(selection: Selection) -> None:
    chosen = _choice(UNITS, label="What about the units", key="units_about")
    {"damage": show_units, "saturation": show_saturation, "time_scales": show_time_scales}[chosen](selection)


def _inputs(selection: Selection) -> None:
    show_inputs(selection)
    if selection.own:
        st.subheader("How far back the output reaches", anchor="horizon")
        show_gradient_horizon(selection)


def _samples(selection: Selection) -> None:
    gated = with_gates(selection)
    chosen = _choice(ALIKE if gated else {"disagree": ALIKE["disagree"]}, label="Find samples", key="samples_by")
    if chosen == "alike" and gated is not None:
        show_find_alike(gated)
    else:
        show_disagreement(selection)
