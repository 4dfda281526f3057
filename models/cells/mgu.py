"""Minimal gated unit (MGU): one gate does it all."""

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


class MGUStep(NamedTuple):
    """Every value of one step, each `(..., B, H)`."""

    forget_gate: Array
    candidate: Array
    hidden: Array


@architecture
class MGU(Cell):
    """GRU whose update and reset gate are one and the same.

    Axes: inputs `(..., B, I)`, states `(..., B, H)`. Rows of the stacked weights: forget gate, candidate.

    Paper: Zhou et al. 2016. The paper's forget gate replaces with 1: h_t = (1 - f) h_{t-1} + f h~.
    Deviation: two biases per gate.
    """

    name = "mgu"
    title = "MGU"
    summary = "The smallest gated cell: one gate both resets the past for the candidate and decides what is replaced."
    year = 2016
    paper = (
        "G.-B. Zhou, J. Wu, C.-L. Zhang, Z.-H. Zhou: Minimal Gated Unit for Recurrent Neural Networks. International "
        "Journal of Automation and Computing 13(3), 2016"
    )
    convention = "Two bias vectors per gate. As in the paper, a forget gate of 1 replaces the state, 0 keeps it."
    gates = (
        Gate(
            name="forget_gate",
            title="Forget gate",
            symbol="f_t",
            meaning="How much of the state is replaced (1 replaces), and how much of it the candidate may see.",
            equation=r"f_t = \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf})",
            retains="complement",
        ),
        Gate(
            name="candidate",
            title="Candidate",
            symbol=r"\tilde{h}_t",
            meaning="The new value that may be written into the state.",
            equation=r"\tilde{h}_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} (f_t \odot h_{t-1}) + b_{hh})",
            kind="candidate",
        ),
    )
    states = (
        StateInfo(
            "hidden",
            "Hidden state",
            "h_t",
            r"h_t = (1 - f_t) \odot h_{t-1} + f_t \odot \tilde{h}_t",
            "Memory and output in one.",
        ),
    )
    blocks = ("forget_gate", "candidate")
    order = 12
    parameter_formula = r"2H(I + H + 2)"

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> MGUStep:
        """Compute one step; see `Cell.step`."""
        xp = array_namespace(inputs)
        size = weights["weight_hh"].shape[-1]
        old = state["hidden"]
        from_input = split_blocks(affine(inputs, weights["weight_ih"], weights["bias_ih"]), 2)
        recurrent = weights["weight_hh"], weights["bias_hh"]
        gate_part = affine(old, recurrent[0][..., :size, :], recurrent[1][..., :size])
        gates = GateValues(overrides)
        gates.record("forget_gate", sigmoid(from_input[0] + gate_part))
        seen = affine(gates["forget_gate"] * old, recurrent[0][..., size:, :], recurrent[1][..., size:])
        gates.record("candidate", xp.tanh(from_input[1] + seen))
        replaced = gates["forget_gate"]
        return MGUStep(**gates, hidden=(1 - replaced) * old + replaced * gates["candidate"])
