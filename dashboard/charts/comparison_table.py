"""The comparison as a Plotly table: one row per architecture and baseline; a star only if the verdict shows a difference."""

import math
import textwrap
from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import escape, figure, require, with_alt
from models.analysis.comparison_columns import COLUMNS, Column

TITLE = "Comparison of architectures and baselines"
SHOWN = (
    "test_mean",
    "skill",
    "mase",
    "band_held",
    "parameters",
    "weights_kilobytes",
    "hidden_size",
    "learning_rate",
    "best_validation_loss",
    "best_update",
    "final_validation_loss",
    "milliseconds_per_update",
    "sequences_per_second",
    "inference_milliseconds",
    "horizon",
)
OPTIONAL = ("skill", "mase", "band_held")  # left out if no row has a value
MARK = "★"
HAIR = "\u202f"  # a narrow space at which no line breaks
NONE = "–"
THIN = "\u202f"  # narrow no-break space between groups of three digits
ROW = 32
HEAD = 76
NAME_LETTERS = 20  # letters that fit into one line of the first column
HEAD_LETTERS = 10  # letters that fit into one line of another column's heading
LINE = 19
WIDTHS = {  # relative widths of columns; 1 fits a heading of ten letters, and fourteen columns share a page
    "test_mean": 1.45,
    "skill": 0.8,
    "mase": 0.85,
    "band_held": 0.85,
    "parameters": 1.2,
    "weights_kilobytes": 0.95,
    "hidden_size": 0.85,
    "learning_rate": 0.95,
    "best_validation_loss": 1.15,
    "final_validation_loss": 1.15,
    "best_update": 0.8,
    "sequences_per_second": 1.25,
}


def comparison_table(frame: pd.DataFrame, metric: Column, *, leader: str | None = None) -> go.Figure:
    """Draw the table.

    Args:
        frame: A frame of `models.analysis.comparison.comparison_table`; needs `kind`, `name`, `title`, `test_spread` and
            the columns of `SHOWN`.
        metric: How to read `test_mean`.
        leader: Architecture that the verdict finds better than every other one; its score is marked.
    """
    require(frame, ("kind", "name", "title", "test_spread", *SHOWN))
    shown = [name for name in SHOWN if name not in OPTIONAL or frame[name].notna().any()]
    if "band_held" in shown:
        shown.remove("weights_kilobytes")  # fourteen columns share a page, and a parameter is always four bytes
    described = {name: COLUMNS[name] for name in shown} | {"test_mean": metric}
    best: dict[str, int | None] = dict.fromkeys(shown)
    best["test_mean"] = _row_of(frame, leader)
    names = _names(frame)
    extra = sum(name.count("<br>") for name in names)
    chart = figure(TITLE, height=HEAD + 64 + ROW * max(1, len(frame)) + LINE * extra)
    chart.update_layout(margin={"t": 40, "l": 0, "r": 0, "b": 0})
    chart.add_table(
        columnwidth=[2.0, *[WIDTHS.get(name, 1.0) for name in shown]],
        header={
            "values": ["<b>Model</b>", *[_heading(name, column) for name, column in described.items()]],
            "align": ["left", *["right"] * len(shown)],
            "height": HEAD,
            **_look(theme.GRID),
        },
        cells={
            "values": [names, *[_cells(frame, name, described, best[name]) for name in shown]],
            "align": ["left", *["right"] * len(shown)],
            "height": ROW,
            **_look([[theme.CLEAR] * len(frame), *[_fills(frame, best[name]) for name in shown]]),
        },
    )
    return with_alt(chart, _in_words(frame, metric))


def _row_of(frame: pd.DataFrame, leader: str | None) -> int | None:
    rows = [row for row, name in enumerate(frame["name"]) if leader is not None and name == leader]
    return rows[0] if rows else None


def _look(fill: object) -> dict[str, object]:
    return {"fill": {"color": fill}, "line": {"color": theme.GRID, "width": 1}, "font": {"size": 12}}


def _heading(name: str, column: Column) -> str:
    title = f"Test {column.title}" if name == "test_mean" else column.title.replace("... ", "")
    bold = f"<b>{_lines(title, HEAD_LETTERS)}</b>"
    return f"{bold}<br>{_lines(column.unit, HEAD_LETTERS)}" if column.unit else bold


def _lines(text: str, letters: int) -> str:
    """Break a text into lines: Plotly only does this itself for text without markup."""
    return "<br>".join(escape(line) for line in textwrap.wrap(text, letters, break_long_words=False))


def _names(frame: pd.DataFrame) -> list[str]:
    return [
        f"<b>{_lines(str(row.title), NAME_LETTERS)}</b>"
        if row.kind == "architecture"
        else f"<i>{_lines(str(row.title), NAME_LETTERS)}</i>"
        for row in frame.itertuples()
    ]


def _cells(frame: pd.DataFrame, name: str, described: Mapping[str, Column], best: int | None) -> list[str]:
    texts = [number(value, described[name].digits) for value in frame[name]]
    if name == "test_mean":
        texts = [
            text if math.isnan(spread) else f"{text} ± {number(spread, 2)}"
            for text, spread in zip(texts, frame["test_spread"], strict=True)
        ]
    return [f"<b>{MARK}{HAIR}{text}</b>" if row == best else text for row, text in enumerate(texts)]


def _fills(frame: pd.DataFrame, best: int | None) -> list[str]:
    return [theme.MARKED if row == best else theme.CLEAR for row in range(len(frame))]


def best_row(frame: pd.DataFrame, name: str, column: Column) -> int | None:
    """Return the row of a column's best value; None if no direction is better or there are fewer than two values."""
    values = frame[name].to_numpy(dtype=np.float64)
    if column.better is None or len(np.unique(values[np.isfinite(values)])) < 2:
        return None
    return int(np.nanargmin(values) if column.better == "low" else np.nanargmax(values))


def number(value: float, digits: int) -> str:
    """Format a number with significant digits and thin-spaced thousands: `4 480`, `0.0163`."""
    if math.isnan(value):
        return NONE
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{places}f}" if abs(value) >= 1e-4 else f"{value:.{digits - 1}e}"
    whole = float(value).is_integer() or (
        digits > 3 and float(2 * value).is_integer()
    )  # a median of counts may be a half
    return (text.rstrip("0").rstrip(".") if whole and "." in text else text).replace(",", THIN)


def _in_words(frame: pd.DataFrame, metric: Column) -> str:
    parts = [f"{title} {number(value, 4)}" for title, value in zip(frame["title"], frame["test_mean"], strict=True)]
    return f"Test {metric.heading}: " + "; ".join(parts) + "."
