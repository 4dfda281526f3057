"""How much each step of the input moves a network's last output."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import theme
from dashboard.charts.colour_bars import add_change_scale
from dashboard.charts.frames import dress, escape, figure, records, require, with_alt
from dashboard.charts.step_axis import StepAxis, apply_axis
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


def attribution_heatmap(frame: pd.DataFrame, *, title: str, limit: float, axis: StepAxis | None = None) -> go.Figure:
    """Draw how much each value of one sample's input moves the output.

    Args:
        frame: Columns `ATTRIBUTION_COLUMNS`; steps count from 1.
        title: Name of the network and of the method.
        limit: Largest absolute value of the scale, shared by all networks.
        axis: How steps are called.
    """
    require(frame, ATTRIBUTION_COLUMNS)
    table = frame.pivot_table(index="column", columns="step", values="value", sort=False)
    height = 190 + 22 * min(len(table), 12)
    chart = dress(make_subplots(rows=1, cols=1), title, height=height)
    chart.update_layout(title_y=1 - 8 / height, margin={"t": 86, "b": 8, "l": 8, "r": 8})
    add_change_scale(chart, limit, "effect", height)
    chart.add_heatmap(
        z=table.to_numpy(),
        x=table.columns.to_numpy(),
        y=[escape(str(name)) for name in table.index],
        coloraxis="coloraxis",
        hovertemplate="step %{x}, %{y}: %{z:.3g}<extra></extra>",
    )
    chart.update_yaxes(autorange="reversed", showgrid=False)
    chart.update_xaxes(showgrid=False)
    apply_axis(chart, axis or StepAxis(), len(table.columns), row=1)
    top = max(records(frame), key=lambda row: abs(row["value"])) if len(frame) else None
    told = f"Largest at step {top['step']}, {top['column']}." if top else ""
    return with_alt(chart, f"{title}. {told}")
