"""How much each step of the input moves a network's last output."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import figure, records, require, with_alt
from models.cells import get_cell

HORIZON_COLUMNS = ("architecture", "step", "norm")


def horizon_chart(frame: pd.DataFrame, horizons: Mapping[str, float]) -> go.Figure:
    """Draw the norm of the last output's gradient with respect to each step's input, on a logarithmic scale.

    Args:
        frame: Columns `HORIZON_COLUMNS`; steps count from 1.
        horizons: Architecture to the steps back that its gradient reaches.
    """
    require(frame, HORIZON_COLUMNS)
    chart = figure("How far back does the last output reach?")
    for name, rows in frame.groupby("architecture", sort=False):
        title = get_cell(str(name)).title
        chart.add_scatter(
            x=rows["step"],
            y=np.maximum(rows["norm"], 1e-12),
            name=f"{title}: {horizons[str(name)]:.0f} steps back",
            mode="lines+markers",
            line={"color": theme.hue(str(name))},
            marker=theme.marks(str(name)),
            hovertemplate="step %{x}: %{y:.3g}<extra>" + title + "</extra>",
        )
    chart.update_xaxes(title_text="Step of the input")
    chart.update_yaxes(title_text="Norm of the gradient", type="log", exponentformat="power")
    told = ", ".join(f"{get_cell(name).title} {steps:.0f} steps" for name, steps in horizons.items())
    return with_alt(chart, f"Gradient of the last output with respect to each input step reaches back: {told}.")


ATTRIBUTION_COLUMNS = ("column", "step", "value")


def attribution_heatmap(frame: pd.DataFrame, *, title: str, limit: float) -> go.Figure:
    """Draw how much each value of one sample's input moves the output.

    Args:
        frame: Columns `ATTRIBUTION_COLUMNS`; steps count from 1.
        title: Name of the network and of the method.
        limit: Largest absolute value of the scale, shared by all networks.
    """
    require(frame, ATTRIBUTION_COLUMNS)
    table = frame.pivot_table(index="column", columns="step", values="value", sort=False)
    chart = figure(title, height=160 + 22 * min(len(table), 12))
    chart.add_heatmap(
        z=table.to_numpy(),
        x=table.columns.to_numpy(),
        y=[str(name) for name in table.index],
        zmin=-limit,
        zmax=limit,
        colorscale="RdBu_r",
        colorbar={"title": {"text": "effect"}, "thickness": 12},
        hovertemplate="step %{x}, %{y}: %{z:.3g}<extra></extra>",
    )
    chart.update_xaxes(title_text="Step")
    top = max(records(frame), key=lambda row: abs(row["value"])) if len(frame) else None
    told = f"Largest at step {top['step']}, {top['column']}." if top else ""
    return with_alt(chart, f"{title}. {told}")
