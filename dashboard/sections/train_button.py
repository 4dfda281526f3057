"""The header of Compare: what will be compared, the Train button, and the cost."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import services, state
from dashboard.form_words import in_form_words
from dashboard.formatting import count, duration, escaped, grouped, sentence_of
from dashboard.sections.run_plan import wait_for_measuring
from models.analysis.wording import question
from models.errors import GatescopeError
from models.spec.cost import Estimate
from models.spec.experiment_settings import ExperimentSpec

WHAT = (
    "Trains real recurrent networks side by side and shows which one learns better, how sure that is, and at what cost."
)


def show_header(spec: ExperimentSpec | None) -> str:
    """Draw title, Train and its cost; start an experiment if Train was pressed.

    Args:
        spec: The settings, or None while they cannot be used.

    Returns:
        The problem that was shown, empty if there is none.
    """
    left, right = st.columns([0.68, 0.32], vertical_alignment="center", gap="medium")
    with left:
        st.title(title(spec), anchor=False)
        st.caption(WHAT)
    with right:
        return _train(spec)


def title(spec: ExperimentSpec | None) -> str:
    """Return the line that says what is compared: "LSTM and GRU on Sunspots, yearly"."""
    if spec is None:
        return "LSTM or GRU?"
    text = question(spec)
    return escaped(text, longest=len(text))


def shown_settings(spec: ExperimentSpec) -> str:
    """Return one line about the settings of results: "LSTM and GRU on Sunspots, yearly, 32 units, 3 repeats, 400 updates"."""
    sizes = [count(spec.hidden_size, "unit"), count(spec.seeds, "repeat"), count(spec.updates, "update")]
    return ", ".join([title(spec), *sizes])


def _train(spec: ExperimentSpec | None) -> str:
    problem, cost = _cost(spec)
    busy = spec is not None and _already_running(spec)
    pressed = st.button(
        "Train",
        type="primary",
        icon=":material/hourglass_top:" if busy else ":material/play_arrow:",
        width="stretch",
        disabled=busy or not cost,
        key="train",
    )
    line = st.empty()
    if problem:
        line.error(sentence_of(in_form_words(problem)))
    else:
        line.caption(cost or "Upload your file in the sidebar first." if spec else "The sidebar says what to correct.")
    if pressed and spec is not None and not busy:
        if problem := _start(spec, line):
            return problem
        st.rerun()  # so that Train cannot be pressed while it trains
    return problem


def _start(spec: ExperimentSpec, line: DeltaGenerator) -> str:
    try:
        wait_for_measuring(spec, line)
        plan, content = services.plan(spec), services.content(spec)
        if content is not None:
            services.use("own_experiments")
        state.attach(identity := services.engine().submit(plan, control=state.control(), content=content))
        services.note_press(identity, plan)
    except GatescopeError as error:
        st.error(sentence_of(in_form_words(str(error))))
        return str(error)
    return ""


def _already_running(spec: ExperimentSpec) -> bool:
    """Return whether the shown experiment is this one and still running, so that a double click starts it once."""
    view = services.view(state.experiment())
    return view is not None and not view.final and view.spec == spec


def _cost(spec: ExperimentSpec | None) -> tuple[str, str]:
    """Return why the settings are refused, and their cost; neither while something is missing."""
    if spec is None or services.lacks_file(spec):
        return "", ""
    try:
        plan = services.plan(spec)
    except GatescopeError as error:
        return str(error), ""
    return (
        (" ".join(plan.problems), "")
        if plan.problems
        else ("", cost_line(spec, plan.cost, services.expected_seconds(plan)))
    )


def cost_line(spec: ExperimentSpec, cost: Estimate, seconds: float) -> str:
    """Say what training takes: "about 6 s · 3 repeats · 800 updates · 12 MB"."""
    return " · ".join(
        [
            f"about **{duration(seconds)}**",
            count(spec.seeds, "repeat"),
            f"{grouped(cost.updates)} updates",
            f"{max(1, round(cost.bytes / 1e6))} MB",
        ]
    )
