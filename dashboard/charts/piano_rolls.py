"""Several labels at a step, such as notes that sound together: how probable each was, beside what holds."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import theme
from dashboard.charts.frames import dress, escape, figure, require, say_empty, with_alt
from models.analysis.predictions import ROLL_COLUMNS, TRUTH

TITLE = "Notes that sound, and how probable they were"
PANEL_HEIGHT = 190


def piano_rolls(frame: pd.DataFrame) -> go.Figure:
    """Draw one panel per source: steps across, labels upwards, darker where more probable; dots mark what holds.

    Args:
        frame: A frame of `models.analysis.predictions.roll_frame`, with the columns `ROLL_COLUMNS`.
    """
    require(frame, ROLL_COLUMNS)
    if frame.empty:
        return say_empty(figure(TITLE, height=240), "There is no sample.")
    sources = list(frame["architecture"].unique())
    titles = [escape(str(frame.loc[frame["architecture"] == one, "title"].iloc[0])) for one in sources]
    chart = make_subplots(rows=len(sources), cols=1, shared_xaxes=True, subplot_titles=titles, vertical_spacing=0.08)
    dress(chart, TITLE, height=100 + PANEL_HEIGHT * len(sources))
    for row, source in enumerate(sources, start=1):
        _add_panel(chart, frame[frame["architecture"] == source], row, truth=source == TRUTH)
    chart.update_xaxes(title_text="Step", row=len(sources), col=1)
    chart.update_layout(showlegend=False)
    return with_alt(chart, _in_words(frame))


def _add_panel(chart: go.Figure, rows: pd.DataFrame, row: int, *, truth: bool) -> None:
    labels = list(rows["label"].unique())
    wide = rows["probability"].to_numpy(dtype=np.float64).reshape(-1, len(labels)).T
    steps = rows["step"].unique().tolist()
    chart.add_heatmap(
        z=np.round(wide, 4),
        x=steps,
        y=[escape(label) for label in labels],
        zmin=0,
        zmax=1,
        colorscale=theme.INTENSITY_SCALE,
        showscale=False,
        hovertemplate="step %{x}, %{y}: %{z:.2f}<extra></extra>",
        row=row,
        col=1,
    )
    if not truth:
        holds = rows[rows["holds"]]
        chart.add_scatter(
            x=holds["step"].tolist(),
            y=[escape(str(label)) for label in holds["label"]],
            mode="markers",
            marker={"size": 3, "color": theme.MARK},
            hovertemplate="step %{x}: %{y} sounds<extra></extra>",
            row=row,
            col=1,
        )
    chart.update_yaxes(title_text="Note", showgrid=False, nticks=8, row=row, col=1)


def _in_words(frame: pd.DataFrame) -> str:
    """Say how probable the labels that hold and those that do not were: the text alternative."""
    said = []
    for title, rows in frame[frame["architecture"] != TRUTH].groupby("title", sort=False):
        sounding, silent = (rows.loc[rows["holds"] == held, "probability"].mean() for held in (True, False))
        said.append(f"{title} gave notes that sound {sounding:.0%} and others {silent:.0%}")
    return f"One piece of {int(frame['step'].max())} steps: on average " + "; ".join(said) + "."
