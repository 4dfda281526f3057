"""Draw the three parts of a generated task from separate random streams."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np

from data.errors import DataError
from data.task import Array, Part, generator

TRAIN_SEQUENCES = 8_000
VALIDATION_SEQUENCES = 500
TEST_SEQUENCES = 1_000

Draw: TypeAlias = Callable[[np.random.Generator, int], Part]

_BUCKETS = 20
_OWN = {"train": np.arange(17), "validation": np.array([17]), "test": np.array([18, 19])}
_MAX_ROUNDS = 20


class Parts(NamedTuple):
    """Training, validation and test part of one generated task."""

    train: Part
    validation: Part
    test: Part


def draw_parts(seed: int, name: str, draw: Draw) -> Parts:
    """Draw every part with `draw(random stream, number of sequences)`; each part has its own stream.

    Args:
        seed: Seed of the experiment's data.
        name: Name of the dataset; different datasets get different numbers from the same seed.
        draw: Returns a part of the requested size.
    """
    return Parts(
        train=draw(generator(seed, f"{name}/train"), TRAIN_SEQUENCES),
        validation=draw(generator(seed, f"{name}/validation"), VALIDATION_SEQUENCES),
        test=draw(generator(seed, f"{name}/test"), TEST_SEQUENCES),
    )


def draw_distinct_parts(seed: int, name: str, draw: Draw) -> Parts:
    """Draw parts of symbols such that no sequence is in two of them.

    Sequences repeat: there are only 65,536 sequences of 16 bits, and thousands are drawn. So a hash of its symbols assigns
    every sequence to one part, the same for every seed, and each part draws until it has enough of its own. Use it only for
    rules under which all sequences are about equally likely, and `draw_unseen` for others.

    Args:
        seed: Seed of the experiment's data.
        name: Name of the dataset.
        draw: Makes a part of at most the wanted size, tokens `(N, T)` with the same T each time.

    Raises:
        DataError: If there are too few different sequences to fill a part.
    """

    def own(part: str, count: int) -> Part:
        return _first(_own_rows(generator(seed, f"{name}/{part}"), draw, _OWN[part], count), count)

    return Parts(
        train=own("train", TRAIN_SEQUENCES),
        validation=own("validation", VALIDATION_SEQUENCES),
        test=own("test", TEST_SEQUENCES),
    )


def draw_unseen(stream: np.random.Generator, draw: Draw, count: int, seen: tuple[Part, ...]) -> Part:
    """Draw different sequences that are in none of the `seen` parts.

    For languages whose short strings are frequent: training without these would teach another language, so training is
    drawn first, and this function draws strings that it does not contain.

    Args:
        stream: Random stream of the part.
        draw: Makes a part of at most the wanted size, tokens `(N, T)` with the same T each time.
        count: Number of sequences.
        seen: Parts whose sequences may not occur again.

    Raises:
        DataError: If there are too few other sequences.
    """
    known = {row.tobytes() for part in seen for row in part.inputs}

    def rounds() -> Iterator[Part]:
        for _ in range(_MAX_ROUNDS):
            part = draw(stream, 20 * count)
            new = {key: index for index, row in enumerate(part.inputs) if (key := row.tobytes()) not in known}
            known.update(new)
            yield rows(part, np.array(sorted(new.values()), dtype=np.int64))

    return _first(rounds(), count)


def buckets(inputs: Array, lengths: Array) -> Array:
    """Return `(N,)` numbers below 20 that depend only on the valid tokens `(N, T)`."""
    steps = inputs.shape[1]
    weights = generator(0, "buckets").integers(1, 2**63, steps, dtype=np.uint64)
    valid = np.arange(steps) < lengths[:, None]
    mixed = np.where(valid, (inputs + 1).astype(np.uint64) * weights, 0).sum(1, dtype=np.uint64)
    mixed ^= mixed >> np.uint64(33)
    mixed *= np.uint64(0xFF51AFD7ED558CCD)  # a finaliser of Appleby's MurmurHash3 (public domain): spreads every bit
    mixed ^= mixed >> np.uint64(33)
    numbers: Array = (mixed % np.uint64(_BUCKETS)).astype(np.int64)
    return numbers


def _own_rows(stream: np.random.Generator, draw: Draw, own: Array, count: int) -> Iterator[Part]:
    """Yield the rows of each round that belong to the part."""
    drawn_at_once = count * _BUCKETS * 5 // (len(own) * 4)
    for _ in range(_MAX_ROUNDS):
        part = draw(stream, drawn_at_once)
        yield rows(part, np.flatnonzero(np.isin(buckets(part.inputs, part.lengths), own)))


def _first(rounds: Iterator[Part], count: int) -> Part:
    kept: list[Part] = []
    for part in rounds:
        kept.append(part)
        if sum(map(len, kept)) >= count:
            return rows(_joined(kept), np.arange(count))
    raise DataError("These options allow too few different sequences; choose longer sequences or more symbols.")


def rows(part: Part, chosen: Array) -> Part:
    """Return the chosen rows of a part."""
    arrays = {name: value[chosen] for name, value in _arrays(part).items()}
    return dataclasses.replace(part, **arrays)


def _joined(parts: list[Part]) -> Part:
    columns = [_arrays(part) for part in parts]
    return dataclasses.replace(parts[0], **{name: np.concatenate([c[name] for c in columns]) for name in columns[0]})


def _arrays(part: Part) -> dict[str, Array]:
    found = {field.name: getattr(part, field.name) for field in dataclasses.fields(part)}
    return {name: value for name, value in found.items() if value is not None}
