"""Gated recurrent unit (GRU), in PyTorch's form."""

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


class GRUStep(NamedTuple):
    """Every value of one step, each `(..., B, H)`."""

    reset_gate: Array
    update_gate: Array
    candidate: Array
    hidden: Array


@architecture
class GRU(Cell):
    """GRU with the reset gate applied after the recurrent product.

    Axes: inputs `(..., B, I)`, states `(..., B, H)`. Rows of the stacked weights: reset gate, update gate, candidate,
    as in torch.nn.GRU. The update gate here keeps: z = 1 leaves the state as it was.

    Paper: Cho et al. 2014, equations 5 to 8. Deviations, both PyTorch's and cuDNN's: reset acts after the recurrent
    product (Cho et al. reset the state before it), and there are two biases per gate.
    """

    name = "gru"
    title = "GRU"
    summary = (
        "One state; an update gate shares it between old and new, a reset gate lets the candidate ignore the past."
    )
    year = 2014
    paper = (
        "K. Cho et al.: Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine "
        "Translation. EMNLP 2014"
    )
    convention = (
        "Computed as in PyTorch: z = 1 keeps the state and the reset gate acts after the recurrent product. "
        "Pictures show the textbook's update gate, 1 - z, where 1 writes."
    )
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
            meaning="Shares the state between old and new: in the equation 1 keeps; pictures show 1 - z, where 1 writes.",
            equation=r"z_t = \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz})",
            complement=True,
            retains="direct",
        ),
        Gate(
            name="candidate",
            title="Candidate",
            symbol=r"\tilde{h}_t",
            meaning="The new value that may be written into the state.",
            equation=r"\tilde{h}_t = \tanh(W_{in} x_t + b_{in} + r_t \odot (W_{hn} h_{t-1} + b_{hn}))",
            kind="candidate",
        ),
    )
    states = (
        StateInfo(
            "hidden",
            "Hidden state",
            "h_t",
            r"h_t = (1 - z_t) \odot \tilde{h}_t + z_t \odot h_{t-1}",
            "Memory and output in one.",
        ),
    )
    blocks = ("reset_gate", "update_gate", "candidate")
    stock = "GRU"
    order = 1
    parameter_formula = r"3H(I + H + 2)"

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> GRUStep:
        """Compute one step; see `Cell.step`."""
        xp = array_namespace(inputs)
        from_input = split_blocks(affine(inputs, weights["weight_ih"], weights["bias_ih"]), 3)
        from_state = split_blocks(affine(state["hidden"], weights["weight_hh"], weights["bias_hh"]), 3)
        gates = GateValues(overrides)
        gates.record("reset_gate", sigmoid(from_input[0] + from_state[0]))
        gates.record("update_gate", sigmoid(from_input[1] + from_state[1]))
        candidate = xp.tanh(from_input[2] + gates["reset_gate"] * from_state[2])
        gates.record("candidate", candidate)
        kept = gates["update_gate"]
        return GRUStep(**gates, hidden=(1 - kept) * gates["candidate"] + kept * state["hidden"])
