"""How generated tasks are split: streams of their own, and no sequence in two parts."""

import numpy as np
import pytest

from data.errors import DataError
from data.synthetic.parts import buckets, draw_distinct_parts, draw_parts, draw_unseen, rows
from data.task import Part, generator


def numbers(stream: np.random.Generator, count: int) -> Part:
    """Draw a part of random numbers."""
    inputs = stream.random((count, 4, 1), dtype=np.float32)
    return Part(inputs=inputs, targets=inputs[:, 0], lengths=np.full(count, 4))


def bits(stream: np.random.Generator, count: int) -> Part:
    """Draw a part of ten random bits."""
    inputs = stream.integers(0, 2, (count, 10))
    return Part(inputs=inputs, targets=inputs[:, 0], lengths=np.full(count, 10), scored=inputs > 0)


def test_draw_parts_uses_a_stream_per_part_dataset_and_seed() -> None:
    """Parts, datasets and seeds see different numbers."""
    first, other, third = draw_parts(0, "one", numbers), draw_parts(0, "two", numbers), draw_parts(1, "one", numbers)
    drawn = [part.inputs[:500] for parts in (first, other, third) for part in parts]
    for index, values in enumerate(drawn):
        assert not any(np.isin(values, later).any(axis=(1, 2)).all() for later in drawn[index + 1 :])
    assert [len(part) for part in first] == [8000, 500, 1000]


def test_draw_distinct_parts_fills_every_part_without_overlap() -> None:
    """Of 1,024 sequences thousands are drawn, and each stands in one part only, whatever the seed."""
    first, second = draw_distinct_parts(0, "bits", bits), draw_distinct_parts(1, "bits", bits)
    assert [len(part) for part in first] == [8000, 500, 1000]
    kinds = [[{row.tobytes() for row in part.inputs} for part in parts] for parts in (first, second)]
    assert not kinds[0][0] & kinds[0][1] | kinds[0][0] & kinds[0][2] | kinds[0][1] & kinds[0][2]
    assert not kinds[0][0] & kinds[1][2]
    assert (first.test.scored == (first.test.inputs > 0)).all()
    assert (first.test.targets == first.test.inputs[:, 0]).all()


def test_draw_unseen_gives_different_sequences_that_are_new() -> None:
    """Nothing comes twice, and nothing of the parts seen before; when all is used up, a sentence says so."""
    seen = bits(generator(0, "seen"), 500)
    unseen = draw_unseen(generator(0, "unseen"), bits, 300, (seen,))
    assert len(np.unique(unseen.inputs, axis=0)) == len(unseen) == 300
    assert not {row.tobytes() for row in seen.inputs} & {row.tobytes() for row in unseen.inputs}
    assert (unseen.targets == unseen.inputs[:, 0]).all()
    with pytest.raises(DataError, match="too few different sequences"):
        draw_unseen(generator(0, "more"), bits, 500, (seen, unseen))


def test_draw_distinct_parts_refuses_too_few_sequences() -> None:
    """With one possible sequence two of the parts stay empty, and a sentence says so."""

    def constant(stream: np.random.Generator, count: int) -> Part:
        return Part(inputs=np.zeros((count, 3), dtype=np.int64), targets=np.zeros(count), lengths=np.full(count, 3))

    with pytest.raises(DataError, match="too few different sequences"):
        draw_distinct_parts(0, "constant", constant)


def test_buckets_depend_on_valid_tokens_alone_and_are_even() -> None:
    """Padding does not matter, order does, and every bucket gets its share."""
    inputs = generator(0, "test").integers(0, 5, (20_000, 12))
    lengths = np.full(20_000, 8)
    found = buckets(inputs, lengths)
    padded = np.where(np.arange(12) < 8, inputs, 4)
    assert (buckets(padded, lengths) == found).all()
    assert (buckets(inputs[:, ::-1], lengths) != found).mean() > 0.9
    assert np.bincount(found, minlength=20) == pytest.approx(1000, rel=0.15)


def test_rows_picks_every_array() -> None:
    """Inputs, targets, lengths and scored steps are picked together."""
    part = bits(generator(0, "rows"), 6)
    picked = rows(part, np.array([4, 1]))
    assert (picked.inputs == part.inputs[[4, 1]]).all()
    assert (picked.targets == part.targets[[4, 1]]).all()
    assert part.scored is not None
    assert (picked.scored == part.scored[[4, 1]]).all()
    assert picked.base is None
