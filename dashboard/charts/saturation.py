"""Saturation: how often each unit's gate is fully open and fully closed (Karpathy, Johnson and Li 2015)."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import theme
from dashboard.charts.frames import dress, escape, figure, records, require, say_empty, with_alt
from models.analysis.gate_frames import HALF_LIFE_COLUMNS, SATURATION_COLUMNS
from models.cells import get_cell

TITLE = "Share of steps in saturation"
SIDE = 250
HALF_LIFE_TITLE = "Memory half-life of units"
LONGEST = 1e5  # steps; longer half-lives are drawn here
INITIAL = "initial"


def saturation(frame: pd.DataFrame, *, title: str = TITLE) -> go.Figure:
    """Draw one panel per gate, a dot per unit and seed: share of steps below 0.1 across, above 0.9 upwards.

    Args:
        frame: Rows of one architecture of `models.analysis.gate_frames.saturation_frame`, columns `SATURATION_COLUMNS`.
        title: Title of the figure.
    """
    require(frame, SATURATION_COLUMNS)
    names = list(dict.fromkeys(frame["quantity"]))
    if not names:
        return say_empty(figure(title, height=200), "This architecture has no gate.")
    heads = [escape(str(frame.loc[frame["quantity"] == name, "title"].iloc[0])) for name in names]
    chart = make_subplots(
        rows=1,
        cols=len(names),
        shared_yaxes=True,
        subplot_titles=heads,
        horizontal_spacing=0.05 if len(names) > 2 else 0.08,
    )
    dress(chart, title, height=SIDE + 100)
    chart.update_layout(showlegend=False, margin={"t": 76, "b": 48, "l": 52, "r": 8})
    for column, name in enumerate(names, start=1):
        rows = frame[frame["quantity"] == name]
        _add_units(chart, rows, column)
    chart.update_annotations(font_size=12)
    chart.update_xaxes(range=[-0.04, 1.04], title_text="Shut (< 0.1)", tickvals=[0, 0.5, 1])
    chart.update_yaxes(range=[-0.04, 1.04], tickvals=[0, 0.25, 0.5, 0.75, 1])
    chart.update_yaxes(title_text="Open (> 0.9)", col=1)
    return with_alt(chart, _in_words(frame))


def _add_units(chart: go.Figure, rows: pd.DataFrame, column: int) -> None:
    """Add dots, and the line at which both shares sum to one, the maximum."""
    chart.add_scatter(
        x=[0, 1],
        y=[1, 0],
        mode="lines",
        line={"color": theme.AXIS, "width": 1, "dash": "dot"},
        hoverinfo="skip",
        row=1,
        col=column,
    )
    chart.add_scatter(
        x=rows["closed"].round(4).tolist(),
        y=rows["opened"].round(4).tolist(),
        customdata=rows[["unit", "seed", "mean"]].to_numpy().tolist(),
        mode="markers",
        marker={"color": theme.hue(str(rows["architecture"].iloc[0])), "size": 7, "opacity": 0.55},
        hovertemplate=(
            "unit %{customdata[0]:.0f}, seed %{customdata[1]:.0f}<br>below 0.1: %{x:.0%}<br>above 0.9: %{y:.0%}"
            "<br>mean %{customdata[2]:.2f}<extra></extra>"
        ),
        row=1,
        col=column,
    )


def _in_words(frame: pd.DataFrame) -> str:
    means = frame.groupby(["architecture", "title"], sort=False)[["opened", "closed"]].mean().reset_index()
    parts = [
        f"{get_cell(row['architecture']).title} {row['title'].lower()}: above 0.9 in {row['opened']:.0%}, "
        f"below 0.1 in {row['closed']:.0%}"
        for row in records(means)
    ]
    return "Share of steps in saturation, averaged over units and seeds. " + "; ".join(parts) + "."


def half_life_boxes(frame: pd.DataFrame, *, steps: int) -> go.Figure:
    """Draw the half-lives of all units of every architecture and moment: a dot per unit and seed, a box over them.

    Args:
        frame: `models.analysis.gate_frames.half_life_frame`, columns `HALF_LIFE_COLUMNS`.
        steps: Length of the sequences, drawn as a line.
    """
    require(frame, HALF_LIFE_COLUMNS)
    groups = list(frame.groupby(["architecture", "moment"], sort=False))
    if not groups:
        return say_empty(
            figure(HALF_LIFE_TITLE, height=200), "No architecture here has a gate that decides what is kept."
        )
    chart = figure(HALF_LIFE_TITLE, height=130 + 90 * len(groups))
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
    return with_alt(chart, _half_lives_in_words(frame))


def _half_lives_in_words(frame: pd.DataFrame) -> str:
    medians = frame.groupby(["architecture", "moment"], sort=False)["half_life"].median().reset_index()
    parts = [
        f"{get_cell(row['architecture']).title} {row['moment']} {row['half_life']:.3g}" for row in records(medians)
    ]
    return "Memory half-life of units in steps, median: " + ", ".join(parts) + "." if parts else "No half-lives."
