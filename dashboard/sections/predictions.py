"""Truth against each model's predictions on test data that no network has seen."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from dashboard import services
from dashboard.charts import piano_rolls as rolls
from dashboard.charts import predictions as charts
from dashboard.components.chart import chart, footer
from data.task import TaskData
from models.analysis.predictions import class_scores, confusion_frame, forecast_frame, label_frame, roll_frame
from models.analysis.repeats import on_data_of, repeat_name
from models.records.results import ExperimentResult


def show_predictions(identity: str, result: ExperimentResult) -> None:
    """Draw the section that suits the task."""
    st.fragment(_predictions)(identity, result)


def _predictions(identity: str, result: ExperimentResult) -> None:
    if any(not len(run.sample_indices) for run in result.runs):
        st.caption("What these networks answered was not in the file that this experiment was opened from.")
        return
    repeat = _repeat(result)
    data = services.task_data(result.spec, repeat)
    result, identity = on_data_of(result, repeat, data), f"{identity}/{repeat}"
    if data.kind == "regression":
        _regression(identity, result, data)
    elif data.kind == "classification":
        _classification(identity, result, data)
    elif data.kind == "multi_label":
        _rolls(identity, result, data)
    else:
        _labels(identity, result, data)


def _repeat(result: ExperimentResult) -> int:
    """Draw the choice of the repeat whose test part is shown, where each has its own; the newest stretch comes first."""
    if result.spec.resampling == "start":
        return 0
    seeds = result.runs[0].seeds
    different = {seed.stretch_index: index for index, seed in reversed(list(enumerate(seeds)))}
    if len(different) < 2:
        return 0
    places = sorted(different.values())
    chosen: int = st.selectbox(
        "Test part of repeat",
        places,
        format_func=lambda place: repeat_name(seeds[place]),
        key="predictions_repeat",
        width=260,
    )
    return chosen


def _regression(identity: str, result: ExperimentResult, data: TaskData) -> None:
    names = data.target_names
    target = st.selectbox("Target", names, key="predictions_target") if len(names) > 1 else names[0]
    in_time = data.test.positions is not None
    series = _series(result, data)

    def draw() -> go.Figure:
        frame = forecast_frame(result, data)
        rows = frame[frame["target"] == target]
        if series is not None and data.test.series is not None:
            rows = rows[data.test.series[rows["sample"].to_numpy()] == series]
        return (charts.forecast_lines if in_time else charts.truth_scatter)(rows, unit=data.unit)

    _show(("predictions", identity, target, -1 if series is None else series), draw)
    bands = "10 to 90 %" if data.quantiles else "range of repeats"
    caption = f"Lines: mean over repeats; bands: {bands}." if in_time else "On the dotted line an answer is exact."
    kept = len(result.runs[0].sample_indices)
    footer(f"{kept} samples of the test part. {caption}", lambda: forecast_frame(result, data), name="predictions")


def _series(result: ExperimentResult, data: TaskData) -> int | None:
    """Draw the choice of the series whose predictions are shown; None where the data have one."""
    if data.test.series is None:
        return None
    kept = np.unique(data.test.series[result.runs[0].sample_indices]).tolist()
    chosen: int = st.selectbox(
        "Series",
        kept,
        format_func=lambda number: data.histories[number].name,
        key=f"predictions_series_{len(kept)}_{kept[0]}",
        width=260,
    )
    return chosen


def _show(key: tuple[str | int, ...], draw: Callable[[], go.Figure]) -> None:
    chart(services.drawn(key, draw), key="predictions")


def _classification(identity: str, result: ExperimentResult, data: TaskData) -> None:
    def draw() -> go.Figure:
        return charts.confusion_matrices(confusion_frame(result, data))

    _show(("predictions", identity), draw)
    caption = "Counts over the kept test samples and all repeats; the colour is the share of the row."
    footer(caption, lambda: confusion_frame(result, data), name="predictions")
    with st.expander("Precision, recall and F1 of each class"):
        scores = class_scores(confusion_frame(result, data))
        st.dataframe(scores.round(3), hide_index=True)
        footer("Over the kept test samples and all repeats.", lambda: scores, name="classes")


def _rolls(identity: str, result: ExperimentResult, data: TaskData) -> None:
    last = len(result.runs[0].sample_indices) - 1
    kept = int(st.number_input("Kept sample", min_value=0, max_value=last, value=0, step=1, key="predictions_sample"))

    def draw() -> go.Figure:
        return rolls.piano_rolls(roll_frame(result, data, kept=kept))

    _show(("predictions", identity, kept), draw)
    caption = "Darker: more probable before the step sounds, mean over repeats. Dots: what sounds."
    footer(caption, lambda: roll_frame(result, data, kept=kept), name="predictions")


def _labels(identity: str, result: ExperimentResult, data: TaskData) -> None:
    last = len(result.runs[0].sample_indices) - 1
    kept = int(st.number_input("Kept sample", min_value=0, max_value=last, value=0, step=1, key="predictions_sample"))

    def draw() -> go.Figure:
        return charts.label_strips(label_frame(result, data, kept=kept, replica=0))

    _show(("predictions", identity, kept), draw)
    caption = "Green: right. Orange: wrong. Grey: a step whose answer does not count."
    footer(caption, lambda: label_frame(result, data, kept=kept, replica=0), name="predictions")
