"""No repeat sees its future: every dataset of the catalogue, with any option, and every form of an own labelled file.

What follows the rows from which a repeat may learn is changed; what it learns from must stay the same to the last bit. A
dataset whose order is time joins by being registered; one that is read in a new way is named in `CHANGED`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data.catalog import Dataset, catalogue, get_dataset
from data.repeat_splits import TimeSplit, rolling_split
from data.series import panel_base
from data.series.base import ForecastDataset
from data.series.panel_base import PanelDataset
from data.series.seattle import seattle_weather
from data.task import TaskData
from data.text import founding_documents
from data.time_series import TimeSeries
from data.uploads.shared_options import digest
from tests.data.test_repeat_splits import IN_TIME, NAMES, variants
from tests.data.uploads.files import csv

Change = Callable[[pytest.MonkeyPatch, Dataset, int], None]


def later_series(series: TimeSeries, start: int) -> TimeSeries:
    """Return a series that is another one from a row on."""
    values = series.values.copy()
    values[start:] = values[start:][::-1] * -3.0 + 1_000.0
    return replace(series, values=values)


def change_series(patch: pytest.MonkeyPatch, entry: Dataset, start: int) -> None:
    """Change what a dataset of forecasts reads."""
    assert isinstance(entry, ForecastDataset)
    changed = later_series(entry.series(), start)
    patch.setattr(type(entry), "series", lambda _: changed)


def change_weather(patch: pytest.MonkeyPatch, _: Dataset, start: int) -> None:
    """Change measurements and labels of the later days; the days stay."""
    frame = seattle_weather()
    later = frame.iloc[start:][::-1].reset_index(drop=True)
    changed = pd.concat([frame.iloc[:start], later], ignore_index=True).assign(date=frame["date"])
    changed.loc[start:, ["temp_max", "temp_min", "wind"]] += 50.0
    patch.setattr("data.series.seattle_labels.seattle_weather", lambda: changed)


def change_text(patch: pytest.MonkeyPatch, _: Dataset, start: int) -> None:
    """Turn the later characters round."""
    original = founding_documents._text

    def changed(options: founding_documents.FoundingDocumentsOptions) -> str:
        text = original(options)
        return text[:start] + text[start:][::-1]

    patch.setattr(founding_documents, "_text", changed)


def change_panel(patch: pytest.MonkeyPatch, entry: Dataset, start: int) -> None:
    """Change the later rows of every series of a panel."""
    original = panel_base._prepared

    def changed(source: PanelDataset, options: Any, seed: int) -> panel_base.Series:
        made = original(source, options, seed)
        first = made.panel.axis()[start]
        series = tuple(later_series(one, int(np.searchsorted(one.positions, first))) for one in made.panel.series)
        return replace(made, panel=replace(made.panel, series=series))

    patch.setattr(panel_base, "_prepared", lru_cache(changed))


CHANGED: dict[str, Change] = {"seattle_labels": change_weather, "founding_documents": change_text}


def rows(entry: Dataset, options: Any) -> list[Any]:
    """Return the positions of all rows, as stretches name them."""
    if isinstance(entry, ForecastDataset):
        return [str(place) for place in entry.series().positions]
    if isinstance(entry, PanelDataset):
        return [str(place) for place in entry._made(options, 0).panel.axis()]
    if entry.name == "seattle_labels":
        return [str(day) for day in seattle_weather()["date"]]
    return [str(place) for place in range(len(founding_documents._text(options)))]


def same(one: TaskData, other: TaskData, part: Any) -> bool:
    """Return whether a part holds the same inputs, targets and bases in both."""
    first, second = one.part(part), other.part(part)
    bases = first.base is None or np.array_equal(first.base, second.base)
    return bases and np.array_equal(first.inputs, second.inputs) and np.array_equal(first.targets, second.targets)


def check(entry: Dataset, options: Any, numbers: list[int]) -> None:
    """Change all rows of some repeats' stretches and behind; what they learn from and choose by must stay."""
    change = CHANGED.get(entry.name, change_panel if isinstance(entry, PanelDataset) else change_series)
    places = rows(entry, options)
    for number in numbers:
        data = entry.load_repeat(options, 0, number)
        assert data.stretch is not None
        with pytest.MonkeyPatch.context() as patch:
            change(patch, entry, places.index(str(data.stretch[0])))
            other = entry.load_repeat(options, 0, number)
        assert same(data, other, "train")
        assert same(data, other, "validation")
        assert not same(data, other, "test")
        assert data.scaler is None or np.array_equal(data.scaler.mean, other.scaler.mean)
        assert data.naive_errors is None or np.array_equal(data.naive_errors, other.naive_errors)


@pytest.mark.parametrize("name", IN_TIME)
def test_no_repeat_of_a_dataset_in_time_sees_its_future(name: str) -> None:
    """All stretches with the default options; newest, second and oldest with each other option."""
    entry = catalogue()[name]
    first, *others = [options for options in variants(entry) if entry.stretches(options)]
    check(entry, first, list(range(entry.stretches(first))))
    for options in others:
        last = entry.stretches(options) - 1
        check(entry, options, sorted({0, min(1, last), last}))


@contextmanager
def leaking(module: str, leak: Callable[[TimeSplit], TimeSplit]) -> Iterator[None]:
    """Break the split of a module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{module}.rolling_split", lambda *given: leak(rolling_split(*given)))
        yield


LEAKED = 12  # rows or characters
LEAKS: dict[str, Callable[[TimeSplit], TimeSplit]] = {
    "training": lambda split: split._replace(train=slice(0, split.test.start + LEAKED)),
    "validation": lambda split: split._replace(validation=slice(split.validation.start, split.test.start + LEAKED)),
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("sunspots", "data.forecast_windows"),
        ("seattle_labels", "data.series.seattle_labels"),
        ("founding_documents", "data.text.characters"),
    ],
)
def test_check_notices_a_split_that_sees_its_future(name: str, module: str, leak: Any) -> None:
    """Some rows of the stretch in the training or validation part are enough for the check to fail."""
    entry = catalogue()[name]
    options = entry.parse({"window": 8})
    check(entry, options, [1])
    with leaking(module, leak), pytest.raises(AssertionError):
        check(entry, options, [1])


@pytest.mark.parametrize("name", [name for name in NAMES if name not in IN_TIME])
def test_no_repeat_without_time_is_tested_on_what_it_learned_from(name: str) -> None:
    """No test sample with its answer stands in training or validation, in any of three repeats."""
    if name == "counting":
        pytest.skip("the language has one string for each n, so parts share strings, and the notes say so")
    entry = catalogue()[name]
    for number in range(3):
        data = entry.load_repeat(entry.Options(), 5, number)
        parts = [samples(data, part) for part in ("train", "validation", "test")]
        for first, second in combinations(parts, 2):
            assert not first & second


@pytest.mark.parametrize("name", [name for name in IN_TIME if isinstance(catalogue()[name], PanelDataset)])
def test_no_repeat_is_tested_on_a_series_that_it_learned_from(name: str) -> None:
    """Where whole series are held out, no window of a tested one is learned from."""
    entry = catalogue()[name]
    options = entry.parse({"split_by": "series"})
    assert entry.stretches(options) == 0
    for number in range(3):
        data = entry.load_repeat(options, 5, number)
        parts = [samples(data, part) for part in ("train", "validation", "test")]
        assert min(map(len, parts)) > 0
        for first, second in combinations(parts, 2):
            assert not first & second


def samples(data: TaskData, name: Any) -> set[tuple[bytes, bytes]]:
    """Return the sequences of a part with their answers."""
    part = data.part(name)
    return {
        (row[:length].tobytes(), np.asarray(target).tobytes())
        for row, length, target in zip(part.inputs, part.lengths, part.targets, strict=True)
    }


def labelled(form: str) -> tuple[bytes, dict[str, Any]]:
    """Return 60 sequences that all differ, in one form of a file, and the options that read it."""
    kinds = ["odd" if index % 2 else "even" for index in range(60)]
    letters = ["".join("acgt"[(index // 4**place) % 4] for place in range(4)) for index in range(60)]
    if form == "long":
        lines = [f"s{i},{step},{i + step / 10},{kinds[i]}" for i in range(60) for step in range(3)]
        return csv("id,step,a,kind", *lines), {"layout": "long"}
    if form == "wide":
        return csv("x1,x2,x3,kind", *[f"{i},{i + 1},{i + 2},{kinds[i]}" for i in range(60)]), {"layout": "wide"}
    if form == "characters":
        lines = [f"{text},{kind}" for text, kind in zip(letters, kinds, strict=True)]
        return csv("text,kind", *lines), {"layout": "characters", "sequence": "text", "label": "kind"}
    if form == "letters":
        lines = [f"{','.join(text)},{kind}" for text, kind in zip(letters, kinds, strict=True)]
        return csv("a,b,c,d,kind", *lines), {"layout": "letters", "label": "kind"}
    people = {"windows": 0, "windows of two people": 2, "of five people": 5, "of twenty people": 20}[form]
    lines = [f"p{i * max(1, people) // 60},{3 * i + step},{kinds[i]}" for i in range(60) for step in range(3)]
    options = {"layout": "windows", "window": 3, "label": "kind", "features": "row"}
    return csv("person,row,kind", *lines), options | {"sequence": "person" if people else "-"}


FORMS = (
    "long",
    "wide",
    "characters",
    "letters",
    "windows",
    "windows of two people",
    "of five people",
    "of twenty people",
)


@pytest.mark.parametrize("form", FORMS)
def test_no_repeat_of_own_sequences_is_tested_on_what_it_learned_from(form: str) -> None:
    """Every sequence is in exactly one part of each repeat, scales are those of the training part, and splits differ."""
    content, chosen = labelled(form)
    entry = get_dataset("own_sequences")
    options = entry.parse({"content": digest(content), **chosen})
    count = entry.splits(options, content) or 8
    tests = set()
    for number in range(count):
        data = entry.load_repeat(options, 3, number, content)
        parts = [samples(data, part) for part in ("train", "validation", "test")]
        assert sum(map(len, parts)) == len(set.union(*parts)) == 60
        assert min(map(len, parts)) >= 3
        if not data.vocabulary:
            steps = data.train.inputs.reshape(-1, data.input_size)
            np.testing.assert_allclose(steps.mean(0), 0, atol=1e-5)
            np.testing.assert_allclose(steps.std(0), 1, atol=1e-3)
        tests.add(frozenset(order(data)))
    assert len(tests) == count


def order(data: TaskData) -> list[int]:
    """Return which sequences of the file are tested, by the place of their first step among all."""
    first = [part.inputs.reshape(len(part), -1) for part in (data.train, data.validation, data.test)]
    every = np.unique(np.concatenate(first), axis=0)
    return [int((every == row).all(1).argmax()) for row in first[2]]
