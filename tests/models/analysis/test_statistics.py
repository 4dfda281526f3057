"""The statistics against worked examples and by simulation."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.analysis.statistics import (
    LEVEL,
    bootstrap_interval,
    fewest_for_claim,
    holm,
    may_claim,
    seeds_needed,
    sign_flip_p,
    smallest_p,
)

# Darwin's cross- and self-fertilised maize, differences in eighths of an inch (Fisher 1935, section 21).
DARWIN = np.array([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48], dtype=np.float64)


def test_sign_flip_p_equals_fishers_worked_example() -> None:
    """Fisher counted 863 sign patterns of 2^15 on one side as large a sum as Darwin's, which is p = 0.0527."""
    assert float(sign_flip_p(DARWIN)) == pytest.approx(2 * 863 / 2**15, abs=1e-12)


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=7))
@settings(max_examples=40, deadline=None)
def test_sign_flip_p_equals_counting_by_hand(differences: list[int]) -> None:
    """The p value equals twice the smaller tail counted over all patterns of signs."""
    sums = np.array([np.dot(signs, differences) for signs in itertools.product((1, -1), repeat=len(differences))])
    observed = sum(differences)
    tail = min(np.mean(sums >= observed), np.mean(sums <= observed))
    assert float(sign_flip_p(differences)) == pytest.approx(min(1.0, 2 * tail), abs=1e-12)


@pytest.mark.parametrize(("seeds", "expected"), [(1, 1.0), (3, 0.25), (5, 0.0625), (6, 0.03125), (10, 2 / 1024)])
def test_smallest_p_is_what_differences_of_one_sign_reach(seeds: int, expected: float) -> None:
    """The smallest p is 2 / 2^n, and differences that all have one sign reach it."""
    assert smallest_p(seeds) == expected
    if seeds > 1:
        assert float(sign_flip_p(np.arange(1, seeds + 1))) == pytest.approx(expected)


def test_bootstrap_interval_is_deterministic_and_brackets_the_mean() -> None:
    """The same differences have the same interval; Darwin's maize has one like the literature's (4 to 37 by Student)."""
    first, second = bootstrap_interval(DARWIN), bootstrap_interval(DARWIN)
    assert first == second
    assert first is not None
    assert -3 < first[0] < 8 < DARWIN.mean() < first[1] < 40


@pytest.mark.parametrize(("differences", "expected"), [([1.0], None), ([1.0, 2.0], None), ([0.5] * 4, (0.5, 0.5))])
def test_bootstrap_interval_of_too_few_or_equal_differences(
    differences: list[float], expected: tuple[float, float] | None
) -> None:
    """Below three differences there is no interval; equal differences have no width."""
    assert bootstrap_interval(differences) == expected


def test_holm_equals_a_worked_example() -> None:
    """0.01, 0.04, 0.03, 0.005 become 0.03, 0.06, 0.06, 0.02 (Holm 1979's procedure by hand)."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([]) == ()


def test_may_claim_needs_six_seeds() -> None:
    """A small p alone is not enough."""
    assert not may_claim(0.001, 5)
    assert may_claim(0.049, 6)
    assert not may_claim(0.05, 6)


def test_fewest_for_claim_grows_with_the_pairs() -> None:
    """One pair needs 6 seeds; three need 7, since 3 x 2/64 is above 0.05 and 3 x 2/128 is not."""
    assert [fewest_for_claim(pairs) for pairs in (1, 3, 6, 28)] == [6, 7, 8, 11]


def test_seeds_needed_falls_with_the_effect_and_never_below_six() -> None:
    """A difference of one standard deviation needs about 10 pairs for 80 % power (t test tables: 10)."""
    standard = np.array([-1.0, 0.0, 1.0])
    assert seeds_needed(standard + 1.0) == 10
    assert seeds_needed(standard + 9.0) == 6
    assert seeds_needed(standard + 0.5) == 34
    assert seeds_needed(standard + 1e-3) is None
    assert seeds_needed([1.0, 2.0]) is None


@pytest.mark.parametrize("seeds", [6, 8, 10])
def test_identical_models_are_rarely_told_apart(seeds: int) -> None:
    """Over 2,000 pairs of identical models the share of claims stays at the stated level."""
    generator = np.random.default_rng(seeds)
    differences = generator.normal(size=(2000, seeds)) - generator.normal(size=(2000, seeds))
    assert np.mean(may_claim(sign_flip_p(differences), seeds)) <= LEVEL


@pytest.mark.parametrize("seeds", [6, 8, 10])
def test_claims_over_all_patterns_of_signs_stay_at_the_level(seeds: int) -> None:
    """Free of chance: for identical models every pattern of signs is equally likely, and at most 5 % lead to a claim."""
    sizes = np.random.default_rng(0).exponential(size=seeds)
    patterns = np.array(list(itertools.product((1, -1), repeat=seeds))) * sizes
    share = np.mean(may_claim(sign_flip_p(patterns), seeds))
    assert 0.03 < share <= LEVEL


def test_a_difference_of_one_deviation_is_found_with_ten_seeds() -> None:
    """Of 2,000 pairs that differ by one standard deviation of the paired difference, more than 70 % are found."""
    differences = np.random.default_rng(8).normal(loc=1.0, size=(2000, 10))
    assert np.mean(may_claim(sign_flip_p(differences), 10)) > 0.7
