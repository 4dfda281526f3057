"""A run during and after training: a bar per architecture, growing curves, and Stop. Nothing moves when it ends."""

import time
from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import services, state
from dashboard.charts import metric_curves as metric_charts
from dashboard.charts.loss_curves import Axis, loss_curves
from dashboard.components.chart import footer
from dashboard.components.choice import choose_one
from dashboard.components.live_chart import live_chart
from dashboard.formatting import count, duration, grouped
from dashboard.sections.written_text import show_latest_samples
from models.analysis.comparison import curve_frame
from models.analysis.comparison_columns import AXES, spec_metric
from models.analysis.first_run import next_run_times
from models.cells import get_cell
from models.records.results import COMPILING, FINAL, ExperimentView, RunView

TICK = 0.4  # seconds between two updates of a running experiment
WAITING_TICK = 1.5  # seconds between two updates of a waiting one
_DRAWN, _REST = "curves_drawn", 9.0  # which curves are shown; times the last drawing that the next one waits
_AXES: Mapping[Axis, str] = {
    "update": AXES["update"].title,
    "seconds": AXES["seconds"].title,
    "flops": AXES["flops"].title,
}
STATUS = {
    "queued": "waiting",
    "running": "training",
    "finished": "finished",
    "stopped": "stopped",
    "diverged": "diverged: try a tenth of the learning rate",
    "failed": "failed",
    "interrupted": "interrupted",
}
_LINES = {
    "queued": "Next in the queue: a worker gets ready.",
    "running": "Training. Stop keeps what was learned.",
    "finished": "Finished. The results are below.",
    "stopped": "Stopped. What was learned is shown below.",
}
_GETTING_READY = {
    "starting": "Starting a worker process; training begins by itself.",
    "preparing": "Training begins; the first run on a server uses PyTorch's kernels while faster ones are compiled.",
}
_ENDED = {"finished": ("Finished", ":material/check:"), "stopped": ("Stopped", ":material/stop_circle:")}


def show_training(view: ExperimentView) -> None:
    """Draw progress and loss curves; they refresh themselves until the experiment is over."""
    every = None if view.final else services.pace(WAITING_TICK if view.position > 1 else TICK)
    st.fragment(_panel, run_every=every)(view.id, drawn=view.status)


def _panel(identity: str, *, drawn: str) -> None:
    view = services.view(identity)
    if view is None:
        return
    if view.status != drawn and drawn not in FINAL:  # another pace, or the results
        st.rerun()
    _progress(view)
    _problems(view)
    st.header("Loss curves", anchor="loss-curves")
    _curves(view)
    if not view.final:
        show_latest_samples(view)


def _progress(view: ExperimentView) -> None:
    bars, button = st.columns([0.84, 0.16], vertical_alignment="center")
    with bars:
        st.caption(status_line(view, engine=services.engine().state.name))
        for run in view.runs:
            with st.container(key=f"progress_{run.spec.architecture}"):
                st.progress(min(1.0, run.update / run.spec.updates), text=progress_line(run))
    with button:
        _stop_button(view)


def _stop_button(view: ExperimentView) -> None:
    """Offer Stop to whoever started it: a link only gives the right to view."""
    if view.final:
        ended, icon = _ENDED.get(view.status, ("Ended", ":material/error:"))
        st.button(ended, icon=icon, key="ended", width="stretch", disabled=True)
    elif not services.engine().may_control(view.id, state.control()):
        st.caption("Started in another browser, and only stopped there.")
    elif st.button("Stop", icon=":material/stop:", key="stop", width="stretch", help="Keeps what was learned so far."):
        services.engine().stop(view.id)


def status_line(view: ExperimentView, *, engine: str = "ready") -> str:
    """Write an experiment's status in a short line, which is there before, during and after training.

    Args:
        view: The experiment.
        engine: Name of the engine's state.
    """
    if view.message:
        return view.message
    if engine in _GETTING_READY and view.position <= 1 and not view.final and not any(run.update for run in view.runs):
        return _GETTING_READY[engine]
    if view.status == "queued" and view.position > 1:
        return f"Number {view.position} in the queue, after {view.position - 1} others."
    return _LINES.get(view.status, f"This experiment {STATUS[view.status]}.") + _first_run(view)


def _first_run(view: ExperimentView) -> str:
    """Write that the fused kernels were still being compiled, and how much faster the next run will be."""
    runs = [run for run in (view.result.runs if view.result else ()) if run.environment.get(COMPILING)]
    if not runs:
        return ""
    return f" First run on this server: PyTorch's kernels; the next is about {next_run_times(runs):.0f} times faster."


def progress_line(run: RunView) -> str:
    """Describe one architecture's progress: "LSTM · 610 of 1 000 updates · 420 updates/s · 1 s left"."""
    parts = [f"**{get_cell(run.spec.architecture).title}**"]
    if run.status == "running" and run.search is not None:
        rates = count(run.spec.experiment.rate_search, "learning rate")
        return " · ".join((*parts, f"trying {rates} first, {100 * run.search:.0f} % done"))
    parts.append(f"{grouped(run.update)} of {grouped(run.spec.updates)} updates")
    if run.status == "running" and run.updates_per_second > 0:
        parts.append(f"{grouped(run.updates_per_second)} updates/s")
        if run.seconds_left is not None:
            parts.append(f"{duration(run.seconds_left)} left")
    else:
        parts.append(STATUS[run.status])
        if run.status in _ENDED and len(run.curves.get("seconds", ())):
            parts[-1] += f" after {duration(float(run.curves['seconds'][-1]))}"
    if run.attempt > 1:
        parts.append(f"attempt {run.attempt}")
    return " · ".join(parts)


def _problems(view: ExperimentView) -> None:
    for run in view.runs:
        if view.final and run.message:
            st.error(f"{get_cell(run.spec.architecture).title}: {run.message}")
    if view.final and view.status not in _ENDED:
        st.warning(status_line(view))


def _curves(view: ExperimentView) -> None:
    place, what, scale = st.columns([0.5, 0.28, 0.22], vertical_alignment="center")
    with place:
        x = choose_one("Against", _AXES, key="curves_x", default="update")
    _, column = spec_metric(view.spec)
    with what:
        titles = {"loss": "Loss", "metric": column.title}
        shown = choose_one("Shown", titles, key="curves_shown", default="loss")
    with scale:
        logarithmic = st.toggle("Logarithmic loss", value=True, key="curves_log", disabled=shown == "metric")
    flops = services.update_flops(view)

    def draw() -> go.Figure:
        curves = curve_frame(view.runs, flops)
        if shown == "metric":
            return _metric_figure(view, curves, x)
        return loss_curves(curves, x=x, logarithmic=logarithmic, revision=view.id)

    begun, mark = time.monotonic(), _shown_mark(view)
    figure = services.drawn(("curves", view.id, mark, x, logarithmic, shown), draw)
    _note_drawing(view, mark, time.monotonic() - begun)
    live_chart(figure, key="loss_curves", name="loss-curves")
    caption = (
        "Solid: validation. Dashed: training. Thick: mean over seeds; thin: one seed; band: one standard deviation."
    )
    footer(caption, lambda: curve_frame(view.runs, flops), name="loss-curves")


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
