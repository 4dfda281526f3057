"""Gated recurrent unit as textbooks write it: reset before the recurrent product, update gate 1 writes."""

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
    affine,
    architecture,
    sigmoid,
    split_blocks,
)


class TextbookGRUStep(NamedTuple):
    """Every value of one step, each `(..., B, H)`."""

    reset_gate: Array
    update_gate: Array
    candidate: Array
    hidden: Array


@architecture
class TextbookGRU(Cell):
    """GRU with the reset gate applied to the state before the recurrent product.

    Axes: inputs `(..., B, I)`, states `(..., B, H)`. Rows of the stacked weights: reset gate, update gate, candidate.

    Paper: Chung et al. 2014, section 3.2, whose update gate writes with 1; Cho et al. 2014 introduced the cell with an
    update gate that keeps with 1. Deviation: two biases per gate.
    """

    name = "gru_textbook"
    title = "Textbook GRU"
    summary = "The GRU of the papers: reset acts on the state itself. PyTorch and cuDNN moved it behind the product."
    year = 2014
    paper = (
        "J. Chung, C. Gulcehre, K. Cho, Y. Bengio: Empirical Evaluation of Gated Recurrent Neural Networks on Sequence "
        "Modeling. arXiv:1412.3555, 2014"
    )
    convention = "Two bias vectors per gate. The update gate writes with 1; reset acts before the recurrent product."
    gates = (
        Gate(
            name="reset_gate",
            title="Reset gate",
            symbol="r_t",
            meaning="How much of the past the candidate may use: 0 starts afresh.",
            equation=r"r_t = \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{t-1} + b_{hr})",
        ),
        Gate(
            name="update_gate",
            title="Update gate",
            symbol="z_t",
            meaning="How much of the state is replaced by the candidate: 1 writes, 0 keeps.",
            equation=r"z_t = \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz})",
            retains="complement",
        ),
        Gate(
            name="candidate",
            title="Candidate",
            symbol=r"\tilde{h}_t",
            meaning="The new value that may be written into the state.",
            equation=r"\tilde{h}_t = \tanh(W_{in} x_t + b_{in} + W_{hn} (r_t \odot h_{t-1}) + b_{hn})",
            kind="candidate",
        ),
    )
    states = (
        StateInfo(
            "hidden",
            "Hidden state",
            "h_t",
            r"h_t = (1 - z_t) \odot h_{t-1} + z_t \odot \tilde{h}_t",
            "Memory and output in one.",
        ),
    )
    blocks = ("reset_gate", "update_gate", "candidate")
    order = 13
    parameter_formula = r"3H(I + H + 2)"

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> TextbookGRUStep:
        """Compute one step; see `Cell.step`."""
        xp = array_namespace(inputs)
        both = 2 * weights["weight_hh"].shape[-1]
        old = state["hidden"]
        from_input = split_blocks(affine(inputs, weights["weight_ih"], weights["bias_ih"]), 3)
        recurrent = weights["weight_hh"], weights["bias_hh"]
        from_state = split_blocks(affine(old, recurrent[0][..., :both, :], recurrent[1][..., :both]), 2)
        gates = GateValues(overrides)
        gates.record("reset_gate", sigmoid(from_input[0] + from_state[0]))
        gates.record("update_gate", sigmoid(from_input[1] + from_state[1]))
        seen = affine(gates["reset_gate"] * old, recurrent[0][..., both:, :], recurrent[1][..., both:])
        gates.record("candidate", xp.tanh(from_input[2] + seen))
        written = gates["update_gate"]
        return TextbookGRUStep(**gates, hidden=(1 - written) * old + written * gates["candidate"])
