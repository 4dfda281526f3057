"""The statistics of a comparison: paired differences over repeats, tested by flipping their signs. Nothing is random.

Axes: n repeats, the last axis everywhere. If two models were equally good, each difference would be as likely to have the
opposite sign. The test asks how often a pattern of signs gives a mean at least as far from zero as the measured one; the interval
holds every shift that the same test does not reject, so the two never disagree.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LEVEL = 0.05  # significance level of a claim, after correction for several pairs
POWER = 0.8  # for which a number of repeats is planned
MAX_EXACT = 12  # repeats up to which every pattern of signs is tried
SAMPLED_PATTERNS = 20_000  # patterns tried above: a fixed random sample
_NORMAL = NormalDist()
_BATCH = 4_000_000  # numbers in memory at once
_TIE = 1e-12  # sums this close, relative to the sum of absolute differences, are equal


@lru_cache(maxsize=64)
def flips(repeats: int) -> NDArray[np.bool_]:
    """Return which differences each pattern flips, `(P, n)`: half of a symmetric set of patterns.

    The first difference is never flipped; the other half of the set flips exactly the differences that these do not. Up to
    `MAX_EXACT` repeats the set has all patterns; above, it is a fixed random sample of `SAMPLED_PATTERNS`. The first
    pattern flips nothing.
    """
    if repeats <= MAX_EXACT:
        numbers = np.arange(2 ** max(repeats - 1, 0))
        patterns = (numbers[:, None] >> np.arange(repeats)[::-1]) & 1
        return np.asarray(patterns, dtype=np.bool_)
    sample = np.random.default_rng(repeats).integers(0, 2, (SAMPLED_PATTERNS // 2, repeats)).astype(np.bool_)
    sample[:, 0], sample[0] = False, False
    return sample


def sign_flip_p(differences: ArrayLike) -> Floats:
    """Test whether paired differences are symmetric around zero. No normality is assumed.

    Args:
        differences: `(..., n)` with at least one.

    Returns:
        Two-sided p, `(...)`: the share of sign patterns whose mean is at least as far from zero.
    """
    values = np.asarray(differences, dtype=np.float64)
    rows = values.reshape(-1, values.shape[-1])
    weights: Floats = np.where(flips(rows.shape[1]), -1.0, 1.0)
    step = max(1, _BATCH // len(weights))
    parts = [_tail_share(rows[start : start + step], weights) for start in range(0, len(rows), step)]
    return np.concatenate(parts).reshape(values.shape[:-1]) if parts else np.empty(values.shape[:-1])


def _tail_share(rows: Floats, weights: Floats) -> Floats:
    least = np.abs(rows.sum(axis=1)) - _TIE * np.abs(rows).sum(axis=1)
    return np.asarray(np.mean(np.abs(rows @ weights.T) >= least[:, None], axis=1))


@lru_cache(maxsize=64)
def smallest_p(repeats: int) -> float:
    """Return the smallest two-sided p that a number of repeats can give: 2 / 2^n if every pattern is tried."""
    return float(sign_flip_p(np.ones(repeats))) if repeats > 0 else 1.0


def min_repeats(level: float = LEVEL) -> int:
    """Return the smallest number of repeats that can give a p below the level."""
    return next(repeats for repeats in range(1, 64) if smallest_p(repeats) < level)


def interval(differences: ArrayLike, confidence: float) -> tuple[float, float] | None:
    """Return every shift of the mean that the sign-flip test does not reject at `1 - confidence`.

    A shift mu is tested on the differences minus mu. A pattern counts against it on one side exactly if the mean of the
    differences that it flips lies on the other side of mu, so the ends are order statistics of means of subsets.

    Args:
        differences: `(n,)`.
        confidence: 0.95 for the interval of a test at 5 %.

    Returns:
        Lower and upper end, or None if n is too small for the test to reject any shift.
    """
    values = np.asarray(differences, dtype=np.float64)
    if not len(values):
        return None
    means = subset_means(values)
    patterns = 2 * len(flips(len(values)))
    # a shift is rejected on one side while fewer than this many patterns, the unflipped one included, count for it
    needed = math.ceil(patterns * (1 - confidence) / 2 - 1e-9)
    if needed < 2:
        return None
    return float(means[needed - 2]), float(means[-(needed - 1)])


def subset_means(values: Floats) -> Floats:
    """Return the sorted means of the differences that each pattern flips, without the pattern that flips none."""
    return np.sort(_subsets(len(values)) @ values)


@lru_cache(maxsize=8)
def _subsets(repeats: int) -> Floats:
    """Return weights `(P, n)` that average the differences each pattern flips; rows sum to one, the empty one is left out."""
    half = flips(repeats)
    chosen = np.concatenate([half, ~half]).astype(np.float64)
    counts = chosen.sum(axis=1, keepdims=True)
    return np.asarray(chosen[counts[:, 0] > 0] / counts[counts[:, 0] > 0])


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Correct p values of several comparisons so that the chance of any false claim stays at the level.

    Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure".
    """
    order = np.argsort(p_values)
    factors = np.arange(len(p_values), 0, -1)
    stepped = np.maximum.accumulate(np.asarray(p_values, dtype=np.float64)[order] * factors)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(stepped, 1.0)
    return tuple(float(value) for value in corrected)


def joint_p(differences: ArrayLike) -> tuple[float, ...]:
    """Correct sign-flip tests that share their repeats, without the loss of Holm's procedure: step-down max-T.

    The signs of a repeat are flipped in all tests together, and each statistic is compared with the largest among those that
    are not larger than it (Westfall and Young 1993, algorithm 2.8). So the smallest p stays 2 / 2^n, however many tests
    there are. The statistic is the mean divided by the root mean square, which flips do not change.

    Args:
        differences: `(m, n)`, m tests on n repeats.

    Returns:
        Two-sided corrected p of each test.
    """
    values = np.asarray(differences, dtype=np.float64)
    size = np.sqrt(np.sum(values**2, axis=1, keepdims=True))
    scaled = np.divide(values, size, out=np.zeros_like(values), where=size > 0)
    weights: Floats = np.where(flips(values.shape[1]), -1.0, 1.0)
    flipped = np.abs(scaled @ weights.T)  # (m, P)
    order = np.argsort(-np.abs(scaled.sum(axis=1)), kind="stable")
    corrected, last = np.empty(len(values)), 0.0
    for place, test in enumerate(order):
        largest = flipped[order[place:]].max(axis=0)
        last = max(last, float(np.mean(largest >= abs(scaled[test].sum()) - _TIE)))
        corrected[test] = last
    return tuple(float(p) for p in corrected)


def holm_levels(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return the level at which Holm's procedure tests each uncorrected p: `p < level` exactly if it rejects.

    The smallest p is tested at `LEVEL / m`, the next at `LEVEL / (m - 1)`, and so on; from the first that is not rejected
    the level stays. An interval at this level excludes zero exactly if the pair is claimed to differ.
    """
    levels = np.empty(len(p_values))
    factor, rejecting = len(p_values), True
    for place in np.argsort(p_values, kind="stable"):
        levels[place] = LEVEL / factor
        rejecting = rejecting and p_values[place] < levels[place]
        factor -= rejecting
    return tuple(float(level) for level in levels)


def fisher_p(solved: Sequence[int], repeats: Sequence[int]) -> float:
    """Return Fisher's exact two-sided p for two shares: `solved[i]` of `repeats[i]`.

    The total probability of tables with the same margins that are at most as likely as the observed one (Fisher 1935).
    """
    (first, second), total = repeats, sum(solved)
    low, high = max(0, total - second), min(first, total)
    ways = [math.comb(first, k) * math.comb(second, total - k) for k in range(low, high + 1)]
    seen = ways[solved[0] - low]
    return sum(way for way in ways if way <= seen) / sum(ways)


def repeats_to_claim(differences: ArrayLike, level: float = LEVEL) -> int | None:
    """Estimate how many repeats would find a difference of the observed size with probability `POWER`.

    Normal approximation of the paired test with Guenther's correction (1981), n = ((z_a + z_b) / d)^2 + z_a^2 / 2 with
    d = |mean| / standard deviation. With few repeats d is a rough estimate, and so is the result.

    Returns:
        At least `min_repeats(level)`; None below three differences or for a mean of zero.
    """
    values = np.asarray(differences, dtype=np.float64)
    if len(values) < 3 or np.mean(values) == 0:
        return None
    effect = abs(float(np.mean(values))) / float(np.std(values, ddof=1)) if np.ptp(values) else math.inf
    z_level, z_power = _NORMAL.inv_cdf(1 - level / 2), _NORMAL.inv_cdf(POWER)
    needed = math.ceil(((z_level + z_power) / effect) ** 2 + z_level**2 / 2)
    return max(int(needed), min_repeats(level))


def repeats_to_equate(differences: ArrayLike, margin: float) -> int | None:
    """Estimate how many repeats would put the 90 % interval inside the margin with probability `POWER`.

    Normal approximation of two one-sided tests at `LEVEL`, if the true difference is the observed one.

    Returns:
        At least `min_repeats()`; None below three differences, or if the observed difference is not within the margin.
    """
    values = np.asarray(differences, dtype=np.float64)
    room = margin - abs(float(np.mean(values))) if len(values) else 0.0
    if len(values) < 3 or room <= 0:
        return None
    z_level, z_power = _NORMAL.inv_cdf(1 - LEVEL), _NORMAL.inv_cdf((1 + POWER) / 2)
    needed: float = ((z_level + z_power) * float(np.std(values, ddof=1)) / room) ** 2 + z_level**2 / 2
    return max(math.ceil(needed), min_repeats())
