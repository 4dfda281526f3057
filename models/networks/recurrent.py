"""Recurrent layers that train many replicas (seeds) at once.

Axes: R replicas, B batch, T steps, I inputs, H hidden units. Every parameter has a leading replica axis.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from models.cells.base import Cell
from models.cells.sequence import SequenceLayer


class Recurrence(Protocol):
    """One implementation of the recurrence of one layer, from a zero initial state."""

    def __call__(self, cell: Cell, weights: Mapping[str, Tensor], inputs: Tensor, *, last_only: bool) -> Tensor:
        """Run a layer.

        Args:
            cell: The architecture.
            weights: Its weights by name, each `(R, ...)`.
            inputs: `(R, B, T, I)`.
            last_only: Whether to return only the last step.

        Returns:
            Hidden states `(R, B, T, H)`, or `(R, B, H)` of the last step.
        """


def at_least_two(*tensors: Tensor) -> list[Tensor]:
    """Return tensors `(R, ...)` with a second replica if there is only one.

    PyTorch computes a batch of one matrix product differently, with other rounding, but a replica must have the same bits
    alone and in a group.
    """
    return [torch.cat([tensor, tensor]) if len(tensor) == 1 else tensor for tensor in tensors]


def equations(cell: Cell, weights: Mapping[str, Tensor], inputs: Tensor, *, last_only: bool) -> Tensor:
    """Scan the cell's own `step` over torch tensors, all replicas at once; works for every architecture.

    A layer without recurrence runs over all steps at once.
    """
    if isinstance(cell, SequenceLayer):
        whole: Tensor = cell.run(weights, inputs)
        return whole[:, :, -1].contiguous() if last_only else whole
    state = cell.initial_state(inputs[:, :, 0], cell.hidden_size(weights))
    hidden = []
    for step_inputs in inputs.unbind(dim=2):
        state = cell.next_state(cell.step(weights, step_inputs, state))
        hidden.append(state["hidden"])
    return hidden[-1] if last_only else torch.stack(hidden, dim=2)


def equations_of_two_or_more(cell: Cell, weights: Mapping[str, Tensor], inputs: Tensor, *, last_only: bool) -> Tensor:
    """Scan the equations, with a copy of a single replica beside it, for training: the bits must not depend on R."""
    twins = {name: at_least_two(weight)[0] for name, weight in weights.items()}
    return equations(cell, twins, *at_least_two(inputs), last_only=last_only)[: len(inputs)]


def reference(cell: Cell, weights: Mapping[str, Tensor], inputs: Tensor, *, last_only: bool) -> Tensor:
    """Run PyTorch's own kernels, one replica after another.

    Raises:
        KeyError: If the architecture has no stock kernel.
    """
    if cell.stock is None:
        raise KeyError(f"torch.nn has no layer with the equations of `{cell.name}`")
    replicas = [_stock(cell.stock, weights, inputs, index) for index in range(inputs.shape[0])]
    hidden = torch.stack(replicas)
    return hidden[:, :, -1] if last_only else hidden


def _stock(kind: str, weights: Mapping[str, Tensor], inputs: Tensor, replica: int) -> Tensor:
    """Run one replica through torch's functional form of `nn.LSTM`, `nn.GRU` or `nn.RNN`; returns `(B, T, H)`."""
    flat = [weights[name][replica] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    start = inputs.new_zeros(1, inputs.shape[1], flat[1].shape[-1])
    sequence, training = inputs[replica], torch.is_grad_enabled()
    if kind == "LSTM":
        return torch.lstm(sequence, (start, start), flat, True, 1, 0.0, training, False, True)[0]
    run = torch.gru if kind == "GRU" else torch.rnn_tanh
    # biases, one layer, no dropout, train or not, one direction, batch first
    return run(sequence, start, flat, True, 1, 0.0, training, False, True)[0]


class RecurrentLayer(nn.Module):
    """One layer of any architecture with a leading replica axis.

    Args:
        cell: The architecture.
        input_size: Inputs per step.
        hidden_size: Units.
        generators: One random stream per replica. Each replica's weights equal those of the stock constructor after
            `torch.manual_seed` with the same seed.
        recurrence: The implementation.
        backward: Whether it reads from the end. Its weights then have an entry `backward` without numbers, which says so.

    Shapes:
        inputs `(R, B, T, I)` -> hidden `(R, B, T, H)`, or `(R, B, H)` with `last_only`.
    """

    def __init__(
        self,
        cell: Cell,
        input_size: int,
        *,
        hidden_size: int,
        generators: Sequence[torch.Generator],
        recurrence: Recurrence,
        backward: bool = False,
    ) -> None:
        super().__init__()
        self.cell = cell
        self.hidden_size = hidden_size
        self.recurrence = recurrence
        self.shapes = cell.weight_shapes(input_size, hidden_size)
        bound = 1.0 / math.sqrt(hidden_size)
        starts = {name: cell.starts.get(name, (-bound, bound)) for name in self.shapes}
        drawn = [
            {
                name: torch.empty(shape).uniform_(*starts[name], generator=generator)
                for name, shape in self.shapes.items()
            }
            for generator in generators
        ]
        for name in self.shapes:
            self.register_parameter(name, nn.Parameter(torch.stack([weights[name] for weights in drawn])))
        if backward:
            self.register_parameter("backward", nn.Parameter(torch.empty(len(generators), 0)))

    def weights(self) -> dict[str, Tensor]:
        """Return the layer's parameters by name, each `(R, ...)`."""
        return {name: getattr(self, name) for name in self.shapes}

    def forward(self, inputs: Tensor, *, last_only: bool = False) -> Tensor:
        """Run the layer; see the class."""
        return self.recurrence(self.cell, self.weights(), inputs, last_only=last_only)

    def run(self, inputs: Tensor, lengths: Tensor | None) -> Tensor:
        """Run the layer in its direction, `(R, B, T, H)` in the order of the steps; padding stays at the end."""
        if "backward" not in self._parameters:
            hidden: Tensor = self(inputs)
            return hidden
        if lengths is None:
            turned: Tensor = self(inputs.flip(2))
            return turned.flip(2)
        steps = torch.arange(inputs.shape[2], device=inputs.device)
        places = torch.where(steps < lengths.unsqueeze(-1), lengths.unsqueeze(-1) - 1 - steps, steps).unsqueeze(-1)
        hidden = self(inputs.gather(2, places.expand(-1, -1, -1, inputs.shape[-1])))
        return hidden.gather(2, places.expand(-1, -1, -1, hidden.shape[-1]))
