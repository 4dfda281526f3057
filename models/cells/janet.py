"""JANET: an LSTM with nothing but a forget gate."""

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


class JanetStep(NamedTuple):
    """Every value of one step, each `(..., B, H)`."""

    forget_gate: Array
    input_gate: Array
    candidate: Array
    hidden: Array


@architecture
class Janet(Cell):
    """LSTM reduced to its forget gate: just another network (JANET).

    Axes: inputs `(..., B, I)`, states `(..., B, H)`. Rows of the stacked weights: forget gate, candidate.

    Paper: van der Westhuizen and Lasenby 2018, equation 6 with beta = 1: the forget gate's sum s_t also decides what is
    written, 1 - sigmoid(s_t - beta). Deviation: two biases per gate. The paper's chrono initialisation is an option of
    the experiment.
    """

    name = "janet"
    title = "JANET"
    summary = "An LSTM with only a forget gate: half the parameters, and its memory is its output."
    year = 2018
    paper = (
        "J. van der Westhuizen, J. Lasenby: The unreasonable effectiveness of the forget gate. arXiv:1804.04849, 2018"
    )
    convention = "Two bias vectors per gate; beta is 1. There is no output gate: the cell state is the hidden state."
    gates = (
        Gate(
            name="forget_gate",
            title="Forget gate",
            symbol="f_t",
            meaning="How much of the memory is kept: 1 keeps all, 0 erases.",
            equation=r"f_t = \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf})",
            retains="direct",
        ),
        Gate(
            name="input_gate",
            title="Input gate",
            symbol="i_t",
            meaning="How much of the candidate is written: a little less than what was forgotten.",
            equation=r"i_t = 1 - \sigma(s_t - 1)",
        ),
        Gate(
            name="candidate",
            title="Candidate",
            symbol="g_t",
            meaning="The new value that may be written into the memory.",
            equation=r"g_t = \tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t-1} + b_{hg})",
            kind="candidate",
        ),
    )
    states = (
        StateInfo(
            "hidden", "Hidden state", "h_t", r"h_t = f_t \odot h_{t-1} + i_t \odot g_t", "Memory and output in one."
        ),
    )
    blocks = ("forget_gate", "candidate")
    order = 13
    parameter_formula = r"2H(I + H + 2)"

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> JanetStep:
        """Compute one step; see `Cell.step`."""
        stacked = stacked_products(weights, inputs, state["hidden"])  # (..., B, 2H)
        forget_part, candidate_part = split_blocks(stacked, 2)
        gates = GateValues(overrides)
        gates.record("forget_gate", sigmoid(forget_part))
        gates.record("input_gate", 1 - sigmoid(forget_part - 1))
        candidate = array_namespace(inputs).tanh(candidate_part)
        gates.record("candidate", candidate)
        hidden = gates["forget_gate"] * state["hidden"] + gates["input_gate"] * gates["candidate"]
        return JanetStep(**gates, hidden=hidden)

    def terms(self, weights: Weights, inputs: Array, state: State) -> Mapping[str, Array]:
        """Return the forget gate's sum, which the input gate's equation calls s_t."""
        stacked = stacked_products(weights, inputs, state["hidden"])
        return {"s_t": split_blocks(stacked, 2)[0]}
