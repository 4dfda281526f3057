"""A visitor's own file, repeat by repeat: none sees its future, and what belongs together stays together."""

from typing import Any

import numpy as np
import pytest

from data.catalog import get_dataset, load_repeats
from data.repeat_splits import MAX_STRETCHES
from data.task import TaskData
from data.uploads.shared_options import digest
from tests.data.uploads.files import csv

COUNT = 200
SERIES: dict[str, dict[str, Any]] = {
    "default": {},
    "six ahead": {"horizon": 6},
    "differences": {"differencing": "first"},
    "seasonal differences": {"differencing": "seasonal", "season": 5},
    "range": {"scaling": "range"},
    "one input": {"inputs": "wave"},
    "six ahead of differences": {"horizon": 6, "differencing": "first"},
    "six ahead of a season": {"horizon": 6, "differencing": "seasonal", "season": 5},
    "two targets": {"target": "up,wave", "horizon": 3},
    "classes": {"predict": "classes", "target": "kind"},
    "classes six ahead": {"predict": "classes", "target": "kind", "horizon": 6},
}
TEXTS: dict[str, dict[str, Any]] = {
    "default": {},
    "short windows": {"window": 8},
    "lower case": {"characters": "lower"},
}


def rows(broken_from: int = COUNT) -> bytes:
    """Return days with two numbers and a class; from a row on they are others."""
    random = np.random.default_rng(1)
    up, wave, kind = random.normal(size=COUNT).cumsum(), random.normal(size=COUNT), random.integers(0, 2, COUNT)
    up[broken_from:], wave[broken_from:], kind[broken_from:] = -900.0, 700.0, 1 - kind[broken_from:]
    days = np.datetime64("2024-01-01") + np.arange(COUNT)
    lines = [
        f"{day},{a:.6f},{b:.6f},{'high' if c else 'low'}" for day, a, b, c in zip(days, up, wave, kind, strict=True)
    ]
    return csv("date,up,wave,kind", *lines)


def text(broken_from: int | None = None) -> bytes:
    """Return a text of 2,000 characters; from a character on it is another one in the same letters."""
    letters = np.array(list("abcDE .\n"))
    kept = letters[np.random.default_rng(2).integers(0, len(letters), 2_000)]
    if broken_from is not None:
        kept[broken_from:] = letters[np.arange(2_000 - broken_from) % len(letters)]
    return "".join(kept).encode()


def repeat(dataset: str, content: bytes, number: int, **options: Any) -> TaskData:
    """Load a repeat of an own dataset."""
    entry = get_dataset(dataset)
    return entry.load_repeat(entry.parse({"content": digest(content), **options}), number, number, content)


def stretches(dataset: str, content: bytes, **options: Any) -> int:
    """Count the stretches of an own dataset."""
    entry = get_dataset(dataset)
    return entry.stretches(entry.parse({"content": digest(content), **options}), content)


def same(one: TaskData, other: TaskData, part: Any) -> bool:
    """Return whether a part holds the same inputs and targets in both."""
    first, second = one.part(part), other.part(part)
    return np.array_equal(first.inputs, second.inputs) and np.array_equal(first.targets, second.targets)


@pytest.mark.parametrize("options", SERIES.values(), ids=SERIES)
def test_no_repeat_of_an_own_series_sees_its_future(options: dict[str, Any]) -> None:
    """Whatever the rows of a stretch and behind it hold, the repeat trains and validates on the same numbers."""
    options = {"window": 8, "target": "wave"} | options
    content = rows()
    count = stretches("own_series", content, **options)
    assert count == MAX_STRETCHES
    days = (np.datetime64("2024-01-01") + np.arange(COUNT)).astype(str).tolist()
    for number in range(count):
        data = repeat("own_series", content, number, **options)
        assert data.stretch is not None
        start = days.index(str(data.stretch[0])[:10])
        other = repeat("own_series", rows(start), number, **options)
        assert same(data, other, "train")
        assert same(data, other, "validation")
        assert not same(data, other, "test")


@pytest.mark.parametrize("options", TEXTS.values(), ids=TEXTS)
def test_no_repeat_of_an_own_text_sees_its_future(options: dict[str, Any]) -> None:
    """Whatever the characters of a stretch and behind it are, the repeat learns from the same ones."""
    options = {"window": 16} | options
    count = stretches("own_text", text(), **options)
    assert count == MAX_STRETCHES
    for number in range(count):
        data = repeat("own_text", text(), number, **options)
        assert data.stretch is not None
        other = repeat("own_text", text(int(data.stretch[0])), number, **options)
        assert same(data, other, "train")
        assert same(data, other, "validation")
        assert not same(data, other, "test")


def labelled() -> bytes:
    """Return 20 people with 24 labelled rows each; the column `who` is seen, too, and tells whose a window is."""
    lines = [
        f"p{who},{who},{np.sin(who + step):.4f},{'walk' if (step // 6 + who) % 2 else 'sit'}"
        for who in range(20)
        for step in range(24)
    ]
    return csv("person,who,value,label", *lines)


def people(part: Any, scaler_of: TaskData) -> set[int]:
    """Return whose windows a part holds, from its ranks in the column `who` of all parts."""
    every = np.unique(
        np.concatenate([one.inputs[:, 0, 0] for one in (scaler_of.train, scaler_of.validation, scaler_of.test)]).round(
            4
        )
    )
    return set(np.searchsorted(every, part.inputs[:, 0, 0].round(4)).tolist())


def test_people_of_own_sequences_stay_together_in_every_repeat() -> None:
    """No person stands in two parts of a repeat, and another repeat is tested on other people."""
    options = {"layout": "windows", "sequence": "person", "label": "label", "features": "who,value", "window": 6}
    tested = []
    for number in range(8):
        data = repeat("own_sequences", labelled(), number, **options)
        parts = [people(part, data) for part in (data.train, data.validation, data.test)]
        assert [len(part) for part in parts] == [14, 3, 3]
        assert not parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2]
        tested.append(frozenset(parts[2]))
    assert len(set(tested)) > 4


def few(people: int) -> bytes:
    """Return windows of one column of few people, or of nobody; the value of a row is its number."""
    lines = [f"p{row // 6 * people // 40},{row},{'walk' if row // 6 % 2 else 'sit'}" for row in range(240)]
    return csv("person,row,label", *lines)


FEW = {"layout": "windows", "window": 6, "label": "label", "features": "row"}


def windows(data: TaskData, part: Any) -> list[int]:
    """Return the first rows of a part's windows; the first of the file is 0."""
    values = data.part(part).inputs[:, 0, 0].astype(np.float64)
    every = np.concatenate([data.part(name).inputs[:, 0, 0] for name in ("train", "validation", "test")])  # type: ignore[arg-type]
    step = (every.max() - every.min()) / 39  # of 40 windows
    return sorted(np.round((values - every.min()) / step).astype(int).tolist())


@pytest.mark.parametrize("people", [1, 2])
def test_windows_of_too_few_people_are_tested_on_other_blocks_in_every_repeat(people: int) -> None:
    """Eight splits, each of neighbours; the first is that of one split for all, and nothing is in two parts."""
    options = FEW | {"sequence": "person" if people > 1 else "-"}
    entry = get_dataset("own_sequences")
    content = few(people)
    given = entry.parse({"content": digest(content), **options})
    assert entry.splits(given, content) == MAX_STRETCHES
    tested = []
    for number in range(MAX_STRETCHES):
        data = entry.load_repeat(given, 0, number, content)
        train, validation, test = (windows(data, name) for name in ("train", "validation", "test"))
        assert sorted(train + validation + test) == list(range(40))
        assert (len(validation), len(test)) == (6, 6)
        for part in (validation, test):  # three neighbours of each class, which take turns
            assert part == list(range(part[0], part[0] + 6))
        tested.append(tuple(test))
    assert len(set(tested)) == MAX_STRETCHES
    assert max(tested[0]) == 39
    assert same(entry.load(given, 0, content), entry.load_repeat(given, 0, 0, content), "test")
    assert ("2 `person` cannot be kept apart" in " ".join(data.notes)) == (people > 1)


@pytest.mark.parametrize("people", [3, 5, 9])
def test_few_people_take_turns_and_no_split_comes_twice_as_a_repeat_of_its_own(people: int) -> None:
    """One person is tested at a time, each once; further repeats are further starts on the same splits, and it is said."""
    entry = get_dataset("own_sequences")
    content = few(people)
    given = entry.parse({"content": digest(content), "sequence": "person", **FEW})
    assert entry.splits(given, content) == people
    tested = [tuple(windows(entry.load_repeat(given, 4, number, content), "test")) for number in range(people)]
    assert len(set(tested)) == people
    assert sorted(sum(tested, ())) == list(range(40))
    repeats = load_repeats(entry, given, 4, repeats=people + 1, content=content)
    assert repeats.numbers == (*range(people), 0)
    assert f"allows {people} different data for {people + 1} repeats" in repeats.tasks[0].notes[-1]
