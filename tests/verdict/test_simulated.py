"""Short forms of `python -m tests.verdict`: what the verdict promises about chance, on few trials."""

import pytest

from tests.verdict import simulated
from tests.verdict.shapes import SHAPES


@pytest.mark.slow
@pytest.mark.parametrize("name", list(SHAPES))
@pytest.mark.parametrize("repeats", [6, 8, 12])
def test_interval_holds_the_true_difference_as_often_as_it_says(name: str, repeats: int) -> None:
    """95 % of 600 intervals, give or take three standard errors, whatever the shape of the scores."""
    assert 0.92 <= simulated.covered(SHAPES[name], repeats, 600) <= 0.995


@pytest.mark.parametrize("architectures", [2, 3, 7])
def test_identical_architectures_are_rarely_told_apart(architectures: int) -> None:
    """Over 600 comparisons with twelve repeats, a claim about any pair stays at 5 % plus three standard errors."""
    assert simulated.any_claim(architectures, 12, 600) <= 0.05 + 3 * (0.05 * 0.95 / 600) ** 0.5


def test_a_difference_as_large_as_the_margin_is_rarely_called_the_same() -> None:
    """Two one-sided tests at 5 %: at most 5 % of 400, plus three standard errors."""
    assert simulated.same(1.0, 8, 400, difference=1.0) <= 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5


@pytest.mark.slow
@pytest.mark.parametrize("row", [0, 1])
def test_networks_that_learned_nothing_do_not_beat_the_mean(row: int) -> None:
    """Constant guesses, on data of their own or on one test part: at most 5 % of 300 beat it, plus three errors."""
    rows = list(simulated.nothing_learned(300))
    assert float(rows[row][1].removesuffix(" %")) <= 5 + 3 * (5 * 95 / 300) ** 0.5
