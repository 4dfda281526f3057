"""Convert Keras 3's layers. Gate order there: LSTM input, forget, candidate, output; GRU update, reset, candidate.

Keras' update gate keeps, as PyTorch's does. With `reset_after` (the default) a GRU has two biases and resets after the
recurrent product; without it, one bias, and it is this project's textbook GRU, whose update gate writes.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from models.checkpoints.layers import (
    BLOCKS,
    Checkpoint,
    DenseLayer,
    Direction,
    RecurrentLayer,
    Table,
    dense_layer,
    direction,
    negated_block,
    reordered,
)
from models.checkpoints.raw import FloatArray, RawCheckpoint, as_float32, shown
from models.errors import CheckpointError

ORDERS = {"lstm": (0, 1, 2, 3), "gru": (1, 0, 2), "gru_textbook": (1, 0, 2), "rnn": (0,)}
_NO_BIAS = "A GRU without bias does not say when it resets; Keras' default, `reset_after`, is assumed."

Facts = Mapping[str, Any]
Arrays = Mapping[str, FloatArray]


def recognise_keras(raw: RawCheckpoint) -> Checkpoint:
    """Return the layers of a model, in the order of its configuration, else sorted by name.

    Raises:
        CheckpointError: If a recurrent layer has other activations, or wrong shapes.
    """
    listed: list[Facts] = raw.facts["layers"] or [{"path": path} for path in _paths(raw.tensors)]
    recurrent: list[RecurrentLayer] = []
    dense: list[DenseLayer] = []
    tables: list[Table] = []
    notes: list[str] = []
    for layer in listed:
        path = layer["path"]
        own = {key.removeprefix(f"{path}/"): value for key, value in raw.tensors.items() if key.startswith(f"{path}/")}
        name = str(layer.get("name") or path.removeprefix("layers/"))
        if ways := _ways(own):
            recurrent.append(_layer(name, ways, layer, notes))
        elif set(own) <= {"vars/0", "vars/1"} and own.get("vars/0", np.zeros(0)).ndim == 2:
            if "embedding" in path:
                tables.append(Table(name=name, weight=as_float32(name, own["vars/0"])))
            elif str(layer.get("class", "Dense")) == "Dense":
                dense.append(dense_layer(name, own["vars/0"].T, own.get("vars/1")))
    return Checkpoint(
        form="keras",
        recurrent=tuple(recurrent),
        dense=tuple(dense),
        tables=tuple(tables),
        notes=tuple(dict.fromkeys(notes)),
    )


def _paths(tensors: Arrays) -> list[str]:
    """Return the groups of layers in the order of their numbers: `lstm`, `lstm_1`, ..."""
    found = {match[1] for name in tensors if (match := re.match(r"(layers/[^/]+)/", name))}

    def key(path: str) -> tuple[str, int]:
        stem, _, number = path.rpartition("_")
        return (stem, int(number)) if number.isdigit() and stem else (path, 0)

    return sorted(found, key=key)


def _ways(own: Arrays) -> list[Arrays]:
    """Return the arrays of each direction, `0`, `1` and, if there, `2`; empty if the layer is not recurrent."""
    found: list[Arrays] = []
    for prefix in ("cell/vars/", "forward_layer/cell/vars/", "backward_layer/cell/vars/"):
        parts = {name.removeprefix(prefix): value for name, value in own.items() if name.startswith(prefix)}
        if {"0", "1"} <= parts.keys():
            found.append(parts)
    return found


def _layer(name: str, ways: list[Arrays], told: Facts, notes: list[str]) -> RecurrentLayer:
    facts = told.get("forward", told)
    usual = {"activation": "tanh", "recurrent_activation": "sigmoid"}
    if wrong := [key for key, value in usual.items() if facts.get(key, value) != value]:
        raise CheckpointError(
            f"The layer {shown(name)} has another `{wrong[0]}` than {usual[wrong[0]]}, which is not read."
        )
    if len(ways) == 2 and told.get("merge_mode", "concat") != "concat":
        raise CheckpointError(f"The layer {shown(name)} does not concatenate its directions, which is not read.")
    recurrent = ways[0]["1"]
    units = recurrent.shape[0] if recurrent.ndim == 2 else 0
    architecture = BLOCKS.get(recurrent.shape[1] // units if units and not recurrent.shape[1] % units else 0)
    if architecture is None:
        raise CheckpointError(f"The recurrent weights of {shown(name)} fit no LSTM, GRU or SimpleRNN.")
    if architecture == "gru" and not _resets_after(facts, ways[0].get("2"), notes):
        architecture = "gru_textbook"
    read = tuple(_direction(name, architecture, way) for way in ways)
    backward = len(ways) == 1 and bool(facts.get("go_backwards", False))
    return RecurrentLayer(name=name, architecture=architecture, directions=read, reads_backward=backward)


def _resets_after(facts: Facts, bias: FloatArray | None, notes: list[str]) -> bool:
    if bias is not None:
        return bias.ndim == 2
    if "reset_after" not in facts:
        notes.append(_NO_BIAS)
    return bool(facts.get("reset_after", True))


def _direction(name: str, architecture: str, way: Arrays) -> Direction:
    order = ORDERS[architecture]
    bias = way.get("2")
    pair = (
        [None, None]
        if bias is None
        else [bias, None]
        if bias.ndim == 1
        else [bias[0], bias[1] if len(bias) > 1 else None]
    )
    parts = [way["0"].T, way["1"].T, *pair]
    stacks = [None if part is None else reordered(part, order) for part in parts]
    if architecture == "gru_textbook":
        stacks = [None if stack is None else negated_block(stack, 1, 3) for stack in stacks]
    first, second, *biases = stacks
    if first is None or second is None:
        raise CheckpointError(f"The layer {shown(name)} lacks weights.")
    return direction(name, architecture, first, second, *biases)
