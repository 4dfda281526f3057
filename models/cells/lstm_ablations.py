"""LSTMs with one part removed: without forget, input or output gate, and without the tanh on what is shown.

They differ in one line each, so one file holds all four.
"""

from collections.abc import Mapping
from typing import NamedTuple

from array_api_compat import array_namespace

from models.cells.base import (
    Array,
    Cell,
    Gate,
    GateValues,
    Override,
    State,
    StateInfo,
    Weights,
    architecture,
    sigmoid,
    split_blocks,
    stacked_products,
)
from models.cells.lstm import LSTM, LSTMStep


class NoForgetStep(NamedTuple):
    """Every value of one step without forget gate, each `(..., B, H)`."""

    input_gate: Array
    candidate: Array
    output_gate: Array
    cell: Array
    hidden: Array


class NoInputStep(NamedTuple):
    """Every value of one step without input gate, each `(..., B, H)`."""

    forget_gate: Array
    candidate: Array
    output_gate: Array
    cell: Array
    hidden: Array


class NoOutputStep(NamedTuple):
    """Every value of one step without output gate, each `(..., B, H)`."""

    forget_gate: Array
    input_gate: Array
    candidate: Array
    cell: Array
    hidden: Array


_GATES = {gate.name: gate for gate in LSTM.gates}


def _without(*removed: str) -> tuple[Gate, ...]:
    return tuple(gate for name, gate in _GATES.items() if name not in removed)


def _states(cell_equation: str, hidden_equation: str) -> tuple[StateInfo, ...]:
    return (
        StateInfo("cell", "Cell state", "c_t", cell_equation, "The memory."),
        StateInfo("hidden", "Hidden state", "h_t", hidden_equation, "What the next layer and the gates can see."),
    )


class AblatedLSTM(Cell):
    """An LSTM without one of its parts; a removed gate is 1 at every step.

    Axes: inputs `(..., B, I)`, states `(..., B, H)`. Rows of the stacked weights: the gates that are left, in the LSTM's order
    (input gate, forget gate, candidate, output gate).

    Paper: Greff et al. 2017, variants NFG, NIG, NOG and NOAF. Deviation: no peepholes, and two biases per gate, so that each
    differs from the LSTM here in the removed part alone.
    """

    year = 2017
    paper = (
        "K. Greff, R. Srivastava, J. Koutník, B. Steunebrink, J. Schmidhuber: LSTM: A Search Space Odyssey. IEEE "
        "Transactions on Neural Networks and Learning Systems 28(10), 2017"
    )
    convention = "Two bias vectors per gate; no peephole connections."
    parameter_formula = r"3H(I + H + 2)"


@architecture
class NoForgetGateLSTM(AblatedLSTM):
    """Variant NFG: nothing in the cell state is ever forgotten, as in the LSTM of 1997."""

    name = "lstm_no_forget"
    title = "LSTM without forget gate"
    summary = "The LSTM of 1997: its cell state only ever adds, and nothing can erase it."
    gates = _without("forget_gate")
    states = _states(r"c_t = c_{t-1} + i_t \odot g_t", r"h_t = o_t \odot \tanh(c_t)")
    blocks = ("input_gate", "candidate", "output_gate")
    order = 30

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> NoForgetStep:
        """Compute one step; see `Cell.step`."""
        xp = array_namespace(inputs)
        stacked = stacked_products(weights, inputs, state["hidden"])  # (..., B, 3H)
        input_part, candidate_part, output_part = split_blocks(stacked, 3)
        gates = GateValues(overrides)
        gates.record("input_gate", sigmoid(input_part))
        gates.record("candidate", xp.tanh(candidate_part))
        gates.record("output_gate", sigmoid(output_part))
        cell = state["cell"] + gates["input_gate"] * gates["candidate"]
        return NoForgetStep(**gates, cell=cell, hidden=gates["output_gate"] * xp.tanh(cell))


@architecture
class NoInputGateLSTM(AblatedLSTM):
    """Variant NIG: every candidate is written in full."""

    name = "lstm_no_input"
    title = "LSTM without input gate"
    summary = "Every step writes its candidate in full; only the forget gate decides what stays."
    gates = _without("input_gate")
    states = _states(r"c_t = f_t \odot c_{t-1} + g_t", r"h_t = o_t \odot \tanh(c_t)")
    blocks = ("forget_gate", "candidate", "output_gate")
    order = 31

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> NoInputStep:
        """Compute one step; see `Cell.step`."""
        xp = array_namespace(inputs)
        stacked = stacked_products(weights, inputs, state["hidden"])  # (..., B, 3H)
        forget_part, candidate_part, output_part = split_blocks(stacked, 3)
        gates = GateValues(overrides)
        gates.record("forget_gate", sigmoid(forget_part))
        gates.record("candidate", xp.tanh(candidate_part))
        gates.record("output_gate", sigmoid(output_part))
        cell = gates["forget_gate"] * state["cell"] + gates["candidate"]
        return NoInputStep(**gates, cell=cell, hidden=gates["output_gate"] * xp.tanh(cell))


@architecture
class NoOutputGateLSTM(AblatedLSTM):
    """Variant NOG: the whole cell state is shown."""

    name = "lstm_no_output"
    title = "LSTM without output gate"
    summary = "The whole memory is shown at every step, to the answer and to the gates."
    gates = _without("output_gate")
    states = _states(r"c_t = f_t \odot c_{t-1} + i_t \odot g_t", r"h_t = \tanh(c_t)")
    blocks = ("input_gate", "forget_gate", "candidate")
    order = 32

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> NoOutputStep:
        """Compute one step; see `Cell.step`."""
        xp = array_namespace(inputs)
        stacked = stacked_products(weights, inputs, state["hidden"])  # (..., B, 3H)
        input_part, forget_part, candidate_part = split_blocks(stacked, 3)
        gates = GateValues(overrides)
        gates.record("forget_gate", sigmoid(forget_part))
        gates.record("input_gate", sigmoid(input_part))
        gates.record("candidate", xp.tanh(candidate_part))
        cell = gates["forget_gate"] * state["cell"] + gates["input_gate"] * gates["candidate"]
        return NoOutputStep(**gates, cell=cell, hidden=xp.tanh(cell))


@architecture
class NoOutputTanhLSTM(AblatedLSTM):
    """Variant NOAF: the cell state is shown without a tanh, so that the hidden state has no bounds."""

    name = "lstm_no_tanh"
    title = "LSTM without output tanh"
    summary = "The memory is shown as it is, without a tanh, so the hidden state has no bounds."
    gates = _without()
    states = _states(r"c_t = f_t \odot c_{t-1} + i_t \odot g_t", r"h_t = o_t \odot c_t")
    blocks = ("input_gate", "forget_gate", "candidate", "output_gate")
    parameter_formula = r"4H(I + H + 2)"
    order = 33

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> LSTMStep:
        """Compute one step; see `Cell.step`."""
        xp = array_namespace(inputs)
        stacked = stacked_products(weights, inputs, state["hidden"])  # (..., B, 4H)
        input_part, forget_part, candidate_part, output_part = split_blocks(stacked, 4)
        gates = GateValues(overrides)
        gates.record("forget_gate", sigmoid(forget_part))
        gates.record("input_gate", sigmoid(input_part))
        gates.record("candidate", xp.tanh(candidate_part))
        gates.record("output_gate", sigmoid(output_part))
        cell = gates["forget_gate"] * state["cell"] + gates["input_gate"] * gates["candidate"]
        return LSTMStep(**gates, cell=cell, hidden=gates["output_gate"] * cell)
