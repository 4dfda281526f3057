"""The rest of a result in tabs; each is drawn when it is opened."""

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard import services, state
from dashboard.sections.comments import show_comments
from dashboard.sections.comparison import show_comparison
from dashboard.sections.exports import show_exports
from dashboard.sections.forecast import forecasts, show_forecast
from dashboard.sections.gates import show_gates
from dashboard.sections.predictions import show_predictions
from dashboard.sections.series_scores import show_series
from dashboard.sections.verdict import show_why
from dashboard.sections.written_text import show_writing, writes
from models.records.results import ExperimentResult, ExperimentView

KEY = "result_tab"
Draw = Callable[[str, ExperimentResult], None]
_COMMENTED = ("Predictions", "Forecast", "Gates", "Table")


def show_tabs(view: ExperimentView, result: ExperimentResult) -> None:
    """Draw the tabs of a result; opening one draws nothing else anew."""
    st.fragment(_tabs)(view, result)


def _tabs(view: ExperimentView, result: ExperimentResult) -> None:
    parts = _parts(result)
    if state.get(KEY) not in parts:
        state.take(KEY)
    for title, tab in zip(parts, st.tabs(list(parts), key=KEY, on_change="rerun"), strict=True):
        if tab.open:
            with tab:
                st.html(f'<h2 class="unseen" id="{title.lower().replace(" ", "-")}">{title}</h2>')
                parts[title](view.id, result)
                if title in _COMMENTED:
                    show_comments(view, title)


def _parts(result: ExperimentResult) -> Mapping[str, Draw]:
    """Return what each tab draws, by its title; a forecast and written texts only where the task has them."""
    parts: dict[str, Draw] = {"Predictions": show_predictions}
    data = services.task_data(result.spec)
    if forecasts(result, data):
        parts["Forecast"] = show_forecast
    if writes(result, data):
        parts["Writing"] = show_writing
    return parts | {
        "Gates": show_gates,
        "Table": _table,
        "Why this verdict": show_why,
        "Download": show_exports,
    }


def _table(identity: str, result: ExperimentResult) -> None:
    show_comparison(identity, result)
    show_series(identity, result)
