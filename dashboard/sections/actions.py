"""The actions beside the headline: Stop while an experiment trains; then more repeats, sharing, presenting."""

import streamlit as st

from dashboard import services, state
from dashboard.sections.add_repeats import show_add_repeats
from dashboard.sections.sharing import show_sharing
from models.records.results import ExperimentView


def show_actions(view: ExperimentView | None) -> None:
    """Draw what can be done with an experiment; nothing before there is one."""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="actions"):
        if view is None or state.get(state.PRESENT):
            return
        if not view.final:
            _stop_button(view)
        elif view.result is not None:
            if show_add_repeats(view, key="add_repeats"):
                st.rerun()
            show_sharing(view)


def _stop_button(view: ExperimentView) -> None:
    """Offer Stop to whoever started it: a link only gives the right to view."""
    if not services.engine().may_control(view.id, state.control()):
        st.caption("Started in another browser, and only stopped there.")
    elif st.button("Stop", icon=":material/stop:", key="stop", help="Keeps what was learned so far."):
        services.engine().stop(view.id)
