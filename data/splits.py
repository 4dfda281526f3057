"""Random splits of independent samples. Series are split in time order instead, see `data.catalog.split_in_time`."""

import numpy as np

from data.catalog import Array, generator, split_in_time


def split_at_random(count: int, seed: int, stream: str) -> tuple[Array, Array, Array]:
    """Return indices of 70 % training, 15 % validation and 15 % test samples, each sample in one part.

    Args:
        count: Number of samples.
        seed: The split's seed.
        stream: Name of the random stream, different for every dataset.
    """
    order = generator(seed, stream).permutation(count)
    train, validation, test = split_in_time(count)
    return order[train], order[validation], order[test]


def class_indices(labels: Array) -> tuple[Array, tuple[str, ...]]:
    """Return `(N,)` int64 class indices and the sorted class names."""
    names, indices = np.unique(labels, return_inverse=True)
    return indices.astype(np.int64), tuple(str(name) for name in names)
