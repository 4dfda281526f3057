"""Recognise PyTorch's layers by the names and shapes of a state_dict, also in safetensors files."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from models.cells import architectures
from models.checkpoints.layers import (
    MAX_LAYERS,
    Checkpoint,
    DenseLayer,
    RecurrentLayer,
    Table,
    architecture_of,
    dense_layer,
    direction,
)
from models.checkpoints.raw import FloatArray, RawCheckpoint, as_float32, shown
from models.errors import CheckpointError

_STACKED = re.compile(r"(.*?)(weight|bias)_(ih|hh|hr)_l(\d{1,3})(_reverse)?")
_CELL = re.compile(r"(.*?)(weight|bias)_(ih|hh)")
_OURS = "gatescope-weights-"

Parts = Mapping[str, FloatArray]  # `weight_ih`, `weight_hh` and, if there, biases


def recognise_torch(raw: RawCheckpoint) -> Checkpoint:
    """Return the layers of a state_dict.

    Raises:
        CheckpointError: If there is no recurrent layer among them, or one that cannot be shown.
    """
    metadata = raw.facts.get("metadata", {})
    if str(metadata.get("format", "")).startswith(_OURS):
        return _own(raw, metadata)
    modules = raw.facts.get("modules", {})
    layers: list[RecurrentLayer] = []
    for name, directions in _groups(raw.tensors).items():
        _check_module(name, modules)
        layers.append(_layer(name, directions))
    notes = []
    if any(layer.architecture == "rnn" for layer in layers) and not modules:
        notes.append("A state_dict does not say how an RNN is activated; tanh, PyTorch's default, is assumed.")
    used = {key for key in raw.tensors if _STACKED.fullmatch(key) or _CELL.fullmatch(key)}
    rest = {key: value for key, value in raw.tensors.items() if key not in used}
    return Checkpoint(
        form=raw.form,
        recurrent=tuple(layers),
        dense=tuple(_dense(rest)),
        tables=tuple(_tables(rest)),
        notes=tuple(notes),
    )


def _groups(tensors: Parts) -> dict[str, dict[str, dict[str, FloatArray]]]:
    """Return layer name to direction (empty or `_reverse`) to its parts, in the order of the file."""
    found: dict[str, dict[str, dict[str, FloatArray]]] = {}
    for key, value in tensors.items():
        if stacked := _STACKED.fullmatch(key):
            prefix, kind, part, number, reverse = stacked.groups()
            if part == "hr":
                raise CheckpointError(f"The layer {shown(prefix)} projects its hidden state, which is not read.")
            name, way = (
                f"{prefix}{number}" if not prefix else f"{prefix.removesuffix('.')} {int(number) + 1}",
                reverse or "",
            )
            name = name if prefix else f"layer {int(number) + 1}"
        elif cell := _CELL.fullmatch(key):
            prefix, kind, part = cell.groups()
            name, way = prefix.removesuffix(".") or "cell", ""
        else:
            continue
        found.setdefault(name, {}).setdefault(way, {})[f"{kind}_{part}"] = value
    if len(found) > MAX_LAYERS:
        raise CheckpointError(f"The file holds {len(found)} recurrent layers; at most {MAX_LAYERS} are read.")
    return found


def _layer(name: str, directions: Mapping[str, Parts]) -> RecurrentLayer:
    if "" not in directions or any(not {"weight_ih", "weight_hh"} <= parts.keys() for parts in directions.values()):
        raise CheckpointError(f"The layer {shown(name)} is incomplete: weights of inputs or states are missing.")
    architecture = architecture_of(name, directions[""]["weight_hh"])
    ways = [directions[way] for way in ("", "_reverse") if way in directions]
    read = tuple(
        direction(name, architecture, one["weight_ih"], one["weight_hh"], one.get("bias_ih"), one.get("bias_hh"))
        for one in ways
    )
    if len({one["weight_ih"].shape for one in read}) > 1:
        raise CheckpointError(f"The two directions of the layer {shown(name)} have different sizes.")
    return RecurrentLayer(name=name, architecture=architecture, directions=read)


def _check_module(name: str, modules: Mapping[str, Any]) -> None:
    """Refuse a module with settings that cannot be seen in its weights."""
    facts = modules.get(name.rpartition(" ")[0], modules.get("", {}))
    if facts.get("nonlinearity", "tanh") != "tanh" or facts.get("mode") == "RNN_RELU":
        raise CheckpointError(f"The layer {shown(name)} is an RNN with ReLU; only tanh is shown.")


def _dense(tensors: Parts) -> Iterator[DenseLayer]:
    for key, weight in tensors.items():
        bias = tensors.get(key.removesuffix("weight") + "bias")
        if key.endswith("weight") and weight.ndim == 2 and (bias is not None or "emb" not in key.lower()):
            yield dense_layer(key.removesuffix("weight").removesuffix(".") or "linear", weight, bias)


def _tables(tensors: Parts) -> Iterator[Table]:
    for key, weight in tensors.items():
        if key.endswith("weight") and weight.ndim == 2 and key.removesuffix("weight") + "bias" not in tensors:
            yield Table(
                name=key.removesuffix("weight").removesuffix(".") or "embedding", weight=as_float32(key, weight)
            )


def _own(raw: RawCheckpoint, metadata: Mapping[str, str]) -> Checkpoint:
    """Return the first repeat of weights that this project saved."""
    architecture = str(metadata.get("architecture", ""))
    if architecture not in architectures():
        raise CheckpointError(
            f"The file names the architecture {shown(architecture)}, which this version does not have."
        )
    if any(not value.ndim or not len(value) for value in raw.tensors.values()):
        raise CheckpointError("The file holds no repeats; download the weights again.")
    first = {key: value[0] for key, value in raw.tensors.items()}
    layers = []
    for number in range(MAX_LAYERS):
        prefix = f"recurrent.{number}."
        parts = {
            key.removeprefix(prefix): as_float32(key, value) for key, value in first.items() if key.startswith(prefix)
        }
        if not parts:
            break
        expected = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"}
        if parts.keys() != expected or architecture not in ("lstm", "gru", "rnn", "gru_textbook"):
            raise CheckpointError("Only LSTM, GRU, textbook GRU and tanh RNN can be opened as a network of one's own.")
        read = direction(
            prefix, architecture, *(parts[name] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        )
        layers.append(RecurrentLayer(name=f"layer {number + 1}", architecture=architecture, directions=(read,)))
    dense = [
        dense_layer(name, first[f"{name}.weight"], first.get(f"{name}.bias"))
        for name in ("encoder", "head")
        if f"{name}.weight" in first and first[f"{name}.weight"].ndim == 2
    ]
    table = first.get("encoder.embedding", np.zeros(0))
    tables = (Table(name="encoder", weight=as_float32("encoder", table)),) if table.ndim == 2 else ()
    return Checkpoint(
        form=raw.form, recurrent=tuple(layers), dense=tuple(dense), tables=tables, notes=("The first repeat is shown.",)
    )
