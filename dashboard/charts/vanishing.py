"""How far back a gradient reaches: norm against distance, log scale, one hue per architecture."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import figure, require, say_empty
from models.cells import get_cell

FLOW_COLUMNS = ("architecture", "title", "seed", "distance", "norm")
TITLE = "Gradient norm against distance"


def flow_frame(flows: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return long-form norms relative to each replica's largest, columns `FLOW_COLUMNS`.

    Args:
        flows: Architecture to what `models.training.gradient_flow` returns; `hidden` is `(R, T)`.
    """
    rows = []
    for name, flow in flows.items():
        for seed, norms in enumerate(flow["hidden"]):
            largest = max(float(norms.max()), 1e-300)
            steps = len(norms)
            rows += [
                (name, get_cell(name).title, seed, steps - 1 - step, norms[step] / largest) for step in range(steps)
            ]
    return pd.DataFrame(rows, columns=list(FLOW_COLUMNS))


def vanishing_gradient(frame: pd.DataFrame) -> go.Figure:
    """Draw the geometric mean over seeds of each architecture, and a line at 1 %: the horizon.

    Args:
        frame: Columns `FLOW_COLUMNS`.
    """
    require(frame, FLOW_COLUMNS)
    chart = figure(TITLE, height=380)
    if frame.empty:
        return say_empty(chart, "The curves appear when the networks have been measured.")
    for (name, title), own in frame.groupby(["architecture", "title"], sort=False):
        logs = own.assign(log=np.log10(own["norm"].clip(lower=1e-30))).groupby("distance")["log"].mean()
        chart.add_scatter(
            x=logs.index.to_numpy(),
            y=10 ** logs.to_numpy(),
            name=str(title),
            mode="lines+markers",
            line={"color": theme.hue(str(name)), "width": 3},
            marker=theme.marks(str(name)),
        )
    chart.add_hline(y=0.01, line={"color": theme.AXIS, "dash": "dot"}, annotation_text="1 %: the horizon")
    chart.update_xaxes(title_text="Steps back from the end")
    chart.update_yaxes(title_text="Share of the largest norm", type="log", tickformat=".0e", exponentformat="power")
    return chart.update_layout(hovermode="x unified", margin_t=84)
