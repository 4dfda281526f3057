"""sLSTM: an LSTM with an exponential input gate, a normaliser and a stabiliser."""

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
    log_sigmoid,
    sigmoid,
    split_blocks,
    stacked_products,
)


class SLSTMStep(NamedTuple):
    """Every value of one step, each `(..., B, H)`."""

    forget_gate: Array
    input_gate: Array
    candidate: Array
    output_gate: Array
    stabiliser: Array
    normaliser: Array
    cell: Array
    hidden: Array


@architecture
class SLSTM(Cell):
    """LSTM that can revise what it stored: the input gate is exponential, and a normaliser keeps the scale.

    Axes: inputs `(..., B, I)`, states `(..., B, H)`. Rows of the stacked weights: input gate, forget gate, candidate,
    output gate.

    Paper: Beck et al. 2024, equations 8 to 17, forget gate as sigmoid. The gates here are the stabilised ones, which
    give the same hidden states. Deviations: two biases per gate; the recurrent matrix is one block (one head).
    """

    name = "slstm"
    title = "sLSTM"
    summary = "An LSTM whose input gate has no ceiling: a strong input can overwrite all that was stored."
    year = 2024
    paper = (
        "M. Beck, K. Pöppel, M. Spanring, A. Auer, O. Prudnikova, M. Kopp, G. Klambauer, J. Brandstetter, S. Hochreiter: "
        "xLSTM: Extended Long Short-Term Memory. NeurIPS 2024, equations 8 to 17"
    )
    convention = "Two bias vectors per gate, one head. Gates are shown after stabilisation: both divided by exp(m_t)."
    gates = (
        Gate(
            name="forget_gate",
            title="Forget gate",
            symbol="f_t",
            meaning="How much of the old cell state is kept, against what is written.",
            equation=r"f_t = \exp(\log(\sigma(s^f_t)) + m_{t-1} - m_t)",
            retains="direct",
        ),
        Gate(
            name="input_gate",
            title="Input gate",
            symbol="i_t",
            meaning="How much of the new candidate is written, against what is kept.",
            equation=r"i_t = \exp(s^i_t - m_t)",
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
            "stabiliser",
            "Stabiliser",
            "m_t",
            r"m_t = \max(\log(\sigma(s^f_t)) + m_{t-1}, s^i_t)",
            "Keeps the exponentials in range; it cancels out of the hidden state.",
        ),
        StateInfo("normaliser", "Normaliser", "n_t", r"n_t = f_t \odot n_{t-1} + i_t", "What was written in all."),
        StateInfo("cell", "Cell state", "c_t", r"c_t = f_t \odot c_{t-1} + i_t \odot g_t", "The memory."),
        StateInfo(
            "hidden", "Hidden state", "h_t", r"h_t = o_t \odot c_t / n_t", "What the next layer and the gates can see."
        ),
    )
    blocks = ("input_gate", "forget_gate", "candidate", "output_gate")
    order = 16
    parameter_formula = r"4H(I + H + 2)"

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> SLSTMStep:
        """Compute one step; see `Cell.step`."""
        xp = array_namespace(inputs)
        stacked = stacked_products(weights, inputs, state["hidden"])  # (..., B, 4H)
        input_part, forget_part, candidate_part, output_part = split_blocks(stacked, 4)
        kept = log_sigmoid(forget_part) + state["stabiliser"]
        more = input_part - kept
        rise, fall = 0.5 * (xp.abs(more) + more), 0.5 * (xp.abs(more) - more)  # one of the two is 0
        gates = GateValues(overrides)
        gates.record("forget_gate", xp.exp(-1 * rise))
        gates.record("input_gate", xp.exp(-1 * fall))
        gates.record("candidate", xp.tanh(candidate_part))
        gates.record("output_gate", sigmoid(output_part))
        normaliser = gates["forget_gate"] * state["normaliser"] + gates["input_gate"]
        cell = gates["forget_gate"] * state["cell"] + gates["input_gate"] * gates["candidate"]
        # where overrides let nothing be written, 0 / 0 is 0
        hidden = gates["output_gate"] * (cell / (normaliser + 1e-30))
        return SLSTMStep(**gates, stabiliser=kept + rise, normaliser=normaliser, cell=cell, hidden=hidden)

    def terms(self, weights: Weights, inputs: Array, state: State) -> Mapping[str, Array]:
        """Return the sums of the input and the forget gate."""
        parts = split_blocks(stacked_products(weights, inputs, state["hidden"]), 4)
        return {"s^i_t": parts[0], "s^f_t": parts[1]}
