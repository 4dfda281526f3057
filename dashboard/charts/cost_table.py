"""A table of parameters, memory, FLOPs and speed, with the best values marked and differences to a reference row."""

import math
from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.comparison_table import MARK, best_row, number
from dashboard.charts.frames import escape, figure, require, with_alt
from models.analysis.comparison_columns import Column

TITLE = "Parameters, memory and speed"
ROW, HEAD = 46, 80
FIGURE_SPACE = "\u2007"  # as wide as a digit


def cost_table(frame: pd.DataFrame, columns: Mapping[str, Column], *, reference: str = "") -> go.Figure:
    """Draw the table, with rows in the order of the frame.

    Args:
        frame: Needs `name`, `title` and every key of `columns`. A column without any value is left out.
        columns: Column name to its description.
        reference: Name of the row to which the others are compared in percent; empty for none.
    """
    require(frame, ("name", "title", *columns))
    shown = {name: column for name, column in columns.items() if frame[name].notna().any()}
    best = {name: best_row(frame, name, column) for name, column in shown.items()}
    chart = figure(TITLE, height=HEAD + 52 + ROW * max(1, len(frame)))
    chart.update_layout(margin={"t": 40, "l": 0, "r": 0, "b": 0})
    look = {"line": {"color": theme.GRID, "width": 1}, "font": {"size": 13}}
    align = ["left", *["right"] * len(shown)]
    chart.add_table(
        columnwidth=[1.5, *[1.0] * len(shown)],
        header={
            "values": ["<b>Model</b>", *[_heading(column) for column in shown.values()]],
            "align": align,
            "height": HEAD,
            "fill": {"color": theme.GRID},
            **look,
        },
        cells={
            "values": [
                [f"<b>{escape(str(title))}</b>" for title in frame["title"]],
                *[_cells(frame, name, column, best[name], reference) for name, column in shown.items()],
            ],
            "align": align,
            "height": ROW,
            "fill": {"color": [[theme.CLEAR] * len(frame), *[_fills(len(frame), best[name]) for name in shown]]},
            **look,
        },
    )
    return with_alt(chart, _in_words(frame, columns))


def ordered(frame: pd.DataFrame, column: str, columns: Mapping[str, Column]) -> pd.DataFrame:
    """Return the rows with the best value of a column first and missing values last."""
    higher = columns[column].better == "high" if column in columns else False
    return frame.sort_values(column, ascending=not higher, kind="stable", na_position="last", ignore_index=True)


def _heading(column: Column) -> str:
    words = escape(column.title).split(" ")
    middle = (len(words) + 1) // 2
    title = " ".join(words[:middle]) + (
        "<br>" + " ".join(words[middle:]) if len(words) > 2 else " " + " ".join(words[middle:])
    )
    return f"<b>{title.strip()}</b>" + (f"<br>{escape(column.unit)}" if column.unit else "")


def _cells(frame: pd.DataFrame, name: str, column: Column, best: int | None, reference: str) -> list[str]:
    values = frame[name].tolist()
    base = dict(zip(frame["name"], values, strict=True)).get(reference, math.nan)
    texts = []
    for row, (owner, value) in enumerate(zip(frame["name"], values, strict=True)):
        first, second = number(value, column.digits), "" if owner == reference else difference(value, base)
        first, second = aligned(f"{MARK} {first}" if row == best else first, second)
        texts.append((f"<b>{first}</b>" if row == best else first) + (f"<br><i>{second}</i>" if second else ""))
    return texts


def difference(value: float, base: float) -> str:
    """Return a value's difference to a base in percent as text, empty if there is none."""
    if not math.isfinite(value) or not math.isfinite(base) or base == 0:
        return ""
    return f"{100 * (value / base - 1):+.0f} %".replace("-", "−")


def aligned(first: str, second: str) -> tuple[str, str]:
    """Pad the shorter of two lines on the left: Plotly left-aligns the lines of a cell."""
    if not second:
        return first, second
    width = max(len(first), len(second))
    return first.rjust(width, FIGURE_SPACE), second.rjust(width, FIGURE_SPACE)


def _fills(rows: int, best: int | None) -> list[str]:
    return [theme.MARKED if row == best else theme.CLEAR for row in range(rows)]


def _in_words(frame: pd.DataFrame, columns: Mapping[str, Column]) -> str:
    parts = []
    for position, title in enumerate(frame["title"]):
        values = [
            f"{column.heading} {number(float(frame[name].iloc[position]), column.digits)}"
            for name, column in columns.items()
            if not math.isnan(float(frame[name].iloc[position]))
        ]
        parts.append(f"{title}: {', '.join(values)}")
    return "; ".join(parts) + "."
