"""Where two architectures disagree: each test sample's error under one against its error under the other."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import escape, figure, records, require, say_empty, with_alt
from models.analysis.disagreement import ERROR_COLUMNS
from models.cells import get_cell

TITLE = "Error of each test sample"


def disagreement(frame: pd.DataFrame, first: str, second: str, *, error: str, chosen: int | None = None) -> go.Figure:
    """Draw a dot per sample; below the diagonal the second architecture is better. `customdata` starts with the sample.

    Args:
        frame: `models.analysis.disagreement.error_frame`, columns `ERROR_COLUMNS`.
        first: Architecture of the horizontal axis.
        second: Architecture of the vertical axis.
        error: What the error measures, with its unit.
        chosen: Sample to mark.
    """
    require(frame, ERROR_COLUMNS)
    chart = figure(TITLE, height=460)
    chart.update_layout(showlegend=False, margin={"t": 56, "b": 8, "l": 8, "r": 8})
    wide = frame.pivot(index=["sample", "target"], columns="architecture", values="error").reset_index()
    if first not in wide or second not in wide:
        return say_empty(chart, "It takes two architectures to disagree.")
    top = float(np.nanmax(wide[[first, second]].to_numpy())) * 1.04 or 1.0
    chart.add_scatter(x=[0, top], y=[0, top], mode="lines", line={"color": theme.AXIS, "dash": "dot"}, hoverinfo="skip")
    better = np.where(wide[second] < wide[first], theme.hue(second), theme.hue(first))
    marked = wide["sample"] == chosen
    chart.add_scatter(
        x=wide[first].tolist(),
        y=wide[second].tolist(),
        customdata=[[int(row["sample"]), escape(str(row["target"]))] for row in records(wide)],
        mode="markers",
        marker={
            "color": better.tolist(),
            "size": np.where(marked, 14, 8).tolist(),
            "opacity": 0.75,
            "line": {"color": theme.TRUTH, "width": np.where(marked, 3, 0).tolist()},
        },
        hovertemplate="sample %{customdata[0]}: %{x:.3g} | %{y:.3g}<br>answer %{customdata[1]}<extra></extra>",
    )
    chart.update_xaxes(title_text=f"{get_cell(first).title}: {escape(error.lower())}", range=[-0.03 * top, top])
    chart.update_yaxes(title_text=f"{get_cell(second).title}: {escape(error.lower())}", range=[-0.03 * top, top])
    return with_alt(chart, _in_words(wide, first, second))


def _in_words(wide: pd.DataFrame, first: str, second: str) -> str:
    better = int((wide[second] < wide[first]).sum())
    worse = int((wide[second] > wide[first]).sum())
    names = get_cell(first).title, get_cell(second).title
    return f"Error of {wide['sample'].nunique()} test samples: {names[1]} is nearer on {better}, {names[0]} on {worse}."
