"""The layers of a trained network in this project's form, whatever framework they come from.

A recurrent layer's weights are those of its cell (`models.cells`): PyTorch's stack of gates, `weight_ih (G*H, I)`. Axes: G gate
blocks, H units, I inputs, O outputs, V rows of a table, E its width.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from models.cells import get_cell
from models.checkpoints.raw import FloatArray, as_float32, shown
from models.errors import CheckpointError

MAX_UNITS = 4_096
MAX_LAYERS = 32
BLOCKS = {4: "lstm", 3: "gru", 1: "rnn"}

Direction = Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecurrentLayer:
    """One recurrent layer.

    Attributes:
        name: Its name in the file.
        architecture: `lstm`, `gru`, `gru_textbook` or `rnn`.
        directions: Weights of the forward direction and, if there is one, of the backward one; the outputs of both are
            concatenated.
        reads_backward: Whether its only direction runs from the last step to the first.
    """

    name: str
    architecture: str
    directions: tuple[Direction, ...]
    reads_backward: bool = False

    @property
    def input_size(self) -> int:
        """Features per step."""
        return int(self.directions[0]["weight_ih"].shape[1])

    @property
    def units(self) -> int:
        """Units per direction."""
        return int(self.directions[0]["weight_hh"].shape[1])

    @property
    def output_size(self) -> int:
        """Width of the output: units of all directions."""
        return self.units * len(self.directions)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DenseLayer:
    """A linear layer: `weight (O, I)`, `bias (O,)`."""

    name: str
    weight: FloatArray
    bias: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """An embedding: `weight (V, E)`, one row per token."""

    name: str
    weight: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Checkpoint:
    """All layers of a file from which a network can be assembled.

    Attributes:
        form: `safetensors`, `torch`, `onnx`, `keras` or `module`.
        recurrent: Recurrent layers in the order of the file.
        dense: Linear layers.
        tables: Embeddings.
        notes: What was assumed, one sentence each.
    """

    form: str
    recurrent: tuple[RecurrentLayer, ...]
    dense: tuple[DenseLayer, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def rows(self) -> list[dict[str, object]]:
        """Return one row per layer: `layer`, `kind`, `inputs`, `outputs`, `directions`."""
        found: list[dict[str, object]] = [_row(table.name, "embedding", table.weight.shape, 0) for table in self.tables]
        for layer in self.recurrent:
            shape = layer.input_size, layer.output_size
            found.append(_row(layer.name, get_cell(layer.architecture).title, shape, len(layer.directions)))
        dense = [_row(layer.name, "linear", layer.weight.shape[::-1], 0) for layer in self.dense]
        return found + dense


def _row(name: str, kind: str, shape: tuple[int, ...], directions: int) -> dict[str, object]:
    return {"layer": name, "kind": kind, "inputs": shape[0], "outputs": shape[1], "directions": str(directions or "")}


def direction(
    name: str,
    architecture: str,
    input_weights: FloatArray,
    hidden_weights: FloatArray,
    input_bias: FloatArray | None = None,
    hidden_bias: FloatArray | None = None,
) -> Direction:
    """Return checked weights of one direction, float32; a missing bias is zero.

    Args:
        name: Name of the layer, for messages.
        architecture: Its cell.
        input_weights: `(G*H, I)` in the cell's order of gates.
        hidden_weights: `(G*H, H)`.
        input_bias: `(G*H,)`, or None.
        hidden_bias: `(G*H,)`, or None.

    Raises:
        CheckpointError: If shapes do not fit each other, or a value is not finite.
    """
    blocks = len(get_cell(architecture).blocks)
    flat = input_weights.ndim == 2 and hidden_weights.ndim == 2
    if not flat or hidden_weights.shape[0] != blocks * hidden_weights.shape[1] or not hidden_weights.size:
        raise CheckpointError(f"The weights of the layer {shown(name)} do not have the shapes of a recurrent layer.")
    rows, units = hidden_weights.shape
    zero = np.zeros(rows, dtype=np.float32)
    biases = [zero if bias is None else bias for bias in (input_bias, hidden_bias)]
    if units > MAX_UNITS:
        raise CheckpointError(f"The layer {shown(name)} has {units:,} units; at most {MAX_UNITS:,} can be looked at.")
    if input_weights.shape[0] != rows or not input_weights.shape[1] or any(bias.shape != (rows,) for bias in biases):
        raise CheckpointError(f"Weights and biases of the layer {shown(name)} do not fit each other.")
    found = {"weight_ih": input_weights, "weight_hh": hidden_weights, "bias_ih": biases[0], "bias_hh": biases[1]}
    return {key: as_float32(f"{name}.{key}", value) for key, value in found.items()}


def architecture_of(name: str, hidden_weights: FloatArray) -> str:
    """Return the cell whose number of gates fits recurrent weights `(G*H, H)`.

    Raises:
        CheckpointError: If there is none.
    """
    rows, units = hidden_weights.shape if hidden_weights.ndim == 2 else (0, 0)
    found = BLOCKS.get(rows // units) if units and rows % units == 0 else None
    if found is None:
        raise CheckpointError(f"The recurrent weights of {shown(name)} fit no LSTM, GRU or simple RNN.")
    return found


def reordered(stacked: FloatArray, order: tuple[int, ...]) -> FloatArray:
    """Return gate blocks of the first axis in another order: block `order[i]` moves to position i.

    Raises:
        CheckpointError: If the axis cannot be divided into that many blocks.
    """
    if not stacked.ndim or len(stacked) % len(order):
        raise CheckpointError("A recurrent layer's weights cannot be cut into its gates; the file is damaged.")
    size = len(stacked) // len(order)
    return np.concatenate([stacked[place * size : (place + 1) * size] for place in order])


def negated_block(stacked: FloatArray, place: int, blocks: int) -> FloatArray:
    """Return a stack with one gate block times -1, which turns a sigmoid gate into one minus itself."""
    changed = np.array(stacked, dtype=np.float32)
    size = len(changed) // blocks
    changed[place * size : (place + 1) * size] *= -1
    return changed


def dense_layer(name: str, weight: FloatArray, bias: FloatArray | None) -> DenseLayer:
    """Return a checked linear layer.

    Raises:
        CheckpointError: If a value is not finite.
    """
    zero = np.zeros(len(weight), dtype=np.float32)
    fits = bias is not None and bias.shape == zero.shape
    chosen = bias if fits and bias is not None else zero
    return DenseLayer(name=name, weight=as_float32(name, weight), bias=as_float32(name, chosen))
