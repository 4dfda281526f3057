"""Loss against updates, seconds or FLOPs: one hue per architecture, training dashed, validation solid."""

import math
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import escape, figure, require, say_empty, with_alt
from dashboard.charts.line_ends import name_ends
from models.analysis.comparison import BAND_FRAME_COLUMNS, CURVE_FRAME_COLUMNS, band_frame
from models.analysis.comparison_columns import AXES

Axis = Literal["update", "seconds", "flops"]
Trace = dict[str, Any]
DASHES = {"training_loss": "dash", "validation_loss": "solid"}
TITLE = "Loss while learning"
MAX_POINTS = 500
HEIGHT = 430
MIN_DENSE, MAX_DENSE = 8, 1_000  # largest over smallest value between which an axis has three ticks in each decade


def loss_curves(
    curves: pd.DataFrame, *, x: Axis = "update", logarithmic: bool = True, revision: str = "", height: int = HEIGHT
) -> go.Figure:
    """Draw the mean over repeats thick, each seed thin, and one standard deviation as a band.

    Args:
        curves: A frame of `models.analysis.comparison.curve_frame`, with the columns `CURVE_FRAME_COLUMNS`.
        x: What the curves are drawn against.
        logarithmic: Whether the loss axis is logarithmic.
        revision: As long as it stays the same, a redraw keeps the visitor's zoom.
        height: Height in pixels.

    Returns:
        Traces named by architecture ("LSTM": validation mean; "LSTM training": training mean); seeds and bands have
        names, too, but are not in the legend.
    """
    require(curves, CURVE_FRAME_COLUMNS)
    chart = figure(TITLE, height=height)
    shown = curves[curves["measure"].isin(DASHES) & (curves["value"] > 0)]
    _axes(chart, x, logarithmic, shown)
    chart.update_layout(hovermode="x unified", uirevision=f"{revision}/{x}/{logarithmic}", margin_t=92)
    if shown.empty:
        return say_empty(chart, "Curves appear with the first evaluation.")
    bands = band_frame(shown)
    require(bands, BAND_FRAME_COLUMNS)
    traces: list[Trace] = []
    for architecture in shown["architecture"].unique():
        own, band = shown[shown["architecture"] == architecture], bands[bands["architecture"] == architecture]
        if own["seed"].nunique() > 1:
            traces += _band(thinned(band[band["measure"] == "validation_loss"]), x, own)
            traces += _seeds(own, x)
        traces += _means(band, x)
    chart.add_traces(traces)  # all at once and as plain values, so that Plotly validates each only once
    titles = (
        shown.drop_duplicates("architecture").set_index("architecture")["title"].map(lambda title: escape(str(title)))
    )
    name_ends(chart, {title: (str(name), title) for name, title in titles.items()})
    return with_alt(chart, _in_words(curves))


def _ticks(shown: pd.DataFrame) -> str | int | None:
    """Return the ticks of a logarithmic axis: 1, 2 and 5 of each decade, only decades if there are many, Plotly's own if few."""
    if shown.empty:
        return "D2"
    decades = math.log10(shown["value"].max()) - math.log10(shown["value"].min())
    return None if decades < math.log10(MIN_DENSE) else 1 if decades > math.log10(MAX_DENSE) else "D2"


def _axes(chart: go.Figure, x: Axis, logarithmic: bool, shown: pd.DataFrame) -> None:
    chart.update_xaxes(title_text=AXES[x].heading, rangemode="tozero", exponentformat="SI", separatethousands=True)
    chart.update_yaxes(
        title_text="Loss (log scale)" if logarithmic else "Loss",
        type="log" if logarithmic else "linear",
        dtick=_ticks(shown) if logarithmic else None,
        tickformat=".3~g",
    )


def thinned(frame: pd.DataFrame) -> pd.DataFrame:
    """Return at most `MAX_POINTS` evenly spaced rows, including the last."""
    step = -(-len(frame) // MAX_POINTS)
    return frame if step <= 1 else frame.iloc[::-step].iloc[::-1]


def _band(band: pd.DataFrame, x: Axis, own: pd.DataFrame) -> list[Trace]:
    band = band.dropna(subset=["low", "high"])
    if band.empty:
        return []
    low = band["low"].clip(lower=float(own["value"].min()))  # a logarithmic axis cannot show less
    name = str(band["architecture"].iloc[0])
    trace = {
        "type": "scatter",
        "x": [*band[x], *band[x][::-1]],
        "y": [*band["high"], *low[::-1]],
        "fill": "toself",
        "fillcolor": theme.translucent(theme.hue(name), 0.14),
        "line": {"width": 0},
        "mode": "lines",
        "hoverinfo": "skip",
        "showlegend": False,
        "legendgroup": name,
        "name": f"{band['title'].iloc[0]} ± 1 SD",
    }
    return [trace]


def _seeds(own: pd.DataFrame, x: Axis) -> list[Trace]:
    traces: list[Trace] = []
    for (measure, seed), line in own.groupby(["measure", "seed"], sort=False):
        line = thinned(line)
        name = str(line["architecture"].iloc[0])
        traces.append(
            {
                "type": "scatter",
                "x": line[x].tolist(),
                "y": line["value"].tolist(),
                "mode": "lines",
                "line": {
                    "color": theme.translucent(theme.hue(name), 0.35),
                    "width": 0.8,
                    "dash": DASHES[str(measure)],
                },
                "hoverinfo": "skip",
                "showlegend": False,
                "legendgroup": name,
                "name": f"{line['title'].iloc[0]} seed {seed}",
            }
        )
    return traces


def _means(band: pd.DataFrame, x: Axis) -> list[Trace]:
    traces: list[Trace] = []
    for measure, dash in DASHES.items():
        line = thinned(band[band["measure"] == measure])
        if line.empty:
            continue
        name, title = str(line["architecture"].iloc[0]), escape(str(line["title"].iloc[0]))
        label = title if measure == "validation_loss" else f"{title} training"
        traces.append(
            {
                "type": "scatter",
                "x": line[x].tolist(),
                "y": line["mean"].tolist(),
                "mode": "lines+markers",
                "marker": theme.marks(name),
                "line": {"color": theme.hue(name), "width": 2.6 if dash == "solid" else 1.6, "dash": dash},
                "legendgroup": name,
                "name": label,
                "hovertemplate": f"{label} %{{y:.4g}}<extra></extra>",
            }
        )
    return traces


def _in_words(curves: pd.DataFrame) -> str:
    bands = band_frame(curves[curves["measure"] == "validation_loss"])
    if bands.empty:
        return "Loss curves; nothing has been evaluated yet."
    last = bands.sort_values("update").groupby("title", sort=False).tail(1)
    parts = [f"{row.title} {row.mean:.3g} after {row.update} updates" for row in last.itertuples()]
    return "Validation loss, mean over repeats: " + "; ".join(parts) + "."
