"""One architecture over one sample: input at the top, gates and states as heatmaps, answer and target at the bottom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import theme
from dashboard.charts.colour_bars import add_scales
from dashboard.charts.frames import dress, escape, figure, require, say_empty, with_alt
from dashboard.charts.gate_heatmaps import add_rows, in_rows, is_memory, name_units, row_heads
from dashboard.charts.preview import InputKind, add_inputs
from dashboard.charts.step_axis import StepAxis, apply_axis, name_steps
from models.analysis.answers import ANSWER_COLUMNS
from models.analysis.traces import Panel

INPUT_HEIGHT, ANSWER_HEIGHT, PANEL_HEIGHT = 90, 110, 130
TOP, BOTTOM, GAP = 86, 48, 30
LEFT = 60
MAX_OUTPUTS = 4
UNIT_TOP, UNIT_BOTTOM = 52, 116


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """What is drawn above and below the heatmaps.

    Attributes:
        inputs: A frame of `models.analysis.samples.sample_frame`.
        picture: How the input is drawn.
        unit: Unit of the answers, empty for probabilities.
        axis: How steps are called, and in what the input is measured.
    """

    inputs: pd.DataFrame
    picture: InputKind
    unit: str = ""
    axis: StepAxis = field(default_factory=StepAxis)


def trace_heatmaps(
    panels: Sequence[Panel],
    sample: Sample,
    answers: pd.DataFrame,
    *,
    title: str,
    limit: float = 1.0,
    units: Sequence[int] = (),
    roles: Mapping[str, str] | None = None,
) -> go.Figure:
    """Draw every gate (red 0, blue 1), candidate and state (brown below, teal above zero) on one time axis.

    Args:
        panels: Panels of one architecture from `models.analysis.traces`.
        sample: The input.
        answers: Its answer after each step, columns `ANSWER_COLUMNS`.
        title: Title of the figure: the architecture.
        limit: Limit of the scale of states without bounds, the same for every architecture that is compared.
        units: Unit numbers in the order in which they are drawn, top first; empty draws them by number.
        roles: Roles of all compared architectures, see `gate_heatmaps`.
    """
    require(answers, ANSWER_COLUMNS)
    if not panels:
        return say_empty(figure(title, height=200), "There is no trace.")
    rows, steps = in_rows(panels, roles), panels[0].values.shape[1]
    heads = (sample.axis.input_head, *row_heads(rows, roles), _answer_title(answers))
    memory = limit if any(is_memory(panel) for panel in panels) else None
    chart = go.Figure(_skeleton(title, heads, steps, memory))
    add_inputs(chart, sample.inputs, picture=sample.picture, row=1)
    add_rows(chart, rows, units=list(units) or list(range(1, panels[0].values.shape[0] + 1)))
    add_answers(chart, answers, panels[0].architecture, row=len(heads), unit=sample.unit)
    apply_axis(chart, sample.axis, steps, row=len(heads))
    name_steps(chart, sample.axis)
    return with_alt(chart, _in_words(title, panels, answers))


@lru_cache(maxsize=64)
def _skeleton(title: str, heads: tuple[str, ...], steps: int, memory: float | None) -> go.Figure:
    """Return the parts that do not depend on the sample, which take most of the time. Callers copy them."""
    rows = [INPUT_HEIGHT, *[PANEL_HEIGHT] * (len(heads) - 2), ANSWER_HEIGHT]
    height = TOP + BOTTOM + sum(rows) + GAP * (len(rows) - 1)
    chart = make_subplots(
        rows=len(rows),
        cols=1,
        shared_xaxes=True,
        row_heights=rows,
        vertical_spacing=GAP / (height - TOP - BOTTOM),
        subplot_titles=heads,
    )
    dress(chart, title, height=height)
    chart.update_layout(title_y=1 - 8 / height, showlegend=False, margin={"t": TOP, "b": BOTTOM, "l": LEFT, "r": 8})
    add_scales(chart, 1.0, height, memory=memory)
    name_units(chart, range(2, len(rows)))
    chart.update_annotations(font_size=12, xanchor="left", x=0)
    chart.update_xaxes(showgrid=False, range=[0.5, steps + 0.5], automargin=False)
    chart.update_xaxes(title_text="Step", showticklabels=True, row=len(rows), col=1)
    return chart.update_yaxes(automargin=False)


def _answer_title(answers: pd.DataFrame) -> str:
    if answers.empty or not answers["told"].any():
        return "Answer if it ended here (dotted: target)"
    return "Probability of the right answer (dot: green right, orange wrong)"


def add_answers(chart: go.Figure, answers: pd.DataFrame, architecture: str, *, row: int, unit: str = "") -> None:
    """Add the answers after each step to a subplot: lines and dotted targets, or probabilities with coloured dots."""
    for place, (output, rows) in enumerate(answers.groupby("output", sort=False)):
        if place == MAX_OUTPUTS:
            break
        classes = bool(rows["told"].any())
        chart.add_scatter(
            x=rows["step"].tolist(),
            y=rows["value"].round(5).tolist(),
            mode="lines+markers" if classes else "lines",
            line={"color": theme.hue(architecture), "width": 2, "dash": theme.DASHES[place]},
            marker={"size": 6, "color": [_dot(right, target) for right, target in _verdicts(rows)]}
            if classes
            else None,
            customdata=[escape(str(told)) for told in rows["told"]],
            name=escape(str(output)),
            hovertemplate="step %{x}: %{y:.4g} %{customdata}<extra>" + escape(str(output)) + "</extra>",
            row=row,
            col=1,
        )
        if not classes:
            chart.add_scatter(
                x=[float(rows["step"].min()), float(rows["step"].max())],
                y=[float(rows["target"].iloc[0])] * 2,
                mode="lines",
                line={"color": theme.TRUTH, "width": 1.5, "dash": "dot"},
                name="target",
                hovertemplate="target %{y:.4g}<extra></extra>",
                row=row,
                col=1,
            )
    if not answers.empty and answers["told"].any():
        chart.update_yaxes(range=[-0.05, 1.05], row=row, col=1)
    chart.update_yaxes(title_text=escape(unit.replace("_", " ")), nticks=4, row=row, col=1)


def _verdicts(rows: pd.DataFrame) -> list[tuple[bool, float]]:
    return list(zip(rows["right"].tolist(), rows["target"].tolist(), strict=True))


def _dot(right: bool, target: float) -> str:
    if target != target:  # a step whose answer does not count
        return theme.CLEAR
    return theme.RIGHT if right else theme.WRONG


def _in_words(title: str, panels: Sequence[Panel], answers: pd.DataFrame) -> str:
    gates = ", ".join(f"{panel.title} {panel.values.mean():.2f}" for panel in panels if panel.kind == "gate")
    caption = f"{title}: input, heatmaps of units by step, and the answer after each step."
    if gates:
        caption += f" Mean over units and steps: {gates}."
    if not answers.empty:
        last = answers[answers["step"] == answers["step"].max()].iloc[0]
        caption += f" At the last step: {last['value']:.3g}" + (
            f", target {last['target']:.3g}." if not last["told"] else "."
        )
    return caption


def unit_trace(panels: Sequence[Panel], unit: int, *, title: str, axis: StepAxis | None = None) -> go.Figure:
    """Draw one unit's gates above and its candidate and states below.

    Args:
        panels: Panels of one architecture from `models.analysis.traces`.
        unit: Its number, from 1.
        title: Title of the figure.
        axis: How steps are called.
    """
    if not panels:
        return say_empty(figure(title, height=200), "There is no trace.")
    gates = [panel for panel in panels if panel.kind == "gate"]
    others = [panel for panel in panels if panel.kind != "gate"]
    groups = [group for group in (gates, others) if group]
    chart = make_subplots(rows=len(groups), cols=1, shared_xaxes=True, vertical_spacing=0.1)
    dress(chart, title, height=UNIT_TOP + UNIT_BOTTOM + 150 * len(groups))
    legend = {"yref": "container", "y": 0, "yanchor": "bottom"}  # below the plot, where it may take several rows
    chart.update_layout(margin={"t": UNIT_TOP, "b": UNIT_BOTTOM, "l": 52, "r": 8}, hovermode="x unified", legend=legend)
    styles = dict(
        zip([panel.name for panel in (*gates, *others)], zip(theme.QUANTITIES, theme.DASHES, strict=True), strict=False)
    )
    for row, group in enumerate(groups, start=1):
        for panel in group:
            colour, dash = styles[panel.name]
            chart.add_scatter(
                x=np.arange(1, panel.values.shape[1] + 1).tolist(),
                y=panel.values[unit - 1].astype(float).round(5).tolist(),
                mode="lines",
                line={"color": colour, "width": 2, "dash": dash},
                name=escape(panel.title),
                row=row,
                col=1,
            )
        kind = "Gate" if group is gates else "State"
        chart.update_yaxes(title_text=kind, range=[-0.05, 1.05] if group is gates else None, row=row, col=1)
    apply_axis(chart, axis or StepAxis(), panels[0].values.shape[1], row=len(groups))
    return with_alt(chart, _unit_in_words(panels, unit, title))


def _unit_in_words(panels: Sequence[Panel], unit: int, title: str) -> str:
    parts = [f"{panel.title} {panel.values[unit - 1].mean():.2f}" for panel in panels]
    return f"{title}: gates and states over time. Means: " + ", ".join(parts) + "."
