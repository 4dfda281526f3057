"""One unit over one sample: its gates, and its candidate and states."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import theme
from dashboard.charts.frames import dress, escape, figure, say_empty
from models.analysis.traces import Panel

TOP, BOTTOM = 52, 116
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def unit_trace(panels: Sequence[Panel], unit: int, *, title: str) -> go.Figure:
    """Draw one unit's gates above and its candidate and states below.

    Args:
        panels: Panels of one architecture from `models.analysis.traces`.
        unit: Its number, from 1.
        title: Title of the figure.
    """
    if not panels:
        return say_empty(figure(title, height=200), "There is no trace.")
    gates = [panel for panel in panels if panel.kind == "gate"]
    others = [panel for panel in panels if panel.kind != "gate"]
    groups = [group for group in (gates, others) if group]
    chart = make_subplots(rows=len(groups), cols=1, shared_xaxes=True, vertical_spacing=0.1)
    dress(chart, title, height=TOP + BOTTOM + 150 * len(groups))
    legend = {"yref": "container", "y": 0, "yanchor": "bottom"}  # below, where it may take as many rows as it needs
    chart.update_layout(margin={"t": TOP, "b": BOTTOM, "l": 52, "r": 8}, hovermode="x unified", legend=legend)
    styles = dict(
        zip([panel.name for panel in (*gates, *others)], zip(theme.QUANTITIES, DASHES, strict=True), strict=False)
    )
    for row, group in enumerate(groups, start=1):
        for panel in group:
            colour, dash = styles[panel.name]
            chart.add_scatter(
                x=np.arange(1, panel.values.shape[1] + 1).tolist(),
                y=panel.values[unit - 1].astype(float).round(5).tolist(),
                mode="lines",
                line={"color": colour, "width": 2, "dash": dash},
                name=escape(panel.title),
                row=row,
                col=1,
            )
        kind = "Gate" if group is gates else "State"
        chart.update_yaxes(title_text=kind, range=[-0.05, 1.05] if group is gates else None, row=row, col=1)
    chart.update_xaxes(title_text="Step", row=len(groups), col=1)
    return chart


def describe(panels: Sequence[Panel], unit: int, title: str) -> str:
    """Say the means of a unit in words: the text alternative."""
    told = [f"{panel.title} {panel.values[unit - 1].mean():.2f}" for panel in panels]
    return f"{title}: gates and states over time. Means: " + ", ".join(told) + "."
