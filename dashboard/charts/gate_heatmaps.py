"""Gates and states of one architecture over one sample: the input at the top, units by time below, on one time axis."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import theme
from dashboard.charts.frames import dress, escape, figure, say_empty, with_alt
from dashboard.charts.preview import InputKind, add_inputs
from models.analysis.traces import Panel

INPUT_HEIGHT = 90
PANEL_HEIGHT = 118
TOP, BOTTOM, GAP = 86, 48, 30
BARS = 46  # from the top of the figure to the colour bars


def gate_heatmaps(
    title: str, panels: Sequence[Panel], inputs: pd.DataFrame, *, picture: InputKind = "series", limit: float = 1.0
) -> go.Figure:
    """Draw every gate (red 0, blue 1) and every candidate and state (brown below, teal above zero).

    Args:
        title: Title of the figure: the architecture.
        panels: Panels of one architecture from `models.analysis.traces.trace_panels`.
        inputs: The sample, a frame of `models.analysis.samples.sample_frame`.
        picture: How the input is drawn.
        limit: Limit of the scale of states without bounds, such as the cell state, the same for every architecture
            that is compared; candidates and hidden states lie between -1 and 1.
    """
    if not panels:
        return say_empty(figure(title, height=200), "There is no trace.")
    heads = ("Input", *(escape(panel.title) for panel in panels))
    memory = any(is_memory(panel) for panel in panels)
    chart = go.Figure(_skeleton(title, heads, panels[0].values.shape[1], memory))
    add_inputs(chart, inputs, picture=picture, row=1)
    for row, panel in enumerate(panels, start=2):
        add_panel(chart, panel, row, axis="coloraxis3" if is_memory(panel) else None)
    if memory:
        chart.layout.coloraxis3.update(cmin=-limit, cmax=limit)
        chart.layout.coloraxis3.colorbar.update(**_ticks(limit, "cell"))
    return with_alt(chart, _in_words(title, panels))


@lru_cache(maxsize=64)
def _skeleton(title: str, heads: tuple[str, ...], steps: int, memory: bool) -> go.Figure:
    """Return the parts that do not depend on the network, which take most of the time. Callers copy them."""
    rows = [INPUT_HEIGHT, *[PANEL_HEIGHT] * (len(heads) - 1)]
    height = TOP + BOTTOM + sum(rows) + GAP * (len(rows) - 1)
    chart = make_subplots(
        rows=len(rows),
        cols=1,
        shared_xaxes=True,
        row_heights=rows,
        vertical_spacing=GAP / (height - TOP - BOTTOM),
        subplot_titles=heads,
    )
    dress(chart, title, height=height)
    chart.update_layout(showlegend=False, margin={"t": TOP, "b": BOTTOM, "l": 52, "r": 8})
    add_scales(chart, 1.0, height, memory=1.0 if memory else None)
    name_units(chart, range(2, len(rows) + 1))
    chart.update_annotations(font_size=12, xanchor="left", x=0)
    chart.update_xaxes(showgrid=False, range=[0.5, steps + 0.5])
    chart.update_xaxes(title_text="Step", showticklabels=True, row=len(rows), col=1)
    return chart


def add_panel(
    chart: go.Figure, panel: Panel, row: int, *, units: Sequence[int] | None = None, axis: str | None = None
) -> None:
    """Add one panel to a figure with both colour scales; see `add_scales`.

    Args:
        chart: A figure with subplots.
        panel: The panel.
        row: Row of the subplot.
        units: Unit numbers in the order in which rows are drawn, top first; None draws number 1 at the bottom.
        axis: Colour axis; None chooses that of gates or of states by the panel's kind.
    """
    count, steps = panel.values.shape
    chosen = slice(None) if units is None else np.asarray(units) - 1
    chart.add_heatmap(
        z=np.round(panel.values[chosen].astype(np.float32), 4),
        x=np.arange(1, steps + 1),
        y=np.arange(1, count + 1) if units is None else [str(unit) for unit in units],
        coloraxis=axis or ("coloraxis" if panel.kind == "gate" else "coloraxis2"),
        name=panel.title,
        hovertemplate="unit %{y}, step %{x}: %{z:.3f}<extra>" + escape(panel.title) + "</extra>",
        row=row,
        col=1,
    )
    if units is not None:
        chart.update_yaxes(type="category", autorange="reversed", row=row, col=1)


def name_units(chart: go.Figure, rows: range) -> None:
    """Label the vertical axes of the subplots for panels."""
    for row in rows:
        chart.update_yaxes(title_text="Unit", showgrid=False, nticks=4, row=row, col=1)


def add_scales(chart: go.Figure, limit: float, height: int, *, memory: float | None = None) -> None:
    """Fix the colour scales: the same limits in every figure, so that colours can be compared.

    Args:
        chart: The figure.
        limit: Limit of the scale of candidates and states.
        height: Height of the figure in pixels.
        memory: Limit of a separate scale, `coloraxis3`, for states without bounds; None for none.
    """
    bar = {"orientation": "h", "thickness": 8, "xref": "paper", "xanchor": "left", "xpad": 0, "outlinewidth": 0}
    bar |= {
        "yref": "container",
        "y": 1 - BARS / height,
        "yanchor": "bottom",
        "ticklen": 2,
        "tickangle": 0,
        "tickfont": {"size": 10},
    }
    bar |= {"len": 0.44 if memory is None else 0.27}
    closed = {"tickvals": [0.03, 0.5, 0.97], "ticktext": ["0 closed", "gates", "1 open"]}
    if memory is not None:
        closed = {"tickvals": [0.02, 0.5, 0.98], "ticktext": ["0", "gates", "1"]}
        chart.update_layout(coloraxis3=_signed(memory, "cell", bar | {"x": 0.69}))
    chart.update_layout(
        coloraxis={"colorscale": theme.GATE_SCALE, "cmin": 0, "cmax": 1, "colorbar": {**bar, **closed, "x": 0}},
        coloraxis2=_signed(limit, "states", bar | {"x": 0.54 if memory is None else 0.345}),
    )


def _signed(limit: float, name: str, bar: dict[str, Any]) -> dict[str, Any]:
    return {"colorscale": theme.STATE_SCALE, "cmin": -limit, "cmax": limit, "colorbar": bar | _ticks(limit, name)}


def _ticks(limit: float, name: str) -> dict[str, Any]:
    return {"tickvals": [-limit, 0, limit], "ticktext": [f"−{limit:.2g}", name, f"+{limit:.2g}"]}


def is_memory(panel: Panel) -> bool:
    """Return whether a panel is an internal state without bounds, such as the cell state."""
    return panel.kind == "state" and panel.name != "hidden"


def state_limit(groups: Sequence[Sequence[Panel]]) -> float:
    """Return the common limit of the states without bounds of several architectures, at least 1."""
    panels = [panel for group in groups for panel in group if is_memory(panel) and panel.values.size]
    return max([1.0, *[float(np.abs(panel.values).max()) for panel in panels]])


def _in_words(title: str, panels: Sequence[Panel]) -> str:
    parts = [f"{panel.title} {panel.values.mean():.2f}" for panel in panels if panel.kind == "gate"]
    return f"{title}: heatmaps of units by step. " + (
        "Mean over units and steps: " + ", ".join(parts) + "." if parts else ""
    )
