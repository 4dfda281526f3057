"""The charts of a report, and the report that contains them."""

from functools import lru_cache
from importlib.resources import files

import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts import gate_heatmaps, loss_curves, paired_differences, predictions
from data.task import TaskData
from models.analysis.comparison import curve_frame
from models.analysis.comparison_columns import deciding_metric
from models.analysis.pairs import differences_frame
from models.analysis.predictions import confusion_frame, forecast_frame, label_frame
from models.analysis.repeats import on_data_of
from models.analysis.samples import sample_frame
from models.analysis.traces import Place, trace_panels
from models.analysis.verdict import judge
from models.cells import get_cell
from models.export.dossier import Dossier
from models.export.report import ReportChart, html_report
from models.records.results import ExperimentResult

MAX_PAIRS = 3  # with a chart of their own
FIRST_SAMPLE = Place(sample=0, replica=0, layer=0)


def report_html(dossier: Dossier, data: TaskData | None) -> bytes:
    """Return the report of an experiment as one HTML file.

    Args:
        dossier: The experiment.
        data: Its task, for predictions and gates; without it they are left out.
    """
    return html_report(dossier, report_charts(dossier.result, data), _plotly_js())


@lru_cache(maxsize=1)
def _plotly_js() -> str:
    return (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


def report_charts(result: ExperimentResult, data: TaskData | None) -> list[ReportChart]:
    """Return the charts for which a result has data."""
    made = _difference_charts(result)
    curves = curve_frame(result.runs)
    if len(curves):
        made.append(_chart("Loss curves", loss_curves.describe(curves), loss_curves.loss_curves(curves)))
    if data is not None and all(run.weights for run in result.runs):
        made += _prediction_charts(on_data_of(result, 0, data), data)
        made += _gate_charts(result, data)
    return made


def _difference_charts(result: ExperimentResult) -> list[ReportChart]:
    """Return a chart per pair with more than one repeat, at most `MAX_PAIRS`."""
    _, metric = deciding_metric(result)
    made = []
    for pair in [pair for pair in judge(result).comparisons if pair.tested.repeats > 1][:MAX_PAIRS]:
        frame = differences_frame([pair])
        caption = f"{paired_differences.describe(frame, metric)} {paired_differences.direction(frame, metric)}"
        title = f"Differences between {' and '.join(pair.titles)}"
        made.append(_chart(title, caption, paired_differences.paired_differences(frame, metric)))
    return made


def _prediction_charts(result: ExperimentResult, data: TaskData) -> list[ReportChart]:
    if any(not len(run.sample_indices) for run in result.runs):
        return []
    if data.kind == "regression":
        frame = forecast_frame(result, data)
        frame = frame[frame["target"] == frame["target"].iloc[0]]
        draw = predictions.truth_scatter if data.test.positions is None else predictions.forecast_lines
        caption = predictions.describe_forecast(frame, data.unit)
        return [_chart("Predictions", caption, draw(frame, unit=data.unit))]
    if data.kind == "classification":
        frame = confusion_frame(result, data)
        caption = predictions.describe_confusion(frame)
        return [_chart("Predictions", caption, predictions.confusion_matrices(frame))]
    frame = label_frame(result, data, kept=0, replica=0)
    return [_chart("Predictions", predictions.describe_labels(frame), predictions.label_strips(frame))]


def _gate_charts(result: ExperimentResult, data: TaskData) -> list[ReportChart]:
    inputs = sample_frame(data, "test", (FIRST_SAMPLE.sample,))
    panels = {run.spec.architecture: trace_panels(run, data, FIRST_SAMPLE) for run in result.runs}
    limit, picture = gate_heatmaps.state_limit(list(panels.values())), result.spec.source().picture_of(data)
    made = []
    for name, own in panels.items():
        title = get_cell(name).title
        figure = gate_heatmaps.gate_heatmaps(title, own, inputs, picture=picture, limit=limit)
        made.append(_chart(f"Gates of the {title}", gate_heatmaps.describe(title, own), figure))
    return made


def _chart(title: str, alt: str, figure: go.Figure) -> ReportChart:
    drawn = theme.standalone(figure, "light").update_layout(width=None, autosize=True)
    return ReportChart(title=title, alt=alt, figure=str(drawn.to_json()))
