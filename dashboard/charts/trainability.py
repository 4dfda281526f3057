"""The trainability map of one architecture: final loss over two settings, diverged cells marked."""

import math
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import escape, figure, require, say_empty, with_alt
from models.analysis.comparison_columns import Column
from models.analysis.sweeps import MAP_COLUMNS

SCALE = "Cividis_r"
Limits = tuple[float, float]


def trainability(
    frame: pd.DataFrame, axes: tuple[Column, Column], *, title: str, limits: Limits | None, revision: str = ""
) -> go.Figure:
    """Draw the median final validation loss as colour, on a log scale.

    Args:
        frame: The rows of one architecture of `models.analysis.sweeps.map_frame`, with the columns `MAP_COLUMNS`.
        axes: Descriptions of x and y.
        title: Name of the architecture.
        limits: Smallest and largest loss of all panels, so that they share one scale; None without any loss.
        revision: As long as it stays the same, a redraw keeps the visitor's zoom.
    """
    require(frame, MAP_COLUMNS)
    chart = figure(escape(title), height=360)
    chart.update_layout(uirevision=revision, margin={"t": 44, "r": 0})
    chart.update_xaxes(title_text=axes[0].heading, type="category")
    chart.update_yaxes(title_text=axes[1].heading, type="category")
    if limits is None:
        return say_empty(chart, "Cells appear as soon as a run is done.")
    losses = frame.pivot(index="y", columns="x", values="loss").sort_index().sort_index(axis=1)
    x, y = [f"{value:g}" for value in losses.columns], [f"{value:g}" for value in losses.index]
    low, high = (math.log10(limit) for limit in limits)
    chart.add_heatmap(
        x=x,
        y=y,
        z=np.log10(losses.to_numpy(dtype=np.float64)).tolist(),
        customdata=losses.to_numpy().tolist(),
        zmin=low,
        zmax=max(high, low + 1e-6),
        colorscale=SCALE,
        xgap=2,
        ygap=2,
        hoverongaps=False,
        hovertemplate=f"{axes[0].title} %{{x}}, {axes[1].title.lower()} %{{y}}: loss %{{customdata:.3g}}<extra></extra>",
        colorbar=_colour_bar(low, high),
    )
    _mark_diverged(chart, frame)
    return with_alt(chart, f"{title}: {_in_words(frame, axes)}")


def _colour_bar(low: float, high: float) -> dict[str, Any]:
    """Return a scale of losses between two powers of ten."""
    places = np.linspace(low, high, 4) if high > low else np.array([low])
    return {
        "title": {"text": "Loss", "side": "top", "font": {"size": theme.SMALL + 1}},
        "tickfont": {"size": theme.SMALL},
        "thickness": 12,
        "tickvals": places.tolist(),
        "ticktext": [f"{10**place:.2g}" for place in places],
    }


def _mark_diverged(chart: go.Figure, frame: pd.DataFrame) -> None:
    lost = frame[frame["diverged"] > 0]
    if lost.empty:
        return
    chart.add_scatter(
        x=[f"{value:g}" for value in lost["x"]],
        y=[f"{value:g}" for value in lost["y"]],
        mode="markers",
        name="diverged",
        showlegend=False,
        marker={
            "symbol": "x",
            "size": [8 + 8 * share for share in lost["diverged"]],
            "color": theme.DIVERGED,
            "line": {"color": theme.ON_DARK, "width": 1},
        },
        customdata=lost["diverged"].tolist(),
        hovertemplate="%{customdata:.0%} of the repeats diverged<extra></extra>",
    )


def loss_limits(frame: pd.DataFrame) -> Limits | None:
    """Return the smallest and the largest loss of all architectures, or None."""
    require(frame, MAP_COLUMNS)
    losses = frame["loss"].to_numpy(dtype=np.float64)
    positive = losses[np.isfinite(losses) & (losses > 0)]
    return (float(positive.min()), float(positive.max())) if len(positive) else None


def _in_words(frame: pd.DataFrame, axes: tuple[Column, Column]) -> str:
    done = frame.dropna(subset=["loss"])
    if done.empty:
        return "Final loss over two settings; no run is done yet."
    best = done.sort_values("loss").iloc[0]
    caption = f"Lowest median final loss {best['loss']:.3g} at {axes[0].title.lower()} {best['x']:g}, "
    lost = int((frame["diverged"] > 0).sum())
    return f"{caption}{axes[1].title.lower()} {best['y']:g}; {lost} of {len(frame)} cells have seeds that diverged."
