"""LSTM with peephole connections: the gates see the cell state."""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

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


class PeepholeStep(NamedTuple):
    """Every value of one step, each `(..., B, H)`."""

    forget_gate: Array
    input_gate: Array
    candidate: Array
    output_gate: Array
    cell: Array
    hidden: Array


@architecture
class PeepholeLSTM(Cell):
    """LSTM whose gates look at the cell state through one weight per unit.

    Axes: inputs `(..., B, I)`, states `(..., B, H)`. Rows of the stacked weights: input gate, forget gate, candidate,
    output gate. Peepholes: `peephole_input`, `peephole_forget`, `peephole_output`, each `(..., H)`.

    Paper: Gers, Schraudolph and Schmidhuber 2002: input and forget gate see the old cell state, the
    output gate the new one. Deviation: two biases per gate.
    """

    name = "peephole"
    title = "Peephole LSTM"
    summary = "An LSTM whose gates also see the cell state, meant for precise timing and counting."
    year = 2002
    paper = (
        "F. Gers, N. Schraudolph, J. Schmidhuber: Learning Precise Timing with LSTM Recurrent Networks. Journal of "
        "Machine Learning Research 3, 2002"
    )
    convention = "Two bias vectors per gate. Input and forget gate see the old cell state, the output gate the new one."
    gates = (
        Gate(
            name="forget_gate",
            title="Forget gate",
            symbol="f_t",
            meaning="How much of the old cell state is kept: 1 keeps all, 0 erases.",
            equation=r"f_t = \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf} + p_f \odot c_{t-1})",
            retains="direct",
        ),
        Gate(
            name="input_gate",
            title="Input gate",
            symbol="i_t",
            meaning="How much of the new candidate is written into the cell state.",
            equation=r"i_t = \sigma(W_{ii} x_t + b_{ii} + W_{hi} h_{t-1} + b_{hi} + p_i \odot c_{t-1})",
        ),
        Gate(
            name="candidate",
            title="Candidate",
            symbol="g_t",
            meaning="The new value that may be written into the cell state.",
            equation=r"g_t = \tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t-1} + b_{hg})",
            kind="candidate",
        ),
        Gate(
            name="output_gate",
            title="Output gate",
            symbol="o_t",
            meaning="How much of the cell state is shown as hidden state; it sees the new cell state.",
            equation=r"o_t = \sigma(W_{io} x_t + b_{io} + W_{ho} h_{t-1} + b_{ho} + p_o \odot c_t)",
        ),
    )
    states = (
        StateInfo(
            "cell", "Cell state", "c_t", r"c_t = f_t \odot c_{t-1} + i_t \odot g_t", "The memory, visible to the gates."
        ),
        StateInfo(
            "hidden", "Hidden state", "h_t", r"h_t = o_t \odot \tanh(c_t)", "What the next layer and the gates can see."
        ),
    )
    blocks = ("input_gate", "forget_gate", "candidate", "output_gate")
    order = 11
    parameter_formula = r"4H(I + H + 2) + 3H"
    unit_weights: ClassVar[Mapping[str, str]] = {
        "p_i": "peephole_input",
        "p_f": "peephole_forget",
        "p_o": "peephole_output",
    }

    def weight_shapes(self, input_size: int, hidden_size: int) -> dict[str, tuple[int, ...]]:
        """Return the LSTM's shapes and one weight per unit and peephole."""
        shapes = super().weight_shapes(input_size, hidden_size)
        return shapes | dict.fromkeys(("peephole_input", "peephole_forget", "peephole_output"), (hidden_size,))

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> PeepholeStep:
        """Compute one step; see `Cell.step`."""
        xp = array_namespace(inputs)
        stacked = stacked_products(weights, inputs, state["hidden"])  # (..., B, 4H)
        input_part, forget_part, candidate_part, output_part = split_blocks(stacked, 4)
        old = state["cell"]
        gates = GateValues(overrides)
        forget = sigmoid(forget_part + weights["peephole_forget"][..., None, :] * old)
        gates.record("forget_gate", forget)
        written = sigmoid(input_part + weights["peephole_input"][..., None, :] * old)
        gates.record("input_gate", written)
        gates.record("candidate", xp.tanh(candidate_part))
        cell = gates["forget_gate"] * old + gates["input_gate"] * gates["candidate"]
        shown = sigmoid(output_part + weights["peephole_output"][..., None, :] * cell)
        gates.record("output_gate", shown)
        return PeepholeStep(**gates, cell=cell, hidden=gates["output_gate"] * xp.tanh(cell))
