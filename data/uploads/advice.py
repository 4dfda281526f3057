"""Suggest settings from a series' numbers: differencing, season, window; and find inputs that leak the target."""

from dataclasses import dataclass

import numpy as np

from data.calendar_steps import Step
from data.task import Array

_SEASONS = {
    "year": (),
    "quarter": (4,),
    "month": (12,),
    "week": (52,),
    "working day": (5, 252),
    "day": (7, 365),
    "hour": (24, 168),
    "minute": (60, 1_440),
    "second": (60, 3_600),
}
_STRONG = 0.3  # minimum autocorrelation of a season
_MAX_ROWS = 20_000  # rows in which to look for a season
_LAGS = 30
_NEARLY = 0.9  # of the highest autocorrelation; twice a season is often about as high, so the shorter one wins
_COPY = 0.9999
_WINDOW = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """An input that leaks the target.

    Attributes:
        column: Name of the input.
        lag: Rows by which the input leads the target; 0 for the same row.
        words: What it does, as the end of a sentence that begins with the column.
    """

    column: str
    lag: int
    words: str


def only_grows(values: Array) -> bool:
    """Return whether numbers never fall and end far above their start, as totals do."""
    present = values[~np.isnan(values)]
    steps = np.diff(present)
    return len(present) > 20 and bool((steps >= 0).all()) and bool((steps > 0).mean() > 0.3)


def find_season(values: Array, step: Step) -> tuple[int, float]:
    """Find the season of a series by its autocorrelation, after removing a linear trend.

    Args:
        values: `(L,)` numbers, NaN where missing.
        step: The step of its time.

    Returns:
        Rows of a season (0 without one) and the autocorrelation at it.
    """
    known = values[-_MAX_ROWS:]
    known = np.where(np.isnan(known), np.nanmean(known) if np.isfinite(known).any() else 0.0, known)
    if len(known) < 16 or np.ptp(known) == 0:
        return 0, 0.0
    rows = np.arange(len(known))
    detrended = known - np.polyval(np.polyfit(rows, known, 1), rows)
    correlations = autocorrelation(detrended)
    usual = [size // step.count for size in _SEASONS.get(step.unit, ()) if step.count and size % step.count == 0]
    longest = len(known) // 3
    best = max((lag for lag in usual if 2 < lag <= longest), key=lambda lag: correlations[lag], default=0)
    if best and correlations[best] > _STRONG and _is_peak(correlations, best):
        return best, float(correlations[best])
    return _first_peak(correlations, min(longest, 1_000))


def autocorrelation(values: Array) -> Array:
    """Return the autocorrelation at every lag, by the fast Fourier transform."""
    size = 2 ** int(np.ceil(np.log2(2 * len(values))))
    spectrum = np.fft.rfft(values - values.mean(), size)
    products = np.fft.irfft(spectrum * np.conj(spectrum), size)[: len(values)]
    counts = np.arange(len(values), 0, -1)
    result: Array = (products / counts) / (products[0] / len(values) or 1.0)
    return result


def _is_peak(correlations: Array, lag: int) -> bool:
    return bool(correlations[lag] >= correlations[max(1, lag // 2)] and correlations[lag] >= correlations[lag - 1])


def _top(correlations: Array, lag: int) -> bool:
    """Return whether no neighbour of a lag is higher."""
    return bool(correlations[lag] >= correlations[max(0, lag - 1) : lag + 2].max())


def _first_peak(correlations: Array, longest: int) -> tuple[int, float]:
    """Return the first clear peak after the first valley."""
    below = np.flatnonzero(correlations[:longest] < 0)
    if not len(below) or below[0] >= longest - 2:
        return 0, 0.0
    start = int(below[0])
    best = float(correlations[start:longest].max())
    high = (lag for lag in range(start, longest) if correlations[lag] >= _NEARLY * best and _top(correlations, lag))
    lag = next(high, 0)
    inner = start < lag < longest - 1
    strong = float(correlations[lag]) > 1.5 * _STRONG
    return (lag, float(correlations[lag])) if inner and strong and lag > 2 else (0, 0.0)


def fitting_window(rows: int, season: int) -> int:
    """Return a suitable window: a season or 24 rows, or fewer so that validation and test keep samples."""
    wanted = min(max(season, _WINDOW), 168) if season <= 168 else _WINDOW
    return max(2, min(wanted, int(rows * 0.7) - 51, rows // 4))


def largest_window(rows: int, horizon: int) -> int:
    """Return the largest window that leaves two samples in the training part; below 2 if there is none."""
    return int(rows * 0.7) - horizon - 1


def find_leaks(values: Array, names: tuple[str, ...], target: str) -> tuple[Leak, ...]:
    """Find inputs that contain the target of the same or a later row.

    Args:
        values: `(L, C)` numbers.
        names: Names of the columns.
        target: The target's name.
    """
    answer = values[:, names.index(target)]
    found: list[Leak] = []
    for index, name in enumerate(names):
        if name != target:
            leak = _leak(name, values[:, index], answer, _LAGS)
            found += [leak] if leak else []
    return tuple(found) or _mixture(values, names, target)


def _leak(name: str, column: Array, answer: Array, lags: int) -> Leak | None:
    if np.array_equal(column, answer, equal_nan=True):
        return Leak(column=name, lag=0, words="equals the target in every row")
    for ahead in range(1, min(lags, len(answer) // 3) + 1):
        if _same(column[:-ahead], answer[ahead:]):
            return Leak(
                column=name, lag=ahead, words=f"holds the target of {ahead} {'row' if ahead == 1 else 'rows'} later"
            )
    if _correlation(column, answer) > _COPY and _correlation(np.diff(column), np.diff(answer)) > 0.999:
        return Leak(column=name, lag=0, words="is proportional to the target, as in another unit")
    return None


def _same(early: Array, late: Array) -> bool:
    both = ~(np.isnan(early) | np.isnan(late))
    if both.sum() < 8 or np.ptp(late[both]) == 0:
        return False
    return bool(np.mean(np.isclose(early[both], late[both], rtol=1e-9, atol=1e-12)) > 0.98)


def _correlation(one: Array, other: Array) -> float:
    both = ~(np.isnan(one) | np.isnan(other))
    a, b = one[both], other[both]
    if len(a) < 8 or a.std() == 0 or b.std() == 0:
        return 0.0
    return abs(float(np.mean((a - a.mean()) * (b - b.mean())) / (a.std() * b.std())))


def _mixture(values: Array, names: tuple[str, ...], target: str) -> tuple[Leak, ...]:
    """Find two inputs of which the target is a sum of shares in the same row, such as the mean of a range."""
    place = names.index(target)
    rest = [index for index in range(len(names)) if index != place][:30]
    whole = values[~np.isnan(values).any(axis=1)]
    if len(whole) < 30 or len(rest) < 2 or whole[:, place].std() == 0:
        return ()
    answer = whole[:, place] - whole[:, place].mean()
    for first in rest:
        for second in rest[rest.index(first) + 1 :]:
            design = whole[:, [first, second]] - whole[:, [first, second]].mean(axis=0)
            weights, *_ = np.linalg.lstsq(design, answer, rcond=None)
            unexplained = np.mean((answer - design @ weights) ** 2) / np.mean(answer**2)
            if unexplained < 0.001 and np.abs(weights).min() > 0.05:
                words = f"gives the target of the same row together with `{names[second]}`"
                return (Leak(column=names[first], lag=0, words=words),)
    return ()
