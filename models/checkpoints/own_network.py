"""Assemble a network from the layers of a file: input, recurrent stack, head. The visitor chooses them or accepts the proposal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

import numpy as np

from models.cells import Cell, get_cell
from models.cells.network import ALONE
from models.checkpoints.layers import Checkpoint, DenseLayer, RecurrentLayer
from models.checkpoints.raw import FloatArray, shown
from models.errors import CheckpointError

_Layer = TypeVar("_Layer", RecurrentLayer, DenseLayer)
NONE = ""  # choice of no layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Which layers of a file make up the network.

    Attributes:
        stack: Names of recurrent layers, from input to output.
        before: Name of the embedding or linear layer in front of the stack; empty for none.
        head: Name of the linear layer behind it; empty if the outputs are the hidden states themselves.
    """

    stack: tuple[str, ...]
    before: str = NONE
    head: str = NONE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnNetwork:
    """A visitor's network in this project's form, ready for all analyses of trained networks.

    Attributes:
        name: The visitor's name for it.
        architecture: Its cell.
        weights: As `models.cells.network` reads them: of one network, without an axis of repeats.
        layer_names: One per recurrent layer and direction, in the order of the weights.
        form: Where it comes from, see `Checkpoint`.
        notes: What was assumed, one sentence each.
    """

    name: str
    architecture: str
    weights: Mapping[str, FloatArray]
    layer_names: tuple[str, ...]
    form: str
    notes: tuple[str, ...] = field(default=())

    @property
    def cell(self) -> Cell:
        """Its architecture."""
        return get_cell(self.architecture)

    @property
    def tokens(self) -> bool:
        """Whether its inputs are tokens."""
        return "encoder.embedding" in self.weights

    @property
    def input_size(self) -> int:
        """Features per step, or the number of tokens."""
        if self.tokens:
            return int(self.weights["encoder.embedding"].shape[0])
        name = "encoder.weight" if "encoder.weight" in self.weights else "recurrent.0.weight_ih"
        return int(self.weights[name].shape[1])

    @property
    def output_size(self) -> int:
        """Outputs of the head."""
        return int(self.weights["head.weight"].shape[0])

    @property
    def parameters(self) -> int:
        """Weights and biases, without marks of direction."""
        return sum(value.size for name, value in self.weights.items() if not name.endswith(".backward"))

    @property
    def hidden_size(self) -> int:
        """Units of the largest layer."""
        return max(int(value.shape[1]) for name, value in self.weights.items() if name.endswith("weight_hh"))


def propose(found: Checkpoint) -> Parts:
    """Return the longest chain of recurrent layers whose sizes fit, and the layers that fit before and after it."""
    chains = [_chain(found.recurrent, start) for start in range(len(found.recurrent))]
    stack = max(chains, key=len)
    heads = [layer for layer in found.dense if layer.weight.shape[1] == stack[-1].output_size]
    named = [
        layer for layer in heads if any(word in layer.name.lower() for word in ("head", "fc", "out", "linear", "dense"))
    ]
    head = (named or heads)[-1].name if heads else NONE
    before = before_choices(found, stack[0])
    chosen = [name for name in before if name != head]
    return Parts(stack=tuple(layer.name for layer in stack), before=chosen[0] if chosen else NONE, head=head)


def before_choices(found: Checkpoint, first: RecurrentLayer) -> list[str]:
    """Return names of embeddings and linear layers whose width is the input of a recurrent layer."""
    tables = [table.name for table in found.tables if table.weight.shape[1] == first.input_size]
    square = [
        layer.name
        for layer in found.dense
        if layer.weight.shape[0] == first.input_size and layer.name not in tables
        and any(word in layer.name.lower() for word in ("enc", "emb", "in", "proj"))
    ]  # fmt: skip
    return tables + square


def _chain(layers: Sequence[RecurrentLayer], start: int) -> list[RecurrentLayer]:
    chain = [layers[start]]
    for layer in layers[start + 1 :]:
        if layer.architecture == chain[-1].architecture and layer.input_size == chain[-1].output_size:
            chain.append(layer)
    return chain


def assemble(found: Checkpoint, parts: Parts, *, name: str) -> OwnNetwork:
    """Assemble the named layers.

    Args:
        found: The layers of a file.
        parts: Which of them.
        name: The visitor's name for the network.

    Raises:
        CheckpointError: If a layer does not exist, or two adjacent ones do not fit.
    """
    stack = [_named(found.recurrent, layer, "recurrent layer") for layer in parts.stack]
    if not stack:
        raise CheckpointError("Choose at least one recurrent layer.")
    kinds = {layer.architecture for layer in stack}
    if len(kinds) > 1:
        raise CheckpointError("A stack must hold layers of one kind; look at LSTM and GRU layers one after the other.")
    for below, above in pairwise(stack):
        if below.output_size != above.input_size:
            raise CheckpointError(
                f"{shown(below.name)} gives {below.output_size} values, but {shown(above.name)} takes {above.input_size}."
            )
    weights, names = _recurrent(stack)
    weights = _before(found, parts, stack[0]) | weights | _head(found, parts, stack[-1])
    return OwnNetwork(
        name=name,
        architecture=stack[0].architecture,
        weights=weights,
        layer_names=names,
        form=found.form,
        notes=found.notes,
    )


def _named(layers: Sequence[_Layer], name: str, kind: str) -> _Layer:
    for layer in layers:
        if layer.name == name:
            return layer
    known = ", ".join(shown(layer.name) for layer in layers[:8])
    raise CheckpointError(f"The file has no {kind} {shown(name)}; it has {known or 'none'}.")


def _recurrent(stack: Sequence[RecurrentLayer]) -> tuple[dict[str, FloatArray], tuple[str, ...]]:
    weights: dict[str, FloatArray] = {}
    names: list[str] = []
    for number, layer in enumerate(stack, start=1):
        for way, direction in enumerate(layer.directions):
            prefix = f"recurrent.{len(names)}."
            weights |= {prefix + key: value for key, value in direction.items()}
            if way or layer.reads_backward:
                weights[f"{prefix}backward"] = np.full(1, ALONE if layer.reads_backward else 1, dtype=np.float32)
            way_name = ("forward", "backward")[way or layer.reads_backward]
            names.append(f"{number}, {way_name}" if len(layer.directions) > 1 or layer.reads_backward else str(number))
    return weights, tuple(names)


def _before(found: Checkpoint, parts: Parts, first: RecurrentLayer) -> dict[str, FloatArray]:
    if not parts.before:
        return {}
    for table in found.tables:
        if table.name == parts.before:
            _fit(table.name, table.weight.shape[1], first)
            return {"encoder.embedding": table.weight}
    layer = _named(found.dense, parts.before, "layer")
    _fit(layer.name, layer.weight.shape[0], first)
    return {"encoder.weight": layer.weight, "encoder.bias": layer.bias}


def _fit(name: str, width: int, first: RecurrentLayer) -> None:
    if width != first.input_size:
        raise CheckpointError(f"{shown(name)} gives {width} values, but {shown(first.name)} takes {first.input_size}.")


def _head(found: Checkpoint, parts: Parts, last: RecurrentLayer) -> dict[str, FloatArray]:
    size = last.output_size
    if not parts.head:
        return {"head.weight": np.eye(size, dtype=np.float32), "head.bias": np.zeros(size, dtype=np.float32)}
    layer = _named(found.dense, parts.head, "linear layer")
    if layer.weight.shape[1] != size:
        raise CheckpointError(f"{shown(layer.name)} takes {layer.weight.shape[1]} values, but the stack gives {size}.")
    return {"head.weight": layer.weight, "head.bias": layer.bias}
