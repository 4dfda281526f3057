"""A `torch.nn.Module` that is in memory, as in a notebook: its weights and what its layers say about themselves."""

from typing import Any

import numpy as np

from models.checkpoints.from_torch import recognise_torch
from models.checkpoints.layers import Checkpoint
from models.checkpoints.raw import RawCheckpoint, check_sizes
from models.checkpoints.torch_file import module_facts
from models.errors import CheckpointError


def recognise_module(module: Any) -> Checkpoint:
    """Return the layers of a `torch.nn.Module`.

    Raises:
        CheckpointError: If it is not a module, or has no layer that can be shown.
    """
    if not callable(getattr(module, "state_dict", None)) or not callable(getattr(module, "named_modules", None)):
        raise CheckpointError(f"Give a path or a `torch.nn.Module`, not `{type(module).__name__}`.")
    found = {name: value for name, value in module.state_dict().items() if value.is_floating_point()}
    check_sizes({name: tuple(value.shape) for name, value in found.items()})
    tensors = {name: np.asarray(value.detach().cpu().float().numpy()) for name, value in found.items()}
    layers = recognise_torch(RawCheckpoint(form="module", tensors=tensors, facts={"modules": module_facts(module)}))
    if not layers.recurrent:
        raise CheckpointError("The module has no nn.LSTM, nn.GRU or nn.RNN layer.")
    return layers
