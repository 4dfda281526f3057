"""Gradients of all replicas: loss, backward pass, clipping per replica."""

from collections.abc import Sequence

import torch
from torch import Tensor

from data.task import TaskKind
from models.networks.network import ReplicatedNetwork
from models.training.evaluation import replica_losses


def compute_gradients(
    network: ReplicatedNetwork,
    batch: tuple[Tensor, Tensor, Tensor | None],
    kind: TaskKind,
    dropout_streams: Sequence[torch.Generator],
) -> tuple[Tensor, Tensor]:
    """Run forward and backward.

    Args:
        network: The network; its gradients are replaced.
        batch: Inputs `(R, B, T, F)`, targets `(R, B, ...)` and lengths `(R, B)` or None.
        kind: Task kind.
        dropout_streams: One random stream per replica.

    Returns:
        Loss and gradient norm of each replica, each `(R,)`.
    """
    inputs, targets, lengths = batch
    for parameter in network.parameters():
        parameter.grad = None
    losses = replica_losses(kind, network(inputs, lengths, dropout_streams), targets)
    losses.sum().backward()  # type: ignore[no-untyped-call]
    gradients = [parameter.grad.flatten(1) for parameter in network.parameters() if parameter.grad is not None]
    return losses.detach(), torch.linalg.vector_norm(torch.cat(gradients, dim=1), dim=1)


def clip_gradients(network: ReplicatedNetwork, norms: Tensor, longest: float) -> None:
    """Scale each replica's gradient down to a norm of at most `longest`; 0 disables clipping."""
    if not longest or not bool((norms > longest).any()):
        return
    scale = (longest / (norms + 1e-6)).clamp(max=1.0)
    for parameter in network.parameters():
        if parameter.grad is not None:
            parameter.grad.mul_(scale.view(-1, *(1,) * (parameter.grad.dim() - 1)))
