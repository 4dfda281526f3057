"""LRU: a linear recurrence with complex eigenvalues, shown through a nonlinearity."""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from array_api_compat import array_namespace

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
    split_blocks,
)


class LRUStep(NamedTuple):
    """Every value of one step, each `(..., B, H)`."""

    candidate: Array
    memory: Array
    quadrature: Array
    hidden: Array


@architecture
class LRU(LinearCell):
    """Linear recurrent unit: each unit is an oscillator that decays and turns; only what is shown is nonlinear.

    Axes: inputs `(..., B, I)`, states `(..., B, H)`. The complex state of the paper is two real ones, `memory` and
    `quadrature`. Rows of `weight_ih` and `bias_ih`: their real and imaginary inputs; `log_decay` and `angle` `(..., H)`
    are nu and theta; `weight_out` `(..., H, 2H)` reads both parts.

    Paper: Orvieto et al. 2023, section 3: lambda = exp(-exp(nu) + i theta), inputs scaled by sqrt(1 - |lambda|^2).
    Deviations: the scale is computed instead of learned; log decays and angles start uniformly; tanh stands for the
    paper's block around the unit; no direct path from input to output.
    """

    name = "lru"
    title = "LRU"
    summary = "A linear memory of decaying oscillators: nothing is gated, and all steps are computed in parallel."
    year = 2023
    paper = (
        "A. Orvieto, S. L. Smith, A. Gu, A. Fernando, C. Gulcehre, R. Pascanu, S. De: Resurrecting Recurrent Neural "
        "Networks for Long Sequences. ICML 2023, section 3"
    )
    convention = "The complex state is shown as two real ones; tanh stands for the paper's block around the unit."
    gates = (
        Gate(
            name="candidate",
            title="Input",
            symbol="u_t",
            meaning="What the input adds to the memory.",
            equation=r"u_t = W_{iu} x_t + b_{iu}",
            kind="candidate",
            bounded=False,
        ),
    )
    states = (
        StateInfo(
            "memory",
            "Memory",
            "m_t",
            r"m_t = \rho \cos\theta \odot m_{t-1} - \rho \sin\theta \odot q_{t-1} + \gamma \odot u_t",
            "The real part of the oscillator.",
        ),
        StateInfo(
            "quadrature",
            "Quadrature",
            "q_t",
            r"q_t = \rho \sin\theta \odot m_{t-1} + \rho \cos\theta \odot q_{t-1} + \gamma \odot v_t",
            "The imaginary part: the same oscillation a quarter turn later.",
        ),
        StateInfo("hidden", "Hidden state", "h_t", r"h_t = \tanh(y_t)", "What the next layer can see."),
    )
    blocks = ("candidate",)
    order = 22
    parameter_formula = r"2H(I + 1) + 2H + H(2H + 1)"
    starts: ClassVar[Mapping[str, tuple[float, float]]] = {"log_decay": (-6.9, -0.37), "angle": (0.0, 3.14)}

    def weight_shapes(self, input_size: int, hidden_size: int) -> dict[str, tuple[int, ...]]:
        """Return the shapes; decays from 1 to 1,000 steps and half turns at the start."""
        return {
            "weight_ih": (2 * hidden_size, input_size),
            "bias_ih": (2 * hidden_size,),
            "log_decay": (hidden_size,),
            "angle": (hidden_size,),
            "weight_out": (hidden_size, 2 * hidden_size),
            "bias_out": (hidden_size,),
        }

    def hidden_size(self, weights: Weights) -> int:
        """Return H."""
        return int(weights["angle"].shape[-1])

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> LRUStep:
        """Compute one step; see `Cell.step`."""
        angle = weights["angle"][..., None, :]
        xp = array_namespace(angle)
        size = xp.exp(-1 * xp.exp(weights["log_decay"][..., None, :]))
        real, imaginary, scale = size * xp.cos(angle), size * xp.sin(angle), xp.sqrt(1 - size * size)
        added, turned = split_blocks(affine(inputs, weights["weight_ih"], weights["bias_ih"]), 2)
        candidate = GateValues(overrides).record("candidate", added)
        old, late = state["memory"], state["quadrature"]
        memory = real * old - imaginary * late + scale * candidate
        quadrature = imaginary * old + real * late + scale * turned
        reals, imaginaries = split_blocks(weights["weight_out"], 2)
        read = affine(memory, reals, weights["bias_out"]) + affine(quadrature, imaginaries)
        return LRUStep(
            candidate=candidate, memory=memory, quadrature=quadrature, hidden=array_namespace(read).tanh(read)
        )

    def terms(self, weights: Weights, inputs: Array, state: State) -> Mapping[str, Array]:
        """Return what the equations abbreviate: decay and turn, the imaginary input, and what is shown."""
        real, imaginary, scale = (part + 0 * state["memory"] for part in _turn(weights))
        turned = split_blocks(affine(inputs, weights["weight_ih"], weights["bias_ih"]), 2)[1]
        step = self.step(weights, inputs, state)
        return {
            r"\rho \cos\theta": real,
            r"\rho \sin\theta": imaginary,
            r"\gamma": scale,
            "v_t": turned,
            "y_t": _shown(weights, step.memory, step.quadrature),
        }

    def coefficients(self, weights: Weights, inputs: Array) -> tuple[Array, Array]:
        """Return eigenvalues and inputs as complex numbers; see `LinearCell`."""
        real, imaginary, scale = _turn(weights)
        added, turned = split_blocks(affine(inputs, weights["weight_ih"], weights["bias_ih"]), 2)
        written = scale * added + 1j * (scale * turned)
        return (real + 1j * imaginary) + 0 * written, written

    def shown(self, weights: Weights, memory: Array) -> Array:
        """Return the hidden states of complex memories."""
        xp = array_namespace(memory)
        return xp.tanh(_shown(weights, xp.real(memory), xp.imag(memory)))


def _turn(weights: Weights) -> tuple[Array, Array, Array]:
    """Return real and imaginary part of the eigenvalues and the scale of the inputs, each `(..., 1, H)`."""
    log_decay, angle = weights["log_decay"][..., None, :], weights["angle"][..., None, :]
    xp = array_namespace(log_decay)
    size = xp.exp(-1 * xp.exp(log_decay))
    return size * xp.cos(angle), size * xp.sin(angle), xp.sqrt(1 - size * size)


def _shown(weights: Weights, memory: Array, quadrature: Array) -> Array:
    width = memory.shape[-1]
    real, imaginary = weights["weight_out"][..., :width], weights["weight_out"][..., width:]
    return affine(memory, real, weights["bias_out"]) + affine(quadrature, imaginary)
