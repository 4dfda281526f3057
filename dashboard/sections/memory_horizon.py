"""Memory horizon: the same task at increasing lags, and where each architecture stops solving it."""

import math
from collections.abc import Hashable, Mapping

import streamlit as st

from dashboard import state
from dashboard.charts.lags import lag_scores
from dashboard.components.chart import footer
from dashboard.components.live_chart import live_chart
from dashboard.sections.memory_form import PAGE, horizon_form
from dashboard.sections.sweep_panel import show_runs, show_sweep
from models.analysis.sweeps import axis_column, lag_frame, reach_frame, score_column, sweep_frame
from models.records.sweep import SweepView
from models.spec.link_query import OPTION_PREFIX

ABOUT = (
    "Every architecture is trained anew at each lag: the number of steps it must remember. Beyond the dashed line the model "
    "failed at that lag, with these settings and this many updates."
)


def show_memory_horizon() -> None:
    """Draw the part."""
    st.markdown(ABOUT)
    with st.sidebar:
        spec = horizon_form()
    state.commit_settings(PAGE)
    show_sweep(spec, _draw, name="horizon")


def _draw(view: SweepView) -> None:
    spec = view.spec
    axis = OPTION_PREFIX + (spec.base.source().lag_option or "")
    lag, score = axis_column(spec, axis), score_column(spec)
    criterion = spec.base.source().solved(spec.base.dataset_options())
    at_every_lag = criterion is not None and len({_threshold(view, place) for place in range(len(spec.points()))}) == 1
    frame = lag_frame(spec, sweep_frame(spec, view.outcomes), axis)
    solved = criterion.threshold if criterion is not None and at_every_lag else None
    figure = lag_scores(frame, lag, score, solved=solved, revision=spec.key())
    live_chart(figure, key="memory_horizon", name="memory-horizon")
    lines = [_sentence(row, lag.unit or lag.title.lower()) for row in reach_frame(frame).to_dict("records")]
    if lines and criterion is not None:
        st.markdown("\n".join(f"- {line}" for line in lines))
    caption = (
        f"Points: repeats, on test data. Line: median. Solved: {criterion.source}." if criterion else "Line: median."
    )
    footer(caption, lambda: frame, name="memory-horizon")
    show_runs(view, name="horizon")


def _threshold(view: SweepView, place: int) -> float:
    point = view.spec.points()[place].spec
    criterion = point.source().solved(point.dataset_options())
    return criterion.threshold if criterion is not None else math.nan


def _sentence(row: Mapping[Hashable, object], unit: str) -> str:
    name = f"**{row['title']}**" + (f" ({row['variant']})" if row["variant"] else "")
    reach, shortest, longest = (float(str(row[key])) for key in ("reach", "shortest", "longest"))
    if math.isnan(reach):
        return f"{name} does not solve it even at {shortest:g} {unit}."
    if reach >= longest:
        return f"{name} solves it at every lag tried so far, up to {longest:g} {unit}."
    return f"{name} solves it up to {reach:g} {unit}: at least half of its repeats."
