"""The score of each series for each architecture: which series are hard, and for which."""

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import dress, escape, figure, require, say_empty, with_alt
from models.analysis.comparison_columns import Column
from models.analysis.series_scores import SERIES_COLUMNS, SIMPLE

TITLE = "Which series are hard"
MAX_SHOWN = 40
_ROW = 22


def series_chart(frame: pd.DataFrame, metric: Column) -> go.Figure:
    """Draw a row of dots per series, the hardest on top; lines reach over the repeats.

    Args:
        frame: A frame of `models.analysis.series_scores.series_frame`, with the columns `SERIES_COLUMNS`.
        metric: Description of the deciding metric.
    """
    require(frame, SERIES_COLUMNS)
    chart = figure(TITLE, height=300)
    if frame.empty:
        return say_empty(chart, "The data have one series.")
    shown = frame[frame["rank"] <= MAX_SHOWN]
    names = [escape(str(name)) for name in shown["series"].unique()]
    dress(chart, TITLE, height=220 + _ROW * len(names))
    for name, rows in shown.groupby("architecture", sort=False):
        _add_dots(chart, str(name), rows)
    below = {
        "orientation": "h",
        "x": 0,
        "yref": "container",
        "y": 0.01,
        "yanchor": "bottom",
    }  # on a phone it is three lines
    chart.update_layout(legend=below, margin={"b": 120})
    chart.update_xaxes(title_text=escape(metric.heading))
    chart.update_yaxes(categoryorder="array", categoryarray=names[::-1], title_text="Series", type="category")
    return with_alt(chart, _in_words(frame))


def _add_dots(chart: go.Figure, name: str, rows: pd.DataFrame) -> None:
    """Add the scores of one source; those of networks reach over their repeats."""
    simple = name == SIMPLE
    chart.add_scatter(
        x=rows["score"].tolist(),
        y=[escape(str(one)) for one in rows["series"]],
        mode="markers",
        name=escape(str(rows["title"].iloc[0])),
        marker={
            "size": 9,
            "symbol": "line-ns-open" if simple else theme.marks(name)["symbol"],
            "color": theme.MARK if simple else theme.hue(name),
        },
        error_x=None
        if simple
        else {
            "type": "data",
            "symmetric": False,
            "array": (rows["high"] - rows["score"]).tolist(),
            "arrayminus": (rows["score"] - rows["low"]).tolist(),
            "thickness": 1,
            "width": 0,
        },
        hovertemplate="%{y}: %{x:.3g}<extra>" + escape(str(rows["title"].iloc[0])) + "</extra>",
    )


def _in_words(frame: pd.DataFrame) -> str:
    hardest, easiest = frame["series"].iloc[0], frame["series"].iloc[-1]
    count = frame["series"].nunique()
    nets = frame[frame["architecture"] != SIMPLE]
    best = nets.loc[nets.groupby("series")["score"].idxmin(), "title"].value_counts()
    lowest = ", ".join(f"{title} on {number}" for title, number in best.items())
    return f"{count} series; {hardest} is the hardest, {easiest} the easiest. Lowest value: {lowest}."
