"""Labels at the ends of lines instead of a legend, moved apart where they overlap."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from textwrap import wrap
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard import theme

MAX_NAMED = 8  # lines with labels; more labels are harder to read than a legend
LETTERS, MAX_ROWS = 12, 2  # letters per row and rows of a label
ROW, LETTER, GLYPH = 16, 6.6, 16  # height of a row, width of a letter and of a marker, in pixels
LARGE = 14  # font size of the marker, in pixels
TOP = 44  # pixels above a plot without a legend
BELOW = 46  # pixels for the ticks and the title of the axis
PADDING = 0.055  # share of the values' range that Plotly adds on both sides
OUTSIDE = 0.85  # share of the width; lines that end farther to the right have their labels beside the plot
NEAR = 0.3  # share of the width; labels farther apart cannot overlap


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The end of a line and its label.

    Attributes:
        x: Position on the axis; its logarithm on a logarithmic axis.
        y: The same on the other axis.
        across: Horizontal position as a share of the plot's width.
        up: Pixels above the plot's lower edge.
        rows: The label, row by row.
        architecture: The architecture whose hue and symbol precede the label.
    """

    x: float
    y: float
    across: float
    up: float
    rows: tuple[str, ...]
    architecture: str

    @property
    def height(self) -> float:
        """Return the label's height in pixels."""
        return float(ROW * len(self.rows))


Names = Mapping[str, tuple[str, str]]


def name_ends(chart: go.Figure, names: Names) -> None:
    """Label lines at their ends instead of in a legend, unless the labels are too many or too long.

    Args:
        chart: A figure with its traces and axes; its height is known.
        names: Name of a trace to its architecture and label.
    """
    ends = _ends(chart, names)
    if not ends or len(ends) > MAX_NAMED or any(len(end.rows) > MAX_ROWS for end in ends):
        return
    tall = _plot_height(chart)
    for end, up in zip(ends, places(ends, tall), strict=True):
        outside = end.across > OUTSIDE  # beside the plot, where no lines or grid cross the label
        chart.add_annotation(
            x=1 if outside else end.x,
            xref="paper" if outside else "x",
            y=end.y,
            text=f"{_glyph(end.architecture)} {'<br>'.join(end.rows)}",
            xanchor="left",
            xshift=2 if outside else 5,
            yanchor="middle",
            yshift=up - end.up,
            align="left",
            showarrow=False,
            font={"size": theme.SMALL},
        )
    longest = max(len(row) for end in ends for row in end.rows)
    chart.update_layout(showlegend=False, margin={"t": TOP, "r": round(GLYPH + 8 + LETTER * longest)})


def places(ends: Sequence[End], tall: float) -> list[float]:
    """Return positions of labels in pixels above the plot's lower edge: near their lines, without overlaps."""
    found = [end.up for end in ends]
    for group in _groups(ends):
        group.sort(key=lambda place: ends[place].up)
        for _ in range(100):
            if not _push(group, ends, found):
                break
        rest = found[group[-1]] + ends[group[-1]].height / 2 - tall
        for place in group:
            found[place] -= max(0.0, rest)
    return found


def _push(group: Sequence[int], ends: Sequence[End], found: list[float]) -> bool:
    """Push overlapping neighbours apart by half of the overlap each; return whether any did."""
    moved = False
    for low, high in pairwise(group):
        overlap = (ends[low].height + ends[high].height) / 2 - (found[high] - found[low])
        if overlap > 0.25:
            found[low] -= overlap / 2
            found[high] += overlap / 2
            moved = True
    return moved


def _groups(ends: Sequence[End]) -> list[list[int]]:
    """Return groups of labels that are close enough to overlap."""
    order = sorted(range(len(ends)), key=lambda place: ends[place].across)
    groups = [[order[0]]]
    for before, place in pairwise(order):
        if ends[place].across - ends[before].across < NEAR:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _ends(chart: go.Figure, names: Names) -> list[End]:
    tall, (low, high), (left, right) = _plot_height(chart), _range(chart, "y"), _range(chart, "x")
    ends = []
    for trace in chart.data:
        point = _last_point(chart, trace, low) if trace.name in names else None
        if point is not None:
            (x, y), (architecture, name) = point, names[trace.name]
            end = End(
                x=x,
                y=y,
                across=(x - left) / max(right - left, 1e-12),
                up=tall * (y - low) / max(high - low, 1e-12),
                rows=tuple(wrap(name, LETTERS, break_long_words=False)),
                architecture=architecture,
            )
            ends.append(replace(end, up=min(max(end.up, 0.0), tall)))
    return ends


def _last_point(chart: go.Figure, trace: Any, low: float) -> tuple[float, float] | None:
    """Return the last point of a line that is not below the axis, in the axes' own numbers."""
    x, y = _scaled(chart, "x", trace.x), _scaled(chart, "y", trace.y)
    there = np.flatnonzero(np.isfinite(x) & np.isfinite(y) & (y >= low))
    if not len(there):
        return None
    last = there[np.argmax(x[there])]  # lines of distances are not always drawn from left to right
    return float(x[last]), float(y[last])


def _scaled(chart: go.Figure, axis: str, values: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    numbers = np.asarray([math.nan if value is None else value for value in values], dtype=np.float64)
    if chart.layout[f"{axis}axis"].type != "log":
        return numbers
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log10(numbers)


def _range(chart: go.Figure, axis: str) -> tuple[float, float]:
    """Return approximately the ends of an axis that Plotly will choose."""
    given = chart.layout[f"{axis}axis"]
    if given.range is not None:
        return float(given.range[0]), float(given.range[1])
    values = [_scaled(chart, axis, trace[axis]) for trace in chart.data if trace[axis] is not None]
    values += [_scaled(chart, axis, [line[f"{axis}0"]]) for line in chart.layout.shapes if line[f"{axis}ref"] == axis]
    numbers = np.concatenate([one[np.isfinite(one)] for one in values] or [np.zeros(0)])
    if not len(numbers):
        return 0.0, 1.0
    low, high = float(numbers.min()), float(numbers.max())
    if given.rangemode == "tozero" and given.type != "log":
        low, high = min(low, 0.0), max(high, 0.0)
    padding = PADDING * (high - low)
    return low - padding, high + padding


def _plot_height(chart: go.Figure) -> float:
    return float(chart.layout.height) - TOP - BELOW


def _glyph(architecture: str) -> str:
    """Return an architecture's marker in its hue; the label itself keeps the text colour, which is always readable."""
    return f'<span style="color:{theme.hue(architecture)};font-size:{LARGE}px">{theme.glyph(architecture)}</span>'
