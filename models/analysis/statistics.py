"""The statistics of a comparison: paired differences over seeds, scipy's routines, and nothing random.

Axes: n seeds, the last axis everywhere.
"""

import math
import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LEVEL = 0.05  # of a claim, after correction for several pairs
CONFIDENCE = 0.95
POWER = 0.8  # with which a planned number of seeds finds the difference
MIN_FOR_CLAIM = 6  # below, the smallest possible p of the sign-flip test is above LEVEL
MIN_FOR_INTERVAL = 3
RESAMPLES = 9_999
MAX_SEEDS_NAMED = 1_000


def smallest_p(seeds: int) -> float:
    """Return the smallest two-sided p that a sign-flip test over so many pairs can have: 2 / 2^n, at most 1."""
    return min(1.0, 2.0 ** (1 - seeds))


def sign_flip_p(differences: ArrayLike) -> Floats:
    """Test whether paired differences are symmetric around zero, exactly: every pattern of signs is tried.

    If two models were equally good, the sign of each difference would be a coin's toss. No normality is assumed.

    Args:
        differences: `(..., n)` with 2 <= n <= 20 or so; the time grows as 2^n.

    Returns:
        Two-sided p, `(...)`.
    """
    from scipy import stats  # takes longer to import than all the rest: not before it is needed

    values = np.asarray(differences, dtype=np.float64)
    outcome = stats.permutation_test(
        (values,), _mean, permutation_type="samples", n_resamples=np.inf, vectorized=True, axis=-1, batch=256
    )
    return np.asarray(np.minimum(outcome.pvalue, 1.0), dtype=np.float64)


def _mean(values: Floats, axis: int = -1) -> Floats:
    return np.asarray(np.mean(values, axis=axis))


def bootstrap_interval(differences: ArrayLike) -> tuple[float, float] | None:
    """Return the BCa bootstrap interval of the mean difference at `CONFIDENCE`; None below three differences.

    The resampling is seeded, so that the same differences have the same interval everywhere. Source: Efron 1987,
    "Better Bootstrap Confidence Intervals".

    Args:
        differences: `(n,)`.
    """
    from scipy import stats

    values = np.asarray(differences, dtype=np.float64)
    if len(values) < MIN_FOR_INTERVAL:
        return None
    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # degenerate resamples of few values; what comes out is checked below
        interval = stats.bootstrap(
            (values,), _mean, confidence_level=CONFIDENCE, n_resamples=RESAMPLES, rng=np.random.default_rng(0)
        ).confidence_interval
    low, high = float(interval.low), float(interval.high)
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Correct p values of several comparisons so that the chance of any false claim stays at the level.

    Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure". scipy 1.17 corrects the false
    discovery rate only.
    """
    order = np.argsort(p_values)
    factors = np.arange(len(p_values), 0, -1)
    stepped = np.maximum.accumulate(np.asarray(p_values, dtype=np.float64)[order] * factors)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(stepped, 1.0)
    return tuple(float(value) for value in corrected)


def fewest_for_claim(pairs: int = 1) -> int:
    """Return how many seeds a claim needs at least, so that the smallest p is below the level after the correction."""
    return max(MIN_FOR_CLAIM, math.floor(1 - math.log2(LEVEL / pairs)) + 1)


def may_claim(p: ArrayLike, seeds: int) -> NDArray[np.bool_]:
    """Say whether corrected p values allow the claim of a difference."""
    return (np.asarray(p) < LEVEL) & (seeds >= MIN_FOR_CLAIM)


def seeds_needed(differences: ArrayLike, pairs: int = 1) -> int | None:
    """Estimate how many paired seeds would find a difference of this size with a chance of `POWER`.

    Normal approximation of the paired test with Guenther's correction (1981), n = ((z_a + z_b) / d)^2 + z_a^2 / 2
    with d = |mean| / standard deviation. With few seeds d itself is rough, and so is the answer.

    Args:
        differences: `(n,)`.
        pairs: Comparisons in all; the level of the strictest of Holm's steps is used.

    Returns:
        At least `fewest_for_claim`; None below three differences, for a
        mean of zero, or above `MAX_SEEDS_NAMED`.
    """
    from scipy import stats

    values = np.asarray(differences, dtype=np.float64)
    if len(values) < MIN_FOR_INTERVAL or np.mean(values) == 0:
        return None
    level = LEVEL / pairs
    effect = abs(float(np.mean(values))) / float(np.std(values, ddof=1)) if np.ptp(values) else math.inf
    z_level, z_power = stats.norm.ppf(1 - level / 2), stats.norm.ppf(POWER)
    needed = math.ceil(((z_level + z_power) / effect) ** 2 + z_level**2 / 2)
    return max(needed, fewest_for_claim(pairs)) if needed <= MAX_SEEDS_NAMED else None
