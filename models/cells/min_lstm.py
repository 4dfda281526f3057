"""minLSTM: an LSTM whose gates and candidate see the input alone."""

from collections.abc import Mapping
from typing import NamedTuple

from models.cells.base import (
    Array,
    Gate,
    GateValues,
    LinearCell,
    Override,
    State,
    StateInfo,
    Weights,
    affine,
    architecture,
    log_sigmoid,
    sigmoid,
    split_blocks,
)


class MinLSTMStep(NamedTuple):
    """Every value of one step, each `(..., B, H)`."""

    forget_gate: Array
    input_gate: Array
    candidate: Array
    hidden: Array


@architecture
class MinLSTM(LinearCell):
    """LSTM without any dependence of its gates on the state; its two gates share one whole.

    Axes: inputs `(..., B, I)`, states `(..., B, H)`. Rows of the stacked weights: forget gate, input gate, candidate.

    Paper: Feng et al. 2024, section 3.2: both gates are divided by their sum, so that the state's scale does not depend
    on time; there is no output gate. The paper's variant in logarithms is not used.
    """

    name = "min_lstm"
    title = "minLSTM"
    summary = "An LSTM whose gates see only the input and share one whole; trained in parallel over time."
    year = 2024
    paper = (
        "L. Feng, F. Tung, M. O. Ahmed, Y. Bengio, H. Hajimirsadeghi: Were RNNs All We Needed? arXiv:2410.01201, 2024"
    )
    convention = "Gates are shown after they were divided by their sum. The candidate is linear and unbounded."
    gates = (
        Gate(
            name="forget_gate",
            title="Forget gate",
            symbol="f_t",
            meaning="How much of the state is kept, against what is written.",
            equation=r"f_t = \sigma(a_t) / (\sigma(a_t) + \sigma(b_t))",
            retains="direct",
        ),
        Gate(
            name="input_gate",
            title="Input gate",
            symbol="i_t",
            meaning="How much of the candidate is written, against what is kept.",
            equation=r"i_t = \sigma(b_t) / (\sigma(a_t) + \sigma(b_t))",
        ),
        Gate(
            name="candidate",
            title="Candidate",
            symbol=r"\tilde{h}_t",
            meaning="The new value that may be written; it depends on the input alone.",
            equation=r"\tilde{h}_t = W_{ih} x_t + b_{ih}",
            kind="candidate",
            bounded=False,
        ),
    )
    states = (
        StateInfo(
            "hidden",
            "Hidden state",
            "h_t",
            r"h_t = f_t \odot h_{t-1} + i_t \odot \tilde{h}_t",
            "Memory and output in one.",
        ),
    )
    blocks = ("forget_gate", "input_gate", "candidate")
    order = 21
    parameter_formula = r"3H(I + 1)"

    def weight_shapes(self, input_size: int, hidden_size: int) -> dict[str, tuple[int, ...]]:
        """Return the shapes: nothing is multiplied with the state."""
        return {"weight_ih": (3 * hidden_size, input_size), "bias_ih": (3 * hidden_size,)}

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> MinLSTMStep:
        """Compute one step; see `Cell.step`."""
        forget_part, input_part, candidate = split_blocks(affine(inputs, weights["weight_ih"], weights["bias_ih"]), 3)
        forget = sigmoid(log_sigmoid(forget_part) - log_sigmoid(input_part))  # its share of both, without overflow
        gates = GateValues(overrides)
        gates.record("forget_gate", forget)
        gates.record("input_gate", 1 - forget)
        gates.record("candidate", candidate)
        hidden = gates["forget_gate"] * state["hidden"] + gates["input_gate"] * gates["candidate"]
        return MinLSTMStep(**gates, hidden=hidden)

    def terms(self, weights: Weights, inputs: Array, state: State) -> Mapping[str, Array]:
        """Return the two gates' sums, which their equations call a_t and b_t."""
        parts = split_blocks(affine(inputs, weights["weight_ih"], weights["bias_ih"]), 3)
        return {"a_t": parts[0], "b_t": parts[1]}

    def coefficients(self, weights: Weights, inputs: Array) -> tuple[Array, Array]:
        """Return what is kept and what is written at every step; see `LinearCell`."""
        parts = split_blocks(affine(inputs, weights["weight_ih"], weights["bias_ih"]), 3)
        forget = sigmoid(log_sigmoid(parts[0]) - log_sigmoid(parts[1]))
        return forget, (1 - forget) * parts[2]
