"""IndRNN: every unit remembers by itself, with one weight."""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

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
)


class IndRNNStep(NamedTuple):
    """Every value of one step, each `(..., B, H)`."""

    candidate: Array
    hidden: Array


@architecture
class IndRNN(Cell):
    """Independently recurrent network: a unit sees its own past and nobody else's; layers mix the units.

    Axes: inputs `(..., B, I)`, states `(..., B, H)`. `weight_hh` is `(..., H)`: one recurrent weight per unit.

    Paper: Li et al. 2018, equation 3 with ReLU; recurrent weights start uniformly in [0, 1] as for the layers below the
    last. Deviations: one bias as in the paper; the recurrent weights are not clipped while training.
    """

    name = "ind_rnn"
    title = "IndRNN"
    summary = "A network of units that each remember by themselves, with a single weight; made to be stacked."
    year = 2018
    paper = (
        "S. Li, W. Li, C. Cook, C. Zhu, Y. Gao: Independently Recurrent Neural Network (IndRNN): Building A Longer and "
        "Deeper RNN. CVPR 2018, equation 3"
    )
    convention = "ReLU; the recurrent weights start between 0 and 1 and are not clipped."
    gates = (
        Gate(
            name="candidate",
            title="Candidate",
            symbol="g_t",
            meaning="The new state before it is cut at zero.",
            equation=r"g_t = W_{ig} x_t + b_{ig} + u \odot h_{t-1}",
            kind="candidate",
            bounded=False,
        ),
    )
    states = (StateInfo("hidden", "Hidden state", "h_t", r"h_t = \max(0, g_t)", "Memory and output in one."),)
    blocks = ("candidate",)
    order = 14
    parameter_formula = r"H(I + 2)"
    starts: ClassVar[Mapping[str, tuple[float, float]]] = {"weight_hh": (0.0, 1.0)}
    unit_weights: ClassVar[Mapping[str, str]] = {"u": "weight_hh"}

    def weight_shapes(self, input_size: int, hidden_size: int) -> dict[str, tuple[int, ...]]:
        """Return the shapes: one recurrent weight per unit."""
        return {"weight_ih": (hidden_size, input_size), "weight_hh": (hidden_size,), "bias_ih": (hidden_size,)}

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> IndRNNStep:
        """Compute one step; see `Cell.step`."""
        own_past = weights["weight_hh"][..., None, :] * state["hidden"]
        total = affine(inputs, weights["weight_ih"], weights["bias_ih"]) + own_past
        candidate = GateValues(overrides).record("candidate", total)
        return IndRNNStep(candidate=candidate, hidden=0.5 * (candidate + array_namespace(candidate).abs(candidate)))
