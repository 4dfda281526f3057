"""The errors from which a forecast's intervals are computed: those of networks on stretches that they were not trained on.

Where there are several series, an error counts in units of its series' naive error, so that series of different sizes can share
one width; the width of a series is that share times its own naive error. NumPy; no torch. Axes: n samples, O outputs, S series.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from data.quantiles import BAND, inside
from data.task import Array, Part, TaskData
from models.analysis.conformal import Coverage
from models.analysis.predictions import kept_part
from models.records.results import RunResult

DataOf = Callable[[int], TaskData]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StretchErrors:
    """Errors on the test samples of one stretch.

    Attributes:
        values: `(n, O)` in the unit.
        series: `(n,)` number of each sample's series, 0 where there is one.
        scales: `(S, O)` by which errors are divided before they are ranked; ones where there is one series.
    """

    values: Array
    series: Array
    scales: Array

    @property
    def scaled(self) -> Array:
        """`(n, O)` errors that can be ranked together."""
        result: Array = self.values / self.scales[self.series]
        return result

    @classmethod
    def of(cls, data: TaskData, part: Part, values: Array) -> "StretchErrors":
        """Return errors of samples with the scales of their data."""
        series = np.zeros(len(values), dtype=np.int64) if part.series is None else part.series
        return cls(values=values, series=series, scales=series_scales(data, values.shape[1]))


def series_scales(data: TaskData, outputs: int) -> Array:
    """Return `(S, O)` the naive error of each series, 1 where it is zero or there is one series."""
    if not data.histories:
        return np.ones((1, outputs))
    naive = np.stack([one.naive_errors for one in data.histories])
    result: Array = np.where(naive > 0, naive, 1.0)
    return result


def stretches_of(run: RunResult) -> dict[int, list[int]]:
    """Return stretch number to its repeats, oldest first; a single one if all repeats were tested on the same samples."""
    found: dict[int, list[int]] = {}
    shared = run.spec.experiment.resampling == "start"
    for repeat, seed in enumerate(run.seeds):
        if seed.status != "diverged":
            found.setdefault(0 if shared else seed.stretch_index, []).append(repeat)
    return dict(sorted(found.items(), reverse=True))


def speaking(run: RunResult) -> list[int]:
    """Return the repeats whose networks forecast: those of the newest stretch, or all where stretches have no order in time."""
    stretches = stretches_of(run)
    if run.seeds and run.seeds[0].stretch is None:
        return sorted(repeat for repeats in stretches.values() for repeat in repeats)
    return stretches[min(stretches)] if stretches else []


def run_errors(run: RunResult, data_of: DataOf) -> list[StretchErrors]:
    """Return the errors of the mean over the repeats of each stretch, oldest stretch first."""
    return [_errors(run, repeats, data_of) for repeats in stretches_of(run).values()]


def _errors(run: RunResult, repeats: Sequence[int], data_of: DataOf) -> StretchErrors:
    data = data_of(repeats[0])
    part = kept_part(data, run.sample_indices)
    said = np.mean([data.in_unit(part, run.sample_outputs[repeat]) for repeat in repeats], axis=0)
    return StretchErrors.of(data, part, said - data.in_unit(part, part.targets))


def quantile_coverage(run: RunResult, data_of: DataOf) -> Coverage | None:
    """Return how many test values lay between the outer quantiles of the mean over the repeats of each stretch.

    No network was trained on the stretch that it is tested on. None where no quantiles are predicted.
    """
    held = points = 0
    for repeats in stretches_of(run).values():
        data = data_of(repeats[0])
        if not data.quantiles:
            return None
        part = kept_part(data, run.sample_indices)
        said = np.mean([data.quantiles_in_unit(part, run.sample_outputs[repeat]) for repeat in repeats], axis=0)
        found = inside(data.in_unit(part, part.targets), said)
        held, points = held + int(found.sum()), points + found.size
    return Coverage(level=BAND / 100, held=held, points=points)


def by_series(stretches: Sequence[StretchErrors], measure: Callable[[Array], Array], asked: Array) -> Array:
    """Return `(U,)` a measure of the errors of each asked series, output by output; NaN where a series was not tested.

    Args:
        stretches: Errors.
        measure: `(n, O)` errors to `(O,)`.
        asked: `(N,)` numbers of the series that are forecast.
    """
    values = np.concatenate([one.values for one in stretches])
    series = np.concatenate([one.series for one in stretches])
    found = [values[series == number] for number in asked]
    return np.concatenate([measure(own) if len(own) else np.full(values.shape[1], np.nan) for own in found])
