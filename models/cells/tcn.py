"""TCN: a temporal convolution network, dilated causal convolutions with residual connections."""

from models.cells.base import Array, StateInfo, Weights, architecture
from models.cells.sequence import SequenceLayer, at_each_step, relu, windows

KERNEL = 3  # taps of a convolution
LEVELS = 6  # residual blocks, with dilations 1, 2, 4, ..., 32


@architecture
class TCN(SequenceLayer):
    """Stack of residual blocks, each of two dilated causal convolutions with ReLU.

    Axes: inputs `(..., B, T, I)`, outputs `(..., B, T, H)`. `conv_a_0 (H, 3 I)` and `conv_b_0 (H, 3 H)` are the
    convolutions of the block with dilation 1, `conv_a_1` and `conv_b_1` of that with dilation 2, and so on; columns hold
    the present step first. `weight_skip (H, I)` is the 1 x 1 convolution around the first block.

    Paper: Bai, Kolter and Koltun 2018, section 3. Deviations: no weight normalisation; dropout between layers instead of
    inside blocks; the first block always has a 1 x 1 convolution; one layer is a whole stack of six blocks.
    """

    name = "tcn"
    title = "TCN"
    summary = "Convolutions over time with growing gaps: sees 253 steps back, keeps no state, trains all steps at once."
    year = 2018
    paper = (
        "S. Bai, J. Z. Kolter, V. Koltun: An Empirical Evaluation of Generic Convolutional and Recurrent Networks for "
        "Sequence Modeling. arXiv:1803.01271, 2018, section 3"
    )
    convention = "Not recurrent, no gates. One layer is six residual blocks of two convolutions with 3 taps; no weight normalisation."
    states = (
        StateInfo(
            "hidden",
            "Output",
            "h_t",
            r"h^{(l)}_t = \mathrm{relu}\left(h^{(l-1)}_t + F_l\left(h^{(l-1)}_{t}, h^{(l-1)}_{t-d}, \dots, "
            r"h^{(l-1)}_{t-4d}\right)\right), \quad d = 2^{l-1}",
            "Each block adds the result of two convolutions with gaps of d steps to its input.",
        ),
    )
    order = 30
    parameter_formula = r"4HI + 33H^2 + 13H"

    def weight_shapes(self, input_size: int, hidden_size: int) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the convolutions, bottom first."""
        shapes: dict[str, tuple[int, ...]] = {}
        for level in range(LEVELS):
            inputs = input_size if level == 0 else hidden_size
            shapes |= {f"conv_a_{level}": (hidden_size, KERNEL * inputs), f"bias_a_{level}": (hidden_size,)}
            shapes |= {f"conv_b_{level}": (hidden_size, KERNEL * hidden_size), f"bias_b_{level}": (hidden_size,)}
        return shapes | {"weight_skip": (hidden_size, input_size), "bias_skip": (hidden_size,)}

    def hidden_size(self, weights: Weights) -> int:
        """Return H."""
        return int(weights["bias_skip"].shape[-1])

    def run(self, weights: Weights, inputs: Array) -> Array:
        """Run the blocks; see `SequenceLayer.run`."""
        below, around = inputs, at_each_step(inputs, weights["weight_skip"], weights["bias_skip"])
        for level in range(LEVELS):
            for part in ("a", "b"):
                seen = windows(below, KERNEL, 2**level)  # (..., B, T, 3 I)
                below = relu(at_each_step(seen, weights[f"conv_{part}_{level}"], weights[f"bias_{part}_{level}"]))
            around = relu(around + below)
            below = around
        return around
