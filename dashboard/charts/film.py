"""Gates during training: heatmaps of every snapshot, and mean gates above the loss curve with a cursor.

A frame is a list of changes, one per trace: `{"trace": place, "shape": [rows, columns], "packed": text}` for a heatmap,
whose values are hundredths as signed bytes in base64, or `{"trace": place, "values": {...}}`.
"""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import theme
from dashboard.charts.colour_bars import add_scales
from dashboard.charts.frames import dress, escape, figure, require, say_empty, with_alt
from dashboard.charts.gate_heatmaps import add_panel, in_rows, leave_empty, name_units, row_heads
from dashboard.charts.step_axis import StepAxis, apply_axis
from models.analysis.gate_frames import LEARNING_COLUMNS
from models.analysis.snapshot_traces import Film
from models.cells import get_cell

PANEL_HEIGHT, TOP, BOTTOM, GAP = 112, 96, 48, 30
FRESH = 0.5  # position of update 0 on a logarithmic axis
Frames = list[list[dict[str, Any]]]


def film_heatmaps(film: Film, axis: StepAxis | None = None, *, roles: Mapping[str, str] | None = None) -> go.Figure:
    """Draw the gates and candidates of the last snapshot; `film_frames` has all of them.

    Args:
        film: The snapshots of one architecture.
        axis: How steps are called.
        roles: Roles of all compared architectures, see `dashboard.charts.gate_heatmaps`.
    """
    title = get_cell(film.architecture).title
    rows = in_rows(film.frames[-1], roles)
    height = TOP + BOTTOM + PANEL_HEIGHT * len(rows) + GAP * (len(rows) - 1)
    chart = make_subplots(
        rows=len(rows),
        cols=1,
        shared_xaxes=True,
        subplot_titles=row_heads(rows, roles),
        vertical_spacing=GAP / max(height - TOP - BOTTOM, 1),
    )
    dress(chart, title, height=height)
    chart.update_layout(showlegend=False, margin={"t": TOP, "b": BOTTOM, "l": 52, "r": 8})
    name_units(chart, range(1, len(rows) + 1))
    for row, panel in enumerate(rows, start=1):
        if panel is not None:
            add_panel(chart, panel, row)
            chart.data[-1].y = film.units
            chart.update_yaxes(tickvals=[film.units[0], film.units[-1]], row=row, col=1)
    for row in (row for row, panel in enumerate(rows, start=1) if panel is None):
        leave_empty(chart, row)  # after the panels, whose places the frames count
    add_scales(chart, 1.0, height)
    chart.update_annotations(font_size=12, xanchor="left", x=0)
    chart.update_xaxes(showgrid=False)
    apply_axis(chart, axis or StepAxis(), film.frames[-1][0].values.shape[1], row=len(rows))
    return with_alt(chart, _in_words(film))


def film_frames(film: Film, *, roles: Mapping[str, str] | None = None) -> Frames:
    """Return the changes that turn `film_heatmaps` into each snapshot."""
    return [
        [
            {"trace": place, "shape": list(panel.values.shape), "packed": _packed(panel.values)}
            for place, panel in enumerate(one for one in in_rows(panels, roles) if one is not None)
        ]
        for panels in film.frames
    ]


def _packed(values: Any) -> str:
    hundredths = np.clip(np.round(np.nan_to_num(values) * 100), -100, 100).astype(np.int8)
    return base64.b64encode(hundredths.tobytes()).decode()


def learning_chart(gates: pd.DataFrame, losses: pd.DataFrame) -> go.Figure:
    """Draw mean gates over training above the validation loss; the last two traces are the cursor.

    Args:
        gates: `models.analysis.gate_frames.learning_frame`, columns `LEARNING_COLUMNS`.
        losses: Columns `architecture`, `update` and `loss`.
    """
    require(gates, LEARNING_COLUMNS)
    require(losses, ("architecture", "update", "loss"))
    title = "Mean gate values and validation loss"
    if gates.empty and losses.empty:
        return say_empty(figure(title, height=200), "No weights were kept during training.")
    chart = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.08)
    dress(chart, title, height=470)
    chart.update_layout(margin={"t": 100, "b": 48, "l": 60, "r": 8})
    for architecture, rows in gates.groupby("architecture", sort=False):
        _add_gates(chart, str(architecture), rows)
    for architecture, rows in losses.groupby("architecture", sort=False):
        chart.add_scatter(
            x=_places(rows["update"]),
            y=rows["loss"].tolist(),
            mode="lines",
            line={"color": theme.hue(str(architecture)), "width": 2},
            name=f"{get_cell(str(architecture)).title} loss",
            showlegend=False,
            hovertemplate="update %{x}: %{y:.4g}<extra>" + get_cell(str(architecture)).title + " loss</extra>",
            row=2,
            col=1,
        )
    _add_cursors(chart, losses)
    _update_axis(chart, max([1.0, *gates["update"], *losses["update"]]))
    return with_alt(chart, "Mean gate values over the updates of training, above the validation loss.")


def _add_gates(chart: go.Figure, architecture: str, gates: pd.DataFrame) -> None:
    for dash, (name, rows) in zip(theme.DASHES, gates.groupby("quantity", sort=False), strict=False):
        means = rows.groupby("update")["mean"].mean()
        label = f"{get_cell(architecture).title} {get_cell(architecture).gate(str(name)).title.lower()}"
        chart.add_scatter(
            x=_places(means.index.to_series()),
            y=means.round(4).tolist(),
            mode="lines+markers",
            marker={"size": 4},
            line={"color": theme.hue(architecture), "width": 2, "dash": dash},
            name=label,
            hovertemplate="%{y:.3f}<extra>" + escape(label) + "</extra>",
            row=1,
            col=1,
        )


def _places(updates: "pd.Series[Any]") -> list[float]:
    return [float(max(update, FRESH)) for update in updates]


def _add_cursors(chart: go.Figure, losses: pd.DataFrame) -> None:
    finite = losses["loss"][np.isfinite(losses["loss"]) & (losses["loss"] > 0)]
    heights = [[0.0, 1.0], [float(finite.min()), float(finite.max())] if len(finite) else [0.1, 1.0]]
    for row, height in enumerate(heights, start=1):
        chart.add_scatter(
            x=[FRESH, FRESH],
            y=height,
            mode="lines",
            line={"color": theme.TRUTH, "width": 3},
            hoverinfo="skip",
            showlegend=False,
            name="cursor",
            row=row,
            col=1,
        )


def _update_axis(chart: go.Figure, last: float) -> None:
    """Make both time axes logarithmic, with a position for update 0."""
    powers = [10**power for power in range(int(np.log10(last)) + 1)]
    chart.update_xaxes(
        type="log",
        range=[np.log10(FRESH * 0.9), np.log10(last * 1.05)],
        tickvals=[FRESH, *powers],
        ticktext=["0", *[f"{power:,}".replace(",", "\u202f") for power in powers]],
    )
    chart.update_xaxes(title_text="Updates", row=2, col=1)
    chart.update_yaxes(title_text="Mean gate", range=[-0.02, 1.02], row=1, col=1)
    chart.update_yaxes(title_text="Validation loss", type="log", row=2, col=1)


def cursor_frames(chart: go.Figure, updates: Any) -> Frames:
    """Return the changes that put both cursors of `learning_chart` at each snapshot's update."""
    last = len(chart.data) - 1
    places = [float(max(update, FRESH)) for update in updates]
    return [[{"trace": trace, "values": {"x": [place, place]}} for trace in (last - 1, last)] for place in places]


def _in_words(film: Film) -> str:
    parts = [
        f"{first.title} from {first.values.mean():.2f} to {last.values.mean():.2f}"
        for first, last in zip(film.frames[0], film.frames[-1], strict=True)
        if first.kind == "gate"
    ]
    return f"{get_cell(film.architecture).title}: gates at {len(film.frames)} moments of training. " + (
        "Mean " + ", ".join(parts) + "." if parts else ""
    )
