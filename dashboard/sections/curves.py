"""Loss curves: they grow while an experiment trains and keep their place and zoom."""

import time
from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import services, state
from dashboard.charts import metric_curves as metric_charts
from dashboard.charts.loss_curves import Axis, loss_curves
from dashboard.components.chart import csv_button
from dashboard.components.choice import choose_one
from dashboard.components.live_chart import live_chart
from dashboard.sections.comments import show_comments
from models.analysis.comparison import curve_frame
from models.analysis.comparison_columns import AXES, spec_metric
from models.records.results import ExperimentView

HEIGHT = 330
_DRAWN, _REST = "curves_drawn", 9.0  # which curves are shown; times the last drawing that the next one waits
_AXES: Mapping[Axis, str] = {
    "update": AXES["update"].title,
    "seconds": AXES["seconds"].title,
    "flops": AXES["flops"].title,
}
_WITHOUT_FLOPS: Mapping[Axis, str] = {name: title for name, title in _AXES.items() if name != "flops"}
READING = (
    "Solid: validation. Dashed: training. Thick: mean of the repeats; thin: one repeat; band: one standard deviation."
)


def show_curves(view: ExperimentView) -> None:
    """Draw the curves so far, with what they are drawn against."""
    place = st.container()
    with st.container(horizontal=True, vertical_alignment="center", key="curves_tools"):
        flops = services.update_flops(view)
        x, shown, logarithmic = _choices(view, _AXES if flops else _WITHOUT_FLOPS)
        csv_button(lambda: curve_frame(view.runs, flops), name="loss-curves")
        show_comments(view, "Loss curves")

    def draw() -> go.Figure:
        curves = curve_frame(view.runs, flops)
        if shown == "metric":
            return _metric_figure(view, curves, x)
        return loss_curves(curves, x=x, logarithmic=logarithmic, revision=view.id, height=HEIGHT)

    begun, mark = time.monotonic(), _shown_mark(view)
    figure = services.drawn(("curves", view.id, mark, x, logarithmic, shown), draw)
    _note_drawing(view, mark, time.monotonic() - begun)
    with place:
        live_chart(figure, key="loss_curves", name="loss-curves")


def _choices(view: ExperimentView, axes: Mapping[Axis, str]) -> tuple[Axis, str, bool]:
    """Draw what is shown, and against what."""
    _, column = spec_metric(view.spec)
    with st.popover("Axes", icon=":material/tune:", type="tertiary", help=READING):
        x = choose_one("Against", axes, key="curves_x", default="update", visible=True)
        titles = {"loss": "Loss", "metric": column.title}
        shown = choose_one("Shown", titles, key="curves_shown", default="loss", visible=True)
        logarithmic = st.toggle("Logarithmic loss", value=True, key="curves_log", disabled=shown == "metric")
        st.caption(READING)
    return x, shown, logarithmic


def _metric_figure(view: ExperimentView, curves: pd.DataFrame, x: Axis) -> go.Figure:
    metric, column = spec_metric(view.spec)
    known = view.result.baselines if view.result else {}
    return metric_charts.metric_curves(
        curves,
        column,
        x=x,
        solved=view.spec.source().solved(view.spec.dataset_options()),
        baselines={title: scores[metric] for title, scores in known.items() if metric in scores},
        revision=view.id,
        height=HEIGHT,
    )


def _shown_mark(view: ExperimentView) -> str:
    """Return which curves to show: the previous ones until it is time for newer ones.

    On a machine that both shows and trains, a redraw takes as long as many updates of a small network, so the next one waits
    nine times as long as the last one took.
    """
    identity, mark, due = state.get(_DRAWN) or ("", "", 0.0)
    if view.final or identity != view.id or time.monotonic() >= due:
        return _progress_mark(view)
    return str(mark)


def _note_drawing(view: ExperimentView, mark: str, took: float) -> None:
    before = state.get(_DRAWN)
    if before is None or before[:2] != (view.id, mark):
        state.put(_DRAWN, (view.id, mark, time.monotonic() + _REST * took))


def _progress_mark(view: ExperimentView) -> str:
    """Return a text that changes when the curves do."""
    return "/".join(f"{run.attempt}.{len(run.curves.get('update', ()))}.{run.status}" for run in view.runs)
