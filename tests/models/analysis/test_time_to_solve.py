"""Survival of the unsolved, and differences as a frame."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models.analysis.comparison_columns import deciding_metric
from models.analysis.pairs import DIFFERENCE_COLUMNS, compare_all, differences_frame
from models.analysis.time_to_solve import TIME_TO_SOLVE_COLUMNS, time_to_solve_frame, unsolved_share
from tests.models.analysis.builders import result_of


def test_time_to_solve_frame_equals_kaplan_and_meier_by_hand() -> None:
    """Solved at 40 and 60 of four seeds, the others censored at 100: 1, 3/4, 1/2 and no further fall."""
    result = result_of({"lstm": [0.1] * 4}, solved={"lstm": [40, None, 60, None]})
    frame = time_to_solve_frame(result)
    assert tuple(frame.columns) == TIME_TO_SOLVE_COLUMNS
    updates = frame[frame["axis"] == "update"]
    assert updates["time"].tolist() == [0, 40, 60, 100]
    assert updates["unsolved"].tolist() == pytest.approx([1, 0.75, 0.5, 0.5])
    seconds = frame[frame["axis"] == "seconds"]
    assert seconds["time"].tolist() == pytest.approx([0, 0.4, 0.6, 2.0])


def test_time_to_solve_frame_reaches_zero_when_every_seed_solved() -> None:
    """The last step ends at nothing unsolved."""
    frame = time_to_solve_frame(result_of({"gru": [0.1] * 3}, solved={"gru": [10, 20, 30]}))
    assert frame["unsolved"].min() == 0


@pytest.mark.parametrize("seed", range(20))
def test_unsolved_share_equals_scipys_survival_function(seed: int) -> None:
    """Also where times are tied, and where a repeat ends at the moment at which another solves the task."""
    draws = np.random.default_rng(seed)
    solved, ended = (draws.integers(1, 9, draws.integers(1, 12)).astype(np.float64) for _ in range(2))
    expected = stats.ecdf(stats.CensoredData(uncensored=solved, right=ended)).sf
    times, shares = zip(*unsolved_share(solved, ended), strict=True)
    assert times == pytest.approx(expected.quantiles)
    assert shares == pytest.approx(expected.probabilities)


def differences(scores: dict[str, list[float]]) -> pd.DataFrame:
    """Return the differences of made-up scores."""
    result = result_of(scores)
    name, column = deciding_metric(result)
    return differences_frame(compare_all(result, name, column))


def test_differences_frame_has_a_row_per_pair_and_repeat() -> None:
    """The first minus the second, with mean, interval and margin beside."""
    scores = [0.1, 0.2, 0.4, 0.1, 0.2, 0.3]
    frame = differences({"lstm": scores, "gru": [0.1] * 6})
    assert tuple(frame.columns) == DIFFERENCE_COLUMNS
    assert frame["difference"].tolist() == pytest.approx(np.subtract(scores, 0.1))
    assert frame["margin"].tolist() == pytest.approx([0.002] * 6)
    assert set(frame["pair"]) == {"LSTM minus GRU"}
    assert (frame["low"] <= frame["mean"]).all()
    assert (frame["mean"] <= frame["high"]).all()


def test_differences_frame_has_no_interval_for_two_repeats() -> None:
    """Two differences have a mean and no interval."""
    frame = differences({"lstm": [0.1, 0.2], "gru": [0.0, 0.0]})
    assert np.isfinite(frame["mean"]).all()
    assert frame["low"].isna().all()
