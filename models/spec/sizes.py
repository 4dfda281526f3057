"""Sizes of data and of networks, and the parameter counts that follow from them. No torch, no arrays.

Axes: I inputs of a layer, H hidden units, G gate blocks, O outputs of the head, V tokens, E encoded features.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from data.repeat_splits import held_bytes
from data.task import Part, TaskData
from models.cells import Cell, get_cell
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec

EMBEDDING_SIZE = 16  # numbers per symbol where `encoder_size` is 0
SHARED = "all gates"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartShape:
    """The number of sequences of a part and of steps per sequence, padding included."""

    sequences: int
    steps: int

    @classmethod
    def of(cls, part: Part) -> "PartShape":
        """Measure a part."""
        return cls(sequences=len(part), steps=int(part.inputs.shape[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class DataShape:
    """The sizes of a task's data that cost and fairness need.

    Attributes:
        input_size: Features per step, or number of tokens.
        output_size: Outputs of the head.
        tokens: Whether inputs are tokens, which are embedded.
        each_step: Whether the head has an output at every step.
        train: Training part.
        validation: Validation part.
        test: Test part.
        array_bytes: What the arrays of one repeat's data hold.
        file_bytes: Size of the file that they are read from; 0 for embedded and generated data.
    """

    input_size: int
    output_size: int
    tokens: bool
    each_step: bool
    train: PartShape
    validation: PartShape
    test: PartShape
    array_bytes: int = 0
    file_bytes: int = 0

    @classmethod
    def of(cls, data: TaskData, content: bytes | None = None) -> "DataShape":
        """Measure a task, and the file that it was read from."""
        return cls(
            input_size=data.input_size,
            output_size=data.head_size,
            tokens=bool(data.vocabulary),
            each_step=data.each_step,
            train=PartShape.of(data.train),
            validation=PartShape.of(data.validation),
            test=PartShape.of(data.test),
            array_bytes=held_bytes(data),
            file_bytes=len(content or b""),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSize:
    """The sizes that determine the cost of one replica of a network.

    Attributes:
        architecture: Name of the cell.
        hidden_size: Units of each layer.
        layers: Recurrent layers.
        input_size: Features per step, or number of tokens.
        output_size: Outputs of the head.
        encoder: The encoder in front of the first layer.
        encoded_size: Features per step that the first layer receives.
        each_step: Whether the head has an output at every step.
    """

    architecture: str
    hidden_size: int
    layers: int = 1
    input_size: int = 1
    output_size: int = 1
    encoder: Literal["none", "embedding", "projection"] = "none"
    encoded_size: int = 1
    each_step: bool = False
    bidirectional: bool = False
    layer_norm: bool = False
    attention: bool = False

    @property
    def directions(self) -> int:
        """Layers that see the same input: two if one reads from the end."""
        return 1 + self.bidirectional

    @property
    def width(self) -> int:
        """Numbers per step that the next layer or the head sees."""
        return self.hidden_size * self.directions

    @property
    def cell(self) -> Cell:
        """The architecture's description."""
        return get_cell(self.architecture)

    def layer_inputs(self) -> tuple[int, ...]:
        """Return the inputs per step of each recurrent layer, bottom first."""
        by_layer = (self.encoded_size, *[self.width] * (self.layers - 1))
        return tuple(inputs for inputs in by_layer for _ in range(self.directions))


def encoded_size(encoder_size: int, inputs: int, *, tokens: bool) -> int:
    """Return how many features per step the first recurrent layer receives; see `ExperimentSpec.encoder_size`."""
    return encoder_size or (EMBEDDING_SIZE if tokens else inputs)


def network_size(spec: ExperimentSpec, architecture: str, hidden_size: int, shape: DataShape) -> NetworkSize:
    """Return the sizes of the network that an experiment builds for an architecture."""
    encoder: Literal["none", "embedding", "projection"] = "projection" if spec.encoder_size else "none"
    if shape.tokens:
        encoder = "embedding"
    return NetworkSize(
        architecture=architecture,
        hidden_size=hidden_size,
        layers=spec.layers,
        input_size=shape.input_size,
        output_size=shape.output_size,
        encoder=encoder,
        encoded_size=encoded_size(spec.encoder_size, shape.input_size, tokens=shape.tokens),
        each_step=shape.each_step,
        bidirectional=spec.bidirectional,
        layer_norm=spec.layer_norm,
        attention=spec.readout == "attention",
    )


def run_size(run: RunSpec, shape: DataShape) -> NetworkSize:
    """Return the sizes of a run's network."""
    return network_size(run.experiment, run.architecture, run.hidden_size, shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterGroup:
    """A group of parameters.

    Attributes:
        part: `encoder`, `layer 1`, ..., `head`.
        matrix: Name of the weight (`weight_ih`, `bias`, ...).
        gate: Title of the gate whose rows these are, `SHARED` for a weight that is not stacked by gate, empty outside
            cells.
        count: Number of parameters.
    """

    part: str
    matrix: str
    gate: str
    count: int


def parameter_groups(size: NetworkSize) -> tuple[ParameterGroup, ...]:
    """Return the parameters of one replica by part, matrix and gate."""
    return (*_encoder_groups(size), *_recurrent_groups(size), *_between_groups(size), *_head_groups(size))


def parameter_count(size: NetworkSize) -> int:
    """Return the number of parameters of one replica, encoder and head included."""
    recurrent = sum(size.cell.parameter_count(inputs, size.hidden_size) for inputs in size.layer_inputs())
    return recurrent + sum(
        group.count for group in (*_encoder_groups(size), *_between_groups(size), *_head_groups(size))
    )


def _encoder_groups(size: NetworkSize) -> tuple[ParameterGroup, ...]:
    weights = size.input_size * size.encoded_size
    if size.encoder == "embedding":
        return (ParameterGroup(part="encoder", matrix="embedding", gate="", count=weights),)
    if size.encoder == "projection":
        return (
            ParameterGroup(part="encoder", matrix="weight", gate="", count=weights),
            ParameterGroup(part="encoder", matrix="bias", gate="", count=size.encoded_size),
        )
    return ()


def _between_groups(size: NetworkSize) -> tuple[ParameterGroup, ...]:
    """Return normalisations and the query of the readout."""
    norms = [
        ParameterGroup(part=f"layer {layer + 1}", matrix=matrix, gate="", count=size.width)
        for layer in range(size.layers if size.layer_norm else 0)
        for matrix in ("gain", "shift")
    ]
    query = [ParameterGroup(part="readout", matrix="query", gate="", count=size.width)] if size.attention else []
    return (*norms, *query)


def _head_groups(size: NetworkSize) -> tuple[ParameterGroup, ...]:
    return (
        ParameterGroup(part="head", matrix="weight", gate="", count=size.output_size * size.width),
        ParameterGroup(part="head", matrix="bias", gate="", count=size.output_size),
    )


def _recurrent_groups(size: NetworkSize) -> Iterator[ParameterGroup]:
    for index, inputs in enumerate(size.layer_inputs()):
        for matrix, shape in size.cell.weight_shapes(inputs, size.hidden_size).items():
            for gate, count in _by_gate(size.cell, size.hidden_size, shape):
                yield ParameterGroup(part=_layer_name(size, index), matrix=matrix, gate=gate, count=count)


def _layer_name(size: NetworkSize, index: int) -> str:
    name = f"layer {index // size.directions + 1}"
    return f"{name}, backward" if size.bidirectional and index % 2 else name


def _by_gate(cell: Cell, hidden_size: int, shape: tuple[int, ...]) -> Iterator[tuple[str, int]]:
    """Split a weight that is stacked by gate into its blocks; anything else belongs to all gates."""
    count = math.prod(shape)
    if not cell.blocks or shape[0] != len(cell.blocks) * hidden_size:
        yield SHARED, count
        return
    for block in cell.blocks:
        yield cell.gate(block).title, count // len(cell.blocks)
