"""Many architectures in one chart: each against a reference, and mean ranks over several datasets."""

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.frames import escape, figure, records, require, say_empty, with_alt
from models.analysis.comparison_columns import Column
from models.analysis.critical_difference import RANK_COLUMNS
from models.analysis.ranking import REFERENCE_COLUMNS
from models.analysis.wording import number

MARGIN = "rgba(128, 136, 148, 0.22)"
ROW, AROUND = 34, 150  # pixels
RANK_TITLE = "Mean rank over datasets"


def against_reference(frame: pd.DataFrame, metric: Column) -> go.Figure:
    """Draw every architecture's difference from one, with its interval and the margin as a band.

    Args:
        frame: A frame of `models.analysis.ranking.reference_frame`, with the columns `REFERENCE_COLUMNS`.
        metric: How to read a difference.
    """
    require(frame, REFERENCE_COLUMNS)
    chart = figure("Difference from one architecture", height=AROUND + ROW * len(frame))
    known = frame[frame["difference"].notna()]
    if known.empty:
        return say_empty(chart, "No completed repeats to compare.")
    reference = str(frame["reference"].iloc[0])
    chart.update_layout(title_text=f"Difference from {escape(reference)}", showlegend=False)
    better = "left" if metric.better == "low" else "right"
    chart.update_xaxes(title_text=f"{escape(metric.heading)}; better to the {better}", zeroline=True, zerolinewidth=2)
    chart.add_vrect(x0=-known["margin"].max(), x1=known["margin"].max(), fillcolor=MARGIN, layer="below", line_width=0)
    for row in records(known):
        _point(chart, row, row["difference"])
    chart.update_yaxes(autorange="reversed", type="category")
    return with_alt(chart, _differences_in_words(frame))


def _point(chart: go.Figure, row: dict[str, object], value: object) -> None:
    """Draw one architecture as a marker with the bar from `low` to `high`."""
    name, title, centre = str(row["architecture"]), escape(str(row["title"])), float(value)  # type: ignore[arg-type]
    low, high = float(row["low"]), float(row["high"])  # type: ignore[arg-type]
    bar = {"type": "data", "symmetric": False, "array": [high - centre], "arrayminus": [centre - low], "thickness": 2}
    chart.add_scatter(
        x=[centre],
        y=[title],
        mode="markers",
        marker=theme.marks(name) | {"size": 11, "color": theme.hue(name), "maxdisplayed": 0},
        error_x=bar if low == low else None,
        name=title,
        hovertemplate=f"{title}: %{{x:.4g}}<extra></extra>",
    )


def _differences_in_words(frame: pd.DataFrame) -> str:
    parts = [
        f"{row['title']} {number(float(row['difference']))}{_shown(str(row['better']), row)}" for row in records(frame)
    ]
    return f"Difference from {frame['reference'].iloc[0]}: {'; '.join(parts)}."


def _shown(better: str, row: dict[str, object]) -> str:
    return "" if not better else " (shown to be better)" if better == row["architecture"] else " (shown to be worse)"


def mean_ranks(frame: pd.DataFrame, datasets: int) -> go.Figure:
    """Draw mean ranks with half the critical difference to either side: bars that overlap cannot be told apart.

    Args:
        frame: A frame of `RankComparison.frame`, with the columns `RANK_COLUMNS`.
        datasets: How many datasets were ranked.
    """
    require(frame, RANK_COLUMNS)
    chart = figure(f"{RANK_TITLE}: {datasets}", height=AROUND + ROW * len(frame))
    if frame.empty:
        return say_empty(chart, "No architecture was trained on every dataset.")
    chart.update_xaxes(title_text="Mean rank; 1 is best", range=[0.5, len(frame) + 0.5], dtick=1)
    for row in records(frame):
        _point(chart, row, row["mean_rank"])
    chart.update_yaxes(autorange="reversed", type="category").update_layout(showlegend=False)
    return with_alt(chart, _ranks_in_words(frame))


def _ranks_in_words(frame: pd.DataFrame) -> str:
    parts = [f"{row['title']} {row['mean_rank']:.2f} (group {row['groups']})" for row in records(frame)]
    return f"Mean ranks, 1 is best: {'; '.join(parts)}."
