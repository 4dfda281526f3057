"""Long short-term memory (LSTM)."""

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


class LSTMStep(NamedTuple):
    """Every value of one step, each `(..., B, H)`."""

    forget_gate: Array
    input_gate: Array
    candidate: Array
    output_gate: Array
    cell: Array
    hidden: Array


@architecture
class LSTM(Cell):
    """LSTM with a forget gate and without peepholes.

    Axes: inputs `(..., B, I)`, states `(..., B, H)`. Rows of the stacked weights: input gate, forget gate, candidate,
    output gate, as in torch.nn.LSTM.

    Paper: Hochreiter and Schmidhuber 1997 (input and output gate, constant error carousel); forget gate by Gers,
    Schmidhuber and Cummins 2000. Deviation: two biases per gate, as in PyTorch; their sum is what counts.
    """

    name = "lstm"
    title = "LSTM"
    summary = "A separate cell state carries memory; three gates decide what is forgotten, written and shown."
    year = 1997
    paper = (
        "S. Hochreiter, J. Schmidhuber: Long Short-Term Memory. Neural Computation 9(8), 1997; forget gate: "
        "F. Gers, J. Schmidhuber, F. Cummins: Learning to Forget. Neural Computation 12(10), 2000"
    )
    convention = "Two bias vectors per gate, as in PyTorch; only their sum matters. No peephole connections."
    gates = (
        Gate(
            name="forget_gate",
            title="Forget gate",
            symbol="f_t",
            meaning="How much of the old cell state is kept: 1 keeps all, 0 erases.",
            equation=r"f_t = \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf})",
            retains="direct",
        ),
        Gate(
            name="input_gate",
            title="Input gate",
            symbol="i_t",
            meaning="How much of the new candidate is written into the cell state.",
            equation=r"i_t = \sigma(W_{ii} x_t + b_{ii} + W_{hi} h_{t-1} + b_{hi})",
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
            meaning="How much of the cell state is shown to the outside as hidden state.",
            equation=r"o_t = \sigma(W_{io} x_t + b_{io} + W_{ho} h_{t-1} + b_{ho})",
        ),
    )
    states = (
        StateInfo(
            "cell",
            "Cell state",
            "c_t",
            r"c_t = f_t \odot c_{t-1} + i_t \odot g_t",
            "The memory, changed only by addition and by the forget gate.",
        ),
        StateInfo(
            "hidden",
            "Hidden state",
            "h_t",
            r"h_t = o_t \odot \tanh(c_t)",
            "What the next layer and the next step's gates can see.",
        ),
    )
    blocks = ("input_gate", "forget_gate", "candidate", "output_gate")
    stock = "LSTM"
    order = 0
    parameter_formula = r"4H(I + H + 2)"

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
        return LSTMStep(**gates, cell=cell, hidden=gates["output_gate"] * xp.tanh(cell))
