"""Scores against lag or length: one hue per architecture, a dash per variant, seeds as points."""

import math

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.costs import LEGEND
from dashboard.charts.frames import escape, figure, require, say_empty, with_alt
from dashboard.charts.line_ends import name_ends
from models.analysis.comparison_columns import Column
from models.analysis.lengths import LENGTH_COLUMNS
from models.analysis.sweeps import LAG_COLUMNS

HEIGHT = 430  # pixels
WIDTHS, SIZES = (4.0, 2.6, 1.4), (12, 9, 7)  # in drawing order, so that overlapping lines all stay visible


def lag_scores(
    frame: pd.DataFrame, lag: Column, score: Column, *, solved: float | None = None, revision: str = ""
) -> go.Figure:
    """Draw the median over repeats as a line and each seed as a point.

    Args:
        frame: A frame of `models.analysis.sweeps.lag_frame`, with the columns `LAG_COLUMNS`.
        lag: Description of the axis.
        score: Description of the score.
        solved: Score from which the task counts as solved, or None.
        revision: As long as it stays the same, a redraw keeps the visitor's zoom.
    """
    require(frame, LAG_COLUMNS)
    chart = _empty(f"{score.title} against {lag.title.lower()}", score)
    chart.update_layout(uirevision=revision)
    chart.update_xaxes(title_text=f"{lag.heading}, log scale", type="log")
    shown = frame.dropna(subset=["score"])
    if shown.empty:
        return say_empty(chart, "Points appear as soon as a run is done.")
    _ticks(chart, sorted(set(shown["lag"])))
    variants, names = list(dict.fromkeys(frame["variant"])), {}
    for (name, title, variant), own in shown.groupby(["architecture", "title", "variant"], sort=False):
        place = variants.index(variant) % len(theme.DASHES)
        label = escape(f"{title}, {variant}" if variant else str(title))
        _points(chart, own.assign(x=own["lag"], y=own["score"]), str(name), place, label)
        names[label] = str(name), label
    if solved is not None:
        _mark(chart, solved, "solved")
    name_ends(chart, names)
    return with_alt(chart, _lags_in_words(frame, lag, score))


def length_scores(frame: pd.DataFrame, measure: str, column: Column, *, trained: int) -> go.Figure:
    """Draw a measure against the length at which trained networks are tested.

    Args:
        frame: A frame of `models.analysis.lengths.length_frame`, with the columns `LENGTH_COLUMNS`.
        measure: A key of `models.analysis.lengths.measures`.
        column: Its description.
        trained: Length of training, which is marked.
    """
    require(frame, LENGTH_COLUMNS)
    chart = _empty(f"{column.title} beyond the length of training", column)
    chart.update_xaxes(title_text="Length at test, log scale", type="log")
    shown = frame[(frame["measure"] == measure) & frame["value"].notna()]
    if shown.empty:
        return say_empty(chart, "Train the networks first; they are tested at once.")
    _ticks(chart, sorted({*shown["length"].tolist()}))
    names = {}
    for (name, title), own in shown.groupby(["architecture", "title"], sort=False):
        _points(chart, own.assign(x=own["length"], y=own["value"]), str(name), 0, escape(str(title)))
        names[escape(str(title))] = str(name), escape(str(title))
    chart.add_vline(x=trained, line={"color": theme.AXIS, "dash": "dash", "width": 1})
    chart.add_annotation(
        text="trained here",
        x=math.log10(trained),  # positions of annotations on a logarithmic axis are logarithms
        xanchor="center",
        y=1,
        yref="y domain",
        yanchor="bottom",
        showarrow=False,
        font={"size": theme.SMALL},
    )
    name_ends(chart, names)
    return with_alt(chart, _lengths_in_words(frame, measure, column, trained=trained))


def _empty(title: str, column: Column) -> go.Figure:
    chart = figure(title, height=HEIGHT)
    chart.update_layout(legend=LEGEND, margin_t=44)
    chart.update_yaxes(title_text=column.heading)
    if column.better == "high":
        chart.update_yaxes(range=[-0.03, 1.05])
    else:
        chart.update_yaxes(rangemode="tozero")
    return chart


def _ticks(chart: go.Figure, places: list[float]) -> None:
    """Label every tested value, as far as there is space."""
    shown = places if len(places) <= 9 else places[:: -(-len(places) // 8)]
    chart.update_xaxes(tickmode="array", tickvals=shown, ticktext=[f"{place:g}" for place in shown])


def _points(chart: go.Figure, own: pd.DataFrame, name: str, place: int, label: str) -> None:
    colour, several = theme.hue(name), own["seed"].nunique() > 1
    order = min(len({trace.legendgroup for trace in chart.data}), len(WIDTHS) - 1)
    if several:
        chart.add_scatter(
            x=own["x"].tolist(),
            y=own["y"].tolist(),
            mode="markers",
            marker={"color": theme.translucent(colour, 0.4), "size": 6},
            name=f"{label}, seeds",
            customdata=own["seed"].tolist(),
            hovertemplate=f"{label}, seed %{{customdata}}: %{{y:.3g}}<extra></extra>",
            showlegend=False,
            legendgroup=label,
        )
    line = own.groupby("x")["y"].median().sort_index()
    chart.add_scatter(
        x=line.index.tolist(),
        y=line.tolist(),
        mode="lines+markers",
        line={"color": colour, "width": WIDTHS[order], "dash": theme.DASHES[place]},
        marker={**theme.marks(name), "size": SIZES[order], "maxdisplayed": 0},
        name=label,
        legendgroup=label,
        hovertemplate=f"{label}{', median' if several else ''}: %{{y:.3g}}<extra></extra>",
    )


def _mark(chart: go.Figure, value: float, text: str) -> None:
    chart.add_hline(
        y=value,
        line={"color": theme.AXIS, "dash": "dash", "width": 1},
        annotation={"text": text, "xanchor": "right", "font": {"size": theme.SMALL}},
    )


def _lags_in_words(frame: pd.DataFrame, lag: Column, score: Column) -> str:
    parts = []
    for key, own in frame.groupby(["title", "variant"], sort=False):
        medians = own.groupby("lag")["score"].median().dropna().sort_index()
        points = ", ".join(f"{value:.3g} at {place:g}" for place, value in medians.items())
        parts.append(f"{' '.join(str(part) for part in key if part)}: {points}")
    return (
        f"{score.heading} against {lag.heading.lower()}, median over repeats. "
        + ("; ".join(parts) or "No run is done")
        + "."
    )


def _lengths_in_words(frame: pd.DataFrame, measure: str, column: Column, *, trained: int) -> str:
    parts = []
    for title, own in frame[frame["measure"] == measure].groupby("title", sort=False):
        medians = own.groupby("length")["value"].median()
        last = medians.index.max()
        parts.append(f"{title} {medians.get(trained, float('nan')):.3g} at {trained}, {medians[last]:.3g} at {last}")
    return f"{column.heading} against length, trained at {trained}: " + ("; ".join(parts) or "nothing yet") + "."
