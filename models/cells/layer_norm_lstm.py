"""LSTM with layer normalisation."""

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
    normalised,
    sigmoid,
    split_blocks,
)


class LayerNormLSTMStep(NamedTuple):
    """Every value of one step, each `(..., B, H)`."""

    forget_gate: Array
    input_gate: Array
    candidate: Array
    output_gate: Array
    cell: Array
    hidden: Array


@architecture
class LayerNormLSTM(Cell):
    """LSTM whose sums and whose shown cell state have mean 0 and deviation 1 over the units, times a learned gain.

    Axes: inputs `(..., B, I)`, states `(..., B, H)`. Rows of the stacked weights: input gate, forget gate, candidate,
    output gate. Gains: `gain_ih` and `gain_hh` `(..., 4H)`, `gain_cell` and `shift_cell` `(..., H)`.

    Paper: Ba, Kiros and Hinton 2016, equations 20 to 22. Deviation: the shifts of the two sums are one bias, since only
    their total matters. Gains start at 1, the shift of the cell state at 0.
    """

    name = "layer_norm_lstm"
    title = "LayerNorm LSTM"
    summary = "An LSTM whose sums are normalised over the units at each step: steadier training, some more work."
    year = 2016
    paper = "J. L. Ba, J. R. Kiros, G. E. Hinton: Layer Normalization. arXiv:1607.06450, 2016, equations 20 to 22"
    convention = "n_t is LN(W_i x_t) + LN(W_h h_{t-1}) + b, normalised over all four blocks together."
    gates = (
        Gate(
            name="forget_gate",
            title="Forget gate",
            symbol="f_t",
            meaning="How much of the old cell state is kept: 1 keeps all, 0 erases.",
            equation=r"f_t = \sigma(n^f_t)",
            retains="direct",
        ),
        Gate(
            name="input_gate",
            title="Input gate",
            symbol="i_t",
            meaning="How much of the new candidate is written into the cell state.",
            equation=r"i_t = \sigma(n^i_t)",
        ),
        Gate(
            name="candidate",
            title="Candidate",
            symbol="g_t",
            meaning="The new value that may be written into the cell state.",
            equation=r"g_t = \tanh(n^g_t)",
            kind="candidate",
        ),
        Gate(
            name="output_gate",
            title="Output gate",
            symbol="o_t",
            meaning="How much of the normalised cell state is shown as hidden state.",
            equation=r"o_t = \sigma(n^o_t)",
        ),
    )
    states = (
        StateInfo("cell", "Cell state", "c_t", r"c_t = f_t \odot c_{t-1} + i_t \odot g_t", "The memory."),
        StateInfo(
            "hidden",
            "Hidden state",
            "h_t",
            r"h_t = o_t \odot \tanh(\mathrm{LN}(c)_t)",
            "What the next layer and the gates can see.",
        ),
    )
    blocks = ("input_gate", "forget_gate", "candidate", "output_gate")
    order = 15
    parameter_formula = r"4H(I + H + 3) + 2H"
    starts: ClassVar[Mapping[str, tuple[float, float]]] = {
        "gain_ih": (1.0, 1.0),
        "gain_hh": (1.0, 1.0),
        "gain_cell": (1.0, 1.0),
        "shift_cell": (0.0, 0.0),
    }

    def weight_shapes(self, input_size: int, hidden_size: int) -> dict[str, tuple[int, ...]]:
        """Return the shapes: one bias, and the gains of the three normalisations."""
        rows = 4 * hidden_size
        return {
            "weight_ih": (rows, input_size),
            "weight_hh": (rows, hidden_size),
            "bias_ih": (rows,),
            "gain_ih": (rows,),
            "gain_hh": (rows,),
            "gain_cell": (hidden_size,),
            "shift_cell": (hidden_size,),
        }

    def step(
        self, weights: Weights, inputs: Array, state: State, overrides: Mapping[str, Override] | None = None
    ) -> LayerNormLSTMStep:
        """Compute one step; see `Cell.step`."""
        xp = array_namespace(inputs)
        from_input = normalised(affine(inputs, weights["weight_ih"])) * weights["gain_ih"][..., None, :]
        from_state = normalised(affine(state["hidden"], weights["weight_hh"])) * weights["gain_hh"][..., None, :]
        stacked = from_input + from_state + weights["bias_ih"][..., None, :]  # (..., B, 4H)
        input_part, forget_part, candidate_part, output_part = split_blocks(stacked, 4)
        gates = GateValues(overrides)
        gates.record("forget_gate", sigmoid(forget_part))
        gates.record("input_gate", sigmoid(input_part))
        gates.record("candidate", xp.tanh(candidate_part))
        gates.record("output_gate", sigmoid(output_part))
        cell = gates["forget_gate"] * state["cell"] + gates["input_gate"] * gates["candidate"]
        shown = normalised(cell) * weights["gain_cell"][..., None, :] + weights["shift_cell"][..., None, :]
        return LayerNormLSTMStep(**gates, cell=cell, hidden=gates["output_gate"] * xp.tanh(shown))

    def terms(self, weights: Weights, inputs: Array, state: State) -> Mapping[str, Array]:
        """Return the normalised sums of the four blocks and the normalised new cell state."""
        from_input = normalised(affine(inputs, weights["weight_ih"])) * weights["gain_ih"][..., None, :]
        from_state = normalised(affine(state["hidden"], weights["weight_hh"])) * weights["gain_hh"][..., None, :]
        parts = split_blocks(from_input + from_state + weights["bias_ih"][..., None, :], 4)
        cell = normalised(self.step(weights, inputs, state).cell)
        shown = cell * weights["gain_cell"][..., None, :] + weights["shift_cell"][..., None, :]
        return dict(zip(("n^i_t", "n^f_t", "n^g_t", "n^o_t"), parts, strict=True)) | {r"\mathrm{LN}(c)_t": shown}
