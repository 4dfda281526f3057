"""Answers to a sample and to its edited version, and how far gates and states moved."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import theme
from dashboard.charts.colour_bars import add_change_scale
from dashboard.charts.frames import dress, escape, require, with_alt
from dashboard.charts.gate_heatmaps import BOTTOM, GAP, TOP, add_panel, in_rows, leave_empty, name_units, row_heads
from dashboard.charts.step_axis import StepAxis, apply_axis
from models.analysis.edited_sample import ANSWER_COLUMNS, EDITED, ORIGINAL
from models.analysis.traces import Panel
from models.cells import get_cell

PANEL_HEIGHT = 96


def answers_chart(frame: pd.DataFrame, *, unit: str = "", axis: StepAxis | None = None) -> go.Figure:
    """Draw the answer after every step: dashed for the original, solid for the edited sample.

    Args:
        frame: Columns `ANSWER_COLUMNS` of all architectures; the first output is drawn.
        unit: Unit of the answers.
        axis: How steps are called.
    """
    require(frame, ANSWER_COLUMNS)
    chart = dress(make_subplots(rows=1, cols=1), "Answers: original and edited", height=340)
    chart.update_layout(margin={"t": 88, "b": 8})
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
    apply_axis(chart, axis or StepAxis(), int(frame["step"].max()), row=1)
    output = str(frame["output"].iloc[0])
    chart.update_yaxes(title_text=escape(output if unit in ("", output) else f"{output} ({unit})"))
    return with_alt(chart, f"Answers at the end: {'; '.join(told)}.")


def difference_heatmaps(
    panels: Sequence[Panel],
    *,
    title: str,
    limit: float,
    roles: Mapping[str, str] | None = None,
    axis: StepAxis | None = None,
) -> go.Figure:
    """Draw edited minus original of every gate and state, on one scale centred at zero.

    Args:
        panels: The differences of one architecture.
        title: Title of the figure.
        limit: Largest absolute value of the scale, shared by all networks.
        roles: Roles of all compared architectures, see `dashboard.charts.gate_heatmaps`.
        axis: How steps are called.
    """
    rows = in_rows(panels, roles)
    height = TOP + BOTTOM + PANEL_HEIGHT * len(rows) + GAP * (len(rows) - 1)
    chart = make_subplots(
        rows=len(rows),
        cols=1,
        shared_xaxes=True,
        subplot_titles=row_heads(rows, roles),
        vertical_spacing=GAP / max(height - TOP - BOTTOM, 1),
    )
    dress(chart, title, height=height)
    chart.update_layout(title_y=1 - 8 / height, margin={"t": TOP, "b": BOTTOM, "l": 52, "r": 8})
    name_units(chart, range(1, len(rows) + 1))
    for row, panel in enumerate(rows, start=1):
        if panel is None:
            leave_empty(chart, row)
        else:
            add_panel(chart, panel, row, axis="coloraxis")
    add_change_scale(chart, limit, "change", height)
    chart.update_annotations(font_size=12, xanchor="left", x=0)
    chart.update_xaxes(showgrid=False)
    apply_axis(chart, axis or StepAxis(), panels[0].values.shape[1], row=len(rows))
    moved = max(panels, key=lambda panel: float(abs(panel.values).mean()) if panel.values.size else 0.0)
    largest = largest_change([panels])
    return with_alt(
        chart, f"{title}: {EDITED} minus {ORIGINAL}. {moved.title} moved most; largest change {largest:.3g}."
    )


def largest_change(groups: Iterable[Sequence[Panel]]) -> float:
    """Return the largest absolute value of all panels."""
    return max([float(abs(one.values).max()) for panels in groups for one in panels if one.values.size] + [1e-6])
