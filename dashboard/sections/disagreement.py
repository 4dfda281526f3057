"""Where architectures disagree: a scatter of errors whose dots choose the sample that is looked at."""

import streamlit as st

from dashboard import state
from dashboard.charts.disagreement import disagreement
from dashboard.components.chart import footer
from dashboard.components.clickable_chart import pick_chart
from dashboard.sections.sample_choice import WANTED, look_at_sample
from dashboard.sections.selection import Selection
from models.analysis.disagreement import error_frame, error_name, most_disputed
from models.analysis.repeats import on_data_of
from models.cells import get_cell


def show_disagreement(selection: Selection) -> None:
    """Draw the scatter of two architectures; a click chooses the sample."""
    names = [run.spec.architecture for run in selection.result.runs]
    if len(names) < 2:
        st.info("Train two architectures together on Compare. This chart then shows on which samples they disagree.")
        return
    first, second = names[:2] if len(names) == 2 else _pair(names)
    if first == second:
        st.info("Choose two different architectures.")
        return
    if state.get(WANTED) is not None:
        st.rerun()
    frame = error_frame(on_data_of(selection.result, selection.place.replica, selection.data), selection.data)
    error = error_name(selection.data)
    figure = disagreement(frame, first, second, error=error, chosen=selection.place.sample)
    pick_chart(
        figure,
        key="disagreement",
        picked=lambda point: look_at_sample(int(point[0])),
    )
    disputed = most_disputed(frame, first, second)
    if disputed is not None:
        st.button(
            f"Look at sample {disputed}, on which they differ most",
            on_click=look_at_sample,
            args=(disputed,),
            icon=":material/visibility:",
            key="most_disputed",
        )
    caption = (
        f"{error}, mean over repeats. A dot is one of {frame['sample'].nunique()} test samples, in the colour of the better network. "
        "On the dotted line both are equal. Click a dot to choose that sample."
    )
    footer(caption, lambda: frame, name="disagreement")


def _pair(names: list[str]) -> tuple[str, str]:
    with st.container(horizontal=True):
        title = lambda name: get_cell(name).title  # noqa: E731 - of both boxes
        first = st.selectbox("Across", names, key="disagree_first", format_func=title, width=180)
        second = st.selectbox("Upwards", names, index=1, key="disagree_second", format_func=title, width=180)
    return first, second
