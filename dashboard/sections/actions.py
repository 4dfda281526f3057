"""The actions beside the headline: Stop while an experiment trains; then more repeats, sharing, presenting."""

import streamlit as st

from dashboard import services, state
from dashboard.sections.add_repeats import show_add_repeats, show_continue
from dashboard.sections.sharing import show_sharing
from models.records.results import ExperimentView


def show_actions(view: ExperimentView | None) -> None:
    """Draw what can be done with an experiment; nothing before there is one."""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="actions"):
        if view is None or state.get(state.PRESENT):
            return
        if not view.final:
            _while_training(view)
        elif view.result is not None:
            if view.status == "stopped":
                show_continue(view, key="continue_stopped")
            if show_add_repeats(view, key="add_repeats"):
                st.rerun()
            show_sharing(view)


def _while_training(view: ExperimentView) -> None:
    """Offer Pause and Stop to whoever started it: a link only gives the right to view."""
    engine = services.engine()
    if not engine.may_control(view.id, state.control()):
        st.caption("Started in another browser, and only stopped there.")
        return
    if view.paused:
        if st.button(
            "One update", icon=":material/step_over:", key="one_update", help="Each network makes one update."
        ):
            engine.step(view.id)
        if st.button(
            "Go on", icon=":material/play_arrow:", key="go_on", help="The numbers are those of a run without pause."
        ):
            engine.go_on(view.id)
    elif view.status == "running" and st.button(
        "Pause",
        icon=":material/pause:",
        key="pause",
        help="Waits after the current update, then goes on by itself after some minutes.",
    ):
        engine.pause(view.id)
    if st.button("Stop", icon=":material/stop:", key="stop", help="Keeps what was learned so far."):
        engine.stop(view.id)
