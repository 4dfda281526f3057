"""LSTM with coupled input and forget gate (CIFG)."""

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


class CIFGStep(NamedTuple):
    """Every value of one step, each `(..., B, H)`."""

    forget_gate: Array
    input_gate: Array
    candidate: Array
    output_gate: Array
    cell: Array
    hidden: Array


@architecture
class CIFG(Cell):
    """LSTM that writes exactly as much as it forgets: the input gate is 1 minus the forget gate.

    Axes: inputs `(..., B, I)`, states `(..., B, H)`. Rows of the stacked weights: forget gate, candidate, output gate.

    Paper: Greff et al. 2017 (variant CIFG), who found coupling harmless on three tasks. Deviation: two
    biases per gate, and no peepholes, so that it differs from the LSTM here in the coupling alone.
    """

    name = "cifg"
    title = "CIFG LSTM"
    summary = "An LSTM with one gate less: what it forgets it replaces, like the GRU's update gate."
    year = 2017
    paper = (
        "K. Greff, R. Srivastava, J. Koutník, B. Steunebrink, J. Schmidhuber: LSTM: A Search Space Odyssey. IEEE "
        "Transactions on Neural Networks and Learning Systems 28(10), 2017, variant CIFG"
    )
    convention = "Two bias vectors per gate; no peephole connections."
    gates = (
        Gate(
            name="forget_gate",
            title="Forget gate",
            symbol="f_t",
            meaning="How much of the old cell state is kept; the rest is replaced.",
            equation=r"f_t = \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf})",
            retains="direct",
        ),
        Gate(
            name="input_gate",
            title="Input gate",
            symbol="i_t",
            meaning="How much of the candidate is written: exactly what was forgotten.",
            equation=r"i_t = 1 - f_t",
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
            meaning="How much of the cell state is shown as hidden state.",
            equation=r"o_t = \sigma(W_{io} x_t + b_{io} + W_{ho} h_{t-1} + b_{ho})",
        ),
    )
    states = (
        StateInfo(
            "cell",
            "Cell state",
            "c_t",
            r"c_t = f_t \odot c_{t-1} + i_t \odot g_t",
            "The memory, an average of old and new.",
        ),
        StateInfo(
            "hidden", "Hidden state", "h_t", r"h_t = o_t \odot \tanh(c_t)", "What the next layer and the gates can see."
        ),
    )
    blocks = ("forget_gate", "candidate", "output_gate")
    order = 10
    parameter_formula = r"3H(I + H + 2)"

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> CIFGStep:
        """Compute one step; see `Cell.step`."""
        xp = array_namespace(inputs)
        stacked = stacked_products(weights, inputs, state["hidden"])  # (..., B, 3H)
        forget_part, candidate_part, output_part = split_blocks(stacked, 3)
        gates = GateValues(overrides)
        gates.record("forget_gate", sigmoid(forget_part))
        gates.record("input_gate", 1 - gates["forget_gate"])
        gates.record("candidate", xp.tanh(candidate_part))
        gates.record("output_gate", sigmoid(output_part))
        cell = gates["forget_gate"] * state["cell"] + gates["input_gate"] * gates["candidate"]
        return CIFGStep(**gates, cell=cell, hidden=gates["output_gate"] * xp.tanh(cell))
