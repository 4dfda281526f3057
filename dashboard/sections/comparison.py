"""The comparison table and how it was timed."""

from collections.abc import Mapping

import plotly.graph_objects as go
import streamlit as st

from dashboard import services
from dashboard.charts.comparison_table import MARK, comparison_table
from dashboard.components.chart import chart, footer
from dashboard.components.style import SCROLLED
from models.analysis.comparison import comparison_table as comparison_frame
from models.analysis.comparison_columns import deciding_metric
from models.analysis.facts import busy
from models.analysis.verdict import judge
from models.cells import get_cell
from models.records.results import ExperimentResult
from models.spec.experiment_settings import RESAMPLING, ExperimentSpec

BUSY = "The machine was busy with other work, so times are longer and spread wider."


def show_comparison(identity: str, result: ExperimentResult) -> None:
    """Draw the table of an experiment."""
    leader = services.drawn(("verdict", identity), lambda: judge(result)).leader
    figure = services.drawn(("comparison", identity), lambda: _figure(result, leader))
    with st.container(key=f"{SCROLLED}_comparison"):
        chart(figure, key="comparison")
    shown_best = f"{MARK} better than every other architecture, by the verdict." if leader else ""
    footer(
        f"{shown_best} {timed(result)}".strip(),
        lambda: comparison_frame(result),
        name="comparison",
    )


def _figure(result: ExperimentResult, leader: str | None) -> go.Figure:
    return comparison_table(comparison_frame(result), deciding_metric(result)[1], leader=leader)


def repeated(spec: ExperimentSpec) -> str:
    """Say what the repeats behind a mean differ in."""
    if spec.seeds == 1:
        return "One repeat."
    how = RESAMPLING[spec.resampling]
    return f"Mean ± standard deviation over {spec.seeds} repeats: {how[0].lower()}{how[1:]}."


def timed(result: ExperimentResult) -> str:
    """Write what was repeated and how it was timed: device, threads, kernel and versions."""
    if not result.runs:
        return ""
    known: Mapping[str, str] = result.runs[0].environment
    kernels = ", ".join(f"{get_cell(run.spec.architecture).title} {run.kernel}" for run in result.runs)
    parts = [
        f"Timed here on {known.get('cpu') or known.get('device', 'CPU')}",
        f"{known.get('threads', '1')} thread per network",
        f"kernels: {kernels}",
        f"PyTorch {known.get('torch', '?')}",
        f"Python {known.get('python', '?')}",
    ]
    told = ", ".join(parts)
    text = f"{repeated(result.spec)} {told}. All repeats train together; a time per update covers all of them."
    return f"{text} {BUSY}" if busy(result.runs) else text
