"""Parts of the data as tensors, and the order in which each replica is trained on them.

Axes: R replicas, B batch, N samples, T steps, F features.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from data.task import IGNORED, Array, OnDemand, Part

MAX_POOL_BYTES = 16_000_000  # up to this size the arrays of all repeats are copied into one; beyond, read one by one


class PartTensors:
    """One part of the data of every replica, on the training device.

    Parts may differ in length; shorter ones are padded by repeating samples, and `counts` says how many are real.

    Args:
        parts: Different parts.
        numbers: Which of them each replica uses.
        device: Target device.

    Attributes:
        counts: Samples of each replica.
        longest: Samples of the longest part, used or not.
        shortest: Samples of the shortest part, used or not.
    """

    def __init__(self, parts: Sequence[Part], numbers: Sequence[int], device: torch.device) -> None:
        sizes = [len(part) for part in parts]
        self.longest, self.shortest = max(sizes), min(sizes)
        self._numbers, self._sizes, self._device = list(numbers), sizes, device
        steps = max(part.inputs.shape[1] for part in parts)
        ragged = any(bool((part.lengths != steps).any()) for part in parts)
        self._inputs = _pool([_widened(part.inputs, steps, 0) for part in parts], device)
        self._targets = _pool([_widened_targets(part, steps) for part in parts], device)
        self._lengths = _pool([part.lengths for part in parts], device) if ragged else None
        self._offsets = [0, *np.cumsum(sizes).tolist()][:-1]

    @property
    def counts(self) -> list[int]:
        """Samples of each replica."""
        return [self._sizes[number] for number in self._numbers]

    @property
    def even(self) -> bool:
        """Whether all parts, used or not, have the same number of samples."""
        return self.longest == self.shortest

    @property
    def device(self) -> torch.device:
        """Where the tensors are."""
        return self._device

    def keep(self, positions: Sequence[int]) -> None:
        """Drop every replica but those at `positions`."""
        self._numbers = [self._numbers[position] for position in positions]

    def rows(self, indices: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return inputs, targets and lengths of samples `(R, B)`, counted within each replica's own part."""
        lengths = None if self._lengths is None else self._gathered(self._lengths, indices)
        return self._gathered(self._inputs, indices), self._gathered(self._targets, indices), lengths

    def _gathered(self, pool: Sequence["Tensor | OnDemand"], indices: Tensor) -> Tensor:
        if len(pool) == len(self._sizes) > 1:
            return torch.stack(
                [self._read(pool[number], row) for number, row in zip(self._numbers, indices, strict=True)]
            )
        if len(self._sizes) == 1:
            return self._read(pool[0], indices)
        offsets = torch.tensor([self._offsets[number] for number in self._numbers], device=indices.device)
        return self._read(pool[0], indices + offsets.unsqueeze(1))

    def _read(self, values: "Tensor | OnDemand", indices: Tensor) -> Tensor:
        if isinstance(values, OnDemand):
            return torch.from_numpy(values[indices.cpu().numpy()]).to(self._device)
        return values[indices]


def _pool(arrays: Sequence["Array | OnDemand"], device: torch.device) -> list["Tensor | OnDemand"]:
    written = [array for array in arrays if not isinstance(array, OnDemand) and array.flags.c_contiguous]
    if len(written) == len(arrays) > 1 and sum(array.nbytes for array in written) <= MAX_POOL_BYTES:
        arrays = [np.concatenate(written)]  # overlapping windows share memory, so that copies would be large
    return [array if isinstance(array, OnDemand) else torch.from_numpy(array).to(device) for array in arrays]


def _widened(values: Array, steps: int, fill: int) -> Array:
    """Return `(N, steps, ...)` values, padded at the end."""
    missing = steps - values.shape[1]
    if not missing:
        return values
    widths = [(0, 0), (0, missing), *[(0, 0)] * (values.ndim - 2)]
    return np.pad(values, widths, constant_values=fill)


def _widened_targets(part: Part, steps: int) -> Array:
    several = part.targets.ndim == 3  # labels at each step
    each_step = several or (part.targets.ndim == 2 and np.issubdtype(part.targets.dtype, np.integer))
    return _widened(part.targets, steps, IGNORED) if each_step else part.targets


class BatchOrder:
    """Yield batches without end: each replica reshuffles its training part every epoch, from its own stream.

    The order depends only on the seed, so every architecture gets the same batches. The last batch of an epoch holds the
    remaining samples; if parts differ in length it is left out, so that all replicas have batches of one size.

    Args:
        part: The training part of every replica.
        batch_size: Samples per batch.
        generators: One stream per replica.
    """

    def __init__(self, part: PartTensors, batch_size: int, generators: Sequence[torch.Generator]) -> None:
        self._whole_only = not part.even
        self._size = min(batch_size, part.shortest)
        self._epochs = [_Epochs(count, generator) for count, generator in zip(part.counts, generators, strict=True)]

    @property
    def size(self) -> int:
        """Samples of a whole batch."""
        return self._size

    def __next__(self) -> Tensor:
        """Return sample indices `(R, B)`."""
        return torch.stack([epochs.take(self._size, whole_only=self._whole_only) for epochs in self._epochs])

    def __iter__(self) -> Iterator[Tensor]:
        return self

    def keep(self, positions: Sequence[int]) -> None:
        """Drop every replica but those at `positions`, within the running epoch too."""
        self._epochs = [self._epochs[position] for position in positions]


class _Epochs:
    """The order of one replica."""

    def __init__(self, count: int, generator: torch.Generator) -> None:
        self._count, self._generator = count, generator
        self._order, self._start = torch.empty(0, dtype=torch.int64), count

    def take(self, size: int, *, whole_only: bool) -> Tensor:
        if self._start + (size if whole_only else 1) > self._count:
            self._order, self._start = torch.randperm(self._count, generator=self._generator), 0
        self._start += size
        return self._order[self._start - size : self._start]
