"""Charts of the cell explorer over time: gates as a heatmap, hidden and cell states as lines. Numbers only, no frames."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.colour_bars import add_gate_scale
from dashboard.charts.frames import dress, figure, say_empty, with_alt
from dashboard.charts.line_ends import name_ends
from models.analysis.explorer import Trajectory
from models.cells import get_cell

ROW_HEIGHT, FRAME_HEIGHT = 26, 140
LINES_HEIGHT = 300
FRAME_COLUMNS = ("architecture", "quantity", "unit", "step", "value", "original")


def explorer_frame(trajectories: Sequence[Trajectory], *, keeps: bool = False) -> pd.DataFrame:
    """Return every gate and state of every cell in long format, columns `FRAME_COLUMNS`; gates in the shown convention."""
    rows = []
    for trajectory in trajectories:
        cell = get_cell(trajectory.architecture)
        gates = {gate.name: gate for gate in cell.gates}
        for name, values in trajectory.values.items():
            original = trajectory.original[name]
            if name in gates:
                values = trajectory.shown(gates[name], keeps=keeps)
                original = trajectory.shown_original(gates[name], keeps=keeps)
            for (step, unit), value in np.ndenumerate(values):
                rows.append((cell.title, name, unit + 1, step + 1, float(value), float(original[step, unit])))
    return pd.DataFrame(rows, columns=list(FRAME_COLUMNS))


def gate_strip(trajectory: Trajectory, *, keeps: bool = False) -> go.Figure:
    """Draw every gate of a cell over time, a row per gate and unit: blue 1, red 0. The first shape marks the step."""
    cell = get_cell(trajectory.architecture)
    gates = [gate for gate in cell.gates if gate.kind == "gate"]
    title = f"{cell.title}: gate activations over time"
    if not gates:
        return say_empty(
            figure(title, height=150), "This cell has no gates: it rewrites its whole state at every step."
        )
    units = trajectory.values["hidden"].shape[1]
    labels, rows = [], []
    for gate in reversed(gates):
        shown = trajectory.shown(gate, keeps=keeps)
        for unit in reversed(range(units)):
            labels.append(gate.title if units == 1 else f"{gate.title} {unit + 1}")
            rows.append(np.round(shown[:, unit], 4))
    steps = np.arange(1, len(trajectory.inputs) + 1)
    height = FRAME_HEIGHT + ROW_HEIGHT * min(len(rows), 16)
    chart = figure(title, height=height)
    chart.add_heatmap(
        z=np.array(rows),
        x=steps,
        y=labels,
        coloraxis="coloraxis",
        xgap=1,
        ygap=1,
        hovertemplate="%{y}, step %{x}: %{z:.3f}<extra></extra>",
    )
    chart.add_shape(_cursor(theme.AXIS))
    for name, first, last in _held_spans(trajectory, units):
        chart.add_shape(_frame(labels.index(name), first, last))
    add_gate_scale(chart, height)
    chart.update_xaxes(title_text="Step", dtick=max(1, len(steps) // 10), showgrid=False)
    chart.update_yaxes(showgrid=False, ticks="")
    chart.update_layout(margin={"l": 8, "r": 8, "t": 86, "b": 40}, title_y=1 - 8 / height)
    return with_alt(chart, f"Heatmap of every gate of the {cell.title} cell over the steps; blue is 1, red is 0.")


def state_lines(trajectories: Sequence[Trajectory], state: str, title: str) -> go.Figure:
    """Draw a state averaged over units, a line per cell that has it, over a dashed one of its course with nothing held."""
    chart = figure(title, height=LINES_HEIGHT)
    having = [one for one in trajectories if state in one.values]
    for trajectory in having:
        cell = get_cell(trajectory.architecture)
        colour = theme.hue(trajectory.architecture)
        steps = np.arange(1, len(trajectory.inputs) + 1)
        if trajectory.held:
            chart.add_scatter(
                x=steps,
                y=trajectory.original[state].mean(1),
                name=f"{cell.title}, nothing held",
                mode="lines",
                line={"color": theme.translucent(colour, 0.6), "width": 2, "dash": "dash"},
            )
        chart.add_scatter(
            x=steps,
            y=trajectory.values[state].mean(1),
            name=f"{cell.title}, held" if trajectory.held else cell.title,
            mode="lines+markers",
            line={"color": colour, "width": 3},
            marker=theme.marks(trajectory.architecture, most=0),
        )
    if not having:
        return say_empty(chart, "Neither cell has a state of this name.")
    dress(chart, title, height=LINES_HEIGHT)
    chart.add_shape(_cursor(theme.AXIS))
    chart.update_xaxes(title_text="Step", dtick=max(1, len(having[0].inputs) // 10))
    chart.update_yaxes(title_text="Average over units", zeroline=True)
    chart.update_layout(hovermode="x unified", margin={"l": 8, "r": 8, "t": 76, "b": 40}, legend={"y": 1.0})
    if not any(trajectory.held for trajectory in having):
        titles = {get_cell(one.architecture).title: one.architecture for one in having}
        name_ends(chart, {title: (architecture, title) for title, architecture in titles.items()})
    return with_alt(chart, f"{title}: the average over units of every cell that has it, over the steps.")


def input_bars(inputs: Sequence[float]) -> go.Figure:
    """Draw the input sequence, one bar per step."""
    steps = np.arange(1, len(inputs) + 1)
    chart = figure("Input sequence", height=170)
    chart.add_bar(x=steps, y=list(inputs), marker_color=theme.INPUT, hovertemplate="step %{x}: %{y:.3g}<extra></extra>")
    chart.add_shape(_cursor(theme.AXIS))
    chart.update_xaxes(title_text="Step", dtick=max(1, len(steps) // 10), range=[0.4, len(steps) + 0.6])
    chart.update_yaxes(title_text="Input", zeroline=True)
    chart.update_layout(margin={"l": 8, "r": 8, "t": 44, "b": 40}, bargap=0.4)
    return with_alt(chart, "The input sequence as bars, one per step.")


def _held_spans(trajectory: Trajectory, units: int) -> list[tuple[str, int, int]]:
    """Return the row, first and last step of everything that is held."""
    cell, found = get_cell(trajectory.architecture), []
    for name, steps in trajectory.held.items():
        gate, places = cell.gate(name), np.flatnonzero(steps)
        if gate.kind == "gate" and len(places):
            rows = [gate.title] if units == 1 else [f"{gate.title} {unit + 1}" for unit in range(units)]
            found += [(row, int(places[0]) + 1, int(places[-1]) + 1) for row in rows]
    return found


def _frame(row: int, first: int, last: int) -> dict[str, object]:
    """Return a frame around the steps of a row that are held."""
    line = {"color": theme.MARK, "width": 3}
    return {"type": "rect", "x0": first - 0.5, "x1": last + 0.5, "y0": row - 0.5, "y1": row + 0.5, "line": line}


def _cursor(colour: str) -> dict[str, object]:
    return {
        "type": "rect",
        "x0": 0.5,
        "x1": 1.5,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": colour, "width": 2},
        "fillcolor": theme.MARKED,
        "layer": "below",
    }
