"""Parameters and memory by part, and measured time compared with theory."""

import math
from typing import Literal

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import escape, figure, require, say_empty, with_alt
from models.analysis.costs import MEASURED_COLUMNS, MEMORY_COLUMNS, PART_COLUMNS, RATIO_COLUMNS, THEORY

SYMBOLS = {"ours": "circle", "stock PyTorch": "square", "ONNX Runtime": "diamond", "NumPy": "triangle-up"}
ROW, KERNEL_ROW = 58, 36
TOP = 44  # margin above a plot without a legend there
# The legend is below the axis: on a narrow screen it may take several lines without running into the title.
LEGEND = {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom", "traceorder": "normal"}
TICKS = (1.0, 2.0, 5.0)


def parameter_bars(frame: pd.DataFrame, *, by: Literal["gate", "matrix"] = "gate") -> go.Figure:
    """Draw each architecture's parameters as one bar, divided by gate or by matrix.

    Args:
        frame: A frame of `models.analysis.costs.parts_frame`, with the columns `PART_COLUMNS`.
        by: What one piece of a bar stands for.
    """
    require(frame, PART_COLUMNS)
    piece = frame["gate"].where(frame["gate"] != "", frame["part"].str.capitalize())
    if by == "matrix":
        inside = frame["part"].str.startswith("layer")
        piece = frame["matrix"].map(_matrix_title).where(inside, frame["part"].str.capitalize())
    by_piece = frame.assign(piece=piece).groupby(["architecture", "title", "piece"], sort=False)
    pieces = by_piece["count"].sum().reset_index()
    around = pieces["piece"].isin(frame.loc[~frame["part"].str.startswith("layer"), "part"].str.capitalize())
    pieces = pd.concat([pieces[~around], pieces[around]])  # parts that are equal in every architecture come last
    return _stacked(pieces, "piece", "count", title=f"Parameters by {by}", axis="Parameters")


def _matrix_title(name: str) -> str:
    titles = {"weight_ih": "Input weights", "weight_hh": "Recurrent weights", "bias_ih": "Biases", "bias_hh": "Biases"}
    return titles.get(name, name.replace("_", " ").capitalize())


def memory_bars(frame: pd.DataFrame) -> go.Figure:
    """Draw the memory of training, divided by purpose; needs the columns `MEMORY_COLUMNS`."""
    require(frame, MEMORY_COLUMNS)
    return _stacked(frame, "kind", "megabytes", title="Memory of training one seed", axis="Memory (MB)")


def _stacked(frame: pd.DataFrame, piece: str, value: str, *, title: str, axis: str) -> go.Figure:
    titles = list(dict.fromkeys(frame["title"]))
    chart = figure(title, height=170 + ROW * max(1, len(titles)))
    chart.update_layout(
        barmode="stack", bargap=0.35, legend=LEGEND, margin_t=TOP, uniformtext={"minsize": 10, "mode": "hide"}
    )
    chart.update_xaxes(title_text=axis, rangemode="tozero", separatethousands=True)
    chart.update_yaxes(autorange="reversed", title_text="")
    for index, name in enumerate(dict.fromkeys(frame[piece])):
        _add_pieces(chart, frame[frame[piece] == name], value, name=escape(str(name)), index=index)
    return with_alt(chart, _bars_in_words(frame, value))


def _add_pieces(chart: go.Figure, rows: pd.DataFrame, value: str, *, name: str, index: int) -> None:
    """Add one piece of every bar in a shade of its architecture's colour, and its grey shade in the legend."""
    shades = [theme.shade(str(architecture), index) for architecture in rows["architecture"]]
    edge = {"color": theme.AXIS, "width": 1}
    chart.add_bar(
        x=rows[value].tolist(),
        y=[escape(text) for text in rows["title"]],
        orientation="h",
        name=name,
        legendgroup=name,
        showlegend=False,
        text=name,
        textposition="inside",
        textangle=0,
        insidetextanchor="middle",
        insidetextfont={"color": [words for _, words in shades]},
        marker={"color": [colour for colour, _ in shades], "line": edge},
        hovertemplate=f"{name}: %{{x:,.4~g}}<extra>%{{y}}</extra>",
    )
    grey = {"color": theme.shade("", index)[0], "line": edge}
    chart.add_bar(x=[None], y=[None], orientation="h", name=name, legendgroup=name, marker=grey)


def _bars_in_words(frame: pd.DataFrame, value: str) -> str:
    sums = frame.groupby("title", sort=False)[value].sum()
    return "; ".join(f"{title}: {total:,.4g}" for title, total in sums.items()) + "."


def measured_dots(frame: pd.DataFrame, quantity: str, *, axis: str) -> go.Figure:
    """Draw medians with quartiles, a row per architecture and kernel, on a logarithmic axis.

    Args:
        frame: A frame of `models.analysis.costs.measured_frame`, with the columns `MEASURED_COLUMNS`.
        quantity: Selects the rows.
        axis: Title of the axis, with its unit.
    """
    require(frame, MEASURED_COLUMNS)
    shown = frame[frame["quantity"] == quantity]
    chart = figure(f"Measured here: {quantity}", height=120 + KERNEL_ROW * max(1, len(shown)))
    chart.update_layout(margin_t=TOP)
    chart.update_xaxes(title_text=f"{axis}, log scale", type="log")
    chart.update_yaxes(autorange="reversed", title_text="")
    if shown.empty:
        return say_empty(chart, "Nothing has been measured yet.")
    chart.update_xaxes(**log_ticks(float(shown["low"].min()), float(shown["high"].max())))
    for architecture, rows in shown.groupby("architecture", sort=False):
        chart.add_scatter(
            x=rows["median"].tolist(),
            y=[[escape(title) for title in rows["title"]], [escape(kernel) for kernel in rows["kernel"]]],
            mode="markers",
            name=escape(str(rows["title"].iloc[0])),
            showlegend=False,
            marker={
                "symbol": [SYMBOLS.get(kernel.partition(" (")[0], "circle") for kernel in rows["kernel"]],
                "size": 12,
                "color": theme.hue(str(architecture)),
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": (rows["high"] - rows["median"]).tolist(),
                "arrayminus": (rows["median"] - rows["low"]).tolist(),
                "color": theme.hue(str(architecture)),
            },
            hovertemplate="%{y}: %{x:.3g}<extra></extra>",
        )
    medians = zip(shown["title"], shown["kernel"], shown["median"], strict=True)
    told = "; ".join(f"{title}, {kernel} {median:.3g}" for title, kernel, median in medians)
    return with_alt(chart, f"{axis}: {told}.")


def log_ticks(low: float, high: float) -> dict[str, object]:
    """Return ticks at 1, 2 and 5 of every decade in a range; Plotly itself labels only the first of a decade in full."""
    decades = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    marks = [float(f"{mark}e{decade}") for decade in decades for mark in TICKS]
    shown = [mark for mark in marks if low / 2.5 <= mark <= high * 2.5]
    return {"tickmode": "array", "tickvals": shown, "ticktext": [f"{mark:g}" for mark in shown]}


def ratio_bars(frame: pd.DataFrame) -> go.Figure:
    """Draw the time of an update relative to the reference, by formula and by kernel; needs `RATIO_COLUMNS`."""
    require(frame, RATIO_COLUMNS)
    chart = figure("Time of an update against the reference", height=380)
    chart.update_layout(barmode="group", bargap=0.3, legend=LEGEND, margin_t=TOP)
    chart.update_yaxes(title_text="Ratio", rangemode="tozero")
    if frame.empty:
        return say_empty(chart, "Nothing has been measured yet.")
    for title, rows in frame.groupby("title", sort=False):
        chart.add_bar(
            x=[escape(str(source)) for source in rows["source"]],
            y=rows["ratio"].tolist(),
            name=escape(str(title)),
            text=[f"{ratio:.2f}" for ratio in rows["ratio"]],
            textposition="outside",
            cliponaxis=False,
            marker={
                "color": theme.hue(str(rows["architecture"].iloc[0])),
                "opacity": [0.55 if source == THEORY else 1.0 for source in rows["source"]],
            },
            hovertemplate=f"{escape(str(title))}, %{{x}}: %{{y:.3g}}<extra></extra>",
        )
    chart.add_hline(y=1, line={"color": theme.AXIS, "width": 1, "dash": "dot"})
    return with_alt(chart, _ratios_in_words(frame))


def _ratios_in_words(frame: pd.DataFrame) -> str:
    parts = [
        f"{title}, {source} {ratio:.2f}"
        for title, source, ratio in zip(frame["title"], frame["source"], frame["ratio"], strict=True)
    ]
    return "Time against the reference: " + "; ".join(parts) + "."
