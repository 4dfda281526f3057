"""Conformal intervals hold at their level if errors are exchangeable, and are not offered with too few errors."""

import numpy as np
import pytest

from models.analysis.conformal import (
    LEVELS,
    Coverage,
    fewest_errors,
    half_width,
    held_out_coverage,
    offered_levels,
)


@pytest.mark.parametrize(("level", "expected"), [(0.5, 1), (0.8, 4), (0.9, 9)])
def test_fewest_errors_by_hand(level: float, expected: int) -> None:
    """The rank (n + 1) times the level must exist: 9 errors for 90 %."""
    assert fewest_errors(level) == expected
    assert half_width(np.ones((expected - 1, 2)), level) is None
    assert half_width(np.ones((expected, 2)), level) is not None


def test_half_width_is_the_ranked_error() -> None:
    """Of 1 to 9, 90 % takes the largest and 50 % the fifth, whatever the signs, output by output."""
    errors = np.array([[(-1) ** n * n, 10.0 * n] for n in range(1, 10)])
    assert half_width(errors, 0.9).tolist() == [9.0, 90.0]
    assert half_width(errors, 0.5).tolist() == [5.0, 50.0]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("draw", ["normal", "exponential", "standard_cauchy"])
def test_exchangeable_errors_are_covered(level: float, draw: str) -> None:
    """Over 4,000 draws of 19 errors and a new one, the interval holds at least its share and no more than 6 % above."""
    rng = np.random.default_rng(3)
    errors = getattr(rng, draw)(size=(4000, 20))
    held = np.mean([abs(row[19]) <= half_width(row[:19, None], level)[0] for row in errors])
    assert level - 0.02 < held < level + 0.06


def test_levels_follow_the_number_of_errors() -> None:
    """A level with too few errors is not offered."""
    assert [offered_levels(count) for count in (0, 1, 4, 9)] == [(), (0.5,), (0.5, 0.8), LEVELS]


def test_coverage_counts_points_after_their_width() -> None:
    """The first stretch only gives a width; an error as large as the largest before it is inside."""
    stretches = [np.full((9, 1), 2.0), np.array([[1.0], [2.0], [3.0]]), np.array([[3.0]])]
    found = held_out_coverage(stretches, 0.9)
    assert (found.held, found.points) == (3, 4)
    assert found.share == pytest.approx(0.75)
    assert found.sentence() == "The 90% band held 3 of 4 points that took no part in its width."
    assert np.isnan(Coverage(level=0.9, held=0, points=0).share)
