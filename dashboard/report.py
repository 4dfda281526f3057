"""HTML reports with charts."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts import forecast as forecast_charts
from dashboard.charts import gate_heatmaps, loss_curves, paired_differences, predictions
from dashboard.charts.frames import with_alt
from dashboard.charts.step_axis import StepAxis
from data.task import TaskData
from models.analysis.comparison import curve_frame
from models.analysis.comparison_columns import deciding_metric
from models.analysis.forecast import Forecast
from models.analysis.pairs import differences_frame
from models.analysis.predictions import confusion_frame, forecast_frame, label_frame
from models.analysis.repeats import on_data_of
from models.analysis.roles import shared_roles
from models.analysis.samples import sample_frame
from models.analysis.traces import Place, trace_panels
from models.analysis.verdict import judge
from models.cells import get_cell
from models.export.dossier import Dossier
from models.export.report import ReportChart, html_report
from models.records.results import ExperimentResult

MAX_PAIRS = 3  # pairs with a chart of their differences
FIRST_SAMPLE = Place(sample=0, replica=0, layer=0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReportFigure:
    """A chart of a report before it is written.

    Attributes:
        name: `forecast`, `error_by_step`, `differences` (`differences_2` and so on of further pairs), `loss`, `predictions`,
            or `gates_` with the name of an architecture.
        title: What it shows, a few words.
        figure: The figure, for light paper.
    """

    name: str
    title: str
    figure: go.Figure

    @property
    def alt(self) -> str:
        """Its text alternative, a sentence."""
        return str(self.figure.layout.meta)


def report_html(dossier: Dossier, data: TaskData | None) -> bytes:
    """Return the report of an experiment as one HTML file.

    Args:
        dossier: The experiment; the forecast is drawn where it has one.
        data: Its task, for predictions and gates; without it they are left out.
    """
    drawn = report_figures(dossier.result, data, dossier.forecast)
    charts = [ReportChart(title=one.title, alt=one.alt, figure=str(one.figure.to_json())) for one in drawn]
    return html_report(dossier, charts, _plotly_js())


@lru_cache(maxsize=1)
def _plotly_js() -> str:
    return (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


def report_figures(
    result: ExperimentResult, data: TaskData | None, forecast: Forecast | None = None
) -> list[ReportFigure]:
    """Return the charts for which a result has data."""
    made = [] if forecast is None else list(_forecast_charts(forecast))
    made += _difference_charts(result)
    curves = curve_frame(result.runs)
    if len(curves):
        made.append(_chart("loss", "Loss curves", loss_curves.loss_curves(curves)))
    if data is not None and all(run.weights for run in result.runs):
        made += _prediction_charts(on_data_of(result, 0, data), data)
        made += _gate_charts(result, data)
    return made


def _forecast_charts(forecast: Forecast) -> Iterator[ReportFigure]:
    """Draw the first series: the last known rows, what comes next with its widest interval, and errors by steps ahead."""
    frame, errors, level = forecast.frame(), forecast.error_frame(), max(forecast.levels(), default=0.0) / 100 or None
    rows = frame[frame["series"] == forecast.targets[0]]
    history = forecast.history[forecast.history["series"] == forecast.targets[0]]
    figure = forecast_charts.forecast_chart(rows, history, unit=forecast.unit, level=level)
    yield _chart("forecast", "Forecast of the next steps", figure)
    if forecast.steps.max() > 1:
        own = errors[errors["series"] == forecast.targets[0]]
        yield _chart("error_by_step", "Error by steps ahead", forecast_charts.error_by_step(own, unit=forecast.unit))


def _difference_charts(result: ExperimentResult) -> list[ReportFigure]:
    """Return a chart per pair with more than one repeat, at most `MAX_PAIRS`."""
    _, metric = deciding_metric(result)
    made: list[ReportFigure] = []
    for pair in [pair for pair in judge(result).comparisons if pair.tested.repeats > 1][:MAX_PAIRS]:
        frame = differences_frame([pair])
        figure = paired_differences.paired_differences(frame, metric)
        with_alt(figure, f"{figure.layout.meta} {paired_differences.direction(frame, metric)}")
        title = f"Differences between {' and '.join(pair.titles)}"
        name = f"differences_{len(made) + 1}" if made else "differences"
        made.append(_chart(name, title, figure))
    return made


def _prediction_charts(result: ExperimentResult, data: TaskData) -> list[ReportFigure]:
    if any(not len(run.sample_indices) for run in result.runs):
        return []
    if data.kind == "regression":
        frame = forecast_frame(result, data)
        frame = frame[frame["target"] == frame["target"].iloc[0]]
        draw = predictions.truth_scatter if data.test.positions is None else predictions.forecast_lines
        figure = draw(frame, unit=data.unit)
    elif data.kind == "classification":
        figure = predictions.confusion_matrices(confusion_frame(result, data))
    else:
        figure = predictions.label_strips(label_frame(result, data, kept=0, replica=0))
    return [_chart("predictions", "Predictions", figure)]


def _gate_charts(result: ExperimentResult, data: TaskData) -> list[ReportFigure]:
    inputs = sample_frame(data, "test", (FIRST_SAMPLE.sample,), restored=True)
    axis = StepAxis.of(data, FIRST_SAMPLE, result.spec.options)
    panels = {run.spec.architecture: trace_panels(run, data, FIRST_SAMPLE) for run in result.runs}
    limit, picture = gate_heatmaps.state_limit(list(panels.values())), result.spec.source().picture_of(data)
    roles, made = shared_roles(list(panels.values())), []
    for name, own in panels.items():
        title = get_cell(name).title
        figure = gate_heatmaps.gate_heatmaps(title, own, inputs, picture=picture, limit=limit, roles=roles, axis=axis)
        made.append(_chart(f"gates_{name}", f"Gates of the {title}", figure))
    return made


def _chart(name: str, title: str, figure: go.Figure) -> ReportFigure:
    drawn = theme.standalone(figure, "light").update_layout(width=None, autosize=True)
    return ReportFigure(name=name, title=title, figure=drawn)
