"""Gates: what do its gates do, when, and does it need them?"""

from collections.abc import Callable

import streamlit as st

from dashboard import services
from dashboard.navigation import PageInfo
from dashboard.sections.averages import show_courses, show_saturation, show_time_scales
from dashboard.sections.disagreement import show_disagreement
from dashboard.sections.edit_sample import show_edit_sample
from dashboard.sections.find_alike import show_find_alike
from dashboard.sections.gates_while_learning import show_learning
from dashboard.sections.gradient_horizon import show_gradient_horizon
from dashboard.sections.inputs import show_inputs
from dashboard.sections.own_network import choose_mode, choose_own_network
from dashboard.sections.selection import Selection, choose_experiment, choose_place, with_gates, with_weights
from dashboard.sections.switch_off import show_switch_off
from dashboard.sections.traces import show_traces
from dashboard.sections.units import show_units
from dashboard.sections.why_it_won import show_why_it_won
from models.analysis.traces import Panel
from models.errors import GatescopeError

PAGE = PageInfo(
    title="Gates",
    icon=":material/door_open:",
    url="gates",
    order=10,
    question="What do its gates do, when, and does it need them?",
)


def page() -> None:
    """Draw the page from top to bottom."""
    st.title("What do the gates do?", anchor=False)
    st.caption("Look into trained networks, one sample at a time or many at once, and switch parts of them off.")
    try:
        selection = choose_own_network() if choose_mode() else _of_experiment()
        if selection is None:
            return
        panels = show_traces(selection)
        gated = with_gates(selection)
    except GatescopeError as error:
        st.error(str(error))
        return
    if gated is not None:
        _gate_parts(gated, panels)
    if gated is not None:
        _question_parts(gated)
    if not selection.own:
        _part("Why did it win?", "why", ":material/emoji_events:", lambda: show_why_it_won(selection))
    if selection.own:
        _part("Gradient horizon", "horizon", ":material/trending_down:", lambda: show_gradient_horizon(selection))
    _part("Where do they disagree?", "disagree", ":material/call_split:", lambda: show_disagreement(selection))


def _question_parts(selection: Selection) -> None:
    """Draw what asks recurrent networks questions."""
    _part("Which inputs matter?", "inputs", ":material/input:", lambda: show_inputs(selection))
    _part("Edit a sample", "edit", ":material/edit:", lambda: show_edit_sample(selection))
    _part("Find alike", "alike", ":material/search:", lambda: show_find_alike(selection))


def _of_experiment() -> Selection | None:
    """Draw the choice of experiment, sample, repeat and layer."""
    view = choose_experiment()
    result = with_weights(view.result) if view is not None and view.result is not None else None
    if view is None or result is None:
        return None
    data = services.task_data(view.spec)
    st.header("Every gate and state", anchor="traces")
    place, order = choose_place(view.id, result, data)
    data = services.task_data(view.spec, place.replica)
    return Selection(identity=view.id, result=result, data=data, place=place, order=order)


def _gate_parts(selection: Selection, panels: dict[str, tuple[Panel, ...]]) -> None:
    """Draw what only architectures with gates have."""
    _part("Gates over time", "courses", ":material/timeline:", lambda: show_courses(selection))
    _part(
        "Saturation: open, shut, or in between?",
        "saturation",
        ":material/scatter_plot:",
        lambda: show_saturation(selection),
    )
    _part("How long do units remember?", "time_scales", ":material/hourglass:", lambda: show_time_scales(selection))
    if not selection.own:
        _part("Gates while learning", "learning", ":material/movie:", lambda: show_learning(selection))
    _part(
        "Switch it off: does it need its gates?",
        "switch_off",
        ":material/toggle_off:",
        lambda: show_switch_off(selection),
    )
    _part("Which units matter?", "units", ":material/leaderboard:", lambda: show_units(selection, panels))


def _part(title: str, key: str, icon: str, show: Callable[[], None]) -> None:
    """Draw a part of the page that is computed only while it is open, and refreshes by itself."""
    st.fragment(_opened)(title, key, icon, show)


def _opened(title: str, key: str, icon: str, show: Callable[[], None]) -> None:
    part = st.expander(title, icon=icon, key=f"part_{key}", on_change="rerun")
    if part.open:
        with part:
            try:
                show()
            except GatescopeError as error:
                st.error(str(error))


if __name__ == "__main__":
    page()
