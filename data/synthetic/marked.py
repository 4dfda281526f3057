"""Sequences of random values with two marked ones: the base of the adding and the multiplication task."""

from collections.abc import Callable

import numpy as np

from data.synthetic.parts import draw_parts
from data.task import Array, Part, Scaler, TaskData

FEATURES = ("value", "mark")


def marked_task(
    seed: int,
    name: str,
    *,
    length: int,
    combine: Callable[[Array, Array], Array],
    scaler: Scaler,
    target: str,
) -> TaskData:
    """Return a regression task whose target combines the two marked values.

    Args:
        seed: Seed of the data.
        name: Name of the dataset.
        length: Steps of each sequence.
        combine: Returns the target from the first and the second marked value, each `(N,)`.
        scaler: Theoretical mean and deviation of the target. They do not depend on the length, so that weights trained at
            one length can be tested at another.
        target: Name of the target.
    """

    def draw(stream: np.random.Generator, count: int) -> Part:
        inputs, first, second = marked_values(stream, count, length)
        targets = scaler.transform(combine(first, second)[:, None]).astype(np.float32)
        return Part(inputs=inputs, targets=targets, lengths=np.full(count, length, dtype=np.int64))

    parts = draw_parts(seed, name, draw)
    return TaskData(
        kind="regression",
        train=parts.train,
        validation=parts.validation,
        test=parts.test,
        input_size=len(FEATURES),
        output_size=1,
        feature_names=FEATURES,
        target_names=(target,),
        unit="value",
        scaler=scaler,
        notes=(
            "Targets are standardised by their theoretical mean and deviation; errors are in the values' own scale.",
        ),
    )


def marked_values(stream: np.random.Generator, count: int, length: int) -> tuple[Array, Array, Array]:
    """Draw values from U[0, 1] and mark one in the first and one in the second half of each sequence.

    Returns:
        Inputs `(N, T, 2)` float32 (value, mark), and the two marked values, `(N,)` float64 each.
    """
    inputs = np.zeros((count, length, 2), dtype=np.float32)
    inputs[..., 0] = stream.random((count, length), dtype=np.float32)
    rows = np.arange(count)
    marks = stream.integers(0, length // 2, count), stream.integers(length // 2, length, count)
    for mark in marks:
        inputs[rows, mark, 1] = 1.0
    first, second = (inputs[rows, mark, 0].astype(np.float64) for mark in marks)
    return inputs, first, second
