"""Gates and states of one architecture over one sample: the input at the top, units by time below, on one time axis."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.charts.colour_bars import add_scales, ticks
from dashboard.charts.frames import dress, escape, figure, say_empty, with_alt
from dashboard.charts.preview import InputKind, add_inputs
from dashboard.charts.step_axis import StepAxis, apply_axis, name_steps
from models.analysis.roles import aligned
from models.analysis.traces import Panel

INPUT_HEIGHT = 90
PANEL_HEIGHT = 118
TOP, BOTTOM, GAP = 86, 48, 30


def gate_heatmaps(
    title: str,
    panels: Sequence[Panel],
    inputs: pd.DataFrame,
    *,
    picture: InputKind = "series",
    limit: float = 1.0,
    roles: Mapping[str, str] | None = None,
    axis: StepAxis | None = None,
) -> go.Figure:
    """Draw every gate (red 0, blue 1) and every candidate and state (brown below, teal above zero), unit 1 on top.

    Args:
        title: Title of the figure: the architecture.
        panels: Panels of one architecture from `models.analysis.traces.trace_panels`.
        inputs: The sample, a frame of `models.analysis.samples.sample_frame`.
        picture: How the input is drawn.
        limit: Limit of the scale of states without bounds, such as the cell state, the same for every architecture
            that is compared; candidates and hidden states lie between -1 and 1.
        roles: Roles of all compared architectures from `models.analysis.roles.shared_roles`, so that rows stand side by
            side; None for the panels as they are.
        axis: How steps are called, and in what the input is measured.
    """
    if not panels:
        return say_empty(figure(title, height=200), "There is no trace.")
    named, rows = axis or StepAxis(), in_rows(panels, roles)
    heads = (named.input_head, *row_heads(rows, roles))
    memory = any(is_memory(panel) for panel in panels)
    steps = panels[0].values.shape[1]
    chart = go.Figure(_skeleton(title, heads, steps, memory))
    add_inputs(chart, inputs, picture=picture, row=1)
    add_rows(chart, rows)
    if memory:
        chart.layout.coloraxis3.update(cmin=-limit, cmax=limit)
        chart.layout.coloraxis3.colorbar.update(**ticks(limit, "cell"))
    apply_axis(chart, named, steps, row=len(heads))
    name_steps(chart, named)
    return with_alt(chart, _in_words(title, panels))


def in_rows(panels: Sequence[Panel], roles: Mapping[str, str] | None) -> tuple[Panel | None, ...]:
    """Return panels by role, None where this architecture has nothing; as they are without roles."""
    return tuple(panels) if roles is None else aligned(panels, roles)


def row_heads(rows: Sequence[Panel | None], roles: Mapping[str, str] | None) -> tuple[str, ...]:
    """Return the title of each row; an empty one says what is not there."""
    names = list(roles.values()) if roles else [""] * len(rows)
    return tuple(
        f"No {escape(name)}" if panel is None else escape(panel.title) for panel, name in zip(rows, names, strict=True)
    )


def add_rows(chart: go.Figure, rows: Sequence[Panel | None], *, units: Sequence[int] | None = None) -> None:
    """Add panels below the input; a place without one stays empty."""
    for row, panel in enumerate(rows, start=2):
        if panel is None:
            leave_empty(chart, row)
        else:
            add_panel(chart, panel, row, units=units, axis="coloraxis3" if is_memory(panel) else None)


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


def leave_empty(chart: go.Figure, row: int) -> None:
    """Leave a subplot's place empty; without any trace Plotly would leave out its time axis, too."""
    chart.add_scatter(x=[1], y=[None], showlegend=False, hoverinfo="skip", name="none", row=row, col=1)
    chart.update_yaxes(visible=False, row=row, col=1)


def add_panel(
    chart: go.Figure, panel: Panel, row: int, *, units: Sequence[int] | None = None, axis: str | None = None
) -> None:
    """Add one panel to a figure with both colour scales; see `add_scales`.

    Args:
        chart: A figure with subplots.
        panel: The panel.
        row: Row of the subplot.
        units: Unit numbers in the order in which rows are drawn, top first; None draws them by number.
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
    if units is None:
        chart.update_yaxes(tickvals=sorted({1, (count + 1) // 2, count}), row=row, col=1)
    chart.update_yaxes(type="linear" if units is None else "category", autorange="reversed", row=row, col=1)


def name_units(chart: go.Figure, rows: range) -> None:
    """Label the vertical axes of the subplots for panels."""
    for row in rows:
        chart.update_yaxes(title_text="Unit", showgrid=False, nticks=4, row=row, col=1)


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
