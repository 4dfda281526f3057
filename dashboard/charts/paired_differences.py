"""The difference between two architectures in each repeat, and the time until repeats solved a task.

Repeats that were tested on stretches of time are shown in order of time.
"""

from typing import Literal

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import escape, figure, require, say_empty, with_alt
from dashboard.charts.line_ends import name_ends
from models.analysis.comparison_columns import AXES, Column
from models.analysis.pairs import DIFFERENCE_COLUMNS
from models.analysis.time_to_solve import TIME_TO_SOLVE_COLUMNS
from models.analysis.wording import number
from models.cells import architectures

TITLE_OF_STRETCHES = "Difference per stretch of time"
TITLE_OF_REPEATS = "Difference per repeat"
INTERVAL = "rgba(99, 91, 214, 0.28)"
MARGIN = "rgba(128, 136, 148, 0.45)"
HEIGHT = 400
SOLVING_TITLE = "How long until it is solved"


def paired_differences(frame: pd.DataFrame, metric: Column, *, height: int = HEIGHT) -> go.Figure:
    """Draw a bar per repeat, oldest first, with the margin and the interval of the mean as bands.

    Args:
        frame: Rows of one pair of `models.analysis.pairs.differences_frame`, with the columns `DIFFERENCE_COLUMNS`.
        metric: Description of the metric.
        height: Height in pixels.
    """
    require(frame, DIFFERENCE_COLUMNS)
    timed = bool((frame["from"] != "").any())
    chart = figure(TITLE_OF_STRETCHES if timed else TITLE_OF_REPEATS, height=height)
    chart.update_xaxes(title_text="Stretch of time, by its start" if timed else "Repeat", type="category")
    if frame.empty:
        return say_empty(chart, "Two architectures with a completed repeat are needed for a difference.")
    chart.update_yaxes(title_text=_axis_title(frame, metric), zeroline=True, zerolinewidth=2)
    for title, rows in _by_winner(frame, metric):
        _add_bars(chart, rows, title)
    _add_bands(chart, frame)
    chart.update_yaxes(range=_range(frame))
    chart.update_xaxes(categoryorder="array", categoryarray=_labels(frame), tickangle=-45 if timed else 0)
    # Above the plot the legend would overlap the title on a phone.
    below = {"orientation": "h", "x": 0, "xref": "container", "y": 0, "yref": "container", "yanchor": "bottom"}
    room = {"t": 40, "b": 140 if timed else 96}
    chart.update_layout(barmode="overlay", bargap=0.35, legend=below, margin=room)
    return with_alt(chart, _in_words(frame, metric))


def _range(frame: pd.DataFrame) -> list[float]:
    """Return an axis on which every bar and band ends inside."""
    row = frame.iloc[0]
    ends = [*frame["difference"], row["low"], row["high"], row["margin"], -row["margin"]]
    finite = [float(end) for end in ends if pd.notna(end)]
    room = 0.08 * (max(finite) - min(finite)) or 1.0
    return [min(finite) - room, max(finite) + room]


def _axis_title(frame: pd.DataFrame, metric: Column) -> str:
    return f"{escape(str(frame['pair'].iloc[0]))}<br>{escape(metric.heading)}"


def _labels(frame: pd.DataFrame) -> list[str]:
    return [
        escape(start or f"{index}") for start, index in zip(frame["from"], frame["repeat"].astype(str), strict=True)
    ]


def _by_winner(frame: pd.DataFrame, metric: Column) -> list[tuple[str, pd.DataFrame]]:
    """Split the rows by the better architecture; ties belong to neither and have no bar."""
    first = (frame["difference"] < 0) if metric.better == "low" else (frame["difference"] > 0)
    tie = frame["difference"] == 0
    return [(str(frame["first"].iloc[0]), frame[first]), (str(frame["second"].iloc[0]), frame[~first & ~tie])]


def _add_bars(chart: go.Figure, rows: pd.DataFrame, title: str) -> None:
    names = {cell.title: name for name, cell in architectures().items()}
    chart.add_bar(
        x=_labels(rows),
        y=rows["difference"].tolist(),
        name=f"{escape(title)} better ({len(rows)})",
        marker={"color": theme.hue(names.get(title, title))},
        customdata=[
            [f"{escape(start)} to {escape(end)}" if start else f"repeat {index}", starts]
            for start, end, index, starts in rows[["from", "to", "repeat", "starts"]].itertuples(index=False)
        ],
        hovertemplate="%{customdata[0]}: %{y:.4g}, starts: %{customdata[1]}<extra></extra>",
    )


def _add_bands(chart: go.Figure, frame: pd.DataFrame) -> None:
    """Draw the margin around zero, and the interval around the mean if there are enough repeats for one."""
    row = frame.iloc[0]
    band = {"layer": "below", "line_width": 0, "showlegend": True}
    if pd.notna(row["low"]):
        chart.add_hrect(y0=row["low"], y1=row["high"], fillcolor=INTERVAL, name="Interval of the mean", **band)
    chart.add_hrect(y0=-row["margin"], y1=row["margin"], fillcolor=MARGIN, name="Too small to matter", **band)
    chart.add_hline(
        y=row["mean"], line={"color": theme.ACCENT, "width": 2, "dash": "dash"}, name="Mean", showlegend=True
    )


def direction(frame: pd.DataFrame, metric: Column) -> str:
    """Say how to read the sides of zero, and what is paired."""
    require(frame, DIFFERENCE_COLUMNS)
    if frame.empty:
        return ""
    first, second = frame["first"].iloc[0], frame["second"].iloc[0]
    below, above = (first, second) if metric.better == "low" else (second, first)
    return f"Below zero: {below} better. Above: {above} better. In each repeat both share data and order of batches."


def _in_words(frame: pd.DataFrame, metric: Column) -> str:
    row = frame.iloc[0]
    listed = ", ".join(
        f"{label} {number(value)}" for label, value in zip(_labels(frame), frame["difference"], strict=True)
    )
    interval = f", interval {number(row['low'])} to {number(row['high'])}" if pd.notna(row["low"]) else ""
    what = "stretches of time" if (frame["from"] != "").any() else "repeats"
    return (
        f"{row['pair']}, test {metric.heading}, over {len(frame)} {what}, oldest first: {listed}. "
        f"Mean {number(row['mean'])}{interval}; differences within {number(row['margin'])} do not matter."
    )


def solving(frame: pd.DataFrame, *, x: Literal["update", "seconds"] = "update") -> go.Figure:
    """Draw a step per solved repeat.

    Args:
        frame: A frame of `models.analysis.time_to_solve.time_to_solve_frame`, with the columns `TIME_TO_SOLVE_COLUMNS`.
        x: Updates or seconds.
    """
    require(frame, TIME_TO_SOLVE_COLUMNS)
    chart = figure(SOLVING_TITLE, height=320)
    chart.update_xaxes(title_text=AXES[x].heading, rangemode="tozero")
    chart.update_yaxes(title_text="Repeats not solved yet", range=[-0.03, 1.05], tickformat=".0%")
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
    return with_alt(chart, _solving_in_words(frame))


def _solving_in_words(frame: pd.DataFrame) -> str:
    parts = [
        f"{title} {1 - float(rows['unsolved'].iloc[-1]):.0%} of {rows['seeds'].iloc[-1]} repeats"
        for title, rows in frame[frame["axis"] == "update"].groupby("title", sort=False)
    ]
    return "Share of repeats that solved the task: " + "; ".join(parts) + "."
