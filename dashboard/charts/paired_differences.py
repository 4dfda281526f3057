"""Differences between architectures, seed by seed, with the mean and its interval."""

from typing import Literal

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import escape, figure, require, say_empty
from dashboard.charts.line_ends import name_ends
from models.analysis.comparison import AXES, Column
from models.analysis.pairs import DIFFERENCE_COLUMNS
from models.analysis.solving import SOLVING_COLUMNS
from models.analysis.wording import number

TITLE = "Difference per seed"
ROW = 74
DOT = "rgba(128, 136, 148, 0.75)"
MEAN = theme.ACCENT
SOLVING_TITLE = "How long until it is solved"


def paired_differences(frame: pd.DataFrame, metric: Column) -> go.Figure:
    """Draw a row per pair: a dot per seed, the mean as a diamond with its bootstrap interval, and zero.

    Args:
        frame: A frame of `models.analysis.pairs.differences_frame`, with the columns `DIFFERENCE_COLUMNS`.
        metric: How to read a difference.
    """
    require(frame, DIFFERENCE_COLUMNS)
    pairs = list(dict.fromkeys(frame["pair"]))
    chart = figure(TITLE, height=150 + ROW * max(1, len(pairs)))
    chart.update_xaxes(title_text=f"Difference in test {escape(metric.heading)}", zeroline=True, zerolinewidth=2)
    chart.update_yaxes(title_text="", autorange="reversed", type="category")
    if frame.empty:
        return say_empty(chart, "Two architectures that finished are needed for a difference.")
    means = frame.drop_duplicates("pair")
    chart.add_scatter(
        x=frame["difference"].tolist(),
        y=[escape(pair) for pair in frame["pair"]],
        mode="markers",
        name="One seed",
        marker={"color": DOT, "size": 9, "symbol": "circle"},
        customdata=frame["seed"].tolist(),
        hovertemplate="seed %{customdata}: %{x:.4g}<extra></extra>",
    )
    chart.add_scatter(
        x=means["mean"].tolist(),
        y=[escape(pair) for pair in means["pair"]],
        mode="markers",
        name="Mean, 95 % bootstrap interval",
        marker={"color": MEAN, "size": 13, "symbol": "diamond"},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": (means["high"] - means["mean"]).tolist(),
            "arrayminus": (means["mean"] - means["low"]).tolist(),
            "color": MEAN,
            "thickness": 2.5,
            "width": 8,
        },
        hovertemplate="mean %{x:.4g}<extra></extra>",
    )
    chart.add_vline(x=0, line={"color": theme.AXIS, "width": 2})
    return chart


def direction(frame: pd.DataFrame, metric: Column) -> str:
    """Say how to read the sides: which one wins left of zero."""
    require(frame, DIFFERENCE_COLUMNS)
    wins = "first" if metric.better == "low" else "second"
    return f"Left of zero the {wins} of the two is better. Same seed: same order of data, paired start."


def describe(frame: pd.DataFrame, metric: Column) -> str:
    """Say the differences in words: the text alternative."""
    require(frame, DIFFERENCE_COLUMNS)
    if frame.empty:
        return "No differences: two architectures that finished are needed."
    told = [
        f"{pair}: mean {number(float(rows['mean'].iloc[0]))} over {len(rows)} seeds"
        for pair, rows in frame.groupby("pair", sort=False)
    ]
    return f"Differences in test {metric.heading}. " + "; ".join(told) + "."


def solving(frame: pd.DataFrame, *, x: Literal["update", "seconds"] = "update") -> go.Figure:
    """Draw a step per solved seed.

    Args:
        frame: A frame of `models.analysis.solving.solving_frame`, with the columns `SOLVING_COLUMNS`.
        x: Against updates or seconds.
    """
    require(frame, SOLVING_COLUMNS)
    chart = figure(SOLVING_TITLE, height=320)
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


def describe_solving(frame: pd.DataFrame) -> str:
    """Say in words how many seeds solved the task: the text alternative."""
    require(frame, SOLVING_COLUMNS)
    told = [
        f"{title} {1 - float(rows['unsolved'].iloc[-1]):.0%} of {rows['seeds'].iloc[-1]} seeds"
        for title, rows in frame[frame["axis"] == "update"].groupby("title", sort=False)
    ]
    return "Share of seeds that solved the task: " + "; ".join(told) + "."
