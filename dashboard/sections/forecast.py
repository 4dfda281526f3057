"""The forecast of the rows after the last one, with an interval and how often such intervals held."""

from functools import partial
from typing import Any

import streamlit as st

from dashboard import services
from dashboard.charts import forecast as charts
from dashboard.components.chart import chart, csv_button, footer
from dashboard.formatting import escaped, sentence_of
from dashboard.sections.train_horizon import ask_steps, offer_training
from data.task import TaskData
from models.analysis.conformal import LEVELS
from models.analysis.feed_back import further_forecast
from models.analysis.forecast import Forecast, forecast_result
from models.analysis.forecast_sentences import coverage_sentences, missing_plan
from models.analysis.step_words import step_words
from models.analysis.train_on_everything import FUNCTION, everything_forecast, found_updates, load_everything
from models.errors import GatescopeError
from models.export.dossier import Dossier
from models.export.forecast_document import forecast_json
from models.export.forecast_script import forecast_script
from models.records.results import ExperimentResult, RunResult
from models.spec.task_data import deflate

TICK = 1.0  # seconds between two looks at networks that train on everything
EVERYTHING = (
    "Trains the same settings on all rows, the newest ones too, for as many updates as validation found, from several "
    "starts. These networks have no test score of their own."
)


def forecasts(result: ExperimentResult, data: TaskData) -> bool:
    """Return whether a series is forecast, or would be with more rows in its file, and there are networks to do it."""
    asked = data.upcoming is not None or bool(missing_plan(result.spec))
    return asked and all(run.weights for run in result.runs)


def show_forecast(identity: str, result: ExperimentResult) -> None:
    """Draw the next steps of a series; see `forecasts`."""
    st.fragment(_forecast)(identity, result)


def _forecast(identity: str, result: ExperimentResult) -> None:
    if services.task_data(result.spec).upcoming is None:
        st.info(escaped(missing_plan(result.spec), longest=600), icon=":material/event_upcoming:")
        return
    tested = services.drawn(("forecast", identity), lambda: forecast_result(result, services.content(result.spec)))
    if tested is None:
        st.caption("What these networks answered was not in the file that this experiment was opened from.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        steps = ask_steps(tested, result.spec)
        series = list(dict.fromkeys(tested.targets))
        chosen = st.selectbox("Series", series, key="forecast_series", width=240) if len(series) > 1 else series[0]
        level = _level(tested)
        asked = st.toggle("Train on everything", key="forecast_everything", help=EVERYTHING)
    found = _found(identity, result, tested=tested, steps=steps, everything=asked)
    _picture(found, chosen, level)
    with st.container(horizontal=True):
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
        _script_button(identity, result)
    if found.steps.max() > 1:
        errors = found.error_frame()
        own = errors[errors["series"] == chosen]
        chart(charts.error_by_step(own, unit=found.unit), key="error_by_step")
        csv_button(found.error_frame, name="error_by_step")


def _found(identity: str, result: ExperimentResult, *, tested: Forecast, steps: int, everything: bool) -> Forecast:
    """Return the forecast of as many steps as are asked for, and say what stands in the way; offer to train for them."""
    trained = int(tested.steps.max())
    if steps != trained:
        offer_training(identity, result.spec, steps, step_words(result.spec, tested))
    if steps > trained:
        return _further(identity, result, tested, steps)
    if steps < trained:
        st.caption(f"Below: all {trained} steps that these networks were trained for.")
    return (_everything(identity, result, tested) if everything else None) or tested


def _further(identity: str, result: ExperimentResult, tested: Forecast, steps: int) -> Forecast:
    """Return the forecast further than the horizon, or the tested one with the reason why there is none."""
    content = services.content(result.spec)
    further = services.drawn(
        ("forecast_further", identity, steps), lambda: further_forecast(result, tested, steps, content)
    )
    if further.forecast is None:
        st.caption(escaped(further.obstacle, longest=400))
        return tested
    if said := further.shortfall(steps):
        st.caption(said)
    return further.forecast


def _script_button(identity: str, result: ExperimentResult) -> None:
    """Offer a script that forecasts without this project."""
    content = services.content(result.spec)
    st.download_button(
        "Script",
        lambda: forecast_script(Dossier(result=result), content),
        file_name="forecast-script.zip",
        mime="application/zip",
        key="forecast_script",
        help="Forecasts from the newest rows of a CSV file, with NumPy and onnxruntime and without Gatescope.",
        on_click="ignore",
        icon=":material/code:",
        type="tertiary",
    )


def _picture(found: Forecast, chosen: str, level: float | None) -> None:
    frame = found.frame()
    rows = frame[frame["series"] == chosen]
    history = found.history[found.history["series"] == chosen]
    chart(charts.forecast_chart(rows, history, unit=found.unit, level=level), key="forecast")
    footer(" ".join(coverage_sentences(found)), found.frame, name="forecast")


def _everything(identity: str, result: ExperimentResult, tested: Forecast) -> Forecast | None:
    """Return the forecast of networks that were trained on all rows; None while workers train them."""
    runs = {run.spec.architecture: run for run in result.runs}
    futures = {
        name: services.analyse(FUNCTION, (identity, name), partial(_arguments, run)) for name, run in runs.items()
    }
    if not all(future.done() for future in futures.values()):
        st.fragment(_wait, run_every=TICK)(list(futures.values()))
        return None
    try:
        weights = {name: services.answer(future) for name, future in futures.items()}
    except GatescopeError as error:
        st.error(sentence_of(error))
        return None
    return services.drawn(
        ("forecast_everything", identity),
        lambda: everything_forecast(tested, runs, weights, load_everything(result.spec, services.task_data)),
    )


def _arguments(run: RunResult) -> tuple[Any, ...]:
    spec = run.spec
    return spec.to_dict(), deflate(services.content(spec.experiment)), found_updates(run)


def _wait(futures: list[Any]) -> None:
    """Show the tested networks' forecast, with a note, until workers have trained the new networks."""
    if all(future.done() for future in futures):
        st.rerun()
    st.caption("Workers train on all rows. Until they are done, this is the forecast of the tested networks.")


def _level(found: Forecast) -> float | None:
    """Return the chosen interval; levels with too few errors are not offered."""
    offered = [level for level in LEVELS if all(level in source.half_widths for source in found.sources)]
    if not offered:
        return None
    chosen = st.segmented_control(
        "Interval",
        offered,
        default=offered[-1],
        format_func=lambda level: f"{level:.0%}",
        key="forecast_level",
        help="Share of future values that the band should contain, judged by errors on data that no network was trained on.",
    )
    return float(chosen) if chosen else None
