"""The layout of a cell's diagram: blocks, wires and operations, derived from the roles of its gates."""

from dataclasses import dataclass

from models.cells import Cell
from models.cells.base import Gate

CONVEYOR, SHOWN, WRITTEN, TOPS, GATES, RESET, BUS = 6.0, 5.0, 4.3, 3.25, 2.6, 1.75, 1.0
RIGHT = 10.0
Path = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A line that carries a value.

    Attributes:
        path: Its corners.
        value: Key into the values of a step.
        signed: Whether the value is a state or candidate (brown to teal) rather than a gate (red to blue).
    """

    path: Path
    value: str
    signed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A pointwise operation."""

    x: float
    y: float
    sign: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The positions of all parts.

    Attributes:
        places: Gate name to its x.
        wires: Every wire.
        nodes: Every operation.
        labels: (x, y, symbol, value key) of the values that enter and leave.
    """

    places: dict[str, float]
    wires: tuple[Wire, ...]
    nodes: tuple[Node, ...]
    labels: tuple[tuple[float, float, str, str], ...]


def layout(cell: Cell) -> Layout:
    """Place gates, operations and wires of any cell by the roles of its gates."""
    gates = cell.gates
    places = {gate.name: 2.0 + 5.6 * index / max(len(gates) - 1, 1) for index, gate in enumerate(gates)}
    memory = cell.states[0].name
    wires, nodes = _bus(cell, places, memory)
    conveyor = _conveyor(cell, places, memory)
    output_wires, output_nodes = _output(places, memory)
    labels = [
        (-0.4, CONVEYOR, _past(cell.states[0].symbol), "memory_before"),
        (RIGHT + 0.6, CONVEYOR, cell.states[0].symbol, memory),
    ]
    labels.append((1.2, 0.0, "x_t", "input"))
    if memory != "hidden":
        labels += [(-0.4, BUS, _past("h_t"), "hidden_before"), (RIGHT + 0.6, BUS, "h_t", "hidden")]
    return Layout(
        places=places,
        wires=(*wires, *conveyor[0], *output_wires),
        nodes=(*nodes, *conveyor[1], *output_nodes),
        labels=tuple(labels),
    )


def _past(symbol: str) -> str:
    return symbol.replace("_t", "_{t-1}")


def _bus(cell: Cell, places: dict[str, float], memory: str) -> tuple[list[Wire], list[Node]]:
    """Route the input and the previous hidden state along the bottom and up into every gate, past a reset gate if any."""
    end = max(places.values())
    start = (0.0, BUS) if memory != "hidden" else (0.6, BUS)
    wires = [Wire(path=((1.2, 0.35), (1.2, BUS)), value="input"), Wire(path=(start, (end, BUS)), value="hidden_before")]
    if memory == "hidden":
        wires.append(Wire(path=((0.6, CONVEYOR), (0.6, BUS)), value="memory_before"))
    nodes = []
    for gate in cell.gates:
        x = places[gate.name]
        if gate.name != "input_gate" or "input_gate" in cell.blocks:
            wires.append(Wire(path=((x, BUS), (x, GATES)), value="hidden_before"))
        resetting = _reset_gate(cell, gate)
        if resetting is not None:
            middle = (places[resetting.name] + x) / 2 if abs(places[resetting.name] - x) < 2.5 else x - 0.7
            path = (
                (places[resetting.name], TOPS),
                (places[resetting.name], TOPS + 0.25),
                (middle, TOPS + 0.25),
                (middle, RESET),
                (x, RESET),
            )
            wires.append(Wire(path=path, value=resetting.name, signed=False))
            nodes.append(Node(x=x, y=RESET, sign="×", meaning="How much of the past the candidate receives."))
    return wires, nodes


def _reset_gate(cell: Cell, gate: Gate) -> Gate | None:
    """Return the gate that occurs in the candidate's equation."""
    if gate.kind != "candidate":
        return None
    right = gate.equation.partition("=")[2]
    return next((other for other in cell.gates if other is not gate and other.symbol in right), None)


def _conveyor(cell: Cell, places: dict[str, float], memory: str) -> tuple[list[Wire], list[Node]]:
    """Route the memory along the top, through the product with the kept share and the sum with the written candidate."""
    keeping = next((gate for gate in cell.gates if gate.retains), None)
    candidate = next(gate for gate in cell.gates if gate.kind == "candidate")
    writing = next((gate for gate in cell.gates if gate.name == "input_gate"), keeping)
    added = places[candidate.name]
    wires = [Wire(path=((added, CONVEYOR), (RIGHT, CONVEYOR)), value=memory)]
    nodes: list[Node] = []
    if keeping is None:
        wires += [Wire(path=((added, TOPS), (added, CONVEYOR)), value=candidate.name)]
        wires.append(Wire(path=((0.0, CONVEYOR), (0.6, CONVEYOR)), value="memory_before"))
        return wires, nodes
    kept = places[keeping.name]
    wires += [
        Wire(path=((0.0, CONVEYOR), (kept, CONVEYOR)), value="memory_before"),
        Wire(path=((kept, CONVEYOR), (added, CONVEYOR)), value="kept"),
        Wire(path=((kept, TOPS), (kept, CONVEYOR)), value="keep", signed=False),
        Wire(path=((added, TOPS), (added, WRITTEN)), value=candidate.name),
        Wire(path=((added, WRITTEN), (added, CONVEYOR)), value="written"),
    ]
    if writing is not None:
        x = places[writing.name]
        wires.append(Wire(path=((x, TOPS), (x, WRITTEN), (added, WRITTEN)), value="write", signed=False))
    nodes += [
        Node(x=kept, y=CONVEYOR, sign="×", meaning="The old memory times the share that is kept."),
        Node(x=added, y=WRITTEN, sign="×", meaning="The candidate times the share that is written."),
        Node(x=added, y=CONVEYOR, sign="+", meaning="What was kept plus what is written: the new memory."),
    ]
    return wires, nodes


def _output(places: dict[str, float], memory: str) -> tuple[list[Wire], list[Node]]:
    """Route tanh of the memory through the output gate, if the cell has one."""
    if memory == "hidden" or "output_gate" not in places:
        return [], []
    gate, x = places["output_gate"], places["output_gate"] + 1.1
    wires = [
        Wire(path=((x, CONVEYOR), (x, SHOWN)), value=memory),
        Wire(path=((x, SHOWN), (x, WRITTEN)), value="squashed"),
        Wire(path=((gate, TOPS), (gate, WRITTEN), (x, WRITTEN)), value="output_gate", signed=False),
        Wire(path=((x, WRITTEN), (x, BUS), (RIGHT, BUS)), value="hidden"),
    ]
    nodes = [
        Node(x=x, y=SHOWN, sign="tanh", meaning="The memory, squashed into -1 to 1."),
        Node(x=x, y=WRITTEN, sign="×", meaning="The share that the output gate lets through: the hidden state."),
    ]
    return wires, nodes
