"""Colour bars in a line above a figure: the same places, the same labels, the same limits in every figure."""

from typing import Any

import plotly.graph_objects as go

from dashboard import theme

BARS, BELOW_TITLE = 46, 66  # pixels from the top of the figure to bars beside a short title, and below a long one
GATE_TICKS = {"tickvals": [0, 0.5, 1], "ticktext": ["0", "gate", "1"]}
_LENGTH, _PLACES = 0.27, (0.0, 0.345, 0.69)


def add_scales(chart: go.Figure, limit: float, height: int, *, memory: float | None = None) -> None:
    """Fix the colour scales: the same limits in every figure, so that colours can be compared.

    Args:
        chart: The figure.
        limit: Limit of the scale of candidates and states.
        height: Height of the figure in pixels.
        memory: Limit of a separate scale, `coloraxis3`, for states without bounds; None for none.
    """
    gates = bar(height, 0) | GATE_TICKS
    chart.update_layout(
        coloraxis={"colorscale": theme.GATE_SCALE, "cmin": 0, "cmax": 1, "colorbar": gates},
        coloraxis2=signed(limit, "state", bar(height, 1)),
    )
    if memory is not None:
        chart.update_layout(coloraxis3=signed(memory, "cell", bar(height, 2)))


def add_change_scale(chart: go.Figure, limit: float, name: str, height: int) -> None:
    """Add one scale for differences or effects, from orange below zero to purple above; its bar is the first."""
    below_title = bar(height, 0) | {"y": 1 - BELOW_TITLE / height}
    chart.update_layout(coloraxis=signed(limit, name, below_title, scale=theme.CHANGE_SCALE))


def add_gate_scale(chart: go.Figure, height: int) -> None:
    """Add the scale of gates alone; its bar is below the title."""
    place = bar(height, 0) | {"y": 1 - BELOW_TITLE / height, **GATE_TICKS}
    chart.update_layout(coloraxis={"colorscale": theme.GATE_SCALE, "cmin": 0, "cmax": 1, "colorbar": place})


def bar(height: int, place: int) -> dict[str, Any]:
    """Return a horizontal colour bar at one of three places above the panels."""
    return {
        "orientation": "h",
        "thickness": 8,
        "xref": "paper",
        "xanchor": "left",
        "xpad": 0,
        "outlinewidth": 0,
        "yref": "container",
        "y": 1 - BARS / height,
        "yanchor": "bottom",
        "ticklen": 2,
        "tickangle": 0,
        "tickfont": {"size": 10},
        "len": _LENGTH,
        "x": _PLACES[place],
    }


def signed(limit: float, name: str, bar: dict[str, Any], *, scale: Any = theme.STATE_SCALE) -> dict[str, Any]:
    """Return a colour axis centred at zero."""
    return {"colorscale": scale, "cmin": -limit, "cmax": limit, "colorbar": bar | ticks(limit, name)}


def ticks(limit: float, name: str) -> dict[str, Any]:
    """Return the labels of a signed scale's bar: its ends and, in the middle, what it is of."""
    return {
        "tickvals": [-limit, 0, limit],
        "ticktext": [f"\u2212{limit:.2g}", name, f"{limit:.2g}"],
    }
