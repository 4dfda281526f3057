"""The next steps of a series with their interval, and the error by steps ahead."""

from collections.abc import Iterator, Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import escape, figure, quantity, require, say_empty, with_alt
from data.quantiles import QUANTILES
from models.analysis.forecast import COLUMNS, ERROR_COLUMNS
from models.cells import architectures

HISTORY_COLUMNS = ("series", "time", "value")
BAND, MARKED, CAP = 0.16, 16, 5


def forecast_chart(frame: pd.DataFrame, history: pd.DataFrame, *, unit: str, level: float | None) -> go.Figure:
    """Draw the last known rows and each source's forecast with its interval.

    Args:
        frame: Rows of one series of `Forecast.frame`; predicted quantiles are thin dotted lines.
        history: Rows of the same series of `Forecast.history`.
        unit: Unit of the values.
        level: Level of the interval to draw (0.9); None draws none.
    """
    require(frame, COLUMNS)
    require(history, HISTORY_COLUMNS)
    chart = figure("Forecast of the next steps")
    chart.update_layout(hovermode="x unified", margin_t=100)  # room for a legend of three lines on a telephone
    chart.update_xaxes(title_text="Time")
    chart.update_yaxes(title_text=quantity("" if frame.empty else str(frame["series"].iloc[0]), unit))
    if frame.empty:
        return say_empty(chart, "There is no forecast.")
    chart.add_scatter(
        x=history["time"].tolist(),
        y=history["value"].tolist(),
        mode="lines+markers",
        line={"color": theme.TRUTH, "width": 2},
        marker={"size": 4},
        name="Known",
        hovertemplate="Known %{y:.4g}<extra></extra>",
    )
    for place, (name, rows) in enumerate(frame.groupby("architecture", sort=False)):
        _add_source(chart, str(name), rows, level, cap=CAP * (1 + place))
    return with_alt(chart, _in_words(frame, unit=unit, level=level))


def _add_source(chart: go.Figure, name: str, rows: pd.DataFrame, level: float | None, *, cap: int) -> None:
    """Add a source's line and its interval: a band, or for a single step a bar whose ends are `cap` pixels wide."""
    title, known = _short_title(rows), name in architectures()
    colour = theme.hue(name) if known else theme.ACCENT
    low, high = (f"{edge}_{(level or 0) * 100:.0f}" for edge in ("lower", "upper"))
    held = bool(level) and low in rows and rows[low].notna().all()
    if held and len(rows) > 1:
        chart.add_scatter(
            x=[*rows["time"], *rows["time"][::-1]],
            y=[*rows[high], *rows[low][::-1]],
            fill="toself",
            fillcolor=theme.translucent(colour, BAND),
            mode="lines",
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
            legendgroup=name,
            name=f"{title} interval",
        )
    if f"quantile_{100 * QUANTILES[0]:.0f}" in rows:
        _add_quantiles(chart, title, rows, {"color": colour, "width": 1, "dash": "dot"}, name)
    bar = _bar(rows, low, high, colour, cap) if held and len(rows) == 1 else None
    marker = theme.marks(name, most=MARKED) if known else {"size": 5, "symbol": "line-ew-open"}
    for part, dash, ending in _line_parts(rows, known):
        chart.add_scatter(
            x=part["time"].tolist(),
            y=part["mean"].tolist(),
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            marker=marker,
            error_y=bar,
            legendgroup=name,
            showlegend=not ending,
            name=f"{title}{ending}",
            hovertemplate=f"{title}{ending} %{{y:.4g}}<extra></extra>",
        )


def _short_title(rows: pd.DataFrame) -> str:
    """Return a source's name; what a simple predictor does, which follows a colon, is left out."""
    return escape(str(rows["title"].iloc[0]).partition(":")[0])


def _add_quantiles(chart: go.Figure, title: str, rows: pd.DataFrame, line: dict[str, object], group: str) -> None:
    """Add a thin line for the outer predicted quantiles; a source without any adds nothing."""
    for level in (QUANTILES[0], QUANTILES[-1]):
        own = rows[f"quantile_{100 * level:.0f}"]
        if own.notna().all():
            chart.add_scatter(
                x=rows["time"].tolist(),
                y=own.tolist(),
                mode="lines" if len(rows) > 1 else "markers",
                line=line,
                marker={"symbol": "line-ew-open", "size": 14, "color": line["color"]},
                legendgroup=group,
                showlegend=False,
                name=f"{title}, {level:.0%}",
                hovertemplate=f"{title}, {level:.0%} quantile %{{y:.4g}}<extra></extra>",
            )


def _bar(rows: pd.DataFrame, low: str, high: str, colour: str, cap: int) -> dict[str, object]:
    """Return Plotly's error bar of a single step; several sources stand at one time, so their ends differ in width."""
    return {
        "type": "data",
        "symmetric": False,
        "array": (rows[high] - rows["mean"]).tolist(),
        "arrayminus": (rows["mean"] - rows[low]).tolist(),
        "color": colour,
        "thickness": 2,
        "width": cap,
    }


def _line_parts(rows: pd.DataFrame, known: bool) -> Iterator[tuple[pd.DataFrame, str, str]]:
    """Yield a source's rows with their dash and what follows its name; a network's that were fed back are a line of their own."""
    if not known:
        yield rows, "dot", ""
        return
    fed = rows["fed_back"] if "fed_back" in rows else pd.Series(False, index=rows.index)
    yield rows[~fed], "solid", ""
    if fed.any():
        yield (
            rows[fed | fed.shift(-1, fill_value=False)],
            "dash",
            ", fed back",
        )  # from the last step that was trained on


def error_by_step(frame: pd.DataFrame, *, unit: str) -> go.Figure:
    """Draw the root mean square error on unseen data against steps ahead, a line per source.

    Args:
        frame: Rows of one series of `Forecast.error_frame`.
        unit: Unit of the errors.
    """
    require(frame, ERROR_COLUMNS)
    chart = figure("Error by steps ahead", height=350)
    chart.update_layout(margin_t=100)  # room for a legend of three lines on a telephone
    chart.update_xaxes(title_text="Steps ahead", dtick=1 if frame["step"].nunique() <= 24 else None)
    chart.update_yaxes(title_text=f"RMSE ({unit.replace('_', ' ')})" if unit else "RMSE", rangemode="tozero")
    if frame.empty:
        return say_empty(chart, "There is no forecast.")
    for name, rows in frame.groupby("architecture", sort=False):
        title, known = _short_title(rows), str(name) in architectures()
        chart.add_scatter(
            x=rows["step"].tolist(),
            y=rows["rmse"].tolist(),
            mode="lines+markers",
            line={
                "color": theme.hue(str(name)) if known else theme.ACCENT,
                "width": 2,
                "dash": "solid" if known else "dot",
            },
            marker=theme.marks(str(name), most=MARKED) if known else {"size": 5},
            name=title,
            hovertemplate=f"{title} %{{y:.4g}}<extra></extra>",
        )
    return with_alt(chart, _errors_in_words(frame))


def _in_words(frame: pd.DataFrame, *, unit: str, level: float | None) -> str:
    """Describe each source's first and last forecast in words: the text alternative."""
    said = [_described(rows, level) for _, rows in frame.groupby("architecture", sort=False)]
    return f"Forecasts ({unit.replace('_', ' ') or 'value'}): {'; '.join(said)}." if said else "There is no forecast."


def _described(rows: pd.DataFrame, level: float | None) -> str:
    low = f"lower_{(level or 0) * 100:.0f}"
    ends: Sequence[int] = (0,) if len(rows) == 1 else (0, len(rows) - 1)
    told = []
    for end in ends:
        row = rows.iloc[end]
        band = ""
        if level and low in rows:
            band = f" ({row[low]:.4g} to {row[low.replace('lower', 'upper')]:.4g} at {level:.0%})"
        told.append(f"{row['time']}: {row['mean']:.4g}{band}")
    return f"{rows['title'].iloc[0]} {', '.join(told)}"


def _errors_in_words(frame: pd.DataFrame) -> str:
    """Describe each source's error at the first and the last step in words: the text alternative."""
    said = [
        f"{rows['title'].iloc[0]} {rows['rmse'].iloc[0]:.3g} at step {rows['step'].iloc[0]}, "
        f"{rows['rmse'].iloc[-1]:.3g} at step {rows['step'].iloc[-1]}"
        for _, rows in frame.groupby("architecture", sort=False)
    ]
    return f"Root mean square error by steps ahead: {'; '.join(said)}."
