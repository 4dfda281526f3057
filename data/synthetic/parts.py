"""Draw the three parts of a generated task from separate random streams."""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from data.catalog import Array, Part, generator
from data.errors import DataError

TRAIN_SEQUENCES = 8_000
VALIDATION_SEQUENCES = 500
TEST_SEQUENCES = 1_000

Draw: TypeAlias = Callable[[np.random.Generator, int], Part]

_BUCKETS = 20
_MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One part's share of all sequences.

    Attributes:
        count: Sequences of the part.
        buckets: How many twentieths of all different sequences belong to it.
        once: Whether it holds each of its sequences once. Where some are far more likely than others, a few of them
            would fill the part.
    """

    count: int
    buckets: int
    once: bool = False


class Parts(NamedTuple):
    """Training, validation and test part of one generated task."""

    train: Part
    validation: Part
    test: Part


def draw_parts(seed: int, name: str, draw: Draw) -> Parts:
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


def draw_distinct_parts(
    seed: int, name: str, draw: Draw, *, validation: Share | None = None, test: Share | None = None
) -> Parts:
    """Draw parts of symbols such that no sequence stands in two of them.

    Symbols repeat: of 16 bits there are 65,536 sequences, and thousands are drawn. Every sequence therefore belongs to
    one part by a hash of its symbols, the same for every seed, and each part draws until it has enough of its own.

    Args:
        seed: Seed of the experiment's data.
        name: Name of the dataset.
        draw: Makes a part of at most the wanted size, tokens `(N, T)` with the same T each time.
        validation: Share of the validation part; a twentieth if it is left out.
        test: Share of the test part; a tenth if it is left out. Training gets the rest.

    Raises:
        DataError: If there are too few different sequences to fill a part.
    """
    validation = validation or Share(count=VALIDATION_SEQUENCES, buckets=1)
    test = test or Share(count=TEST_SEQUENCES, buckets=2)
    train = Share(count=TRAIN_SEQUENCES, buckets=_BUCKETS - validation.buckets - test.buckets)
    ends = np.cumsum([train.buckets, validation.buckets, test.buckets])

    def own(part: str, share: Share, end: int) -> Part:
        rounds = _own_rows(generator(seed, f"{name}/{part}"), draw, range(end - share.buckets, end), share.count)
        return _first(rounds, share)

    return Parts(
        train=own("train", train, ends[0]),
        validation=own("validation", validation, ends[1]),
        test=own("test", test, ends[2]),
    )


def buckets(inputs: Array, lengths: Array) -> Array:
    """Return `(N,)` numbers below 20 that depend on the valid tokens `(N, T)` alone."""
    steps = inputs.shape[1]
    weights = generator(0, "buckets").integers(1, 2**63, steps, dtype=np.uint64)
    valid = np.arange(steps) < lengths[:, None]
    mixed = np.where(valid, (inputs + 1).astype(np.uint64) * weights, 0).sum(1, dtype=np.uint64)
    mixed ^= mixed >> np.uint64(33)
    mixed *= np.uint64(0xFF51AFD7ED558CCD)  # a finaliser of Appleby's MurmurHash3 (public domain): spreads every bit
    mixed ^= mixed >> np.uint64(33)
    numbers: Array = (mixed % np.uint64(_BUCKETS)).astype(np.int64)
    return numbers


def _own_rows(stream: np.random.Generator, draw: Draw, own: range, count: int) -> Iterator[Part]:
    """Yield the rows of each round that belong to the part."""
    drawn_at_once = count * _BUCKETS * 5 // (len(own) * 4)
    for _ in range(_MOST_ROUNDS):
        part = draw(stream, drawn_at_once)
        yield rows(part, np.flatnonzero(np.isin(buckets(part.inputs, part.lengths), list(own))))


def _first(rounds: Iterator[Part], share: Share) -> Part:
    """Collect rounds until the part has its sequences."""
    kept: Part | None = None
    for part in rounds:
        kept = part if kept is None else _joined(kept, part)
        if share.once:
            kept = rows(kept, np.sort(np.unique(kept.inputs, axis=0, return_index=True)[1]))
        if len(kept) >= share.count:
            return rows(kept, np.arange(share.count))
    raise DataError("These options allow too few different sequences; choose longer sequences or more symbols.")


def rows(part: Part, chosen: Array) -> Part:
    """Return the chosen rows of a part."""
    arrays = {name: value[chosen] for name, value in _arrays(part).items()}
    return dataclasses.replace(part, **arrays)


def _joined(first: Part, second: Part) -> Part:
    more = _arrays(second)
    return dataclasses.replace(
        first, **{name: np.concatenate([array, more[name]]) for name, array in _arrays(first).items()}
    )


def _arrays(part: Part) -> dict[str, Array]:
    found = {field.name: getattr(part, field.name) for field in dataclasses.fields(part)}
    return {name: value for name, value in found.items() if value is not None}
