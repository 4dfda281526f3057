"""Repeats with their own data: no repeat sees its future, in any dataset, with any option."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import fields
from data.catalog import Dataset, catalogue, load_one_repeat, load_repeats
from data.errors import DataError
from data.forecast_windows import forecast_repeat, forecast_stretches
from data.repeat_splits import MAX_STRETCHES, MIN_WINDOWS, RepeatedData, count_stretches, rolling_split
from data.splits import split_by_class
from data.task import TaskData
from data.time_series import TimeSeries
from data.window_options import WindowPlan

NAMES = [name for name, entry in catalogue().items() if entry.family != "own"]
IN_TIME = [name for name in NAMES if catalogue()[name].stretches(catalogue()[name].Options())]


def variants(entry: Dataset) -> list[Any]:
    """Return the default options and every choice, smallest and middle value of each option, one at a time."""
    found = [entry.Options()]
    for name, info in fields.infos(entry.Options).items():
        values: list[object] = [value for value, _ in info.choices]
        if info.kind == "integer":
            values = [int(info.low), int((info.low + info.high) // 2)]
        if info.kind == "flag":
            values = [False, True]
        found += [entry.parse({name: value}) for value in values]
    return found


@given(st.integers(20, 5_000), st.integers(1, MAX_STRETCHES))
def test_rolling_splits_are_disjoint_and_in_order(count: int, stretches: int) -> None:
    """Training, validation and test follow each other; stretches are equal, disjoint and reach the newest row."""
    splits = [rolling_split(count, number, stretches) for number in range(stretches)]
    assert splits[0].test.stop == count
    for split in splits:
        assert 0 == split.train.start < split.train.stop <= split.validation.start
        assert split.validation.stop == split.test.start
        assert split.test.stop - split.test.start == splits[0].test.stop - splits[0].test.start
    for newer, older in itertools.pairwise(splits):
        assert older.test.stop == newer.test.start
    assert count - splits[-1].test.start <= 0.4 * count + 1


def test_count_stretches_gives_short_series_fewer() -> None:
    """Each stretch holds at least five samples; one stretch is always there."""
    enough = [count_stretches(count, lambda split: split.test.stop - split.test.start >= 5) for count in (20, 60, 200)]
    assert enough == [1, 4, 8]


@pytest.mark.parametrize("name", IN_TIME)
def test_stretches_are_disjoint_whatever_the_options(name: str) -> None:
    """No test target of one stretch is one of another, in any dataset in time order."""
    entry = catalogue()[name]
    assert entry.stretches(entry.Options()) >= 1
    for options in variants(entry):
        stretches = entry.stretches(options)  # 0 where whole series are held out
        assert stretches <= MAX_STRETCHES
        ends: list[tuple[object, object]] = []
        for number in range(stretches):
            data = entry.load_repeat(options, 0, number)
            assert data.stretch is not None
            assert not ends or data.stretch[1] < ends[-1][0]
            ends.append(data.stretch)
            assert min(len(data.train), len(data.validation)) >= 2
            assert len(data.test) >= MIN_WINDOWS or stretches == 1


@pytest.mark.parametrize("name", [name for name in IN_TIME if catalogue()[name].kind != "next_token"])
def test_parts_of_a_stretch_are_in_time_order(name: str) -> None:
    """Every training target lies before every validation target, and these before every test target."""
    entry = catalogue()[name]
    for options in variants(entry):
        for number in range(entry.stretches(options)):
            data = entry.load_repeat(options, 0, number)
            parts = (data.train, data.validation, data.test)
            assert all(part.positions is not None for part in parts)
            positions = [part.positions.reshape(-1) for part in parts]  # of every step ahead
            assert max(positions[0]) < min(positions[1]) < max(positions[1]) < min(positions[2])


@pytest.mark.parametrize("name", NAMES)
def test_repeats_fit_together_and_one_alone_is_the_same(name: str) -> None:
    """Sizes and names agree, tests have as many samples, and a page loads one repeat with the same bits."""
    entry = catalogue()[name]
    options = entry.Options()
    both = load_repeats(entry, options, 3, repeats=3)
    assert len({(task.input_size, task.output_size, task.unit, task.class_names) for task in both.tasks}) == 1
    assert len({len(task.test) for task in both.tasks}) == 1
    assert len({tuple(part.inputs.shape[1:] for part in _parts(task)) for task in both.tasks}) == 1
    for repeat in (0, 2):
        _assert_same(both.task(repeat), load_one_repeat(entry, options, 3, repeat=repeat))
    few = load_repeats(entry, options, 3, repeats=1)
    _assert_same(few.task(0), both.task(0))


@pytest.mark.parametrize("name", NAMES)
def test_every_repeat_has_data_of_its_own(name: str) -> None:
    """Two repeats learn from different data."""
    entry = catalogue()[name]
    both = load_repeats(entry, entry.Options(), 0, repeats=2)
    one, two = both.task(0).train, both.task(1).train
    assert len(one) != len(two) or not np.array_equal(one.inputs[:50], two.inputs[:50])


def _assert_same(one: TaskData, other: TaskData) -> None:
    for part in ("train", "validation", "test"):
        np.testing.assert_array_equal(one.part(part).inputs, other.part(part).inputs)  # type: ignore[arg-type]
        np.testing.assert_array_equal(one.part(part).targets, other.part(part).targets)  # type: ignore[arg-type]


PLANS = st.builds(
    WindowPlan,
    window=st.integers(1, 20),
    targets=st.sampled_from([("a",), ("a", "b")]),
    inputs=st.sampled_from([(), ("a",), ("b",)]),
    horizon=st.integers(1, 6),
    differencing=st.sampled_from(["none", "first", "seasonal"]),
    scaling=st.sampled_from(["standard", "range", "none"]),
)


@given(st.integers(60, 300), PLANS, st.integers(0, 7), st.booleans())
def test_no_repeat_of_a_series_sees_its_future(count: int, plan: WindowPlan, number: int, gaps: bool) -> None:
    """Whatever the rows from a stretch on hold, what the repeat trains and validates on stays the same.

    So do its scales, which do not know the validation rows either.
    """
    random = np.random.default_rng(count)
    values = random.normal(size=(count, 2)).cumsum(0)
    filled = random.random((count, 2)) < 0.1 if gaps else np.zeros((count, 2), dtype=bool)
    filled[[0, -1]] = False
    series = _series(values, filled)
    stretches = forecast_stretches(series, plan)
    split = rolling_split(count, number % stretches, stretches)
    try:
        data = forecast_repeat(series, plan, number % stretches)
    except DataError:
        return
    for start, names in ((split.test.start, ("train", "validation")), (split.validation.start, ("train",))):
        changed = values.copy()
        changed[start:] = 1e3 * random.normal(size=changed[start:].shape)
        hidden = filled.copy()
        hidden[start:] = False
        before = filled.copy()
        before[start:] = False
        one = forecast_repeat(_series(values, before), plan, number % stretches) if gaps else data
        other = forecast_repeat(_series(changed, hidden), plan, number % stretches)
        for name in names:
            np.testing.assert_array_equal(one.part(name).inputs, other.part(name).inputs)
            np.testing.assert_array_equal(one.part(name).targets, other.part(name).targets)
        assert one.scaler is not None
        assert other.scaler is not None
        np.testing.assert_array_equal(one.scaler.mean, other.scaler.mean)
        np.testing.assert_array_equal(one.naive_errors, other.naive_errors)


def _series(values: Any, filled: Any) -> TimeSeries:
    return TimeSeries(
        values=values,
        columns=("a", "b"),
        positions=np.arange(len(values)),
        units=("x", "y"),
        season=4,
        filled=filled if filled.any() else None,
    )


def test_split_by_class_gives_each_part_its_share_of_every_class() -> None:
    """70, 15 and 15 % of each class; every sample in one part; another seed another split."""
    classes = np.repeat([0, 1, 2], [100, 40, 20])
    parts = split_by_class(classes, 5, "test")
    assert sorted(np.concatenate(parts).tolist()) == list(range(160))
    assert [np.bincount(classes[part]).tolist() for part in parts] == [[70, 28, 14], [15, 6, 3], [15, 6, 3]]
    assert not np.array_equal(parts[2], split_by_class(classes, 6, "test")[2])


def test_predefined_test_part_is_kept_by_every_repeat() -> None:
    """The published split of the vowels stays; only what is learned from it is divided anew."""
    entry = catalogue()["japanese_vowels"]
    one, two = (entry.load_repeat(entry.Options(), 0, number) for number in (0, 1))
    np.testing.assert_array_equal(one.test.targets, two.test.targets)
    assert one.test.inputs.shape == two.test.inputs.shape


def test_drawn_data_come_round_again_where_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for two, the third repeat has the data of the first, alone and in the group."""
    entry = catalogue()["adding"]
    options = entry.parse({"length": 10})
    first = entry.load_repeat(options, 0, 0)
    room = 2 * sum(part.inputs.nbytes + part.targets.nbytes + part.lengths.nbytes for part in _parts(first))
    monkeypatch.setattr("data.catalog.MAX_BYTES", room + 1)
    both = load_repeats(entry, options, 0, repeats=5)
    assert both.numbers == (0, 1, 0, 1, 0)
    _assert_same(both.task(3), load_one_repeat(entry, options, 0, repeat=3))


def _parts(data: TaskData) -> tuple[Any, ...]:
    return data.train, data.validation, data.test


def test_shared_data_and_chosen_repeats() -> None:
    """One split serves all repeats; a choice of repeats keeps the tasks that sizes depend on."""
    entry = catalogue()["airline"]
    data = entry.load(entry.Options(), 0)
    shared = RepeatedData.shared(data, 3)
    assert shared.numbers == (0, 0, 0)
    assert shared.task(2) is data
    repeated = load_repeats(entry, entry.Options(), 0, repeats=4)
    assert repeated.take([3, 1]).numbers == (3, 1)
    assert len(repeated.take([3]).tasks) == 8
