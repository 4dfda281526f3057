"""The whole network with a leading replica axis: encoder, recurrent layers, head.

Axes: R replicas, B batch, T steps, F features, V tokens, E encoded features, H hidden units, O outputs.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function

from models.networks.readout import LayerNorm, Readout
from models.networks.recurrent import RecurrentLayer


class Embedding(nn.Module):
    """Turn tokens `(R, B, T)` into vectors `(R, B, T, E)`; initialised like torch.nn.Embedding, N(0, 1)."""

    def __init__(self, tokens: int, size: int, generators: Sequence[torch.Generator]) -> None:
        super().__init__()
        drawn = [torch.empty(tokens, size).normal_(generator=generator) for generator in generators]
        self.embedding = nn.Parameter(torch.stack(drawn))

    def forward(self, tokens: Tensor) -> Tensor:
        """Look the tokens up in each replica's own table."""
        replicas, count, size = self.embedding.shape
        offsets = torch.arange(replicas, device=tokens.device).view(-1, 1, 1) * count
        return nn.functional.embedding(tokens + offsets, self.embedding.view(replicas * count, size))


class Linear(nn.Module):
    """An affine map per replica, `(R, ..., I)` to `(R, ..., O)`; initialised like torch.nn.Linear."""

    def __init__(self, inputs: int, outputs: int, generators: Sequence[torch.Generator]) -> None:
        super().__init__()
        bound = 1.0 / math.sqrt(inputs)
        weights, biases = [], []
        for generator in generators:
            weights.append(torch.empty(outputs, inputs).uniform_(-bound, bound, generator=generator))
            biases.append(torch.empty(outputs).uniform_(-bound, bound, generator=generator))
        self.weight = nn.Parameter(torch.stack(weights))
        self.bias = nn.Parameter(torch.stack(biases))

    def forward(self, values: Tensor) -> Tensor:
        """Apply each replica's own map."""
        flat = values.flatten(1, -2)  # (R, B * T, I)
        if flat.is_cuda:
            mapped = torch.baddbmm(self.bias.unsqueeze(1), flat, self.weight.mT)
        else:
            mapped = _OneByOne.apply(flat, self.weight, self.bias)  # type: ignore[no-untyped-call]
        return mapped.view(*values.shape[:-1], mapped.shape[-1])


class _OneByOne(Function):
    """An affine map per replica, one matrix product after another.

    A batched product is rounded differently for different numbers of replicas, but a replica must have the same bits alone
    and in a group.
    """

    @staticmethod
    def forward(ctx: Any, values: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(values, weight)
        mapped = values.new_empty(*values.shape[:2], len(weight[0]))
        for into, value, replica_weight, replica_bias in zip(mapped, values, weight, bias, strict=True):
            torch.addmm(replica_bias, value, replica_weight.t(), out=into)
        return mapped

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        values, weight = ctx.saved_tensors
        gradient = gradient.contiguous()
        by_weight, by_values = torch.empty_like(weight), None
        for into, given, value in zip(by_weight, gradient, values, strict=True):
            torch.mm(given.t(), value, out=into)
        if ctx.needs_input_grad[0]:
            by_values = torch.empty_like(values)
            for into, given, replica_weight in zip(by_values, gradient, weight, strict=True):
                torch.mm(given, replica_weight, out=into)
        return by_values, by_weight, torch.stack([given.sum(0) for given in gradient])


class ReplicatedNetwork(nn.Module):
    """A network of R independent replicas.

    Args:
        encoder: Embedding or projection, or None if features are used directly.
        recurrent: Layers, bottom first; a layer that reads from the end follows the one beside it.
        head: Output map.
        each_step: Whether the head has outputs at each step (labelling, next_token) or only at the last valid one.
        dropout: Share of values zeroed between layers while training.
        norms: Normalisation of each layer's output, or none.
        readout: How a sequence's one answer is read; None reads the last step.

    Shapes:
        inputs `(R, B, T, F)` or tokens `(R, B, T)`; lengths `(R, B)` or None when all are T;
        outputs `(R, B, O)` or `(R, B, T, O)`.
    """

    def __init__(
        self,
        encoder: nn.Module | None,
        recurrent: Sequence[RecurrentLayer],
        head: Linear,
        *,
        each_step: bool,
        dropout: float,
        norms: Sequence[LayerNorm] = (),
        readout: Readout | None = None,
    ) -> None:
        super().__init__()
        if encoder is not None:
            self.encoder = encoder
        self.recurrent = nn.ModuleList(recurrent)
        if norms:
            self.norm = nn.ModuleList(norms)
        if readout is not None:
            self.readout = readout
        self.head = head
        self.each_step = each_step
        self.dropout = dropout

    def forward(
        self, inputs: Tensor, lengths: Tensor | None = None, generators: Sequence[torch.Generator] | None = None
    ) -> Tensor:
        """Return the head's outputs; `generators`, one per replica, draw the dropout masks while training."""
        values = self.encode(inputs)
        groups = self._groups()
        for index, group in enumerate(groups):
            if index and self.dropout and self.training and generators:
                values = values * dropout_mask(values, self.dropout, generators)
            if index == len(groups) - 1 and self.plain and not self.each_step and lengths is None:
                outputs: Tensor = self.head(group[0](values, last_only=True))
                return outputs
            found = [layer.run(values, lengths) for layer in group]
            values = found[0] if len(found) == 1 else torch.cat(found, dim=-1)
            if hasattr(self, "norm"):
                values = self.norm[index](values)
        if not self.each_step:
            readout = (
                self.readout if hasattr(self, "readout") else Readout("last", 1, values.shape[-1], len(groups[-1]))
            )
            values = readout(values, lengths)
        answers: Tensor = self.head(values)
        return answers

    @property
    def plain(self) -> bool:
        """Whether it is a stack of layers in one direction, read at the last step and not normalised."""
        return not hasattr(self, "norm") and not hasattr(self, "readout") and all(len(g) == 1 for g in self._groups())

    def _groups(self) -> list[list[RecurrentLayer]]:
        """Return the layers that see the same input together."""
        groups: list[list[RecurrentLayer]] = []
        for layer in self.recurrent:
            if "backward" in layer._parameters:
                groups[-1].append(layer)  # type: ignore[arg-type]
            else:
                groups.append([layer])  # type: ignore[list-item]
        return groups

    def encode(self, inputs: Tensor) -> Tensor:
        """Return the input of the first recurrent layer, `(R, B, T, E)`."""
        if not hasattr(self, "encoder"):
            return inputs
        encoded: Tensor = self.encoder(inputs)
        return encoded

    def layer(self, index: int) -> RecurrentLayer:
        """Return a recurrent layer; -1 is the top one."""
        layers: list[RecurrentLayer] = list(self.recurrent)  # type: ignore[arg-type]
        return layers[index]

    def replicas(self) -> int:
        """Return R."""
        return self.head.weight.shape[0]

    def parameters_per_replica(self) -> int:
        """Return the number of parameters of one replica, head included."""
        return sum(parameter[0].numel() for parameter in self.parameters())

    def weights(self) -> dict[str, Tensor]:
        """Return a detached copy of every parameter, name to `(R, ...)`."""
        return {name: parameter.detach().clone() for name, parameter in self.named_parameters()}

    def keep(self, indices: Sequence[int]) -> None:
        """Drop every replica but those at `indices`."""
        chosen = torch.as_tensor(list(indices), device=self.head.weight.device)
        for parameter in self.parameters():
            parameter.data = parameter.data.index_select(0, chosen)
            parameter.grad = None

    def load(self, weights: dict[str, Tensor]) -> None:
        """Replace every parameter; the number of replicas may change."""
        for name, parameter in self.named_parameters():
            parameter.data = weights[name].to(parameter.device, parameter.dtype).clone()


def dropout_mask(values: Tensor, share: float, generators: Sequence[torch.Generator]) -> Tensor:
    """Return a mask `(R, B, T, H)` of 0 and 1 / (1 - share), each replica from its own stream."""
    masks = [torch.empty(values.shape[1:]).bernoulli_(1.0 - share, generator=generator) for generator in generators]
    return torch.stack(masks).to(values.device, values.dtype) / (1.0 - share)
