"""Draw the three parts of a generated task from separate random streams."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from data.catalog import Part, generator

TRAIN_SEQUENCES = 8_000
VALIDATION_SEQUENCES = 500
TEST_SEQUENCES = 1_000


class Parts(NamedTuple):
    """Training, validation and test part of one generated task."""

    train: Part
    validation: Part
    test: Part


def draw_parts(seed: int, name: str, draw: Callable[[np.random.Generator, int], Part]) -> Parts:
    """Draw every part with `draw(random stream, number of sequences)`; each part has a stream of its own.

    Args:
        seed: Seed of the experiment's data.
        name: Name of the dataset; different datasets see different numbers under the same seed.
        draw: Makes a part of the wanted size.
    """
    return Parts(
        train=draw(generator(seed, f"{name}/train"), TRAIN_SEQUENCES),
        validation=draw(generator(seed, f"{name}/validation"), VALIDATION_SEQUENCES),
        test=draw(generator(seed, f"{name}/test"), TEST_SEQUENCES),
    )
