"""The four outcomes of a test."""

import numpy as np
import pytest

from models.analysis.outcomes import compare_differences, margin_of

NOISE = np.array([0.01, -0.02, 0.03, 0.0, -0.01, 0.02, 0.015, -0.005, 0.012, -0.017])


@pytest.mark.parametrize(
    ("differences", "margin", "outcome"),
    [
        (NOISE + 0.2, 0.05, "better"),
        (NOISE + 0.02, 0.05, "better"),
        (NOISE, 0.05, "same"),
        (NOISE, 0.001, "too_close"),
        (NOISE[:5] + 9, 0.05, "too_few"),
        (NOISE[:5], 99.0, "too_few"),
        ([], 0.05, "too_few"),
        ([0.0] * 8, 0.01, "same"),
    ],
)
def test_outcome_follows_test_interval_and_margin(differences: object, margin: float, outcome: str) -> None:
    """A claim needs the test, equality needs the interval within the margin, and few repeats allow neither."""
    (tested,) = compare_differences([differences], [margin])
    assert tested.outcome == outcome


def test_better_by_less_than_the_margin_is_marked() -> None:
    """A sure difference of 0.02 does not matter where only 0.05 does."""
    small, large = compare_differences([NOISE + 0.02, NOISE + 0.2], [0.05, 0.05])
    assert (small.outcome, small.matters) == ("better", False)
    assert (large.outcome, large.matters) == ("better", True)


def test_several_comparisons_are_corrected_together() -> None:
    """Six repeats whose differences agree are a claim alone; three such comparisons are none, and too few to be any."""
    six = NOISE[:6] + 1
    (alone,) = compare_differences([six], [0.01])
    assert alone.outcome == "better"
    for tested in compare_differences([six] * 3, [0.01] * 3):
        assert (tested.p, tested.corrected_p, tested.outcome) == (0.03125, 0.09375, "too_few")
        assert tested.repeats_needed == 7


def test_interval_of_several_comparisons_agrees_with_the_corrected_test() -> None:
    """In 200 random trios an interval excludes zero exactly where the corrected test claims a difference."""
    generator = np.random.default_rng(4)
    for _ in range(200):
        samples = generator.normal(loc=generator.choice([0, 0.8], (3, 1)), size=(3, 9))
        for tested in compare_differences(list(samples), [0.1] * 3):
            assert tested.interval is not None
            assert (tested.outcome == "better") == (not tested.interval[0] <= 0 <= tested.interval[1])


def test_open_outcomes_say_how_many_repeats_would_decide() -> None:
    """The cheaper way counts: a claim if there is a difference, or the margin if there is none."""
    far, near = compare_differences([NOISE + 0.008], [0.0001])[0], compare_differences([NOISE], [0.011])[0]
    assert (far.outcome, near.outcome) == ("too_close", "too_close")
    assert far.repeats_needed is not None
    assert near.repeats_needed is not None
    assert near.repeats_needed > 10


@pytest.mark.parametrize(
    ("means", "settings", "margin"),
    [
        ((16.0, 18.0), {"share": False}, 0.32),
        ((16.0, 18.0), {"share": False, "percent": 5.0}, 0.8),
        ((16.0, 18.0), {"share": False, "higher_is_better": True}, 0.36),
        ((0.9, 0.8), {"share": True}, 0.01),
        ((0.9, 0.8), {"share": True, "percent": 3.0}, 0.03),
        ((float("nan"), 2.0), {"share": False}, 0.04),
        ((float("nan"),), {"share": False}, 0.0),
    ],
)
def test_margin_is_relative_for_errors_and_in_points_for_shares(
    means: tuple[float, ...], settings: dict[str, object], margin: float
) -> None:
    """2 % of the better mean, or one percentage point, unless asked otherwise."""
    assert margin_of(means, **settings) == pytest.approx(margin)
