"""Score networks: losses and raw outputs of a part, in batches that stay in the cache.

Axes: R replicas, N samples, B batch, T steps, O outputs.
"""

import torch
from torch import Tensor

from data.task import TaskKind
from models.networks.network import ReplicatedNetwork
from models.training.batches import PartTensors
from models.training.losses import loss_sums

EVALUATION_BATCH = 128  # measured: larger batches fall out of the cache


@torch.inference_mode()
def evaluate(
    network: ReplicatedNetwork, part: PartTensors, kind: TaskKind, *, keep_outputs: bool = True
) -> tuple[Tensor, Tensor | None]:
    """Return the mean loss of each replica, and the outputs.

    Args:
        network: The network; left in training mode.
        part: The part to score.
        kind: Task kind.
        keep_outputs: Whether the outputs are wanted.

    Returns:
        Losses `(R,)`; outputs `(R, N, O)` or `(R, N, T, O)`, or None.
    """
    network.eval()
    replicas = network.replicas()
    total = torch.zeros(replicas, dtype=torch.float64)
    count = torch.zeros(replicas, dtype=torch.float64)
    kept = []
    for start in range(0, len(part), EVALUATION_BATCH):
        window = torch.arange(start, min(start + EVALUATION_BATCH, len(part)), device=part.targets.device)
        inputs, targets, lengths = part.rows(window.expand(replicas, -1))
        outputs = network(inputs, lengths)
        batch_total, batch_count = loss_sums(kind, outputs, targets)
        total += batch_total.double().cpu()
        count += batch_count.double().cpu()
        if keep_outputs:
            kept.append(outputs.cpu())
    network.train()
    return total / count.clamp(min=1), torch.cat(kept, dim=1) if kept else None
