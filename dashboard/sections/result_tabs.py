"""The rest of a result in tabs; each is drawn when it is opened."""

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard import services, state
from dashboard.formatting import escaped
from dashboard.sections.comments import show_comments
from dashboard.sections.comparison import show_comparison
from dashboard.sections.exports import show_exports
from dashboard.sections.forecast import forecasts, show_forecast
from dashboard.sections.gates import show_gates
from dashboard.sections.predictions import show_predictions
from dashboard.sections.series_scores import show_series
from dashboard.sections.train_horizon import NEXT_TAB
from dashboard.sections.verdict import show_why
from dashboard.sections.written_text import show_writing, writes
from data.task import TaskData
from models.errors import GatescopeError
from models.records.results import ExperimentResult, ExperimentView

KEY = "result_tab"
Draw = Callable[[str, ExperimentResult], None]
_COMMENTED = ("Predictions", "Forecast", "Gates", "Table")


def show_tabs(view: ExperimentView, result: ExperimentResult) -> None:
    """Draw the tabs of a result; opening one draws nothing else anew."""
    st.fragment(_tabs)(view, result)


def _tabs(view: ExperimentView, result: ExperimentResult) -> None:
    parts = _parts(result)
    if (wanted := state.take(NEXT_TAB)) in parts:
        state.put(KEY, wanted)
    if state.get(KEY) not in parts:
        state.take(KEY)
    for title, tab in zip(parts, st.tabs(list(parts), key=KEY, on_change="rerun"), strict=True):
        if tab.open:
            with tab:
                st.html(f'<h2 class="unseen" id="{title.lower().replace(" ", "-")}">{title}</h2>')
                _draw(parts[title], view.id, result)
                if title in _COMMENTED:
                    show_comments(view, title)


def _draw(part: Draw, identity: str, result: ExperimentResult) -> None:
    """Draw a tab, or say what it lacks, such as the file of an experiment on own data."""
    try:
        part(identity, result)
    except GatescopeError as error:
        st.info(escaped(str(error), longest=600))


def _parts(result: ExperimentResult) -> Mapping[str, Draw]:
    """Return what each tab draws, by its title; a forecast and written texts only where the task has them."""
    parts: dict[str, Draw] = {"Predictions": show_predictions}
    data = _data_of(result)
    if data is not None and forecasts(result, data):
        parts["Forecast"] = show_forecast
    if data is not None and writes(result, data):
        parts["Writing"] = show_writing
    return parts | {
        "Gates": show_gates,
        "Table": _table,
        "Why this verdict": show_why,
        "Download": show_exports,
    }


def _data_of(result: ExperimentResult) -> TaskData | None:
    """Return the data of a result, or None where their file is not here."""
    try:
        return services.task_data(result.spec)
    except GatescopeError:
        return None


def _table(identity: str, result: ExperimentResult) -> None:
    show_comparison(identity, result)
    show_series(identity, result)
