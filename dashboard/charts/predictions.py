"""Truth against each model's prediction: forecast lines, a scatter, confusion matrices, labels step by step."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import theme
from dashboard.charts.frames import dress, escape, figure, quantity, require, say_empty, with_alt
from dashboard.charts.preview import visible
from models.analysis.predictions import CONFUSION_COLUMNS, FORECAST_COLUMNS, LABEL_COLUMNS, QUANTILE_COLUMNS, TRUTH

RIGHT, WRONG, UNCOUNTED = 1.0, 0.0, 0.5
STRIP_SCALE = ((0.0, "rgba(213, 94, 0, 0.75)"), (0.5, "rgba(128, 136, 148, 0.15)"), (1.0, "rgba(0, 158, 115, 0.45)"))


def forecast_lines(frame: pd.DataFrame, *, unit: str) -> go.Figure:
    """Draw the truth and each architecture's mean forecast over repeats, with the range of repeats as a band.

    Where quantiles are predicted, the band reaches from the mean lower quantile to the mean upper one.

    Args:
        frame: Rows of one target of `models.analysis.predictions.forecast_frame`, columns `FORECAST_COLUMNS`, and
            `QUANTILE_COLUMNS` if there are any.
        unit: Unit of the values.
    """
    require(frame, FORECAST_COLUMNS)
    chart = figure("Test part: truth and forecasts")
    chart.update_layout(hovermode="x unified", margin_t=80)
    chart.update_xaxes(title_text="Time")
    chart.update_yaxes(title_text=quantity(_target(frame), unit))
    if frame.empty:
        return say_empty(chart, "There is no prediction.")
    for architecture, rows in frame.groupby("architecture", sort=False):
        _add_forecast(chart, str(architecture), rows)
    return with_alt(chart, _forecast_in_words(frame, unit))


def _target(frame: pd.DataFrame) -> str:
    return "" if frame.empty else str(frame["target"].iloc[0])


def _add_forecast(chart: go.Figure, architecture: str, rows: pd.DataFrame) -> None:
    by_place = rows.groupby("position", sort=True)["value"].agg(["mean", "min", "max"]).reset_index()
    title = escape(str(rows["title"].iloc[0]))
    truth = architecture == TRUTH
    colour = theme.TRUTH if truth else theme.hue(architecture)
    quantiles = not truth and set(QUANTILE_COLUMNS) <= set(rows.columns)
    if quantiles:
        ends = rows.groupby("position", sort=True)[list(QUANTILE_COLUMNS)].mean().reset_index()
        by_place = by_place.assign(min=ends[QUANTILE_COLUMNS[0]], max=ends[QUANTILE_COLUMNS[1]])
    if quantiles or (not truth and rows["seed"].nunique() > 1):
        chart.add_scatter(
            x=[*by_place["position"], *by_place["position"][::-1]],
            y=[*by_place["max"], *by_place["min"][::-1]],
            fill="toself",
            fillcolor=theme.translucent(colour, 0.16),
            mode="lines",
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
            legendgroup=architecture,
            name=f"{title} {'10 to 90 %' if quantiles else 'range of repeats'}",
        )
    chart.add_scatter(
        x=by_place["position"].tolist(),
        y=by_place["mean"].tolist(),
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"size": 4} if truth else theme.marks(architecture, most=16),
        legendgroup=architecture,
        name=title,
        hovertemplate=f"{title} %{{y:.4g}}<extra></extra>",
    )


def truth_scatter(frame: pd.DataFrame, *, unit: str) -> go.Figure:
    """Draw each test sample's true value against each architecture's prediction, one repeat each, with the diagonal.

    Args:
        frame: Rows of one target of `models.analysis.predictions.forecast_frame`, columns `FORECAST_COLUMNS`.
        unit: Unit of the values.
    """
    require(frame, FORECAST_COLUMNS)
    name = quantity(_target(frame), unit)
    chart = figure("Test samples: truth and answer")
    chart.update_xaxes(title_text=f"True {name}")
    chart.update_yaxes(title_text=f"Answered {name}")
    if frame.empty:
        return say_empty(chart, "There is no prediction.")
    truth = frame[frame["architecture"] == TRUTH].set_index("sample")["value"]
    ends = [float(truth.min()), float(truth.max())]
    chart.add_scatter(
        x=ends, y=ends, mode="lines", line={"color": theme.TRUTH, "dash": "dot"}, name="exact", hoverinfo="skip"
    )
    symbols = ("circle", "diamond", "square", "x", "triangle-up", "cross", "star", "hexagon")
    models = frame[frame["architecture"] != TRUTH]
    for place, (architecture, rows) in enumerate(models.groupby("architecture", sort=False)):
        first = rows[rows["seed"] == rows["seed"].iloc[0]]
        title = escape(str(first["title"].iloc[0]))
        chart.add_scatter(
            x=truth.loc[first["sample"]].tolist(),
            y=first["value"].tolist(),
            mode="markers",
            marker={"color": theme.hue(str(architecture)), "size": 6, "opacity": 0.6, "symbol": symbols[place]},
            name=f"{title}, seed {first['seed'].iloc[0]}",
            hovertemplate="true %{x:.3g}, answered %{y:.3g}<extra>" + title + "</extra>",
        )
    return with_alt(chart, _forecast_in_words(frame, unit))


def confusion_matrices(frame: pd.DataFrame) -> go.Figure:
    """Draw a matrix per architecture: rows are true classes, the colour is the share of the row.

    Args:
        frame: A frame of `models.analysis.predictions.confusion_frame`, columns `CONFUSION_COLUMNS`.
    """
    require(frame, CONFUSION_COLUMNS)
    names = list(frame["architecture"].unique())
    if not names:
        return say_empty(figure("Test samples: truth and answer"), "There is no prediction.")
    titles = [escape(str(frame.loc[frame["architecture"] == name, "title"].iloc[0])) for name in names]
    chart = make_subplots(rows=1, cols=len(names), shared_yaxes=True, subplot_titles=titles, horizontal_spacing=0.05)
    dress(chart, "Test samples: truth and answer", height=420)
    chart.update_annotations(font_size=13)
    chart.update_layout(coloraxis={"colorscale": theme.INTENSITY_SCALE, "cmin": 0, "cmax": 1, "showscale": False})
    for column, name in enumerate(names, start=1):
        _add_confusion(chart, frame[frame["architecture"] == name], column)
    chart.update_yaxes(title_text="True class", row=1, col=1)
    return with_alt(chart, _confusion_in_words(frame))


def _add_confusion(chart: go.Figure, rows: pd.DataFrame, column: int) -> None:
    classes = list(rows["truth"].unique())
    counts = rows.pivot_table(index="truth", columns="predicted", values="count", sort=False)
    table = counts.reindex(index=classes, columns=classes).to_numpy(dtype=np.float64)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    labels = [escape(str(name)) for name in classes]
    chart.add_heatmap(
        z=np.round(shares, 4),
        x=labels,
        y=labels,
        text=np.where(table > 0, table.astype(int).astype(str), ""),
        texttemplate="%{text}" if len(classes) <= 12 else None,
        textfont={"size": 10},
        coloraxis="coloraxis",
        name=str(rows["title"].iloc[0]),
        hovertemplate="true %{y}, answered %{x}: %{text} (%{z:.1%} of the row)<extra></extra>",
        xgap=1,
        ygap=1,
        row=1,
        col=column,
    )
    chart.update_xaxes(title_text="Answered class", type="category", showgrid=False, row=1, col=column)
    chart.update_yaxes(autorange="reversed", type="category", showgrid=False, row=1, col=column)


def label_strips(frame: pd.DataFrame) -> go.Figure:
    """Draw the steps of one sample as a row per model: green is right, orange is wrong, grey does not count.

    Args:
        frame: A frame of `models.analysis.predictions.label_frame`, columns `LABEL_COLUMNS`.
    """
    require(frame, LABEL_COLUMNS)
    chart = figure("One test sample, step by step", height=260)
    if frame.empty:
        return say_empty(chart, "There is no prediction.")
    titles = list(frame["title"].unique())
    colour = np.where(frame["counted"], np.where(frame["correct"], RIGHT, WRONG), UNCOUNTED)
    shown = frame.assign(colour=colour, text=[visible(str(label)) for label in frame["label"]])
    wide = shown.pivot_table(index="title", columns="step", values="colour", sort=False).reindex(titles)
    text = shown.pivot(index="title", columns="step", values="text").reindex(titles)
    symbols = frame.drop_duplicates("step").set_index("step")["symbol"]
    chart.add_heatmap(
        z=wide.to_numpy(dtype=np.float64),
        x=wide.columns.to_numpy(),
        y=[escape(title) for title in titles],
        text=[[escape(str(label)) for label in row] for row in text.to_numpy()],
        texttemplate="%{text}" if wide.shape[1] <= 60 else None,
        customdata=np.tile(np.array([visible(str(symbol)) for symbol in symbols], dtype=object), (len(titles), 1)),
        hovertemplate="step %{x}, input %{customdata}: %{text}<extra>%{y}</extra>",
        colorscale=STRIP_SCALE,
        zmin=0,
        zmax=1,
        showscale=False,
        xgap=1,
        ygap=3,
        name="labels",
    )
    chart.update_xaxes(title_text="Step", showgrid=False)
    chart.update_yaxes(autorange="reversed", showgrid=False)
    return with_alt(chart, _labels_in_words(frame))


def _forecast_in_words(frame: pd.DataFrame, unit: str) -> str:
    truth = frame[frame["architecture"] == TRUTH].set_index("sample")["value"]
    parts = []
    for title, rows in frame[frame["architecture"] != TRUTH].groupby("title", sort=False):
        error = (rows["value"].to_numpy() - truth.loc[rows["sample"]].to_numpy()).tolist()
        parts.append(f"{title} {np.mean(np.abs(error)):.3g}")
    return f"Truth and answers; mean absolute error ({unit.replace('_', ' ') or 'value'}): " + "; ".join(parts) + "."


def _confusion_in_words(frame: pd.DataFrame) -> str:
    parts = []
    for title, rows in frame.groupby("title", sort=False):
        right = rows.loc[rows["truth"] == rows["predicted"], "count"].sum()
        parts.append(f"{title} {right / max(1, rows['count'].sum()):.1%}")
    return "Confusion matrices; right answers: " + "; ".join(parts) + "."


def _labels_in_words(frame: pd.DataFrame) -> str:
    counted = frame[frame["counted"] & (frame["architecture"] != TRUTH)]
    parts = [f"{title} {rows['correct'].mean():.1%}" for title, rows in counted.groupby("title", sort=False)]
    return "Labels step by step; right of the counted steps: " + "; ".join(parts) + "."
