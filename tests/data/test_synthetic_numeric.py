"""Adding, multiplication and mixed sines against solvers written from their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.catalog import get_dataset
from data.synthetic.mixed_sines import AMPLITUDES, PERIODS
from data.task import Part
from tests.data.drawing import load_few

FEW = settings(max_examples=6, deadline=None)


def marked_pairs(part: Part) -> np.ndarray:
    """Return `(N, 2)` places of the two marks of each sequence, found one by one."""
    return np.array([np.flatnonzero(marks) for marks in part.inputs[..., 1]])


def solved_by_loop(part: Part, operation: str) -> np.ndarray:
    """Combine the marked values of each sequence as the definition says."""
    answers = []
    for sequence in part.inputs.astype(np.float64):
        first, second = (value for value, mark in sequence if mark == 1.0)
        answers.append(first + second if operation == "sum" else first * second)
    return np.array(answers)


@FEW
@given(
    name=st.sampled_from(["adding", "multiplication"]), length=st.integers(10, 400), seed=st.integers(0, 999_999_999)
)
def test_marked_task_target_is_recomputed_from_the_marks(name: str, length: int, seed: int) -> None:
    """Exactly one mark in each half, values in [0, 1], and the target is their sum or product."""
    data = load_few(name, seed, length=length)
    part = data.test
    marks = marked_pairs(part)
    assert part.inputs.shape[1] == length
    assert set(np.unique(part.inputs[..., 1])) == {0.0, 1.0}
    assert (marks[:, 0] < length // 2).all()
    assert (marks[:, 1] >= length // 2).all()
    assert part.inputs[..., 0].min() >= 0.0
    assert part.inputs[..., 0].max() <= 1.0
    restored = data.in_unit(part, part.targets)[:, 0]
    assert restored == pytest.approx(solved_by_loop(part, data.target_names[0]), abs=1e-6)


@pytest.mark.parametrize(("name", "mean", "variance"), [("adding", 1.0, 1 / 6), ("multiplication", 1 / 4, 7 / 144)])
def test_marked_task_targets_have_the_moments_of_theory(name: str, mean: float, variance: float) -> None:
    """Standardised training targets have mean 0 and deviation 1, and predicting the mean errs by the deviation."""
    entry = get_dataset(name)
    data = entry.load(entry.Options(), 0)
    assert data.train.targets.mean() == pytest.approx(0.0, abs=0.04)
    assert data.train.targets.std() == pytest.approx(1.0, abs=0.03)
    (baseline,) = entry.baselines(entry.Options(), data)
    assert baseline.metrics["rmse_value"] == pytest.approx(variance**0.5, rel=0.05)
    assert float(data.in_unit(data.test, np.zeros((1, 1)))[0, 0]) == mean


@pytest.mark.parametrize("name", ["adding", "multiplication"])
def test_marked_task_marks_reach_every_place(name: str) -> None:
    """Over many sequences each step is marked, the first and the last too."""
    part = load_few(name, length=11).train
    first, second = marked_pairs(part).T
    assert set(first) == set(range(5))
    assert set(second) == set(range(5, 11))


def test_adding_criterion_is_the_papers_tolerance() -> None:
    """A mean error just below 0.04 is solved, 0.04 is not."""
    entry = get_dataset("adding")
    solved = entry.solved(entry.Options())
    assert solved is not None
    assert solved.reached(0.0399)
    assert not solved.reached(0.04)


@FEW
@given(window=st.integers(20, 200), horizon=st.integers(1, 20))
def test_mixed_sines_one_wave_without_noise_is_continued_exactly(window: int, horizon: int) -> None:
    """A wave that a grid search finds in the window has the target as its value, `horizon` steps after the last."""
    data = load_few("mixed_sines", window=window, horizon=horizon, sines=1, noise=0.0)
    part = data.test
    values, target = (data.in_unit(part, array[:3].astype(np.float64)) for array in (part.inputs[..., 0], part.targets))
    for seen, answer in zip(values, target[:, 0], strict=True):
        assert _continued(seen, horizon) == pytest.approx(answer, abs=0.08)


def _continued(seen: np.ndarray, horizon: int) -> float:
    """Fit one sine by trying periods, then evaluate it ahead."""
    times = np.arange(len(seen))
    best = (np.inf, 0.0)
    for period in np.geomspace(*PERIODS, 600):
        wave = _wave(times, period)
        weights = np.linalg.lstsq(wave, seen, rcond=None)[0]
        error = float(((wave @ weights - seen) ** 2).sum())
        best = min(best, (error, float((_wave(np.array([len(seen) - 1 + horizon]), period) @ weights)[0])))
    return best[1]


def _wave(times: np.ndarray, period: float) -> np.ndarray:
    angle = 2 * np.pi * times / period
    return np.column_stack([np.sin(angle), np.cos(angle)])


def test_mixed_sines_values_lie_within_the_amplitudes() -> None:
    """Without noise no value is larger than the sum of the largest amplitudes."""
    data = load_few("mixed_sines", sines=3, noise=0.0)
    assert np.abs(data.in_unit(data.train, data.train.targets)).max() <= 3 * AMPLITUDES[1]


def test_mixed_sines_scale_is_that_of_theory() -> None:
    """Inputs and targets have a deviation of about 1 for any number of waves and any noise."""
    entry = get_dataset("mixed_sines")
    for options in ({}, {"sines": 1, "noise": 0.0}, {"sines": 3, "noise": 0.5}):
        data = entry.load(entry.parse(options), 3)
        assert data.train.inputs.std() == pytest.approx(1.0, abs=0.02)
        assert data.train.targets.std() == pytest.approx(1.0, abs=0.03)


def test_mixed_sines_no_baseline_beats_the_noise() -> None:
    """The claim of the dataset holds for its own baselines, and the linear one beats persistence."""
    entry = get_dataset("mixed_sines")
    options = entry.parse({"noise": 0.3})
    persistence, linear = entry.baselines(options, entry.load(options, 0))
    assert 0.3 < linear.metrics["rmse_value"] < persistence.metrics["rmse_value"]


def test_daily_values_walk_has_independent_steps_of_deviation_one() -> None:
    """The last value misses a walk by 1 on average, and steps do not hang together."""
    entry = get_dataset("daily_values")
    options = entry.parse({})
    data = entry.load(options, 3)
    (persistence,) = entry.baselines(options, data)
    assert persistence.metrics["rmse_value"] == pytest.approx(1.0, abs=0.06)
    steps = np.diff(data.in_unit(data.train, data.train.inputs[..., 0].astype(np.float64)), axis=1)
    assert steps.std() == pytest.approx(1.0, abs=0.01)
    assert np.corrcoef(steps[:, :-1].ravel(), steps[:, 1:].ravel())[0, 1] == pytest.approx(0.0, abs=0.01)


def test_daily_values_weeks_have_two_quiet_days_together() -> None:
    """Any seven days hold five busy and two quiet ones, and the day after a window follows the same week."""
    data = load_few("daily_values", series="week", window=20)
    days = np.concatenate([data.train.inputs[..., 0], data.train.targets], axis=1)
    busy = data.in_unit(data.train, days.astype(np.float64)) > 0.5
    assert all((busy[:, start : start + 7].sum(1) == 5).all() for start in range(15))
    assert (busy[:, 7:] == busy[:, :-7]).all()
