"""Time scales: after how many steps each unit has forgotten half, before and after training."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import figure, records, require, say_empty
from models.analysis.gate_frames import HALF_LIFE_COLUMNS
from models.cells import get_cell

TITLE = "Memory half-life of units"
LONGEST = 1e5  # steps: what is longer is drawn here
INITIAL = "initial"


def half_life_boxes(frame: pd.DataFrame, *, steps: int) -> go.Figure:
    """Draw the half-lives of all units of every architecture and moment: a dot per unit and seed, a box over them.

    Args:
        frame: `models.analysis.gate_frames.half_life_frame`, columns `HALF_LIFE_COLUMNS`.
        steps: Length of the sequences, drawn as a line.
    """
    require(frame, HALF_LIFE_COLUMNS)
    groups = list(frame.groupby(["architecture", "moment"], sort=False))
    if not groups:
        return say_empty(figure(TITLE, height=200), "No architecture here has a gate that decides what is kept.")
    chart = figure(TITLE, height=130 + 90 * len(groups))
    chart.update_layout(showlegend=False, margin={"t": 56, "b": 48, "l": 8, "r": 12})
    for (architecture, moment), rows in groups:
        colour = theme.hue(str(architecture))
        chart.add_box(
            x=np.clip(rows["half_life"], None, LONGEST).round(3).tolist(),
            y=[f"{get_cell(str(architecture)).title}, {moment}"] * len(rows),
            customdata=rows[["unit", "seed"]].to_numpy().tolist(),
            orientation="h",
            boxpoints="all",
            jitter=0.5,
            pointpos=0,
            marker={"color": colour, "size": 5, "opacity": 0.25 if moment == INITIAL else 0.6},
            line={"color": colour, "width": 1 if moment == INITIAL else 2},
            fillcolor=theme.translucent(colour, 0.05 if moment == INITIAL else 0.15),
            name=f"{get_cell(str(architecture)).title}, {moment}",
            hovertemplate="unit %{customdata[0]}, seed %{customdata[1]}: %{x:.3g} steps<extra></extra>",
        )
    chart.add_vline(x=steps, line={"color": theme.AXIS, "dash": "dash", "width": 1.5})
    chart.add_annotation(
        x=np.log10(steps), y=1, yref="paper", text="sequence", showarrow=False, xanchor="left", yanchor="bottom"
    )
    chart.update_xaxes(type="log", title_text="Half-life (steps)", dtick=1, minor={"showgrid": False})
    chart.update_yaxes(autorange="reversed")
    return chart


def describe(frame: pd.DataFrame) -> str:
    """Say the medians in words: the text alternative."""
    medians = frame.groupby(["architecture", "moment"], sort=False)["half_life"].median().reset_index()
    told = [f"{get_cell(row['architecture']).title} {row['moment']} {row['half_life']:.3g}" for row in records(medians)]
    return "Memory half-life of units in steps, median: " + ", ".join(told) + "." if told else "No half-lives."
