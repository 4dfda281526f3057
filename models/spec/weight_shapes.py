"""The tensors that a run's saved weights must have, computed from its spec to check untrusted weights.

The spec determines everything but the task's numbers of inputs and outputs, which must lie within bounds.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.cells import get_cell
from models.errors import StoreError
from models.spec.run import RunSpec

Shape = tuple[int, ...]
MAX_INPUTS = 100_000
MAX_OUTPUTS = 100_000


def weight_shapes(run: RunSpec, inputs: int, outputs: int, *, embedding: int = 0) -> dict[str, Shape]:
    """Return name to shape of a run's weights, all replicas.

    Args:
        run: The run.
        inputs: Features per step, or the number of tokens.
        outputs: Outputs of the head.
        embedding: Numbers per token; 0 for numeric inputs.
    """
    spec, cell = run.experiment, get_cell(run.architecture)
    replicas, width = spec.seeds, embedding or spec.encoder_size or inputs
    shapes: dict[str, Shape] = {}
    if embedding:
        shapes["encoder.embedding"] = (replicas, inputs, embedding)
    elif spec.encoder_size:
        shapes["encoder.weight"] = (replicas, spec.encoder_size, inputs)
        shapes["encoder.bias"] = (replicas, spec.encoder_size)
    directions = 1 + spec.bidirectional
    above = run.hidden_size * directions
    for layer in range(spec.layers * directions):
        layer_inputs = width if layer < directions else above
        for name, shape in cell.weight_shapes(layer_inputs, run.hidden_size).items():
            shapes[f"recurrent.{layer}.{name}"] = (replicas, *shape)
        if layer % directions:
            shapes[f"recurrent.{layer}.backward"] = (replicas, 0)
    for layer in range(spec.layers if spec.layer_norm else 0):
        shapes |= {f"norm.{layer}.gain": (replicas, above), f"norm.{layer}.shift": (replicas, above)}
    if spec.readout != "last":
        name, size = ("query", above) if spec.readout == "attention" else ("mean", 0)
        shapes[f"readout.{name}"] = (replicas, size)
    shapes["head.weight"] = (replicas, outputs, above)
    shapes["head.bias"] = (replicas, outputs)
    return shapes


def check_weights(run: RunSpec, found: Mapping[str, tuple[Shape, Any]]) -> None:
    """Compare names, shapes and dtypes with the spec; an empty set of weights is allowed.

    Raises:
        StoreError: If they do not match this run.
    """
    if not found:
        return
    shapes = {name: tuple(shape) for name, (shape, _) in found.items()}
    try:
        inputs, outputs, embedding = _free_sizes(run, shapes)
    except (KeyError, IndexError):
        raise StoreError("Saved weights lack a tensor that their architecture has.") from None
    sound = 1 <= inputs <= MAX_INPUTS and 1 <= outputs <= MAX_OUTPUTS and 0 <= embedding <= MAX_INPUTS
    if not sound or shapes != weight_shapes(run, inputs, outputs, embedding=embedding):
        raise StoreError("Saved weights do not have the names and shapes of their architecture.")
    if any(np.dtype(dtype) != np.float32 for _, dtype in found.values()):
        raise StoreError("Saved weights must be 32-bit floats.")


def _free_sizes(run: RunSpec, shapes: Mapping[str, Shape]) -> tuple[int, int, int]:
    """Read the task's sizes from the tensors that carry them."""
    outputs = shapes["head.bias"][1]
    if "encoder.embedding" in shapes:
        _, tokens, embedding = shapes["encoder.embedding"][:3]
        return tokens, outputs, embedding
    if "encoder.weight" in shapes:
        return shapes["encoder.weight"][2], outputs, 0
    first = "recurrent.0."
    layer = {name.removeprefix(first): shape[1:] for name, shape in shapes.items() if name.startswith(first)}
    return get_cell(run.architecture).input_size(layer, run.hidden_size), outputs, 0
