"""Truth against each model's answer on test data that no network has seen."""

import streamlit as st

from dashboard import services
from dashboard.charts import predictions as charts
from dashboard.components.chart import chart, footer
from data.catalog import TaskData
from models.analysis.predictions import TRUTH, confusion_frame, forecast_frame, label_frame
from models.experiments.results import ExperimentResult


def show_predictions(result: ExperimentResult) -> None:
    """Draw the section that suits the task."""
    st.header("Predictions", anchor="predictions")
    st.fragment(_predictions)(result)


def _predictions(result: ExperimentResult) -> None:
    data = services.task_data(result.spec)
    if data.kind == "regression":
        _regression(result, data)
    elif data.kind == "classification":
        _classification(result, data)
    else:
        _labels(result, data)


def _regression(result: ExperimentResult, data: TaskData) -> None:
    frame = forecast_frame(result, data)
    names = list(frame["target"].unique())
    target = names[0]
    if len(names) > 1:
        target = st.selectbox("Target", names, key="predictions_target")
    rows = frame[frame["target"] == target]
    in_time = data.test.positions is not None
    draw = charts.forecast_lines if in_time else charts.truth_scatter
    chart(draw(rows, unit=data.unit), key="predictions", alt=charts.describe_forecast(rows, data.unit))
    told = "Lines: mean over seeds; bands: range of seeds." if in_time else "On the dotted line an answer is exact."
    kept = frame.loc[frame["architecture"] == TRUTH, "sample"].nunique()
    footer(f"{kept} samples of the test part. {told}", lambda: forecast_frame(result, data), name="predictions")


def _classification(result: ExperimentResult, data: TaskData) -> None:
    frame = confusion_frame(result, data)
    chart(charts.confusion_matrices(frame), key="predictions", alt=charts.describe_confusion(frame))
    told = "Counts over the kept test samples and all seeds; the colour is the share of the row."
    footer(told, lambda: confusion_frame(result, data), name="predictions")


def _labels(result: ExperimentResult, data: TaskData) -> None:
    last = len(result.runs[0].sample_indices) - 1
    kept = int(st.number_input("Kept sample", min_value=0, max_value=last, value=0, step=1, key="predictions_sample"))
    frame = label_frame(result, data, kept=kept, replica=0)
    chart(charts.label_strips(frame), key="predictions", alt=charts.describe_labels(frame))
    told = "Green: right. Orange: wrong. Grey: a step whose answer does not count."
    footer(told, lambda: label_frame(result, data, kept=kept, replica=0), name="predictions")
