"""Several series of the same quantities, such as one per shop, and how they are split for one model over all of them.

Two splits (`SPLITS`):

- `time`: the same dates for all. Every series is trained on up to a date and tested after a later one. Repeat `k` is
  tested on stretch `k` of the time axis that all series share, and on half of the series: repeats 0, 2, 4 draw a half,
  repeats 1, 3, 5 take the other one. The mean over a random half varies from draw to draw as much as the mean over all
  series would vary from sample to sample (McCarthy 1969, balanced half-samples), so differences between repeats carry
  both time and series.
- `series`: whole series are held out. Repeat `k` is tested on the `k`th group of series in a random order, and trained on
  series of other groups. The scale of each series comes from its first rows (`WARM_UP`), which are not tested.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from data.errors import DataError
from data.repeat_splits import TimeSplit
from data.scaling import fit_scaler
from data.task import Array, generator
from data.time_series import TimeSeries

SPLITS = {"time": "The same dates for all series", "series": "Whole series held out"}
SCALES = {"series": "Each series on its own", "all": "All series together"}
WARM_UP = 0.3  # of the rows of each series, for its scale, where whole series are held out
HELD_OUT = 0.15  # share of the series for validation, and for test
FEWEST_TO_HALVE = 4  # series; with fewer, every repeat is tested on all of them


class SeriesSplit(NamedTuple):
    """Rows of one series.

    Attributes:
        parts: Rows of training, validation and test; empty where the series is not in that part.
        fitted: Rows on which its scale and simple predictors may be fitted; none of them is a target of the test part.
    """

    parts: TimeSplit
    fitted: slice


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Static:
    """What stays the same within a series: sizes, regions.

    Attributes:
        names: Names of the numbers.
        numbers: `(S, K)` numbers of each series.
        categories: Names of the texts.
        texts: `(S, M)` texts of each series.
    """

    names: tuple[str, ...] = ()
    numbers: Array
    categories: tuple[str, ...] = ()
    texts: Array

    @classmethod
    def none(cls, count: int) -> "Static":
        """Return no columns for some series."""
        return cls(numbers=np.zeros((count, 0)), texts=np.zeros((count, 0), dtype="U1"))

    def take(self, chosen: Sequence[int]) -> "Static":
        """Return some series."""
        rows = np.asarray(chosen, dtype=np.int64)
        return Static(names=self.names, numbers=self.numbers[rows], categories=self.categories, texts=self.texts[rows])

    def feature_names(self) -> tuple[str, ...]:
        """Return the names of the features: the numbers, then one per value of each text."""
        return (*self.names, *(f"{name} = {value}" for name, value in self._values()))

    def features(self, training: Array) -> Array:
        """Return `(S, K)` features.

        Args:
            training: `(S,)` bool, the series that networks train on. Numbers are scaled by them alone, and a text that none of
                them has is all zeros.
        """
        seen = np.flatnonzero(training)
        numbers = fit_scaler(self.numbers[seen], "standard").transform(self.numbers) if self.names else self.numbers
        shown = [numbers]
        for name, value in self._values():
            equal = self.texts[:, self.categories.index(name)] == value
            shown.append((equal & equal[seen].any()).astype(np.float64)[:, None])
        result: Array = np.concatenate(shown, axis=1)
        return result

    def _values(self) -> list[tuple[str, str]]:
        return [
            (name, str(value))
            for index, name in enumerate(self.categories)
            for value in np.unique(self.texts[:, index])
        ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """Several series.

    Attributes:
        series: The series; columns and units are the same in all, positions can be compared between them.
        names: Their names.
        static: What stays the same within each.
        split: A key of `SPLITS`.
        scale: A key of `SCALES`: what is scaled by its own mean and deviation.
    """

    series: tuple[TimeSeries, ...]
    names: tuple[str, ...]
    static: Static
    split: str = "time"
    scale: str = "series"

    def axis(self) -> Array:
        """Return the `(T,)` positions of all series together, each once, in order."""
        return np.unique(np.concatenate([one.positions for one in self.series]))


def rows_in_time(panel: Panel, split: TimeSplit, tested: Array) -> list[SeriesSplit]:
    """Return the rows of every series for the same dates.

    Args:
        panel: The series.
        split: Places on `Panel.axis`.
        tested: `(S,)` bool, the series that are tested.
    """
    axis = panel.axis()
    cuts = [split.train.stop, split.test.start, split.test.stop]
    found = []
    for one, asked in zip(panel.series, tested, strict=True):
        ends = [
            len(one.positions) if cut >= len(axis) else int(np.searchsorted(one.positions, axis[cut])) for cut in cuts
        ]
        train, validation, test = slice(0, ends[0]), slice(ends[0], ends[1]), slice(ends[1], ends[2])
        if not asked:
            test = slice(ends[1], ends[1])
        found.append(SeriesSplit(TimeSplit(train, validation, test), train))
    return found


def tested_half(panel: Panel, split: TimeSplit, number: int) -> Array:
    """Return `(S,)` bool: the series on which repeat `number` is tested, half of those with rows on its dates."""
    everything = rows_in_time(panel, split, np.ones(len(panel.series), dtype=bool))
    there = np.array([one.parts.test.stop > one.parts.test.start for one in everything])
    return half_of(there, number)


def half_of(there: Array, number: int) -> Array:
    """Return `(S,)` bool, half of the series `there`; an odd number takes those that the even one before it leaves."""
    order = generator(number // 2, "panel.halves").permutation(len(there))
    order = order[there[order]]
    if len(order) < FEWEST_TO_HALVE:
        return np.asarray(there)
    half = np.zeros(len(there), dtype=bool)
    middle = len(order) // 2
    half[order[middle:] if number % 2 else order[:middle]] = True
    return half


def rows_held_out(panel: Panel, seed: int, number: int) -> list[SeriesSplit]:
    """Return the rows of every series where whole series are held out.

    Args:
        panel: The series; at least three.
        seed: Seed of the random order.
        number: Number of the repeat: its test series are the group of that number. After the last group the series are
            drawn in another order.

    Raises:
        DataError: If there are fewer than three series.
    """
    count = len(panel.series)
    if count < 3:
        raise DataError(f"There are {count} series, and 3 are needed to hold some out; split by date instead.")
    size = max(1, round(HELD_OUT * count))
    groups = count // size
    order = generator(seed, f"panel.held_out.{number // groups}").permutation(count)
    first = (number % groups) * size
    turned = np.roll(order, -first)
    roles = dict.fromkeys(turned[:size].tolist(), "test") | dict.fromkeys(
        turned[size : 2 * size].tolist(), "validation"
    )
    return [_held_out(len(one.values), roles.get(index, "train")) for index, one in enumerate(panel.series)]


def _held_out(rows: int, role: str) -> SeriesSplit:
    warm = max(2, int(WARM_UP * rows))
    nothing = slice(0, 0)
    later = slice(warm, rows)
    parts = {
        "train": TimeSplit(slice(0, rows), nothing, nothing),
        "validation": TimeSplit(nothing, later, nothing),
        "test": TimeSplit(nothing, nothing, later),
    }
    return SeriesSplit(parts[role], slice(0, warm))


def split_notes(panel: Panel, splits: Sequence[SeriesSplit], *, mean: bool = True) -> tuple[str, ...]:
    """Say how the series are split and scaled."""
    count = len(panel.series)
    held = [
        sum(part.stop > part.start for part in column) for column in zip(*(one.parts for one in splits), strict=True)
    ]
    if panel.split == "series":
        said = f"Whole series are held out: {held[0]} of {count} series for training, {held[1]} for validation, {held[2]} for the test."
        fitted = (
            "the first 30 % of its rows, which are not tested" if panel.scale == "series" else "the training series"
        )
    else:
        said = f"The same dates split all {count} series; the test has {held[2]} of them. No window crosses series."
        fitted = "its training rows" if panel.scale == "series" else "the training rows of all series"
    whose = "Each series has a scale of its own" if panel.scale == "series" else "All series share one scale"
    counted = "Scores are means over series, in which every series counts once."
    return (said, f"{whose}, fitted on {fitted}.", *([counted] if mean else []))
