"""Parts of the data as tensors, and the order in which each replica sees them.

Axes: R replicas, B batch, N samples, T steps, F features.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from data.task import Part


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PartTensors:
    """A part on the training device.

    Attributes:
        inputs: `(N, T, F)` or tokens `(N, T)`.
        targets: `(N, O)`, `(N,)` or `(N, T)`.
        lengths: `(N,)`, or None where every sequence has full length.
    """

    inputs: Tensor
    targets: Tensor
    lengths: Tensor | None

    def __len__(self) -> int:
        return len(self.targets)

    def rows(self, indices: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return inputs, targets and lengths of the samples at `indices`, which may have any shape."""
        lengths = None if self.lengths is None else self.lengths[indices]
        return self.inputs[indices], self.targets[indices], lengths


def part_tensors(part: Part, device: torch.device) -> PartTensors:
    """Move a part to the device, once."""
    ragged = bool((part.lengths != part.inputs.shape[1]).any())
    return PartTensors(
        inputs=torch.from_numpy(part.inputs).to(device),
        targets=torch.from_numpy(part.targets).to(device),
        lengths=torch.from_numpy(part.lengths).to(device) if ragged else None,
    )


class BatchOrder:
    """Endless batches: each replica permutes the training part anew every epoch, from its own stream.

    The order depends on the seed alone, so every architecture sees the same batches.

    Args:
        count: Training samples N.
        batch_size: Samples per batch; the last batch of an epoch holds the rest.
        generators: One stream per replica.
    """

    def __init__(self, count: int, batch_size: int, generators: Sequence[torch.Generator]) -> None:
        self._count = count
        self._batch_size = min(batch_size, count)
        self._generators = list(generators)
        self._order = torch.empty(0, dtype=torch.int64)
        self._batches = self._endless()

    def __next__(self) -> Tensor:
        """Return sample indices `(R, B)`."""
        return next(self._batches)

    def keep(self, indices: Sequence[int]) -> None:
        """Drop every replica but those at `indices`, within the running epoch too."""
        self._generators = [self._generators[index] for index in indices]
        self._order = self._order[list(indices)]

    def _endless(self) -> Iterator[Tensor]:
        while True:
            self._order = torch.stack([torch.randperm(self._count, generator=g) for g in self._generators])
            for start in range(0, self._count, self._batch_size):
                yield self._order[:, start : start + self._batch_size]
