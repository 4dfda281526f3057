"""What comes next: the forecast after the last row, with an interval that says how often it held."""

import streamlit as st

from dashboard import services
from dashboard.charts import forecast as charts
from dashboard.components.chart import Picture, chart, csv_button, footer
from models.analysis.conformal import LEVELS
from models.analysis.forecast import Forecast, coverage_sentences, forecast_result
from models.export.forecast_document import forecast_json
from models.records.results import ExperimentResult


def show_forecast(identity: str, result: ExperimentResult) -> None:
    """Draw the next steps of a series; nothing for other tasks."""
    if services.task_data(result.spec).upcoming is None or any(not run.weights for run in result.runs):
        return
    st.header("Forecast", anchor="forecast")
    st.fragment(_forecast)(identity, result)


def _forecast(identity: str, result: ExperimentResult) -> None:
    found = services.drawn(("forecast", identity), lambda: forecast_result(result, services.content(result.spec)))
    if found is None:
        st.caption("What these networks answered was not in the file that this experiment was opened from.")
        return
    series = list(dict.fromkeys(found.targets))
    chosen = st.selectbox("Series", series, key="forecast_series") if len(series) > 1 else series[0]
    level = _level(found)
    frame = found.frame()
    rows = frame[frame["series"] == chosen]
    history = found.history[found.history["series"] == chosen]
    picture = Picture(
        charts.forecast_chart(rows, history, unit=found.unit, level=level),
        charts.describe_forecast(rows, unit=found.unit, level=level),
    )
    chart(picture.figure, key="forecast", alt=picture.alt)
    footer(" ".join(coverage_sentences(found)), found.frame, name="forecast")
    st.download_button(
        "JSON",
        lambda: forecast_json(found),
        file_name="forecast.json",
        mime="application/json",
        key="forecast_json",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )
    if found.steps.max() > 1:
        errors = found.error_frame()
        own = errors[errors["series"] == chosen]
        chart(charts.error_by_step(own, unit=found.unit), key="error_by_step", alt=charts.describe_errors(own))
        csv_button(found.error_frame, name="error_by_step")


def _level(found: Forecast) -> float | None:
    """Return the chosen interval; what the errors cannot promise is not offered."""
    offered = [level for level in LEVELS if all(level in source.half_widths for source in found.sources)]
    if not offered:
        return None
    chosen = st.segmented_control(
        "Interval",
        offered,
        default=offered[-1],
        format_func=lambda level: f"{level:.0%}",
        key="forecast_level",
        help="How much of the future the band is meant to hold, by the errors on data that no network had seen.",
    )
    return float(chosen) if chosen else None
