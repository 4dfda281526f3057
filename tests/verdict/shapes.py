"""Seven shapes of distribution for the scores of repeats, all with standard deviation 1."""

from collections.abc import Callable, Mapping

import numpy as np

Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


def _mixture(random: np.random.Generator, size: tuple[int, ...]) -> np.ndarray:
    """Draw from two humps: repeats that found the solution and repeats that did not."""
    return np.where(random.random(size) < 0.5, -1.0, 1.0) * 0.9 + random.normal(0, np.sqrt(1 - 0.81), size)


def _outliers(random: np.random.Generator, size: tuple[int, ...]) -> np.ndarray:
    """Draw from a normal distribution of which one in ten is seven times as wide."""
    wide = np.where(random.random(size) < 0.1, 7.0, 1.0)
    return random.normal(0, 1, size) * wide / np.sqrt(0.9 + 0.1 * 49)


SHAPES: Mapping[str, Draw] = {
    "normal": lambda random, size: random.normal(0, 1, size),
    "uniform": lambda random, size: random.uniform(-np.sqrt(3), np.sqrt(3), size),
    "Laplace": lambda random, size: random.laplace(0, np.sqrt(0.5), size),
    "Student, 3 degrees": lambda random, size: random.standard_t(3, size) / np.sqrt(3),
    "exponential": lambda random, size: random.exponential(1, size),
    "two humps": _mixture,
    "outliers": _outliers,
}
