"""The chart of a finding: scores of all repeats, a curve, the gradient by step, or measured numbers."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import escape, figure, records, require, say_empty, with_alt
from models.analysis.wording import number
from models.findings.frames import CHART_COLUMNS

ROW, AROUND = 34, 130  # pixels
HEIGHT = 380
NOTHING = "No result is shipped for this finding."
SMALLEST = 1e-12  # share of a gradient below which nothing is drawn
TITLES = {
    "scores": "Scores of all repeats",
    "curve": "While training",
    "gradient": "Gradient by step",
    "numbers": "Measured",
}


def finding_chart(frame: pd.DataFrame, kind: str, heading: str) -> go.Figure:
    """Draw what shows a finding best.

    Args:
        frame: A frame of `models.findings.frames.chart_frame`, with the columns `CHART_COLUMNS`.
        kind: `scores`, `curve`, `gradient` or `numbers`.
        heading: Title of the axis of values.
    """
    require(frame, CHART_COLUMNS)
    if frame.empty:
        return say_empty(figure(TITLES[kind]), NOTHING)
    if kind in ("curve", "gradient"):
        return _lines(frame, kind, heading)
    return _rows(frame, kind, heading)


def _rows(frame: pd.DataFrame, kind: str, heading: str) -> go.Figure:
    """Draw one row per architecture and group: a point per repeat and a line at the median."""
    groups = list(frame.groupby(["group", "architecture", "title"], sort=False))
    chart = figure(TITLES[kind], height=AROUND + ROW * len(groups)).update_layout(showlegend=False)
    parts = []
    for (group, architecture, title), values in groups:
        name = _row_name(str(group), str(title))
        known = values["value"].dropna()
        chart.add_scatter(
            x=known,
            y=[name] * len(known),
            mode="markers",
            marker=_marker(str(architecture)) | {"opacity": 0.75},
            name=name,
            hovertemplate=f"{name}: %{{x:.4g}}<extra></extra>",
        )
        if len(known) > 1:
            line = {"color": _colour(str(architecture)), "width": 3}
            marker = {"symbol": "line-ns", "size": 20, "line": line}
            chart.add_scatter(x=[known.median()], y=[name], mode="markers", marker=marker, hoverinfo="skip")
        parts.append(f"{_row_name(str(group), str(title))} {_in_words(known)}")
    wide = kind == "numbers" and frame["value"].min() > 0 and frame["value"].max() > 100 * frame["value"].min()
    chart.update_xaxes(title_text=escape(heading), type="log" if wide else "linear")
    chart.update_yaxes(autorange="reversed", type="category")
    return with_alt(chart, f"{TITLES[kind]}, {heading}: {'; '.join(parts)}.")


def _lines(frame: pd.DataFrame, kind: str, heading: str) -> go.Figure:
    """Draw one line per architecture and group."""
    chart = figure(TITLES[kind], height=HEIGHT)
    parts = []
    for index, ((group, architecture, title), values) in enumerate(
        frame.groupby(["group", "architecture", "title"], sort=False)
    ):
        name = _row_name(str(group), str(title))
        drawn = values[values["value"] > SMALLEST] if kind == "gradient" else values
        dash = theme.DASHES[index % len(theme.DASHES)] if group else "solid"
        chart.add_scatter(
            x=drawn["x"],
            y=drawn["value"],
            mode="lines+markers",
            name=name,
            line={"color": _colour(str(architecture)), "dash": dash},
            marker=theme.marks(str(architecture)),
            hovertemplate=f"{name}: %{{y:.3g}}<extra></extra>",
        )
        last = records(values)[-1]
        parts.append(f"{name} {number(float(last['value']))} at {last['x']:.0f}")
    chart.update_xaxes(title_text="Steps back" if kind == "gradient" else "Updates")
    chart.update_yaxes(
        title_text=escape(heading), type="log" if kind == "gradient" else "linear", exponentformat="power"
    )
    chart.update_layout(legend={"orientation": "h", "yanchor": "bottom", "y": 1.0})
    return with_alt(chart, f"{TITLES[kind]}, {heading}, at the end: {'; '.join(parts)}.")


def _row_name(group: str, title: str) -> str:
    return escape(f"{title}, {group}" if group and group != title else title)


def _colour(architecture: str) -> str:
    return theme.hue(architecture) if architecture else theme.TRUTH


def _marker(architecture: str) -> dict[str, object]:
    shape = theme.marks(architecture) if architecture else {"symbol": "circle-open"}
    return shape | {"size": 10, "color": _colour(architecture), "maxdisplayed": 0}


def _in_words(values: pd.Series) -> str:
    if values.empty:
        return "unknown"
    if len(values) == 1:
        return number(float(values.iloc[0]))
    low, middle, high = (number(float(value)) for value in np.quantile(values, (0.0, 0.5, 1.0)))
    return f"{middle} ({low} to {high})"
