"""The statistics against worked examples and by simulation."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.analysis.statistics import (
    LEVEL,
    MAX_EXACT,
    SAMPLED_PATTERNS,
    fisher_p,
    flips,
    holm,
    holm_levels,
    interval,
    joint_p,
    min_repeats,
    repeats_to_claim,
    repeats_to_equate,
    sign_flip_p,
    smallest_p,
)

# Darwin's cross- and self-fertilised maize, differences in eighths of an inch (Fisher 1935, section 21).
DARWIN = np.array([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48], dtype=np.float64)
FEW = st.lists(st.integers(-9, 9), min_size=1, max_size=8)


def test_sampled_sign_flips_come_near_fishers_worked_example() -> None:
    """Fisher counted p = 2 * 863 / 2^15 for Darwin's 15 pairs; the sample of patterns is off by its own error only."""
    exact = 2 * 863 / 2**15
    error = math.sqrt(exact * (1 - exact) / (SAMPLED_PATTERNS / 2))
    assert abs(float(sign_flip_p(DARWIN)) - exact) < 3 * error


def test_flips_are_every_pattern_or_a_fixed_sample() -> None:
    """Up to twelve repeats all patterns with the first sign kept; above, as many as promised, the first flipping none."""
    assert len(np.unique(flips(5), axis=0)) == 16
    assert not flips(5)[:, 0].any()
    sampled = flips(MAX_EXACT + 1)
    assert 2 * len(sampled) == SAMPLED_PATTERNS
    assert not sampled[0].any()
    assert not sampled[:, 0].any()


@given(FEW)
@settings(max_examples=60, deadline=None)
def test_sign_flip_p_equals_counting_by_hand(differences: list[int]) -> None:
    """The p value is the share of all patterns of signs whose sum is at least as far from zero."""
    sums = np.array([np.dot(signs, differences) for signs in itertools.product((1, -1), repeat=len(differences))])
    assert float(sign_flip_p(differences)) == pytest.approx(np.mean(abs(sums) >= abs(sum(differences))), abs=1e-12)


def test_sign_flip_p_tests_many_sets_at_once() -> None:
    """Every row has the p that it has alone."""
    rows = np.random.default_rng(1).normal(size=(3, 2, 7))
    together = sign_flip_p(rows)
    assert together.shape == (3, 2)
    assert together[2, 1] == float(sign_flip_p(rows[2, 1]))


@pytest.mark.parametrize(
    ("repeats", "expected"), [(0, 1.0), (1, 1.0), (3, 0.25), (5, 0.0625), (6, 0.03125), (10, 2 / 1024)]
)
def test_smallest_p_is_what_differences_of_one_sign_reach(repeats: int, expected: float) -> None:
    """The smallest p is 2 / 2^n, and differences that all have one sign reach it."""
    assert smallest_p(repeats) == expected
    if repeats:
        assert float(sign_flip_p(np.arange(1, repeats + 1))) == pytest.approx(expected)


def test_min_repeats_grows_with_the_pairs() -> None:
    """One pair needs 6 repeats; three need 7, since 2/64 is above 0.05 / 3 and 2/128 is not."""
    assert [min_repeats(LEVEL / pairs) for pairs in (1, 3, 6, 28)] == [6, 7, 8, 11]


def test_interval_equals_a_search_over_shifts() -> None:
    """On a fine grid, the shifts that the test does not reject are those between the ends, and no others."""
    values = np.array([0.3, -0.1, 0.8, 0.5, 0.2, 0.9, 0.4])
    found = interval(values, 0.95)
    assert found is not None
    grid = np.linspace(-1, 2, 3001)
    kept = grid[sign_flip_p(values - grid[:, None]) >= LEVEL]
    assert kept.min() == pytest.approx(found[0], abs=2e-3)
    assert kept.max() == pytest.approx(found[1], abs=2e-3)


@given(st.lists(st.floats(-5, 5), min_size=6, max_size=10), st.sampled_from([0.9, 0.95, 0.98]))
@settings(max_examples=60, deadline=None)
def test_interval_and_test_never_disagree(differences: list[float], confidence: float) -> None:
    """Zero lies outside the interval exactly if the test rejects at the same level."""
    found = interval(differences, confidence)
    rejected = float(sign_flip_p(differences)) < 1 - confidence - 1e-12
    if found is None:
        assert not rejected
    elif not any(abs(end) < 1e-9 for end in found):
        assert rejected == (not found[0] <= 0 <= found[1])


@pytest.mark.parametrize(
    ("repeats", "confidence", "exists"), [(5, 0.95, False), (6, 0.95, True), (4, 0.9, False), (5, 0.9, True)]
)
def test_interval_exists_only_where_the_test_can_reject(repeats: int, confidence: float, exists: bool) -> None:
    """So few repeats reject no shift, and have no interval; six at 95 % have the smallest and the largest difference."""
    found = interval(np.arange(repeats, dtype=np.float64), confidence)
    assert found == ((0.0, repeats - 1.0) if exists else None)


def test_holm_equals_a_worked_example() -> None:
    """0.01, 0.04, 0.03, 0.005 become 0.03, 0.06, 0.06, 0.02 (Holm 1979's procedure by hand)."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([]) == ()


@given(st.lists(st.floats(0.0005, 1), min_size=1, max_size=6))
def test_holm_levels_reject_what_holm_rejects(p_values: list[float]) -> None:
    """An uncorrected p lies below its level exactly if its corrected one lies below the common level."""
    by_level = [p < level for p, level in zip(p_values, holm_levels(p_values), strict=True)]
    near = [abs(p * factor - LEVEL) < 1e-12 for p in p_values for factor in range(1, 7)]
    if not any(near):
        assert by_level == [p < LEVEL for p in holm(p_values)]


@pytest.mark.parametrize("solved", [(8, 3), (0, 0), (8, 8), (5, 4), (0, 8)])
def test_fisher_p_equals_scipys(solved: tuple[int, int]) -> None:
    """Eight of eight against three of eight is p = 0.026."""
    table = [[solved[0], 8 - solved[0]], [solved[1], 8 - solved[1]]]
    assert fisher_p(solved, (8, 8)) == pytest.approx(stats.fisher_exact(table).pvalue)
    assert fisher_p((8, 3), (8, 8)) == pytest.approx(0.0256, abs=1e-4)


def test_repeats_to_claim_fall_with_the_effect_and_never_below_six() -> None:
    """A difference of one standard deviation needs about 10 pairs for 80 % power (t test tables: 10)."""
    standard = np.array([-1.0, 0.0, 1.0])
    assert repeats_to_claim(standard + 1.0) == 10
    assert repeats_to_claim(standard + 9.0) == 6
    assert repeats_to_claim(standard + 0.5) == 34
    assert repeats_to_claim(standard) is None
    assert repeats_to_claim([1.0, 2.0]) is None


def test_repeats_to_equate_grow_as_the_margin_gets_closer() -> None:
    """A margin of one deviation needs about ten repeats; a difference beyond the margin is never shown to be none."""
    standard = np.array([-1.0, 0.0, 1.0])
    wide, narrow = repeats_to_equate(standard, 1.0), repeats_to_equate(standard, 0.5)
    assert wide is not None
    assert narrow is not None
    assert 8 <= wide <= 12
    assert narrow > 3 * wide
    assert repeats_to_equate(standard + 2.0, 1.0) is None


@pytest.mark.parametrize("repeats", [6, 8, 10])
def test_claims_over_all_patterns_of_signs_stay_at_the_level(repeats: int) -> None:
    """Free of chance: for identical models every pattern of signs is equally likely, and at most 5 % lead to a claim."""
    sizes = np.random.default_rng(0).exponential(size=repeats)
    patterns = np.array(list(itertools.product((1, -1), repeat=repeats))) * sizes
    assert 0.03 < np.mean(sign_flip_p(patterns) < LEVEL) <= LEVEL


def test_sampled_patterns_hold_the_level() -> None:
    """Over 2,000 pairs of identical models with 16 repeats the share of claims stays near the stated level."""
    differences = np.random.default_rng(5).normal(size=(2000, 16))
    assert np.mean(sign_flip_p(differences) < LEVEL) <= LEVEL + 3 * math.sqrt(LEVEL * (1 - LEVEL) / 2000)


def test_a_difference_of_one_deviation_is_found_with_ten_repeats() -> None:
    """Of 2,000 pairs that differ by one standard deviation of the paired difference, more than 70 % are found."""
    differences = np.random.default_rng(8).normal(loc=1.0, size=(2000, 10))
    assert np.mean(sign_flip_p(differences) < LEVEL) > 0.7


def test_joint_p_of_one_test_is_its_own() -> None:
    """There is nothing to correct."""
    values = np.random.default_rng(0).normal(0.4, 1, (1, 9))
    assert joint_p(values) == pytest.approx(sign_flip_p(values))


def test_joint_p_can_be_as_small_with_many_tests_as_with_one() -> None:
    """Twenty tests that all agree in eight repeats; Holm's procedure would give 20 times as much."""
    values = 1 + 0.1 * np.random.default_rng(1).random((20, 8))
    assert set(joint_p(values)) == {2 / 2**8}
    assert max(holm([2 / 2**8] * 20)) > 0.05


@pytest.mark.parametrize("seed", range(10))
def test_joint_p_is_never_below_the_uncorrected_and_keeps_the_order(seed: int) -> None:
    """A stronger test never has the larger p."""
    values = np.random.default_rng(seed).normal(0.3, 1, (5, 7))
    corrected, alone = np.array(joint_p(values)), sign_flip_p(values)
    assert np.all(corrected >= alone - 1e-12)
    strength = np.abs(values.sum(axis=1)) / np.sqrt((values**2).sum(axis=1))
    assert np.all(np.diff(corrected[np.argsort(-strength)]) >= -1e-12)


def test_joint_p_claims_anything_among_six_true_nulls_in_five_of_a_hundred_cases() -> None:
    """The tests depend on one another, as mechanisms of one advantage do."""
    draws = np.random.default_rng(2)
    claims = 0
    for _ in range(1_000):
        shared = draws.normal(size=(1, 9))
        claims += min(joint_p(0.7 * shared + draws.normal(size=(6, 9)))) < 0.05
    assert claims / 1_000 < 0.07


def test_joint_p_of_equal_scores_is_one() -> None:
    """No difference in any repeat says nothing."""
    assert joint_p(np.zeros((2, 6))) == (1.0, 1.0)
