r"""The arithmetic of one step: every equation of a cell with its numbers filled in, as LaTeX.

The numbers are put into the equations that the cell itself states, so what is shown is what is computed. In the equation
of a stacked block, `W_{i.}`, `W_{h.}`, `b_{i.}` and `b_{h.}` stand for that block's rows; other symbols are gates and
states.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.analysis.explorer import Array, Trajectory, shown_values
from models.cells import Cell, get_cell
from models.cells.base import Gate

_PRODUCT_OF_GATED = re.compile(r"W_\{h\w\} \((?P<gate>[^()]+?) \\odot h_\{t-1\}\)")
_PRODUCT_OF_STATE = re.compile(r"W_\{h\w\} h_\{t-1\}")
_PRODUCT_OF_INPUT = re.compile(r"W_\{i\w\} x_t")
UPDATE_MEANING = {
    False: "How much of the state is replaced by the candidate: 1 writes, 0 keeps.",
    True: "How much of the state is kept: 1 keeps, 0 writes the candidate.",
}
_BIAS = re.compile(r"b_\{(?P<kind>[ih])\w\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One equation of a step.

    Attributes:
        name: Field of the step record.
        title: Name shown.
        meaning: One sentence.
        symbolic: The equation as the cell states it.
        numeric: The right side with numbers filled in.
        value: The result for the unit.
        held: Whether an override set the value instead.
    """

    name: str
    title: str
    meaning: str
    symbolic: str
    numeric: str
    value: float
    held: bool = False


def step_lines(trajectory: Trajectory, step: int, unit: int = 0, *, keeps: bool | None = None) -> tuple[Line, ...]:
    """Return every equation of a step in the order of computation.

    Args:
        trajectory: What the cell did.
        step: Step, counted from 0.
        unit: Unit, counted from 0.
        keeps: Whether an update gate of 1 means keep rather than write, as in the pictures beside it; None writes every
            gate as the cell computes it.
    """
    cell = get_cell(trajectory.architecture)
    turned = () if keeps is None else tuple(gate for gate in cell.gates if _differs(gate, keeps=keeps))
    numbers = _Numbers(cell, trajectory, step, unit, turned)
    lines = []
    for gate in cell.gates:
        symbolic = turned_equation(gate.equation, turned)
        meaning = UPDATE_MEANING[bool(keeps)] if gate in turned else gate.meaning
        lines.append(_line(gate.name, gate.title, meaning, symbolic, numbers.fill(symbolic, block=gate.name), numbers))
    for state in cell.states:
        symbolic = turned_equation(state.equation, turned)
        lines.append(_line(state.name, state.title, state.meaning, symbolic, numbers.fill(symbolic), numbers))
    return tuple(lines)


def _differs(gate: Gate, *, keeps: bool) -> bool:
    """Return whether a gate is shown as one minus what the cell computes."""
    return float(shown_values(gate, np.zeros(1), keeps=keeps)[0]) != 0.0


def turned_equation(equation: str, turned: Sequence[Gate]) -> str:
    """Return the same equation in terms of one minus some gates: `z` becomes `(1 - z)`, and the other way round."""
    left, _, right = equation.partition(" = ")
    for gate in turned:
        if left == gate.symbol:
            return f"{left} = 1 - {right}"
        other, symbol = f"(1 - {gate.symbol})", re.escape(gate.symbol) + r"(?![\w{])"
        right = re.sub(symbol, "@", right.replace(other, "#")).replace("@", other).replace("#", gate.symbol)
    return f"{left} = {right}"


def _line(name: str, title: str, meaning: str, symbolic: str, numeric: str, numbers: "_Numbers") -> Line:
    value = numbers.value(name)
    return Line(
        name=name,
        title=title,
        meaning=meaning,
        symbolic=symbolic,
        numeric=numeric,
        value=value,
        held=numbers.held(name),
    )


def number(value: float) -> str:
    """Return a number as LaTeX, three decimals, negative ones in brackets."""
    text = f"{value:.3f}"
    return f"({text})" if text.startswith("-") and float(text) != 0 else text.removeprefix("-")


class _Numbers:
    """The numbers of one step of one unit."""

    def __init__(self, cell: Cell, trajectory: Trajectory, step: int, unit: int, turned: Sequence[Gate] = ()) -> None:
        self._cell, self._unit = cell, unit
        self._turned = {gate.name for gate in turned}
        self._held = {name for name, steps in trajectory.held.items() if steps[step]}
        self._size = cell.hidden_size(trajectory.weights)
        self._weights = trajectory.weights
        self._input = float(trajectory.inputs[step])
        self._now: Mapping[str, Array] = {name: values[step] for name, values in trajectory.values.items()}
        self._before = {state.name: trajectory.before(state.name, step) for state in cell.states}
        given = trajectory.weights, np.array([[self._input]]), {name: old[None] for name, old in self._before.items()}
        self._terms = {symbol: float(values[0, unit]) for symbol, values in cell.terms(*given).items()}

    def value(self, name: str) -> float:
        """Return the value of a gate or state, in the convention of the equations."""
        value = float(self._now[name][self._unit])
        return 1 - value if name in self._turned else value

    def held(self, name: str) -> bool:
        """Return whether an override sets a gate in this step."""
        return name in self._held

    def fill(self, equation: str, block: str = "") -> str:
        """Return the right side of an equation with its numbers."""
        right = equation.partition("=")[2].strip()
        if block in self._cell.blocks:
            row = self._cell.blocks.index(block) * self._size + self._unit
            right = self._fill_products(right, row)
        return self._fill_symbols(right)

    def _fill_products(self, right: str, row: int) -> str:
        old = self._before["hidden"]
        recurrent = self._weights["weight_hh"][row] if "weight_hh" in self._weights else np.zeros_like(old)
        symbols = {gate.symbol: gate.name for gate in self._cell.gates}

        def gated(found: re.Match[str]) -> str:
            return number(float(recurrent @ (self._now[symbols[found["gate"]]] * old)))

        right = _PRODUCT_OF_GATED.sub(gated, right)
        right = _PRODUCT_OF_STATE.sub(lambda _: number(float(recurrent @ old)), right)
        right = _PRODUCT_OF_INPUT.sub(
            lambda _: rf"{number(float(self._weights['weight_ih'][row, 0]))} \cdot {number(self._input)}", right
        )
        return _BIAS.sub(lambda found: number(float(self._weights[f"bias_{found['kind']}h"][row])), right)

    def _fill_symbols(self, right: str) -> str:
        known = {gate.symbol: self.value(gate.name) for gate in self._cell.gates}
        for state in self._cell.states:
            known[state.symbol.replace("_t", "_{t-1}")] = float(self._before[state.name][self._unit])
            known[state.symbol] = self.value(state.name)
        known["x_t"] = self._input
        known |= {symbol: float(self._weights[name][self._unit]) for symbol, name in self._cell.unit_weights.items()}
        known |= self._terms
        for symbol in sorted(known, key=len, reverse=True):
            right = re.sub(re.escape(symbol) + r"(?![\w{])", lambda _, s=symbol: number(known[s]), right)  # type: ignore[misc]
        return right.replace(r"\odot", r"\cdot")
