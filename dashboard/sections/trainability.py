"""The trainability map: which settings learn at all, architectures side by side on one scale."""

import streamlit as st

from dashboard import state
from dashboard.charts.trainability import loss_limits, trainability
from dashboard.components.chart import footer
from dashboard.components.live_chart import live_chart
from dashboard.sections.memory_form import PAGE, map_form
from dashboard.sections.sweep_panel import show_runs, show_sweep
from models.analysis.sweeps import axis_column, map_frame, sweep_frame
from models.cells import get_cell
from models.records.sweep import SweepView

PER_ROW = 2
ABOUT = (
    "An architecture that learns at many settings is easier to use than one that learns at few. Yellow is a low loss, blue "
    "a high one; a cross marks settings at which repeats diverged. After Collins, Sohl-Dickstein and Sussillo (2017)."
)


def show_trainability() -> None:
    """Draw the part."""
    st.markdown(ABOUT)
    with st.sidebar:
        spec = map_form()
    state.commit_settings(PAGE)
    show_sweep(spec, _draw, name="map")


def _draw(view: SweepView) -> None:
    spec = view.spec
    (x, _), (y, _) = spec.axes
    axes = axis_column(spec, x), axis_column(spec, y)
    frame = map_frame(spec, sweep_frame(spec, view.outcomes), x, y)
    limits = loss_limits(frame)
    columns = st.columns(PER_ROW)
    for place, name in enumerate(spec.base.architectures):
        own, title = frame[frame["architecture"] == name], get_cell(name).title
        figure = trainability(own, axes, title=title, limits=limits, revision=spec.key())
        with columns[place % PER_ROW]:
            live_chart(figure, key=f"map_{name}", name=f"trainability-{name}")
    caption = (
        "Median over repeats of the validation loss at the end of training, on one log scale for all architectures."
    )
    footer(caption, lambda: frame, name="trainability")
    show_runs(view, name="map")
