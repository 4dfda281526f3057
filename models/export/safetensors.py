"""Trained weights as a safetensors file: numbers and a text header, no code."""

import json

import numpy as np
from safetensors.numpy import save

from models.cells import get_cell
from models.errors import StoreError
from models.records.results import RunResult

FORMAT = "gatescope-weights-1"


def weights_file(run: RunResult) -> bytes:
    """Return one architecture's best weights for all seeds, with the metadata needed to use them.

    The first axis of every tensor is the seed. For an architecture that `torch.nn` has, `recurrent.<layer>.weight_ih[i]`
    and so on can be loaded into that layer's `weight_ih_l0` unchanged.

    Raises:
        StoreError: If the run kept no weights.
    """
    if not run.weights:
        raise StoreError("This run kept no weights; train it again from its link.")
    tensors = {name: np.ascontiguousarray(value) for name, value in run.weights.items()}
    return bytes(save(tensors, metadata=weights_metadata(run)))


def weights_metadata(run: RunResult) -> dict[str, str]:
    """Return the header: texts only, as the format demands."""
    cell, spec = get_cell(run.spec.architecture), run.spec.experiment
    return {
        "format": FORMAT,
        "architecture": cell.name,
        "torch_layer": f"torch.nn.{cell.stock}" if cell.stock else "",
        "convention": cell.convention,
        "row_blocks": ",".join(cell.blocks),
        "first_axis": "seed",
        "seeds": ",".join(str(seed.seed) for seed in run.seeds),
        "stretches": json.dumps([seed.stretch and [seed.stretch.first, seed.stretch.last] for seed in run.seeds]),
        "hidden_size": str(run.spec.hidden_size),
        "layers": str(spec.layers),
        "updates": str(run.spec.updates),
        "learning_rate": repr(run.spec.learning_rate),
        "experiment": json.dumps(spec.to_dict(), sort_keys=True),
        "experiment_key": spec.key(),
        "environment": json.dumps(dict(run.environment), sort_keys=True),
    }
