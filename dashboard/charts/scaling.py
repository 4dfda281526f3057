"""Time and memory against size and length: measured points over the theoretical line, both axes logarithmic."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.costs import LEGEND, SYMBOLS, TOP, log_ticks
from dashboard.charts.frames import escape, figure, require, say_empty, with_alt
from dashboard.charts.line_ends import name_ends
from models.analysis.costs import MEMORY, SCALING_COLUMNS, TRAINING

AXES: Mapping[Literal["hidden_size", "steps"], str] = {"hidden_size": "Hidden size (units)", "steps": "Length (steps)"}
QUANTITIES = {TRAINING: "Time of one update (ms)", MEMORY: "Memory of training (MB)"}


def scaling(
    frame: pd.DataFrame, quantity: str, *, x: Literal["hidden_size", "steps"] = "hidden_size", kernel: str = "ours"
) -> go.Figure:
    """Draw one quantity of one kernel.

    Args:
        frame: A frame of `models.analysis.costs.scaling_frame`, with the columns `SCALING_COLUMNS`.
        quantity: `training update` or `training memory`.
        x: Hidden size or length.
        kernel: First word of the kernel's name.
    """
    require(frame, SCALING_COLUMNS)
    chart = figure(
        f"{QUANTITIES[quantity].partition(' (')[0]} against {AXES[x].partition(' (')[0].lower()}", height=400
    )
    chart.update_layout(legend=LEGEND, margin_t=TOP)
    chart.update_xaxes(title_text=f"{AXES[x]}, log scale", type="log")
    chart.update_yaxes(title_text=f"{QUANTITIES[quantity]}, log scale", type="log")
    mine = frame["kernel"].astype(str).str.startswith(kernel)
    shown = frame[(frame["quantity"] == quantity) & (frame["axis"] == x) & mine]
    if shown.empty:
        return say_empty(chart, "Nothing has been measured yet.")
    places = sorted(set(shown["x"].tolist()))
    chart.update_xaxes(tickmode="array", tickvals=places, ticktext=[f"{place:g}" for place in places])
    drawn = shown[["low", "high", "theory"]].to_numpy(dtype=np.float64)
    chart.update_yaxes(**log_ticks(float(drawn.min()), float(drawn.max())))
    names = {}
    for architecture, rows in shown.groupby("architecture", sort=False):
        title = _add_points(chart, str(architecture), rows, symbol=SYMBOLS.get(kernel, "circle"))
        names[f"{title} measured"] = str(architecture), title
    name_ends(chart, names)
    return with_alt(chart, _in_words(shown, quantity))


def _in_words(shown: pd.DataFrame, quantity: str) -> str:
    parts = [
        f"{title}, {kernel}: {rows['median'].iloc[0]:.3g} at {rows['x'].iloc[0]:g}, {rows['median'].iloc[-1]:.3g} at {rows['x'].iloc[-1]:g}"
        for (title, kernel), rows in shown.groupby(["title", "kernel"], sort=False)
    ]
    return f"{QUANTITIES[quantity]}: " + "; ".join(parts) + "."


def _add_points(chart: go.Figure, architecture: str, rows: pd.DataFrame, *, symbol: str) -> str:
    """Add one architecture's line by formula and its measured points; return its title."""
    title, colour = escape(str(rows["title"].iloc[0])), theme.hue(architecture)
    chart.add_scatter(
        x=rows["x"].tolist(),
        y=rows["theory"].tolist(),
        mode="lines",
        name=f"{title} by formula",
        line={"color": colour, "width": 1.4, "dash": "dash"},
        legendgroup=title,
        hovertemplate=f"{title} by formula: %{{y:.3g}}<extra></extra>",
    )
    chart.add_scatter(
        x=rows["x"].tolist(),
        y=rows["median"].tolist(),
        mode="markers",
        name=f"{title} measured",
        marker={"color": colour, "size": 10, "symbol": symbol},
        legendgroup=title,
        error_y={
            "type": "data",
            "symmetric": False,
            "array": (rows["high"] - rows["median"]).tolist(),
            "arrayminus": (rows["median"] - rows["low"]).tolist(),
            "color": colour,
        },
        hovertemplate=f"{title} measured: %{{y:.3g}}<extra></extra>",
    )
    return title
