"""Transformer: one block of causal self-attention and a small feed-forward network."""

from collections.abc import Mapping
from typing import ClassVar

from models.cells.base import Array, StateInfo, Weights, architecture, normalised
from models.cells.sequence import SequenceLayer, at_each_step, attended, relu, scaled, sinusoids

HEADS = (4, 2, 1)  # the first that divides the units
WIDER = 4  # units of the feed-forward network for each unit of the layer


@architecture
class Transformer(SequenceLayer):
    """Causal Transformer block with layer normalisation before each part.

    Axes: inputs `(..., B, T, I)`, outputs `(..., B, T, H)`. `weight_query`, `weight_key`, `weight_value` and
    `weight_mixed` are `(H, H)`; the feed-forward network is `weight_up (4H, H)` and `weight_down (H, 4H)`.

    Paper: Vaswani et al. 2017; normalisation before each part by Xiong et al. 2020. Deviations: each layer maps its inputs
    to H numbers and adds sinusoidal positions again, and ends with a normalisation; 4 heads, or 2 or 1 where H cannot be
    divided; no dropout inside; PyTorch's recurrent initialisation, uniform within 1 / sqrt(H).
    """

    name = "transformer"
    title = "Transformer"
    summary = "Every step looks back at all earlier ones by content: no state, and work that grows with the square of the length."
    year = 2017
    paper = (
        "A. Vaswani et al.: Attention Is All You Need. NeurIPS 2017; R. Xiong et al.: On Layer Normalization in the "
        "Transformer Architecture. ICML 2020"
    )
    convention = (
        "Not recurrent, no gates. Causal, normalised before each part, sinusoidal positions. FLOPs per step leave out "
        "attention, which adds 4 H for each earlier step."
    )
    states = (
        StateInfo(
            "hidden",
            "Output",
            "h_t",
            r"h = \mathrm{norm}(a + \mathrm{FF}(\mathrm{norm}(a))), \quad "
            r"a = e + \mathrm{softmax}\left(\tfrac{Q K^\top}{\sqrt{d}}\right) V \, W_m, \quad e_t = W_e x_t + p_t",
            "Queries, keys and values are maps of the normalised inputs; later steps are masked.",
        ),
    )
    order = 31
    parameter_formula = r"H(I + 1) + 12H^2 + 15H"
    starts: ClassVar[Mapping[str, tuple[float, float]]] = {
        **{f"gain_{part}": (1.0, 1.0) for part in ("attention", "forward", "end")},
        **{f"shift_{part}": (0.0, 0.0) for part in ("attention", "forward", "end")},
    }

    def weight_shapes(self, input_size: int, hidden_size: int) -> dict[str, tuple[int, ...]]:
        """Return the shapes: entry, attention, feed-forward network, normalisations."""
        square, wide = (hidden_size, hidden_size), WIDER * hidden_size
        shapes: dict[str, tuple[int, ...]] = {"weight_in": (hidden_size, input_size), "bias_in": (hidden_size,)}
        for part in ("query", "key", "value", "mixed"):
            shapes |= {f"weight_{part}": square, f"bias_{part}": (hidden_size,)}
        shapes |= {"weight_up": (wide, hidden_size), "bias_up": (wide,)}
        shapes |= {"weight_down": (hidden_size, wide), "bias_down": (hidden_size,)}
        for part in ("attention", "forward", "end"):
            shapes |= {f"gain_{part}": (hidden_size,), f"shift_{part}": (hidden_size,)}
        return shapes

    def hidden_size(self, weights: Weights) -> int:
        """Return H."""
        return int(weights["bias_in"].shape[-1])

    def run(self, weights: Weights, inputs: Array) -> Array:
        """Run the block; see `SequenceLayer.run`."""
        size = weights["bias_in"].shape[-1]
        heads = next(count for count in HEADS if size % count == 0)
        values = at_each_step(inputs, weights["weight_in"], weights["bias_in"])  # (..., B, T, H)
        values = values + sinusoids(values, size)
        seen = scaled(normalised(values), weights["gain_attention"], weights["shift_attention"])
        parts = [
            at_each_step(seen, weights[f"weight_{part}"], weights[f"bias_{part}"]) for part in ("query", "key", "value")
        ]
        mixed = attended(parts[0], parts[1], parts[2], heads)
        values = values + at_each_step(mixed, weights["weight_mixed"], weights["bias_mixed"])
        seen = scaled(normalised(values), weights["gain_forward"], weights["shift_forward"])
        wide = relu(at_each_step(seen, weights["weight_up"], weights["bias_up"]))  # (..., B, T, 4H)
        values = values + at_each_step(wide, weights["weight_down"], weights["bias_down"])
        return scaled(normalised(values), weights["gain_end"], weights["shift_end"])
