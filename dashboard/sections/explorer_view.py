"""The cell explorer's synchronised charts: both cells, the arithmetic, gates and states over time."""

from html import escape

import streamlit as st
from latex2mathml.converter import convert

from dashboard.charts.cell_diagram import cell_diagram
from dashboard.charts.explorer import explorer_frame, gate_strip, input_bars, state_lines
from dashboard.components.chart import csv_button
from dashboard.components.stepper import Moving, stepper
from dashboard.sections.explorer_form import Explored
from models.analysis.arithmetic import Line, step_lines
from models.analysis.explorer import Trajectory, first_event
from models.cells import get_cell


def show_explored(explored: Explored) -> None:
    """Draw the stepper with every figure, and a download of the numbers."""
    if explored.lesson:
        st.info(explored.lesson, icon=":material/lightbulb:")
    titles = [get_cell(one.architecture).title for one in explored.trajectories]
    arithmetic = [
        (
            f"{title}: the arithmetic of this step",
            [_html(one, step, explored) for step in range(len(explored.inputs))],
        )
        for title, one in zip(titles, explored.trajectories, strict=True)
    ]
    start = first_event(explored.trajectories)
    stepper(_figures(explored), arithmetic, steps=len(explored.inputs), start=start, key="explorer")
    csv_button(lambda: explorer_frame(explored.trajectories, keeps=explored.keeps), name="cell_explorer")


def _figures(explored: Explored) -> list[Moving]:
    both, keeps = explored.trajectories, explored.keeps
    limit = max(
        1.0, *(float(abs(one.values[state]).max()) for one in both for state in one.values if state == "cell"), 1.0
    )
    return [
        Moving(figure=input_bars(explored.inputs), name="input", wide=True),
        *(Moving(figure=cell_diagram(one, keeps=keeps, limit=limit), name=f"{one.architecture}_cell") for one in both),
        *(Moving(figure=gate_strip(one, keeps=keeps), name=f"{one.architecture}_gates") for one in both),
        Moving(figure=state_lines(both, "hidden", "Hidden state comparison"), name="hidden_states"),
        Moving(figure=state_lines(both, "cell", "Cell state"), name="cell_states"),
    ]


def _html(trajectory: Trajectory, step: int, explored: Explored) -> str:
    return "".join(_line(line) for line in step_lines(trajectory, step, explored.unit, keeps=explored.keeps))


def _line(line: Line) -> str:
    """Return one equation: name, symbols, numbers and result, as MathML."""
    result = f"{line.numeric} = {line.value:.3f}"
    held = " <b>held by you</b>" if line.held else ""
    if line.held:
        result = f"{line.value:.3f}"
    return (
        f'<div class="stepper-line" tabindex="0" title="{escape(line.meaning)}"><b>{escape(line.title)}</b>{held} '
        f"<small>{escape(line.meaning)}</small>{convert(line.symbolic)}{convert('= ' + result)}</div>"
    )
