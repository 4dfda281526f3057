"""The deciding metric while learning, with the solved criterion and the naive baselines as lines."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import escape, figure, require, say_empty, with_alt
from dashboard.charts.line_ends import name_ends
from dashboard.charts.loss_curves import HEIGHT, Axis, thinned
from data.catalog import Solved
from models.analysis.comparison import CURVE_FRAME_COLUMNS, band_frame
from models.analysis.comparison_columns import AXES, Column


def metric_curves(
    curves: pd.DataFrame,
    column: Column,
    *,
    x: Axis = "update",
    solved: Solved | None = None,
    baselines: Mapping[str, float] | None = None,
    revision: str = "",
    height: int = HEIGHT,
) -> go.Figure:
    """Draw the validation metric: mean over repeats thick, each seed thin.

    Args:
        curves: A frame of `models.analysis.comparison.curve_frame`, with the columns `CURVE_FRAME_COLUMNS`.
        column: Title and unit of the metric.
        x: What the curves are drawn against.
        solved: The solved criterion from the literature, drawn as a line.
        baselines: Title of a naive predictor to its value of the metric.
        revision: As long as it stays the same, a redraw keeps the visitor's zoom.
        height: Height in pixels.
    """
    require(curves, CURVE_FRAME_COLUMNS)
    chart = figure(f"Validation {column.title} while learning", height=height)
    chart.update_layout(hovermode="x unified", uirevision=f"{revision}/metric/{x}", margin_t=92)
    chart.update_xaxes(title_text=AXES[x].heading, rangemode="tozero", exponentformat="SI")
    chart.update_yaxes(title_text=column.heading)
    shown = curves[curves["measure"] == "metric"].dropna(subset=["value"])
    if shown.empty:
        return say_empty(chart, "Curves appear with the first evaluation.")
    bands = band_frame(shown)
    for name, own in shown.groupby("architecture", sort=False):
        for seed, line in own.groupby("seed", sort=False):
            _add(chart, thinned(line), x, "value", name=f"{line['title'].iloc[0]} seed {seed}", thin=True)
        band = thinned(bands[bands["architecture"] == name])
        _add(chart, band, x, "mean", name=escape(str(band["title"].iloc[0])), thin=False)
    if solved is not None:
        _line(chart, solved.threshold, "solved", "dash")
    for title, value in (baselines or {}).items():
        _line(chart, value, escape(title), "dot")
    _name_lines(chart, shown)
    return with_alt(chart, _in_words(curves, column))


def _name_lines(chart: go.Figure, shown: pd.DataFrame) -> None:
    titles = shown.drop_duplicates("architecture").set_index("architecture")["title"]
    names = {str(name): escape(str(title)) for name, title in titles.items()}
    name_ends(chart, {title: (name, title) for name, title in names.items()})


def _add(chart: go.Figure, rows: pd.DataFrame, x: Axis, y: str, *, name: str, thin: bool) -> None:
    architecture = str(rows["architecture"].iloc[0])
    hue = theme.hue(architecture)
    chart.add_scatter(
        x=rows[x].tolist(),
        y=rows[y].tolist(),
        mode="lines" if thin else "lines+markers",
        marker=None if thin else theme.marks(architecture),
        line={"color": theme.translucent(hue, 0.35) if thin else hue, "width": 0.8 if thin else 2.6},
        showlegend=not thin,
        hoverinfo="skip" if thin else None,
        hovertemplate=None if thin else f"{name} %{{y:.4g}}<extra></extra>",
        name=name,
    )


def _line(chart: go.Figure, value: float, label: str, dash: str) -> None:
    chart.add_hline(
        y=value,
        line={"color": theme.AXIS, "dash": dash, "width": 1.5},
        annotation={"text": label, "font_size": theme.SMALL, "xanchor": "right", "x": 1},
    )


def _in_words(curves: pd.DataFrame, column: Column) -> str:
    bands = band_frame(curves[curves["measure"] == "metric"].dropna(subset=["value"]))
    if bands.empty:
        return "Metric curves; nothing has been evaluated yet."
    last = bands.sort_values("update").groupby("title", sort=False).tail(1)
    parts = [f"{row.title} {row.mean:.3g} after {row.update} updates" for row in last.itertuples()]
    return f"Validation {column.heading}, mean over repeats: " + "; ".join(parts) + "."
