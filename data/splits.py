"""Split samples into training, validation and test: series in time order, independent samples at random."""

from collections.abc import Callable

import numpy as np

from data.task import Array, generator

Split = Callable[[Array], tuple[Array, Array, Array]]  # from classes to indices of training, validation, test


def split_in_time(count: int) -> tuple[slice, slice, slice]:
    """Return slices of a series of `count` samples in time order: 70 % training, 15 % validation, 15 % test."""
    first, second = int(count * 0.70), int(count * 0.85)
    return slice(0, first), slice(first, second), slice(second, count)


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


def split_by_class(classes: Array, seed: int, stream: str) -> tuple[Array, Array, Array]:
    """Return indices of training, validation and test samples like `split_at_random`, with the same shares of each class.

    Args:
        classes: `(N,)` class of each sample.
        seed: The split's seed.
        stream: Name of the random stream, different for every dataset.
    """
    order = generator(seed, stream).permutation(len(classes))
    parts: tuple[list[Array], list[Array], list[Array]] = ([], [], [])
    for label in np.unique(classes):
        members = order[classes[order] == label]
        for part, rows in zip(parts, split_in_time(len(members)), strict=True):
            part.append(members[rows])
    train, validation, test = (np.sort(np.concatenate(part)) for part in parts)
    return train, validation, test


def class_indices(labels: Array) -> tuple[Array, tuple[str, ...]]:
    """Return `(N,)` int64 class indices and the sorted class names."""
    names, indices = np.unique(labels, return_inverse=True)
    return indices.astype(np.int64), tuple(str(name) for name in names)
