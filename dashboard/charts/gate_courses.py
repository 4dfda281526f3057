"""Gates over time: mean and spread over units and samples, and the average hidden state of every architecture."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import theme
from dashboard.charts.frames import dress, escape, figure, records, require, say_empty, with_alt
from dashboard.charts.gate_heatmaps import leave_empty
from models.analysis.gate_frames import COURSE_COLUMNS
from models.analysis.roles import role
from models.cells import get_cell

PANEL_HEIGHT = 120
TOP, BOTTOM, GAP = 70, 48, 34


def gate_courses(frame: pd.DataFrame, *, title: str, roles: Mapping[str, str] | None = None) -> go.Figure:
    """Draw one architecture's gates and candidates, one panel each: mean and one standard deviation.

    Args:
        frame: Rows of one architecture of `models.analysis.gate_frames.course_frame`, columns `COURSE_COLUMNS`.
        title: Title of the figure: the architecture.
        roles: Roles of all compared architectures, in order; a role that this one lacks leaves its place empty.
    """
    require(frame, COURSE_COLUMNS)
    gates = frame[frame["kind"] != "state"]
    own = {role(name): name for name in dict.fromkeys(gates["quantity"])}
    if not own:
        return say_empty(figure(title, height=200), "There is no gate.")
    names = [own.get(one) for one in roles or own]
    height = TOP + BOTTOM + PANEL_HEIGHT * len(names) + GAP * (len(names) - 1)
    heads = [
        escape(str(gates.loc[gates["quantity"] == name, "title"].iloc[0]) if name else f"No {missing}")
        for name, missing in zip(names, (roles or own).values(), strict=True)
    ]
    chart = make_subplots(
        rows=len(names),
        cols=1,
        shared_xaxes=True,
        subplot_titles=heads,
        vertical_spacing=GAP / max(height - TOP - BOTTOM, 1),
    )
    dress(chart, title, height=height)
    chart.update_layout(showlegend=False, margin={"t": TOP, "b": BOTTOM, "l": 52, "r": 8})
    for row, name in enumerate(names, start=1):
        if name is None:
            leave_empty(chart, row)
            continue
        rows = gates[gates["quantity"] == name]
        add_band(chart, rows, heads[row - 1], row=row)
        signed = rows["kind"].iloc[0] == "candidate"
        chart.update_yaxes(range=[-1.05, 1.05] if signed else [-0.05, 1.05], nticks=5, row=row, col=1)
    chart.update_annotations(font_size=12, xanchor="left", x=0)
    chart.update_xaxes(title_text="Step", row=len(names), col=1)
    return with_alt(chart, _in_words(frame))


def hidden_course(frame: pd.DataFrame) -> go.Figure:
    """Draw the average hidden state of every architecture in one chart, with one standard deviation.

    Args:
        frame: `models.analysis.gate_frames.course_frame` of all architectures, columns `COURSE_COLUMNS`.
    """
    require(frame, COURSE_COLUMNS)
    hidden = frame[frame["quantity"] == "hidden"]
    title = "Average hidden state"
    if hidden.empty:
        return say_empty(figure(title, height=200), "There is no hidden state.")
    chart = make_subplots(rows=1, cols=1)
    dress(chart, title, height=300)
    chart.update_layout(margin={"t": 76, "b": 48, "l": 52, "r": 8}, hovermode="x unified")
    for architecture, rows in hidden.groupby("architecture", sort=False):
        add_band(chart, rows, get_cell(str(architecture)).title)
    chart.update_xaxes(title_text="Step")
    chart.update_yaxes(title_text="Hidden state")
    return with_alt(chart, "Average hidden state over time.")


def add_band(chart: go.Figure, rows: pd.DataFrame, name: str, *, row: int = 1) -> None:
    """Add a mean as a line and one standard deviation around it as a band, in the architecture's hue."""
    colour = theme.hue(str(rows["architecture"].iloc[0]))
    steps = rows["step"].tolist()
    low, high = rows["mean"] - rows["spread"], rows["mean"] + rows["spread"]
    chart.add_scatter(
        x=[*steps, *steps[::-1]],
        y=[*high.round(5), *low.round(5)[::-1]],
        fill="toself",
        fillcolor=theme.translucent(colour, 0.18),
        mode="lines",
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
        legendgroup=name,
        name=f"{name}, spread",
        row=row,
        col=1,
    )
    chart.add_scatter(
        x=steps,
        y=rows["mean"].round(5).tolist(),
        mode="lines+markers",
        marker=theme.marks(str(rows["architecture"].iloc[0]), most=12),
        line={"color": colour, "width": 2},
        legendgroup=name,
        name=name,
        customdata=rows["spread"].round(4).tolist(),
        hovertemplate="step %{x}: %{y:.3f} ± %{customdata:.3f}<extra>" + name + "</extra>",
        row=row,
        col=1,
    )


def _in_words(frame: pd.DataFrame) -> str:
    gates = frame[frame["kind"] == "gate"]
    means = gates.groupby(["architecture", "title"], sort=False)["mean"].mean().reset_index()
    parts = [
        f"{get_cell(row['architecture']).title} {row['title'].lower()} {row['mean']:.2f}" for row in records(means)
    ]
    return "Mean and spread over time. Mean over all steps: " + ", ".join(parts) + "."
