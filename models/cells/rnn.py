"""Simple recurrent network with tanh, the ungated reference."""

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
    stacked_products,
)


class RNNStep(NamedTuple):
    """Every value of one step, each `(..., B, H)`."""

    candidate: Array
    hidden: Array


@architecture
class TanhRNN(Cell):
    """Elman's network: the state is overwritten at every step.

    Axes: inputs `(..., B, I)`, states `(..., B, H)`; weights as in torch.nn.RNN with `nonlinearity="tanh"`.

    Paper: Elman 1990. Deviation: two biases, as in PyTorch; only their sum matters.
    """

    name = "rnn"
    title = "tanh RNN"
    summary = "No gates: every step overwrites the whole state. What LSTM and GRU are measured against."
    year = 1990
    paper = "J. Elman: Finding Structure in Time. Cognitive Science 14(2), 1990"
    convention = "Two bias vectors, as in PyTorch; only their sum matters."
    gates = (
        Gate(
            name="candidate",
            title="Candidate",
            symbol=r"\tilde{h}_t",
            meaning="The new state; nothing decides whether to write it, it always is.",
            equation=r"\tilde{h}_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})",
            kind="candidate",
        ),
    )
    states = (
        StateInfo(
            "hidden",
            "Hidden state",
            "h_t",
            r"h_t = \tilde{h}_t",
            "Memory and output in one, rewritten each step.",
        ),
    )
    blocks = ("candidate",)
    stock = "RNN"
    order = 2
    parameter_formula = r"H(I + H + 2)"

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> RNNStep:
        """Compute one step; see `Cell.step`."""
        stacked = stacked_products(weights, inputs, state["hidden"])
        candidate = GateValues(overrides).record("candidate", array_namespace(stacked).tanh(stacked))
        return RNNStep(candidate=candidate, hidden=candidate)
