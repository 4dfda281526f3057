"""Losses per replica: averages over examples, so that replicas never mix.

Axes: R replicas, B batch, T steps, O outputs, C classes.
"""

from torch import Tensor
from torch.nn import functional

from data.task import IGNORED, TaskKind


def replica_losses(kind: TaskKind, outputs: Tensor, targets: Tensor) -> Tensor:
    """Return `(R,)`: the mean loss of each replica over the targets that count.

    Args:
        kind: Task kind. Regression: mean squared error of standardised targets; else cross-entropy in nats.
        outputs: `(R, B, O)`, or `(R, B, T, C)` where the task answers at each step.
        targets: `(R, B, O)`, `(R, B)` or `(R, B, T)`.
    """
    total, count = loss_sums(kind, outputs, targets)
    return total / count.clamp(min=1)


def loss_sums(kind: TaskKind, outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return the sum of losses and the number of targets that count, each `(R,)`; divide once at the end."""
    if kind == "regression":
        squared = functional.mse_loss(outputs, targets, reduction="none").flatten(1)
        return squared.sum(1), squared.new_full((len(squared),), squared.shape[1])
    flat = functional.cross_entropy(
        outputs.flatten(0, -2), targets.flatten(), ignore_index=IGNORED, reduction="none"
    ).view(len(outputs), -1)
    return flat.sum(1), (targets.flatten(1) != IGNORED).sum(1)
