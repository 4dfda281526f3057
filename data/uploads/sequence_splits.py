"""How labelled sequences are split: at random within each class, by person, or in blocks of the file's order.

Repeats of a file with few people, or with none, take turns: each is tested on another person or on another block.
There are then fewer different splits than repeats may be asked for, and further repeats are further starts.
"""

import numpy as np

from data.repeat_splits import MAX_STRETCHES
from data.task import Array, generator

SHARE = 0.15  # of each class or of all people, for validation and for test
MIN_PEOPLE = 3  # below, a person cannot stay in one part
FEW_PEOPLE = 10  # below, each part has one person, and repeats take turns
Indices = tuple[Array, Array, Array]


def different_splits(classes: Array, groups: Array | None) -> int:
    """Return how many different splits repeats can have; 0 where each draws its own.

    Args:
        classes: `(N,)` class of each sequence.
        groups: `(N,)` person of each sequence, or None; see `data.uploads.labelled.Labelled`.
    """
    if groups is None:
        return 0
    people = len(np.unique(groups))
    if people < MIN_PEOPLE:
        rest = [len(members) - _count(len(members)) for members in _members(classes)]
        return min(MAX_STRETCHES, 1 + max(rest))
    return people if people < FEW_PEOPLE else 0


def split(classes: Array, groups: Array | None, *, seed: int, number: int) -> Indices:
    """Return indices of training, validation and test.

    Args:
        classes: `(N,)` class of each sequence.
        groups: `(N,)` person of each sequence, or None.
        seed: The experiment's first seed.
        number: Number of the repeat's data; 0 is the split of an experiment with one split for all.
    """
    if groups is None:
        return _at_random(classes, seed + number)
    people = len(np.unique(groups))
    if people < MIN_PEOPLE:
        return _blocks(classes, number, different_splits(classes, groups))
    return _by_person(groups, seed, number) if people < FEW_PEOPLE else _by_person(groups, seed + number, 0)


def _by_person(groups: Array, seed: int, turn: int) -> Indices:
    """Give whole people to the parts, drawn at random; with each turn the next ones are tested."""
    members = generator(seed, "own_sequences.subjects").permutation(np.unique(groups))
    members = np.roll(members, -turn)
    count = max(1, round(SHARE * len(members)))
    validation, test = members[:count], members[count : 2 * count]
    inside = [np.isin(groups, part) for part in (validation, test)]
    return np.flatnonzero(~(inside[0] | inside[1])), np.flatnonzero(inside[0]), np.flatnonzero(inside[1])


def _at_random(classes: Array, seed: int) -> Indices:
    """Split every class at random; each class of 3 or more gives at least one to each part."""
    random = generator(seed, "own_sequences.split")
    parts: tuple[list[Array], list[Array], list[Array]] = ([], [], [])
    for label in np.unique(classes):
        members = random.permutation(np.flatnonzero(classes == label))
        count = _count(len(members))
        for part, chosen in zip(
            parts, (members[2 * count :], members[:count], members[count : 2 * count]), strict=True
        ):
            part.append(chosen)
    train, validation, test = (random.permutation(np.concatenate(part)) for part in parts)
    return train, validation, test


def _blocks(classes: Array, number: int, different: int) -> Indices:
    """Test on one block of adjacent samples of each class and validate on the block before it, or after the first.

    Block 0 is the last of the file; parts hold adjacent samples, so that they touch in few places.
    """
    parts = np.zeros(len(classes), dtype=np.int64)
    for members in _members(classes):
        count = _count(len(members))
        shift = round(number * (len(members) - count) / max(1, different - 1))
        start = len(members) - count - shift
        before = start - count if start >= count else start + count
        parts[members[before : before + count]] = 1
        parts[members[start : start + count]] = 2
    train, validation, test = (np.flatnonzero(parts == part) for part in range(3))
    return train, validation, test


def _members(classes: Array) -> list[Array]:
    """Return the indices of each class, in the order of the file."""
    return [np.flatnonzero(classes == label) for label in np.unique(classes)]


def _count(members: int) -> int:
    """Return how many of a class validation and test each get; none if there are fewer than 3."""
    return max(1, round(SHARE * members)) if members >= MIN_PEOPLE else 0
