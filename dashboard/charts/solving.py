"""Survival curves: the share of seeds that have not solved the task yet."""

from typing import Literal

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import escape, figure, require, say_empty
from dashboard.charts.line_ends import name_ends
from models.analysis.comparison import AXES
from models.analysis.solving import SOLVING_COLUMNS

TITLE = "How long until it is solved"


def solving(frame: pd.DataFrame, *, x: Literal["update", "seconds"] = "update") -> go.Figure:
    """Draw a step per solved seed.

    Args:
        frame: A frame of `models.analysis.solving.solving_frame`, with the columns `SOLVING_COLUMNS`.
        x: Against updates or seconds.
    """
    require(frame, SOLVING_COLUMNS)
    chart = figure(TITLE, height=320)
    chart.update_xaxes(title_text=AXES[x].heading, rangemode="tozero")
    chart.update_yaxes(title_text="Seeds not solved yet", range=[-0.03, 1.05], tickformat=".0%")
    shown = frame[frame["axis"] == x]
    if shown.empty:
        return say_empty(chart, "This task has no solved criterion.")
    names = {}
    for architecture, line in shown.groupby("architecture", sort=False):
        title = escape(str(line["title"].iloc[0]))
        chart.add_scatter(
            x=line["time"].tolist(),
            y=line["unsolved"].tolist(),
            mode="lines+markers",
            marker=theme.marks(str(architecture)),
            name=title,
            line={"color": theme.hue(str(architecture)), "width": 2.6, "shape": "hv"},
            hovertemplate=f"{title}: %{{y:.0%}} not solved after %{{x:.4s}}<extra></extra>",
        )
        names[title] = str(architecture), title
    name_ends(chart, names)
    return chart


def describe(frame: pd.DataFrame) -> str:
    """Say in words how many seeds solved the task: the text alternative."""
    require(frame, SOLVING_COLUMNS)
    told = [
        f"{title} {1 - float(rows['unsolved'].iloc[-1]):.0%} of {rows['seeds'].iloc[-1]} seeds"
        for title, rows in frame[frame["axis"] == "update"].groupby("title", sort=False)
    ]
    return "Share of seeds that solved the task: " + "; ".join(told) + "."
