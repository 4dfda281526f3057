"""How much worse trained networks become without a column or a lag."""

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import figure, records, require, with_alt
from models.analysis.comparison_columns import Column
from models.analysis.input_importance import SUMMARY_COLUMNS
from models.cells import get_cell

TITLES = {"column": "Damage without each column", "lag": "Damage without each lag"}
AXES = {"column": "Column", "lag": "Steps before the last one"}


def importance_bars(frame: pd.DataFrame, metric: Column, *, kind: str) -> go.Figure:
    """Draw mean damage of every input, architectures side by side, with the range over repeats.

    Args:
        frame: Columns `SUMMARY_COLUMNS`, one way of removing.
        metric: The metric that decides.
        kind: `column` or `lag`.
    """
    require(frame, SUMMARY_COLUMNS)
    chosen = frame[frame["kind"] == kind]
    chart = figure(TITLES[kind])
    for name, rows in chosen.groupby("architecture", sort=False):
        title = get_cell(str(name)).title
        chart.add_bar(
            x=rows["input"],
            y=rows["damage"],
            name=title,
            marker_color=theme.hue(str(name)),
            error_y={
                "type": "data",
                "array": rows["highest"] - rows["damage"],
                "arrayminus": rows["damage"] - rows["lowest"],
                "thickness": 1,
                "color": theme.TRUTH,
            },
            customdata=rows["p"],
            hovertemplate="%{x}: %{y:.4g}, p %{customdata:.3g}<extra>" + title + "</extra>",
        )
    chart.update_layout(barmode="group")
    chart.update_xaxes(title_text=AXES[kind], type="category")
    chart.update_yaxes(title_text=f"{metric.heading}: how much worse")
    return with_alt(chart, _in_words(chosen, kind))


def _in_words(chosen: pd.DataFrame, kind: str) -> str:
    if chosen.empty:
        return f"{TITLES[kind]}: nothing to show."
    worst = chosen.loc[chosen.groupby("architecture", sort=False)["damage"].idxmax()]
    told = "; ".join(
        f"{get_cell(row['architecture']).title}: {row['input']} ({row['damage']:.3g})" for row in records(worst)
    )
    return f"{TITLES[kind]}, largest: {told}."
