"""The data before training: sample sequences as lines, as a picture, or as symbols."""

from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import theme
from dashboard.charts.frames import dress, escape, figure, require, say_empty, with_alt
from models.analysis.samples import SAMPLE_COLUMNS

InputKind = Literal["series", "image", "symbols"]
TITLE = "Sample sequences"
MAX_LETTERS, SMALLEST = 24, 9  # letters side by side on a narrow screen; smallest size in pixels if there are more
MAX_LINES = 4
MAX_LETTERS = 18


def preview(
    samples: pd.DataFrame,
    answers: dict[int, str],
    *,
    picture: InputKind,
    points: pd.DataFrame | None = None,
    unit: str = "",
) -> go.Figure:
    """Draw samples side by side, each headed by its answer.

    Args:
        samples: A frame of `models.analysis.samples.sample_frame`, with the columns `SAMPLE_COLUMNS`.
        answers: Sample to its target in words.
        picture: How the inputs are drawn.
        points: Answers on the same axes, see `models.analysis.samples.target_points`.
        unit: Unit of the inputs, or empty.
    """
    require(samples, SAMPLE_COLUMNS)
    chosen = list(samples["sample"].unique())
    if not chosen:
        return say_empty(figure(TITLE, height=240), "There is no sample.")
    heads = [f"→ {escape(_short(answers.get(sample, '')))}" for sample in chosen]
    chart = make_subplots(rows=1, cols=len(chosen), shared_yaxes=True, subplot_titles=heads, horizontal_spacing=0.04)
    dress(chart, TITLE, height=270)
    chart.update_layout(showlegend=picture == "series", margin={"t": 66, "l": 8})
    chart.update_layout(legend={"x": 1, "xanchor": "right", "y": 1.12, "yanchor": "bottom"})
    chart.update_annotations(font_size=12)
    for column, sample in enumerate(chosen, start=1):
        add_inputs(chart, samples[samples["sample"] == sample], picture=picture, column=column)
        if points is not None and len(points):
            _add_points(chart, points[points["sample"] == sample], column)
        chart.update_xaxes(title_text="Step", row=1, col=column)
    if picture == "series":
        chart.update_yaxes(title_text=escape(unit.replace("_", " ")) or "Input value", row=1, col=1)
    return with_alt(chart, _in_words(samples, answers))


def _add_points(chart: go.Figure, points: pd.DataFrame, column: int) -> None:
    """Mark the values to be predicted."""
    require(points, SAMPLE_COLUMNS)
    chart.add_scatter(
        x=points["step"].tolist(),
        y=points["value"].round(5).tolist(),
        mode="markers",
        marker={"symbol": "diamond", "size": 9, "color": theme.MARK},
        name="to be predicted",
        legendgroup="answer",
        showlegend=column == 1,
        hovertemplate="step %{x}: %{y:.4g}<extra>to be predicted</extra>",
        row=1,
        col=column,
    )


def _short(text: str) -> str:
    return text if len(text) <= MAX_LETTERS else text[: MAX_LETTERS - 1] + "…"


def add_inputs(chart: go.Figure, inputs: pd.DataFrame, *, picture: InputKind, row: int = 1, column: int = 1) -> None:
    """Add one sample's inputs to a subplot: lines for few features, else a picture; a strip for symbols.

    Args:
        chart: A figure with subplots.
        inputs: Rows of one sample, with the columns `SAMPLE_COLUMNS`.
        picture: The kind that the dataset asks for; many features are always drawn as a picture.
        row: Row of the subplot.
        column: Column of the subplot.
    """
    require(inputs, SAMPLE_COLUMNS)
    features = list(inputs["feature"].unique())
    if (inputs["symbol"] != "").any():
        _add_symbols(chart, inputs, row, column)
    elif picture == "image" or len(features) > MAX_LINES:
        _add_picture(chart, inputs, features, row, column)
    else:
        _add_lines(chart, inputs, features, row, column)


def _add_lines(chart: go.Figure, inputs: pd.DataFrame, features: list[str], row: int, column: int) -> None:
    for place, feature in enumerate(features):
        line = inputs[inputs["feature"] == feature]
        chart.add_scatter(
            x=line["step"].tolist(),
            y=line["value"].round(5).tolist(),
            mode="lines",
            line={"width": 1.8, "color": theme.SERIES[place], "dash": theme.DASHES[place]},
            name=escape(feature),
            legendgroup=feature,
            showlegend=column == 1 and len(features) > 1,
            hovertemplate="step %{x}: %{y:.4g}<extra>" + escape(feature) + "</extra>",
            row=row,
            col=column,
        )


def _add_picture(chart: go.Figure, inputs: pd.DataFrame, features: list[str], row: int, column: int) -> None:
    wide = inputs.pivot_table(index="feature", columns="step", values="value", sort=False).reindex(features)
    chart.add_heatmap(
        z=np.round(wide.to_numpy(dtype=np.float64), 4),
        x=wide.columns.to_numpy(),
        y=[escape(feature) for feature in features],
        colorscale=theme.INTENSITY_SCALE,
        showscale=False,
        name="input",
        hovertemplate="step %{x}, %{y}: %{z:.3g}<extra>input</extra>",
        row=row,
        col=column,
    )
    chart.update_yaxes(autorange="reversed", showgrid=False, nticks=5, row=row, col=column)


def _add_symbols(chart: go.Figure, inputs: pd.DataFrame, row: int, column: int) -> None:
    letters = int(inputs["symbol"].str.len().sum())
    chart.add_scatter(
        x=inputs["step"].tolist(),
        y=[0] * len(inputs),
        mode="text",
        text=[escape(visible(symbol)) for symbol in inputs["symbol"]],
        textfont={"size": 13 if letters <= MAX_LETTERS else SMALLEST},
        name="input",
        hovertemplate="step %{x}: %{text}<extra>input</extra>",
        row=row,
        col=column,
    )
    chart.update_yaxes(visible=False, range=[-1, 1], row=row, col=column)


def visible(symbol: str) -> str:
    """Make blanks visible: spaces and line ends are symbols too."""
    return {" ": "␣", "\n": "↵", "\t": "⇥"}.get(symbol, symbol)


def _in_words(samples: pd.DataFrame, answers: dict[int, str]) -> str:
    lengths = samples.groupby("sample", sort=False)["step"].max()
    parts = [f"{lengths[sample]} steps with the answer {_short(answer)}" for sample, answer in answers.items()]
    return f"{len(lengths)} sample sequences: " + "; ".join(parts) + "."
