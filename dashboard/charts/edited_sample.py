"""Answers to a sample and to its edited version, and how far gates and states moved."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import theme
from dashboard.charts.frames import dress, figure, require, with_alt
from models.analysis.edited_sample import ANSWER_COLUMNS, EDITED, ORIGINAL
from models.analysis.traces import Panel
from models.cells import get_cell

ROW_HEIGHT = 110


def answers_chart(frame: pd.DataFrame, *, unit: str = "") -> go.Figure:
    """Draw the answer after every step: dashed for the original, solid for the edited sample.

    Args:
        frame: Columns `ANSWER_COLUMNS` of all architectures; the first output is drawn.
        unit: Unit of the answers.
    """
    require(frame, ANSWER_COLUMNS)
    chart = figure("Answers: original and edited", height=340)
    told = []
    for (name, which), rows in frame.groupby(["architecture", "which"], sort=False):
        first = rows[rows["output"] == rows["output"].iloc[0]]
        title = f"{get_cell(str(name)).title}, {which}"
        chart.add_scatter(
            x=first["step"],
            y=first["value"],
            name=title,
            mode="lines+markers",
            line={"color": theme.hue(str(name)), "dash": "dash" if which == ORIGINAL else "solid"},
            marker=theme.marks(str(name)),
            customdata=first["told"],
            hovertemplate="step %{x}: %{y:.4g} %{customdata}<extra>" + title + "</extra>",
        )
        told.append(f"{title} {float(first['value'].iloc[-1]):.3g}")
    chart.update_xaxes(title_text="Step")
    chart.update_yaxes(title_text=str(frame["output"].iloc[0]) + (f" ({unit})" if unit else ""))
    return with_alt(chart, f"Answers at the end: {'; '.join(told)}.")


def difference_heatmaps(panels: Sequence[Panel], *, title: str) -> go.Figure:
    """Draw edited minus original of every gate and state, on one scale centred at zero."""
    names = [panel.title for panel in panels]
    chart = make_subplots(rows=len(panels), cols=1, shared_xaxes=True, subplot_titles=names, vertical_spacing=0.04)
    limit = max([float(abs(panel.values).max()) for panel in panels if panel.values.size] + [1e-6])
    for row, panel in enumerate(panels, start=1):
        chart.add_heatmap(
            z=panel.values,
            x=list(range(1, panel.values.shape[1] + 1)),
            y=list(range(1, panel.values.shape[0] + 1)),
            zmin=-limit,
            zmax=limit,
            colorscale="PuOr",
            showscale=row == 1,
            colorbar={"title": {"text": "change"}, "thickness": 12, "len": 0.5},
            hovertemplate="step %{x}, unit %{y}: %{z:.3g}<extra>" + panel.title + "</extra>",
            row=row,
            col=1,
        )
    dress(chart, title, height=100 + ROW_HEIGHT * len(panels))
    chart.update_xaxes(title_text="Step", row=len(panels), col=1)
    moved = max(panels, key=lambda panel: float(abs(panel.values).mean()) if panel.values.size else 0.0)
    return with_alt(chart, f"{title}: {EDITED} minus {ORIGINAL}. {moved.title} moved most; largest change {limit:.3g}.")
