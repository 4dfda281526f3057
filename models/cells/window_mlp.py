"""Window MLP: the last steps as one long input of a network with one hidden layer."""

from models.cells.base import Array, StateInfo, Weights, architecture
from models.cells.sequence import SequenceLayer, at_each_step, relu, windows

WINDOW = 24  # input steps, including the current one


@architecture
class WindowMLP(SequenceLayer):
    """Feed-forward network on a sliding window.

    Axes: inputs `(..., B, T, I)`, outputs `(..., B, T, H)`; `weight_window (H, 24 I)`, columns with the present step first.

    Paper: Waibel et al. 1989 (time-delay networks), with one hidden layer and ReLU. Deviation: zeros stand before the
    first step of a sequence.
    """

    name = "window_mlp"
    title = "Window MLP"
    summary = (
        "A plain network on the last 24 steps, without memory beyond them: the minimum that a recurrence must beat."
    )
    year = 1989
    paper = (
        "A. Waibel, T. Hanazawa, G. Hinton, K. Shikano, K. Lang: Phoneme Recognition Using Time-Delay Neural Networks. "
        "IEEE Transactions on Acoustics, Speech, and Signal Processing 37(3), 1989"
    )
    convention = (
        "Not recurrent, no gates. Sees 24 steps; zeros stand before the first one. ReLU instead of the sigmoid."
    )
    states = (
        StateInfo(
            "hidden",
            "Output",
            "h_t",
            r"h_t = \mathrm{relu}\left(\sum_{k=0}^{23} W_k x_{t-k} + b\right)",
            "A weighted sum of the last 24 steps, its negative part cut off.",
        ),
    )
    order = 32
    parameter_formula = r"H(24I + 1)"

    def weight_shapes(self, input_size: int, hidden_size: int) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the hidden layer."""
        return {"weight_window": (hidden_size, WINDOW * input_size), "bias": (hidden_size,)}

    def hidden_size(self, weights: Weights) -> int:
        """Return H."""
        return int(weights["bias"].shape[-1])

    def run(self, weights: Weights, inputs: Array) -> Array:
        """Run the layer; see `SequenceLayer.run`."""
        return relu(at_each_step(windows(inputs, WINDOW), weights["weight_window"], weights["bias"]))
