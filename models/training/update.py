"""One update of all replicas: loss, gradient, clipping per replica, optimiser step."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from data.catalog import TaskKind
from models.networks.network import ReplicatedNetwork
from models.training.losses import replica_losses

SGD_MOMENTUM = 0.9


def make_optimiser(name: str, parameters: Iterable[nn.Parameter], learning_rate: float) -> torch.optim.Optimizer:
    """Return the optimiser of a spec; element-wise, so replicas stay independent."""
    chosen = list(parameters)
    if name == "adam":
        return torch.optim.Adam(chosen, lr=learning_rate, fused=True)
    if name == "adamw":
        return torch.optim.AdamW(chosen, lr=learning_rate, fused=True)
    if name == "rmsprop":
        return torch.optim.RMSprop(chosen, lr=learning_rate)
    return torch.optim.SGD(chosen, lr=learning_rate, momentum=SGD_MOMENTUM, fused=True)


def keep_replicas(optimiser: torch.optim.Optimizer, indices: Sequence[int]) -> None:
    """Drop every replica but those at `indices` from the optimiser's state."""
    for state in optimiser.state.values():
        for name, value in state.items():
            if torch.is_tensor(value) and value.dim():
                state[name] = value.index_select(0, torch.as_tensor(list(indices), device=value.device))


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
    """Shorten each replica's gradient to at most `longest`; 0 leaves all as they are."""
    if not longest or not bool((norms > longest).any()):
        return
    scale = (longest / (norms + 1e-6)).clamp(max=1.0)
    for parameter in network.parameters():
        if parameter.grad is not None:
            parameter.grad.mul_(scale.view(-1, *(1,) * (parameter.grad.dim() - 1)))
