"""The check of coverage counts what it says."""

import numpy as np
import pytest

from tests.forecast.coverage import Held, _held, _mean, measure
from tests.verdict.series import every_series


def test_widths_come_from_earlier_stretches_alone() -> None:
    """Nine errors of 1 to 9 give a width of 9 at 90 % and of 8 at 80 %; a wild last stretch changes neither."""
    earlier = np.arange(1.0, 10.0).reshape(-1, 1)
    held = _held([earlier, np.array([[8.5], [-7.0], [50.0], [0.0]])])
    assert held.width == {0.8: 16.0, 0.9: 18.0}
    assert held.covered == {0.8: 0.5, 0.9: 0.75}


def test_mean_width_is_geometric() -> None:
    """Half as wide and twice as wide are as wide in the mean."""
    naive = Held(covered={0.8: 1.0, 0.9: 1.0}, width={0.8: 1.0, 0.9: 1.0})
    own = [
        Held(covered={0.8: cover, 0.9: 0.9}, width={0.8: width, 0.9: 1.0}) for cover, width in ((0.7, 0.5), (0.9, 2.0))
    ]
    mean = _mean(own, [{"naive": naive}] * 2)
    assert mean.covered[0.8] == pytest.approx(0.8)
    assert mean.width[0.8] == pytest.approx(1.0)


@pytest.mark.slow
def test_a_series_is_measured() -> None:
    """Both architectures and the naive interval have coverage and width at both levels."""
    (series,) = [one for one in every_series() if one.name == "AR(1), draw 1"]
    for held in measure(series).values():
        assert set(held.covered) == {0.8, 0.9}
        assert held.width[0.9] >= held.width[0.8] > 0
