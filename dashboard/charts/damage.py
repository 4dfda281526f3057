"""The effect on the test metric of switching off parts of a trained network."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import escape, figure, records, require, say_empty, with_alt
from models.analysis.comparison_columns import Column
from models.analysis.gate_frames import ABLATION_COLUMNS, DAMAGE_COLUMNS
from models.analysis.interventions import VALUES
from models.cells import get_cell

QUESTIONS_TITLE = "Test metric after each intervention"
OPACITIES = (0.95, 0.7, 0.45, 0.2)
MAX_BARS = 32
GROUPED = {"barmode": "group", "bargap": 0.2, "bargroupgap": 0, "boxmode": "group", "boxgap": 0.2, "boxgroupgap": 0}


def damage_by_question(frame: pd.DataFrame, metric: Column) -> go.Figure:
    """Draw the metric after each question: a bar per architecture, a dot per seed, and a line at the value before.

    Args:
        frame: Rows without a gate of `models.analysis.gate_frames.damage_frame`, columns `DAMAGE_COLUMNS`.
        metric: Description of the metric.
    """
    require(frame, DAMAGE_COLUMNS)
    chart = figure(QUESTIONS_TITLE, height=400)
    chart.update_layout(**GROUPED, margin={"t": 92, "b": 8, "l": 8, "r": 8})
    chart.update_yaxes(title_text=metric.heading, rangemode="tozero")
    if frame.empty:
        return say_empty(chart, "There is nothing to switch off.")
    for architecture, rows in frame.groupby("architecture", sort=False):
        _add_bars(chart, rows, get_cell(str(architecture)).title, theme.hue(str(architecture)), x="title")
        before = float(rows["before"].mean())
        chart.add_hline(y=before, line={"color": theme.hue(str(architecture)), "dash": "dash", "width": 1.5})
    return with_alt(chart, _in_words(frame, metric))


def damage_by_gate(frame: pd.DataFrame, metric: Column, *, title: str, top: float | None = None) -> go.Figure:
    """Draw one architecture's metric with each gate held, one bar per value.

    Args:
        frame: Rows of one architecture with a gate of `models.analysis.gate_frames.damage_frame`.
        metric: Description of the metric.
        title: Title of the figure: the architecture.
        top: Upper end of the axis, the same for architectures that are compared.
    """
    require(frame, DAMAGE_COLUMNS)
    chart = figure(title, height=380)
    chart.update_layout(**GROUPED, margin={"t": 92, "b": 8, "l": 8, "r": 8})
    chart.update_yaxes(title_text=metric.heading, range=None if top is None else [0, top])
    if frame.empty:
        return say_empty(chart, "This architecture has no gate.")
    cell = get_cell(str(frame["architecture"].iloc[0]))
    for value, opacity in zip(VALUES.values(), OPACITIES, strict=True):
        rows = frame[frame["value"] == value]
        rows = rows.assign(title=[cell.gate(str(gate)).title for gate in rows["gate"]])
        if not rows.empty:
            _add_bars(
                chart,
                rows,
                f"held at {value}" if len(value) == 1 else value,
                theme.hue(cell.name),
                x="title",
                opacity=opacity,
            )
    chart.add_hline(y=float(frame["before"].mean()), line={"color": theme.TRUTH, "dash": "dash", "width": 1.5})
    return with_alt(chart, _in_words(frame, metric))


def _add_bars(chart: go.Figure, rows: pd.DataFrame, name: str, colour: str, *, x: str, opacity: float = 0.85) -> None:
    """Add a bar per intervention, mean over repeats, and a dot per seed."""
    finite = rows[np.isfinite(rows["after"])]
    means = finite.groupby(x, sort=False)[["before", "after"]].mean()
    chart.add_bar(
        x=[escape(str(label)) for label in means.index],
        y=means["after"].tolist(),
        customdata=means["before"].tolist(),
        marker={"color": theme.translucent(colour, opacity), "line": {"color": colour, "width": 1}},
        name=name,
        legendgroup=name,
        offsetgroup=name,
        hovertemplate="%{x}<br>before %{customdata:.4g}, after %{y:.4g}<extra>" + escape(name) + "</extra>",
    )
    chart.add_box(
        x=[escape(str(label)) for label in finite[x]],
        y=finite["after"].tolist(),
        customdata=finite["seed"].tolist(),
        boxpoints="all",
        pointpos=0,
        jitter=0.3,
        fillcolor=theme.CLEAR,
        line={"color": theme.CLEAR},
        marker={"color": theme.TRUTH, "size": 5},
        name=name,
        legendgroup=name,
        offsetgroup=name,
        showlegend=False,
        hovertemplate="seed %{customdata}: %{y:.4g}<extra>" + escape(name) + "</extra>",
        hoveron="points",
    )


def unit_ranking(frame: pd.DataFrame, metric: Column, *, title: str) -> go.Figure:
    """Draw the damage caused by silencing each unit, worst first; `customdata` of a bar is its unit.

    Args:
        frame: `models.analysis.gate_frames.ablation_frame`, columns `ABLATION_COLUMNS`.
        metric: Description of the metric.
        title: Title of the figure: the architecture.
    """
    require(frame, ABLATION_COLUMNS)
    chart = figure(title, height=330)
    chart.update_layout(showlegend=False, margin={"t": 56, "b": 8, "l": 8, "r": 8})
    chart.update_xaxes(title_text="Unit", type="category")
    chart.update_yaxes(title_text=f"Damage: {metric.heading}")
    if frame.empty:
        return say_empty(chart, "There is no unit.")
    rows = frame.head(MAX_BARS)
    colour = theme.hue(str(rows["architecture"].iloc[0]))
    chart.add_bar(
        x=[str(unit) for unit in rows["unit"]],
        y=rows["damage"].tolist(),
        customdata=rows[["unit", "after"]].to_numpy().tolist(),
        marker={"color": colour},
        hovertemplate="without unit %{customdata[0]:.0f}: %{customdata[1]:.4g} (damage %{y:.3g})<extra></extra>",
    )
    return with_alt(chart, _ranking_in_words(frame))


def _in_words(frame: pd.DataFrame, metric: Column) -> str:
    means = frame.groupby(["architecture", "title"], sort=False)[["before", "after"]].mean().reset_index()
    parts = [
        f"{get_cell(row['architecture']).title}, {row['title']} {row['before']:.3g} to {row['after']:.3g}"
        for row in records(means)
    ]
    return f"{metric.heading} before and after: " + "; ".join(parts) + "."


def _ranking_in_words(frame: pd.DataFrame) -> str:
    parts = [f"unit {row['unit']} {row['damage']:.3g}" for row in records(frame.head(5))]
    return "Damage by silencing one unit, worst first: " + ", ".join(parts) + "."
