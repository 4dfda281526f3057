"""minGRU: a GRU whose gate and candidate see the input alone."""

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
    sigmoid,
    split_blocks,
)


class MinGRUStep(NamedTuple):
    """Every value of one step, each `(..., B, H)`."""

    update_gate: Array
    candidate: Array
    hidden: Array


@architecture
class MinGRU(LinearCell):
    """GRU without any dependence of its gates on the state, so that all steps can be computed at once.

    Axes: inputs `(..., B, I)`, states `(..., B, H)`. Rows of the stacked weights: update gate, candidate.

    Paper: Feng et al. 2024, section 3.1: z = sigmoid(Linear(x)), h~ = Linear(x), h = (1 - z) h + z h~. The paper's
    variant in logarithms, which keeps h positive, is not used.
    """

    name = "min_gru"
    title = "minGRU"
    summary = "A GRU whose gate sees only the input: a third of the work, trained in parallel over time."
    year = 2024
    paper = (
        "L. Feng, F. Tung, M. O. Ahmed, Y. Bengio, H. Hajimirsadeghi: Were RNNs All We Needed? arXiv:2410.01201, 2024"
    )
    convention = "The candidate is linear and unbounded, as in section 3.1 of the paper."
    gates = (
        Gate(
            name="update_gate",
            title="Update gate",
            symbol="z_t",
            meaning="How much of the state is replaced: 1 writes the candidate, 0 keeps the state.",
            equation=r"z_t = \sigma(W_{iz} x_t + b_{iz})",
            retains="complement",
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
            r"h_t = (1 - z_t) \odot h_{t-1} + z_t \odot \tilde{h}_t",
            "Memory and output in one.",
        ),
    )
    blocks = ("update_gate", "candidate")
    order = 20
    parameter_formula = r"2H(I + 1)"

    def weight_shapes(self, input_size: int, hidden_size: int) -> dict[str, tuple[int, ...]]:
        """Return the shapes: nothing is multiplied with the state."""
        return {"weight_ih": (2 * hidden_size, input_size), "bias_ih": (2 * hidden_size,)}

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> MinGRUStep:
        """Compute one step; see `Cell.step`."""
        update_part, candidate = split_blocks(affine(inputs, weights["weight_ih"], weights["bias_ih"]), 2)
        gates = GateValues(overrides)
        gates.record("update_gate", sigmoid(update_part))
        gates.record("candidate", candidate)
        written = gates["update_gate"]
        return MinGRUStep(**gates, hidden=(1 - written) * state["hidden"] + written * gates["candidate"])

    def coefficients(self, weights: Weights, inputs: Array) -> tuple[Array, Array]:
        """Return what is kept and what is written at every step; see `LinearCell`."""
        update_part, candidate = split_blocks(affine(inputs, weights["weight_ih"], weights["bias_ih"]), 2)
        written = sigmoid(update_part)
        return 1 - written, written * candidate
