"""Convert ONNX's recurrent nodes. Gate order there: LSTM input, output, forget, candidate; GRU update, reset, candidate.

ONNX's update gate keeps, as PyTorch's does. With `linear_before_reset` = 0 (the default) the GRU resets the state before the
recurrent product: that is this project's textbook GRU, whose update gate writes, hence the sign of its block.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from models.checkpoints.layers import (
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

ORDERS = {"LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2), "RNN": (0,)}  # places in ONNX's stack, in the cell's order
USUAL = {"LSTM": ("sigmoid", "tanh", "tanh"), "GRU": ("sigmoid", "tanh"), "RNN": ("tanh",)}


def recognise_onnx(raw: RawCheckpoint) -> Checkpoint:
    """Return the layers of a graph.

    Raises:
        CheckpointError: If a node uses other activations, or its weights have wrong shapes.
    """
    nodes = raw.facts["nodes"]
    recurrent = tuple(_layer(node, raw.tensors) for node in nodes if node["op"] in ORDERS)
    return Checkpoint(
        form="onnx",
        recurrent=recurrent,
        dense=tuple(_dense(nodes, raw.tensors)),
        tables=tuple(_tables(nodes, raw.tensors)),
    )


def _layer(node: Mapping[str, Any], tensors: Mapping[str, FloatArray]) -> RecurrentLayer:
    kind, name = node["op"], str(node["name"])
    ways = {"forward": 1, "reverse": 1, "bidirectional": 2}.get(node["direction"], 0)
    told = tuple(str(one).lower() for one in node["activations"])
    if told and told != USUAL[kind] * ways:
        raise CheckpointError(f"The {kind} node {shown(name)} has activations other than sigmoid and tanh.")
    weights, recurrent = tensors[node["W"]], tensors[node["R"]]
    bias = tensors[node["B"]] if node["B"] else None
    fits = weights.ndim == recurrent.ndim == 3 and len(weights) == len(recurrent) == ways
    if not fits or (bias is not None and (bias.ndim != 2 or len(bias) != ways)):
        raise CheckpointError(f"The weights of the {kind} node {shown(name)} do not have the shapes of its directions.")
    textbook = kind == "GRU" and not node["linear_before_reset"]
    architecture = "gru_textbook" if textbook else {"LSTM": "lstm", "GRU": "gru", "RNN": "rnn"}[kind]
    read = tuple(
        _direction(name, architecture, ORDERS[kind], weights[way], recurrent[way], None if bias is None else bias[way])
        for way in range(ways)
    )
    backward = node["direction"] == "reverse"
    return RecurrentLayer(name=name, architecture=architecture, directions=read, reads_backward=backward)


def _direction(
    name: str,
    architecture: str,
    order: tuple[int, ...],
    weights: FloatArray,
    recurrent: FloatArray,
    bias: FloatArray | None,
) -> Direction:
    both = np.zeros(2 * len(weights), dtype=np.float32) if bias is None else bias
    if len(both) != 2 * len(weights):
        raise CheckpointError(f"The bias of the layer {shown(name)} does not fit its weights.")
    parts = [weights, recurrent, both[: len(weights)], both[len(weights) :]]
    stacks = [reordered(part, order) for part in parts]
    if architecture == "gru_textbook":
        stacks = [negated_block(stack, 1, 3) for stack in stacks]
    return direction(name, architecture, *stacks)


def _dense(nodes: list[Mapping[str, Any]], tensors: Mapping[str, FloatArray]) -> Iterator[DenseLayer]:
    for node in nodes:
        if node["op"] == "Dense":
            weight = tensors[node["weight"]]
            bias = tensors[node["bias"]] if node["bias"] else None
            yield dense_layer(str(node["name"]), weight if node["transposed"] else weight.T, bias)


def _tables(nodes: list[Mapping[str, Any]], tensors: Mapping[str, FloatArray]) -> Iterator[Table]:
    for node in nodes:
        if node["op"] == "Table":
            yield Table(name=str(node["name"]), weight=as_float32(str(node["name"]), tensors[node["weight"]]))
