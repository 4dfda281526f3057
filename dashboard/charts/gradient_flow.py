"""Gradient norms, and the shares that gates keep, against the distance from the end of the sequence."""

import math

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.costs import LEGEND
from dashboard.charts.frames import escape, figure, require, say_empty, with_alt
from dashboard.charts.line_ends import name_ends
from models.analysis.gradient_frames import (
    FLOW_COLUMNS,
    HORIZON_SHARE,
    KEPT,
    MOMENTS,
    QUANTITIES,
    horizon_sentences,
    typical_frame,
)

DASHES = {"initial": "dot", "trained": "solid"}
SHORT = {"initial": "before", "trained": "after"}  # training: at the ends of lines
EARLY, LATER = 1.6, 2.6  # width of lines before and after training, which differ in more than dash
LOWEST = 1e-12  # anything smaller is zero for a network of 32-bit floats
MAX_SEEDS = 6
HEIGHT = 400  # pixels
LATE, BESIDE = 0.6, 8.0  # share of the distances, and factor, within which a line would cross the horizon's label
KEPT_TITLE = "What the gates keep"


def gradient_flow(
    frame: pd.DataFrame, horizons: pd.DataFrame, quantity: str = "hidden", *, relative: bool = True
) -> go.Figure:
    """Draw the norm of the last output's gradient with respect to each earlier step.

    Args:
        frame: A frame of `models.analysis.gradient_frames.flow_frame`, with the columns `FLOW_COLUMNS`.
        horizons: A frame of `models.analysis.gradient_frames.horizon_frame`.
        quantity: A key of `QUANTITIES`.
        relative: Whether each line is a share of its largest value, so that the horizon is where it crosses 1 %.
    """
    require(frame, FLOW_COLUMNS)
    value = "relative" if relative else "norm"
    chart = _empty(f"Gradient with respect to the {QUANTITIES[quantity].lower()}")
    chart.update_yaxes(title_text="Share of the largest norm (log)" if relative else "Norm of the gradient (log)")
    _draw(chart, frame[frame["quantity"] == quantity], value, "This architecture has no such state.")
    if relative:
        _mark_horizon(chart, frame[frame["quantity"] == quantity])
    told = "; ".join(horizon_sentences(horizons))
    return with_alt(chart, f"{chart.layout.title.text}, against steps back from the end. Horizon: {told}.")


def _mark_horizon(chart: go.Figure, shown: pd.DataFrame) -> None:
    """Draw the horizon with its label at the right, or at the left if lines end near it on the right."""
    late = shown.loc[shown["distance"] > LATE * shown["distance"].max(), "relative"].clip(lower=LOWEST)
    crowded = bool(late.between(HORIZON_SHARE / BESIDE, HORIZON_SHARE * BESIDE).any())
    chart.add_hline(y=HORIZON_SHARE, line={"color": theme.AXIS, "dash": "dash", "width": 1})
    chart.add_annotation(
        text="horizon: 1 %",
        x=0 if crowded else 1,
        xref="x domain",
        xanchor="left" if crowded else "right",
        y=math.log10(HORIZON_SHARE),  # positions of annotations on a logarithmic axis are logarithms
        yanchor="top" if crowded else "bottom",
        showarrow=False,
        font={"size": theme.SMALL},
    )


def kept_shares(frame: pd.DataFrame) -> go.Figure:
    """Draw the mean product of kept shares from each step to the end: forget gates (LSTM), kept shares (GRU).

    Args:
        frame: A frame of `models.analysis.gradient_frames.flow_frame`, with the columns `FLOW_COLUMNS`.
    """
    require(frame, FLOW_COLUMNS)
    chart = _empty(KEPT_TITLE)
    chart.update_yaxes(title_text="Product of kept shares (log)")
    kept = frame[(frame["quantity"] == KEPT) & (frame["distance"] > 0)]
    gated = kept.groupby("architecture")["norm"].transform("max") > 0
    _draw(chart, kept[gated], "norm", "No gate of these architectures keeps anything.")
    return with_alt(chart, _kept_in_words(kept))


def _kept_in_words(kept: pd.DataFrame) -> str:
    medians = kept[kept["distance"] == 10].groupby(["title", "moment"], sort=False)["norm"].median()
    rows = medians.reset_index().itertuples(index=False)
    parts = [f"{title} ({moment}) {value:.2g}" for title, moment, value in rows]
    return f"{KEPT_TITLE}, against steps back from the end. Ten steps back: {'; '.join(parts) or 'nothing'}."


def _empty(title: str) -> go.Figure:
    chart = figure(title, height=HEIGHT)
    chart.update_layout(legend=LEGEND, margin_t=44)
    chart.update_xaxes(title_text="Steps back from the end", rangemode="tozero")
    chart.update_yaxes(type="log", exponentformat="power", dtick=1)
    return chart


def _draw(chart: go.Figure, shown: pd.DataFrame, value: str, nothing: str) -> None:
    shown = shown[shown[value] > 0]
    if shown.empty:
        say_empty(chart, nothing)
        return
    both = shown["moment"].nunique() > 1
    seeds = list(shown["seed"].unique())
    for key, line in shown.groupby(["architecture", "moment", "seed"], sort=False):
        if len(seeds) > 1 and key[2] in seeds[:MAX_SEEDS]:
            _line(chart, line, value, name=f"{line['title'].iloc[0]} seed {key[2]}", typical=False, dashed=both)
    names = {}
    for key, line in typical_frame(shown, value).groupby(["architecture", "moment"], sort=False):
        title = escape(str(line["title"].iloc[0]))
        name = f"{title}, {MOMENTS[str(key[1])]}" if both else title
        _line(chart, line, value, name=name, typical=True, dashed=both)
        names[name] = str(key[0]), f"{title}, {SHORT[str(key[1])]}" if both else title
    smallest, largest = max(LOWEST, float(shown[value].min())), float(shown[value].max())
    chart.update_yaxes(dtick=max(1, round(math.log10(largest / smallest) / 6)))
    if smallest == LOWEST:
        chart.update_yaxes(range=[math.log10(LOWEST), math.log10(largest) + 0.3])
    name_ends(chart, names)


def _line(chart: go.Figure, line: pd.DataFrame, value: str, *, name: str, typical: bool, dashed: bool) -> None:
    """Draw a line: thick and in the legend if typical, thin for a single seed."""
    architecture, moment = str(line["architecture"].iloc[0]), str(line["moment"].iloc[0])
    early = dashed and moment == "initial"
    chart.add_scatter(
        x=line["distance"].tolist(),
        y=line[value].tolist(),
        mode="lines+markers" if typical else "lines",
        marker=_marks(architecture, early) if typical else None,
        name=name,
        showlegend=typical,
        legendgroup=f"{architecture} {moment}",
        hoverinfo=None if typical else "skip",
        hovertemplate=f"{name}: %{{y:.3g}}<extra></extra>" if typical else None,
        line={
            "color": theme.translucent(theme.hue(architecture), (0.7 if early else 1.0) if typical else 0.35),
            "width": (EARLY if early else LATER) if typical else 0.8,
            "dash": DASHES[moment] if dashed else "solid",
        },
    )


def _marks(architecture: str, early: bool) -> dict[str, object]:
    """Return markers: small before training, large after it."""
    return theme.marks(architecture) | ({"size": 5} if early else {})
