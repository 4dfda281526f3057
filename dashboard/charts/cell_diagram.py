"""A cell as drawn in textbooks: memory as a line along the top, gates as blocks, and wires coloured by their values.

The diagram is derived from the cell's own description: which gate keeps, writes, outputs or resets. Frames, one per step,
change only colours and numbers.
"""

import re

import numpy as np
import plotly.colors
import plotly.graph_objects as go

from dashboard import theme
from dashboard.charts.cell_layout import CONVEYOR, GATES, RIGHT, Layout, layout
from models.analysis.explorer import Trajectory
from models.cells import Cell, get_cell

HEIGHT = 380
NEUTRAL = "#B4BCC7"  # centre of both scales here: a line of it is seen on light and on dark, and glares on neither


def cell_diagram(trajectory: Trajectory, *, keeps: bool = False, limit: float = 1.0) -> go.Figure:
    """Draw a cell with the values of its first step, and a frame for every step; several units are averaged.

    Args:
        trajectory: The cell's gates and states at every step.
        keeps: Whether an update gate is shown as computed (1 = keep) rather than as 1 = write.
        limit: Limit of the colour scale of states, the same for every compared cell.
    """
    cell = get_cell(trajectory.architecture)
    plan = layout(cell)
    steps = len(trajectory.inputs)
    values = [step_values(cell, trajectory, step, keeps=keeps) for step in range(steps)]
    figure = go.Figure(
        data=_traces(cell, plan, values[0], limit, held_at(trajectory, 0)),
        frames=[
            go.Frame(name=str(step), data=_traces(cell, plan, values[step], limit, held_at(trajectory, step)))
            for step in range(steps)
        ],
    )
    hidden_axis = {"visible": False, "fixedrange": True}
    figure.update_layout(
        template=theme.template(),
        title={"text": f"{cell.title} cell", "font": {"size": 15, "weight": 600}},
        height=HEIGHT,
        showlegend=False,
        margin={"l": 4, "r": 4, "t": 44, "b": 4},
        xaxis={**hidden_axis, "range": [-0.9, RIGHT + 1.2]},
        yaxis={**hidden_axis, "range": [-0.35, CONVEYOR + 0.75]},
        uirevision=cell.name,
        meta=f"Diagram of the {cell.title} cell; wires and gates carry the values of the current step by colour and number."
        + _held_in_words(cell, trajectory),
    )
    return figure


def step_values(cell: Cell, trajectory: Trajectory, step: int, *, keeps: bool = False) -> dict[str, float]:
    """Return the values of wires, blocks and labels at a step, averaged over units."""
    memory = cell.states[0].name
    now = {name: float(values[step].mean()) for name, values in trajectory.values.items()}
    values = now | {
        "input": float(trajectory.inputs[step]),
        "hidden_before": float(trajectory.before("hidden", step).mean()),
        "memory_before": float(trajectory.before(memory, step).mean()),
    }
    keeping = next((gate for gate in cell.gates if gate.retains), None)
    if keeping is not None:
        own = trajectory.values[keeping.name][step]
        share = own if keeping.retains == "direct" else 1 - own
        values["keep"] = float(share.mean())
        values["kept"] = float((share * trajectory.before(memory, step)).mean())
        values["written"] = float((trajectory.values[memory][step] - share * trajectory.before(memory, step)).mean())
        values["write"] = now.get("input_gate", 1 - values["keep"])
    if memory != "hidden":
        values["squashed"] = float(np.tanh(trajectory.values[memory][step]).mean())
    for gate in cell.gates:
        values[gate.name] = float(trajectory.shown(gate, keeps=keeps)[step].mean())
    return values


def _held_in_words(cell: Cell, trajectory: Trajectory) -> str:
    parts = [
        f"{cell.gate(name).title} in {int(steps.sum())} of {len(steps)} steps"
        for name, steps in trajectory.held.items()
    ]
    return f" Held: {', '.join(parts)}." if parts else ""


def held_at(trajectory: Trajectory, step: int) -> frozenset[str]:
    """Return the names of the gates that are held at a step."""
    return frozenset(name for name, steps in trajectory.held.items() if steps[step])


def _traces(cell: Cell, plan: Layout, values: dict[str, float], limit: float, held: frozenset[str]) -> list[go.Scatter]:
    wires = [
        go.Scatter(
            x=[x for x, _ in wire.path],
            y=[y for _, y in wire.path],
            mode="lines",
            line={"color": colour(values[wire.value], signed=wire.signed, limit=limit), "width": 4},
            hoverinfo="skip",
        )
        for wire in plan.wires
    ]
    return [
        _casing(plan),
        *wires,
        _arrows(plan),
        _node_trace(plan),
        _gate_trace(cell, plan, values, held),
        _label_trace(plan, values),
    ]


def _casing(plan: Layout) -> go.Scatter:
    """Return a grey line under every wire, so that wires near zero stay visible."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for wire in plan.wires:
        xs += [*(x for x, _ in wire.path), None]
        ys += [*(y for _, y in wire.path), None]
    return go.Scatter(x=xs, y=ys, mode="lines", line={"color": theme.AXIS, "width": 6}, hoverinfo="skip")


def _arrows(plan: Layout) -> go.Scatter:
    """Return an arrowhead where values enter the gates and leave the cell."""
    ends = {wire.path[-1] for wire in plan.wires if wire.path[-1][0] == RIGHT}
    entries = {(x, GATES - 0.42) for x in plan.places.values() if any(w.path[-1] == (x, GATES) for w in plan.wires)}
    return go.Scatter(
        x=[x for x, _ in (*ends, *entries)],
        y=[y for _, y in (*ends, *entries)],
        mode="markers",
        marker={
            "symbol": ["triangle-right"] * len(ends) + ["triangle-up"] * len(entries),
            "size": 11,
            "color": theme.AXIS,
        },
        hoverinfo="skip",
    )


def _node_trace(plan: Layout) -> go.Scatter:
    return go.Scatter(
        x=[node.x for node in plan.nodes],
        y=[node.y for node in plan.nodes],
        mode="markers+text",
        marker={"symbol": "circle", "size": 21, "color": theme.NODE, "line": {"color": theme.AXIS, "width": 1}},
        text=[node.sign for node in plan.nodes],
        textfont={"size": [9 if len(node.sign) > 1 else 14 for node in plan.nodes], "color": theme.ON_LIGHT},
        hovertext=[node.meaning for node in plan.nodes],
        hoverinfo="text",
    )


def _gate_trace(cell: Cell, plan: Layout, values: dict[str, float], held: frozenset[str]) -> go.Scatter:
    """Return the blocks; one that is held has a thick border and says so."""
    gates = cell.gates
    marked = [gate.name in held for gate in gates]
    shades = [colour(values[g.name], signed=g.kind == "candidate", limit=1.0) for g in gates]
    return go.Scatter(
        x=[plan.places[gate.name] for gate in gates],
        y=[GATES + 0.15] * len(gates),
        mode="markers+text",
        marker={
            "symbol": "square",
            "size": 44,
            "color": shades,
            "line": {
                "color": [theme.MARK if one else theme.AXIS for one in marked],
                "width": [4 if one else 1 for one in marked],
            },
        },
        text=[
            f"<b>{symbol_html(gate.symbol)}</b>{' held' if one else ''}<br>{values[gate.name]:.2f}"
            for gate, one in zip(gates, marked, strict=True)
        ],
        textfont={"size": 12, "color": [_readable(shade) for shade in shades]},
        hovertext=[
            f"<b>{gate.title}</b>{', held by you' if one else ''}: {values[gate.name]:.3f}<br>{gate.meaning}"
            for gate, one in zip(gates, marked, strict=True)
        ],
        hoverinfo="text",
    )


def _label_trace(plan: Layout, values: dict[str, float]) -> go.Scatter:
    return go.Scatter(
        x=[x for x, _, _, _ in plan.labels],
        y=[y for _, y, _, _ in plan.labels],
        mode="text",
        text=[f"<b>{symbol_html(symbol)}</b><br>{values[value]:.2f}" for _, _, symbol, value in plan.labels],
        textfont={"size": 12},
        hoverinfo="skip",
    )


def symbol_html(latex: str) -> str:
    """Return a symbol as Plotly's HTML: `c_{t-1}` with a subscript, a tilde as a combining mark."""
    text = re.sub(r"\\tilde\{(\w)\}", "\\1\u0303", latex)
    text = re.sub(r"_\{([^}]*)\}", r"<sub>\1</sub>", text)
    return re.sub(r"_(\w)", r"<sub>\1</sub>", text).replace("t-1", "t\u22121")


def colour(value: float, *, signed: bool, limit: float) -> str:
    """Return the colour of a value on the scale of gates (0 to 1) or of states (-limit to limit)."""
    share = (value / max(limit, 1e-9) + 1) / 2 if signed else value
    scale = [(at, NEUTRAL if at == 0.5 else shade) for at, shade in (theme.STATE_SCALE if signed else theme.GATE_SCALE)]
    return str(plotly.colors.sample_colorscale([list(stop) for stop in scale], [float(np.clip(share, 0, 1))])[0])


def _readable(shade: str) -> str:
    """Return dark or white, whichever is more readable on a colour."""
    red, green, blue = (float(part) for part in re.findall(r"[\d.]+", shade)[:3])
    return theme.ON_LIGHT if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else theme.ON_DARK
