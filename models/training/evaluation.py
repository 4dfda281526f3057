"""Score networks: losses and raw outputs of a part, in batches that fit the cache.

Axes: R replicas, N samples, B batch, T steps, O outputs.
"""

import torch
from torch import Tensor
from torch.nn import functional

from data.quantiles import QUANTILES
from data.task import IGNORED, TaskKind
from models.networks.network import ReplicatedNetwork
from models.training.batches import PartTensors

EVALUATION_BATCH = 128  # by measurement; larger batches no longer fit into the cache


@torch.inference_mode()
def evaluate(
    network: ReplicatedNetwork, part: PartTensors, kind: TaskKind, *, keep_outputs: bool = True
) -> tuple[Tensor, Tensor | None]:
    """Return the mean loss of each replica, and the outputs.

    Args:
        network: The network; it is in training mode afterwards.
        part: The part to score, of every replica.
        kind: Task kind.
        keep_outputs: Whether to return the outputs.

    Returns:
        Losses `(R,)`; outputs `(R, N, O)` or `(R, N, T, O)`, or None. If parts differ in length, N is that of the longest,
        and values after a replica's own samples are meaningless.
    """
    network.eval()
    counts = torch.tensor(part.counts, device=part.device)
    total = torch.zeros(len(counts), dtype=torch.float64)
    count = torch.zeros(len(counts), dtype=torch.float64)
    kept: Tensor | None = None
    for start in range(0, part.longest, EVALUATION_BATCH):
        window = torch.arange(start, min(start + EVALUATION_BATCH, part.longest), device=part.device)
        inputs, targets, lengths = part.rows(torch.minimum(window.expand(len(counts), -1), counts.unsqueeze(1) - 1))
        outputs = network(inputs, lengths)
        batch_total, batch_count = _sums(kind, outputs, targets, (counts - start).clamp(0, len(window)).tolist())
        total += batch_total.double().cpu()
        count += batch_count.double().cpu()
        if keep_outputs:
            if kept is None:
                kept = outputs.new_empty((len(outputs), part.longest, *outputs.shape[2:]), device="cpu")
            kept[:, start : start + len(window)] = outputs.cpu()
    network.train()
    return total / count.clamp(min=1), kept


def _sums(kind: TaskKind, outputs: Tensor, targets: Tensor, valid: list[int]) -> tuple[Tensor, Tensor]:
    """Return loss sums and counts `(R,)` over each replica's first valid samples."""
    if min(valid) == outputs.shape[1]:
        return loss_sums(kind, outputs, targets)
    each = [
        loss_sums(kind, outputs[index : index + 1, :size], targets[index : index + 1, :size])
        for index, size in enumerate(valid)
    ]
    return torch.cat([total for total, _ in each]), torch.cat([count for _, count in each])


def replica_losses(kind: TaskKind, outputs: Tensor, targets: Tensor) -> Tensor:
    """Return `(R,)`: the mean loss of each replica over the targets that count.

    Args:
        kind: Task kind. Regression: mean squared error of standardised targets, or their mean pinball loss; else cross-entropy in nats.
        outputs: `(R, B, O)`, or `(R, B, T, C)` if the task has targets at each step.
        targets: `(R, B, O)`, `(R, B)` or `(R, B, T)`.
    """
    total, count = loss_sums(kind, outputs, targets)
    return total / count.clamp(min=1)


def loss_sums(kind: TaskKind, outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return the sum of losses and the number of targets that count, each `(R,)`; divide once at the end.

    A head with several outputs per target of a regression predicts `QUANTILES`, see `pinball_sums`.
    Of several labels at a step the loss is the sum over labels in nats, and a step counts once.
    """
    if kind == "regression" and outputs.shape[-1] != targets.shape[-1]:
        return pinball_sums(outputs, targets)
    if kind == "regression":
        squared = functional.mse_loss(outputs, targets, reduction="none").flatten(1)
        return squared.sum(1), squared.new_full((len(squared),), squared.shape[1])
    if kind == "multi_label":
        counted = targets[..., 0] != IGNORED
        each = functional.binary_cross_entropy_with_logits(outputs, targets.clamp(min=0), reduction="none").sum(-1)
        return (each * counted).flatten(1).sum(1), counted.flatten(1).sum(1)
    flat = functional.cross_entropy(
        outputs.flatten(0, -2), targets.flatten(), ignore_index=IGNORED, reduction="none"
    ).view(len(outputs), -1)
    return flat.sum(1), (targets.flatten(1) != IGNORED).sum(1)


def pinball_sums(outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return the sum of pinball losses over levels and targets, and their number, each `(R,)`.

    Outputs are sorted first, so that quantiles do not cross; see `data.quantiles`, which says why and cites the source.

    Args:
        outputs: `(R, B, Q * O)`, the quantiles of all targets, level after level.
        targets: `(R, B, O)`.
    """
    levels = torch.tensor(QUANTILES, dtype=outputs.dtype, device=outputs.device).unsqueeze(-1)  # (Q, 1)
    said = outputs.reshape(*targets.shape[:-1], len(QUANTILES), -1).sort(dim=-2).values
    error = targets.unsqueeze(-2) - said
    each = torch.maximum(levels * error, (levels - 1) * error).flatten(1)
    return each.sum(1), each.new_full((len(each),), each.shape[1])
