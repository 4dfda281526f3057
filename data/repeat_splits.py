"""The data of an experiment's repeats: stretches of time, splits, or generated samples.

Data in time order have **rolling origins**: the last part of the rows is cut into stretches of equal length, of which the
newest has number 0. A repeat uses only rows before its stretch, the last of them for validation:

    |------------- training -------------|-- validation --|- stretch 1 -|- stretch 0 -|

All other data are split or generated from the repeat's own seed. A repeat's data depend only on the seed and its number, not
on the number of repeats, so that repeats can be added later.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import byte_bounds

from data.task import Array, Part, TaskData

MAX_STRETCHES = 8
ALL_STRETCHES = 0.4  # share of the rows that all stretches together take
LONGEST_STRETCH = 0.15
VALIDATION = 0.15 / 0.85  # of the rows before a stretch, as in a single split in time order
MIN_WINDOWS = 5  # samples that each stretch must have; otherwise there are fewer stretches
MAX_BYTES = 256_000_000  # of all sets of data of an experiment together


class TimeSplit(NamedTuple):
    """Rows of the three parts, which follow one another directly."""

    train: slice
    validation: slice
    test: slice


def rolling_split(count: int, number: int, stretches: int) -> TimeSplit:
    """Return the rows of a repeat.

    Args:
        count: Rows of the series.
        number: Number of the stretch, 0 the newest.
        stretches: How many there are.
    """
    length = int(count * min(ALL_STRETCHES / stretches, LONGEST_STRETCH))
    end = count - number * length
    start = end - length
    first = start - round(start * VALIDATION)
    return TimeSplit(slice(0, first), slice(first, start), slice(start, end))


def count_stretches(count: int, enough: Callable[[TimeSplit], bool]) -> int:
    """Return the largest number of stretches, from 1 to `MAX_STRETCHES`, with which each has enough data.

    Args:
        count: Rows of the series.
        enough: Returns whether a split has enough samples in every part.
    """
    for stretches in range(MAX_STRETCHES, 1, -1):
        if all(enough(rolling_split(count, number, stretches)) for number in range(stretches)):
            return stretches
    return 1


def stretch_note(data: TaskData, number: int, stretches: int) -> str:
    """Return a note about one stretch, for its task."""
    told = f"Stretch {stretches - number} of {stretches}" if stretches > 1 else "The only stretch, as the data are few"
    where = "" if data.stretch is None else f", from {data.stretch[0]} to {data.stretch[1]}"
    return (
        f"{told}{where}: it is the test; training and validation lie before it, 70 to 15, and scales are fitted on "
        "training alone."
    )


def repeats_note(different: int, repeats: int) -> str:
    """Return a note if repeats reuse generated or split data because memory or people are few, else an empty text.

    Args:
        different: How many different sets of data there are.
        repeats: How many repeats use them.
    """
    if different >= repeats:
        return ""
    return (
        f"The file or memory ({MAX_BYTES / 1e6:.0f} MB) allows {different} different data for {repeats} repeats: repeat "
        f"{different + 1} has the data of repeat 1 again with a new start, and so on."
    )


def whole_data(data: TaskData) -> TaskData:
    """Return a task that trains on the samples of all parts, in their order, with the same scales.

    Validation and test stay as they are but no longer measure anything, because their samples are trained on, too.
    """
    parts = (data.train, data.validation, data.test)
    joined: dict[str, Any] = {}
    for name in (field.name for field in fields(Part)):
        arrays = [getattr(part, name) for part in parts]
        joined[name] = None if arrays[0] is None else np.concatenate(arrays)
    return replace(data, train=Part(**joined))


def time_stretch(positions: Array, test: slice) -> tuple[str | float, str | float]:
    """Return the positions of the first and the last row of a stretch, as text or plain numbers."""
    first, last = positions[test.start], positions[test.stop - 1]
    if isinstance(first, str):
        return str(first), str(last)
    whole = isinstance(first, (int, np.integer))
    return (int(first), int(last)) if whole else (float(first), float(last))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepeatedData:
    """The data of all repeats of an experiment.

    Attributes:
        tasks: The different sets of data. Sizes and names are the same in all; the parts may differ in length.
        numbers: Index into `tasks` for each repeat.
    """

    tasks: tuple[TaskData, ...]
    numbers: tuple[int, ...]

    @classmethod
    def shared(cls, data: TaskData, repeats: int) -> "RepeatedData":
        """Return the same data for every repeat."""
        return cls(tasks=(data,), numbers=(0,) * repeats)

    def task(self, repeat: int) -> TaskData:
        """Return the data of one repeat."""
        return self.tasks[self.numbers[repeat]]

    def take(self, repeats: Sequence[int]) -> "RepeatedData":
        """Return the data of some repeats; unused data stay, so that sizes do not depend on the choice."""
        return RepeatedData(tasks=self.tasks, numbers=tuple(self.numbers[repeat] for repeat in repeats))


def data_bytes(data: TaskData) -> int:
    """Return the bytes of a task's arrays; shared memory counts each time."""
    return sum(_part_bytes(part) for part in (data.train, data.validation, data.test))


def held_bytes(data: TaskData) -> int:
    """Return the bytes that a task's arrays hold; memory that several of them share counts once."""
    held, end = 0, 0
    for first, last in sorted(byte_bounds(array) for array in _arrays(data) if array.size):
        held += max(0, last - max(first, end))
        end = max(end, last)
    return held


def _arrays(value: Any) -> Iterator[Array]:
    """Yield the arrays of a task and of what it consists of."""
    if isinstance(value, np.ndarray):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from _arrays(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _arrays(item)


def _part_bytes(part: Part) -> int:
    arrays = (getattr(part, field.name) for field in fields(part))
    return sum(array.nbytes for array in arrays if array is not None)
