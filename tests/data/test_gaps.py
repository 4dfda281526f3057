"""Gaps are filled on lines that no window sees before it could know them."""

import numpy as np
import pytest

from data.forecast_windows import forecast_task
from data.gaps import History, fill_on_lines
from data.time_series import TimeSeries
from data.window_options import WindowPlan


def _gappy(seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    values = random.normal(size=(80, 2)).cumsum(axis=0)
    values[random.random((80, 2)) < 0.3] = np.nan
    values[[0, -1]] = random.normal(size=(2, 2))
    return values


def _task(values: np.ndarray, plan: WindowPlan):
    filled, gaps = fill_on_lines(values)
    series = TimeSeries(
        values=filled,
        columns=("a", "b"),
        positions=np.arange(len(values)),
        units=("", ""),
        season=4,
        filled=gaps,
    )
    return forecast_task(series, plan)


def test_fill_on_lines_fills_inside_only():
    """Values between measured ones lie on the line; before the first and behind the last nothing is invented."""
    values = np.array([[np.nan], [1.0], [np.nan], [np.nan], [4.0], [np.nan]])
    filled, gaps = fill_on_lines(values)
    np.testing.assert_array_equal(filled[1:5, 0], [1.0, 2.0, 3.0, 4.0])
    assert np.isnan(filled[[0, 5], 0]).all()
    assert gaps[:, 0].tolist() == [False, False, True, True, False, False]


def test_history_without_gaps_is_the_values():
    """A series without gaps is seen as it is."""
    values = np.arange(6.0)[:, None]
    seen = History.of(values, None).seen(np.array([[1, 2]]), np.array([3]))
    np.testing.assert_array_equal(seen[0, :, 0], [1.0, 2.0])


def test_history_shows_the_line_only_behind_the_gap():
    """A window that ends in a gap sees the last measured value; one that ends behind it sees the line."""
    filled, gaps = fill_on_lines(np.array([[0.0], [np.nan], [np.nan], [3.0], [5.0]]))
    history = History.of(filled, gaps)
    rows = np.array([[0, 1, 2], [1, 2, 3]])
    np.testing.assert_array_equal(history.seen(rows, np.array([3, 4]))[:, :, 0], [[0, 0, 0], [1, 2, 3]])


@pytest.mark.parametrize("differencing", ["none", "first", "seasonal"])
def test_forecast_windows_with_gaps_never_see_the_future(differencing):
    """Changing a measured value leaves inputs and bases of all samples that end before it as they were."""
    plan = WindowPlan(window=5, targets=("a",), horizon=2, differencing=differencing, scaling="none")
    values = _gappy()
    before = _task(values, plan)
    for row in range(20, 79):
        changed = values.copy()
        changed[row][~np.isnan(changed[row])] += 100.0
        after = _task(changed, plan)
        for part, other in (
            (before.train, after.train),
            (before.validation, after.validation),
            (before.test, after.test),
        ):
            early = part.first_positions <= row
            np.testing.assert_array_equal(part.inputs[early], other.inputs[early])
            if part.base is not None:
                np.testing.assert_array_equal(part.base[early], other.base[early])
