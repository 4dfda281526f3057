"""Curves of several experiments in one chart: a hue per architecture, a dash per experiment."""

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import escape, figure, require, say_empty, with_alt
from dashboard.charts.line_ends import name_ends
from dashboard.charts.loss_curves import thinned
from models.analysis.compare_experiments import OVERLAY_COLUMNS
from models.analysis.comparison_columns import AXES

TITLE = "Validation loss, mean over repeats"


def overlay(frame: pd.DataFrame, *, x: str = "update", logarithmic: bool = True) -> go.Figure:
    """Draw the mean validation loss of every run.

    Args:
        frame: A frame of `models.analysis.compare_experiments.overlay_frame`, with the columns `OVERLAY_COLUMNS`.
        x: `update` or `seconds`.
        logarithmic: Whether the loss axis is logarithmic.

    Returns:
        One trace per run, named by architecture and experiment ("LSTM of A").
    """
    require(frame, OVERLAY_COLUMNS)
    chart = figure(TITLE, height=430)
    chart.update_xaxes(title_text=AXES[x].heading, rangemode="tozero", exponentformat="SI")
    chart.update_yaxes(
        title_text="Loss (log scale)" if logarithmic else "Loss", type="log" if logarithmic else "linear"
    )
    chart.update_layout(hovermode="x unified", margin_t=92)
    if frame.empty:
        return say_empty(chart, "None of these experiments has a curve.")
    dashes = dict(zip(frame["label"].unique(), theme.DASHES * 2, strict=False))
    names = {}
    for (title, name, label), line in frame.groupby(["title", "architecture", "label"], sort=False):
        line, shown = thinned(line), escape(str(title))
        chart.add_scatter(
            x=line[x].tolist(),
            y=line["mean"].tolist(),
            mode="lines+markers",
            marker=theme.marks(str(name)),
            line={"color": theme.hue(str(name)), "width": 2.2, "dash": dashes[label]},
            name=shown,
            hovertemplate=f"{shown} %{{y:.4g}}<extra></extra>",
        )
        names[shown] = str(name), shown
    name_ends(chart, names)
    return with_alt(chart, _in_words(frame))


def _in_words(frame: pd.DataFrame) -> str:
    last = frame.groupby("title", sort=False).tail(1)
    parts = [f"{row.title} {row.mean:.3g} after {row.update} updates" for row in last.itertuples()]
    return "Validation loss, mean over repeats: " + "; ".join(parts) + "."
