"""Windows, targets and scales of forecasting: no window sees its future, and nothing is fitted outside training."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from data.errors import DataError
from data.forecast_answers import same_season
from data.forecast_windows import forecast_task
from data.repeat_splits import TimeSplit
from data.scaling import fit_scaler
from data.splits import split_in_time
from data.task import Array, OnDemand, TaskData
from data.time_series import MIXED_UNIT, TimeSeries, common_unit
from data.window_options import WindowPlan

COLUMNS = ("a", "b", "c")
PARTS = ("train", "validation", "test")
ROWS = 90


def make_series(seed: int = 0, rows: int = ROWS, units: tuple[str, ...] = ("m", "m", "m")) -> TimeSeries:
    """Return a random walk of three columns with a season of 7 rows."""
    values = np.random.default_rng(seed).normal(size=(rows, 3)).cumsum(axis=0)
    return TimeSeries(values=values, columns=COLUMNS, positions=np.arange(rows), units=units, season=7)


def change(series: TimeSeries, start: int) -> TimeSeries:
    """Return the series with every row from `start` on replaced."""
    values = series.values.copy()
    values[start:] = 1000.0 + np.arange(values[start:].size).reshape(-1, 3)
    return TimeSeries(
        values=values, columns=COLUMNS, positions=series.positions, units=series.units, season=series.season
    )


@st.composite
def plans(draw: st.DrawFn, **fixed: Any) -> WindowPlan:
    """Draw a plan."""
    values = {
        "window": draw(st.integers(1, 12)),
        "horizon": draw(st.integers(1, 5)),
        "targets": tuple(draw(st.permutations(COLUMNS))[: draw(st.integers(1, 3))]),
        "inputs": tuple(draw(st.permutations(COLUMNS))[: draw(st.integers(0, 3))]),
        "differencing": draw(st.sampled_from(["none", "first", "seasonal"])),
        "scaling": draw(st.sampled_from(["standard", "range", "none"])),
    }
    return WindowPlan(**(values | fixed))


def same(first: Array | None, second: Array | None) -> bool:
    """Say whether two arrays are the same bits, or both missing."""
    if first is None or second is None:
        return first is second
    return bool(np.array_equal(first, second))


@given(plan=plans(), seed=st.integers(0, 99))
def test_forecast_task_targets_restore_the_series(plan: WindowPlan, seed: int) -> None:
    """Put back to the unit, every target is the value that stands in the series at its row, step by step."""
    series = make_series(seed)
    data = forecast_task(series, plan)
    for name in PARTS:
        part = data.part(name)
        restored = data.in_unit(part, part.targets).reshape(len(part), plan.horizon, len(plan.targets))
        for sample, row in enumerate(part.first_positions):
            expected = series.take(plan.targets)[row : row + plan.horizon]
            np.testing.assert_allclose(restored[sample], expected, atol=1e-4)


@given(plan=plans(scaling="none"), cut=st.integers(1, ROWS - 1))
def test_forecast_task_windows_never_see_their_future(plan: WindowPlan, cut: int) -> None:
    """Replacing all rows from a row on changes no input and no base of samples that predict that row or an earlier one."""
    series = make_series()
    before, after = forecast_task(series, plan), forecast_task(change(series, cut), plan)
    for name in PARTS:
        one, two = before.part(name), after.part(name)
        early = one.first_positions <= cut
        assert same(one.inputs[early], two.inputs[early])
        if one.base is not None and two.base is not None:
            assert same(one.base[early], two.base[early])


@given(plan=plans(scaling="none"))
def test_forecast_task_windows_see_the_row_before(plan: WindowPlan) -> None:
    """Replacing the rows from the last seen row on does change what a sample sees: the property above can fail."""
    series = make_series()
    before = forecast_task(series, plan)
    row = int(before.test.first_positions[0])
    after = forecast_task(change(series, row - 1), plan)
    assert not same(before.test.inputs[0], after.test.inputs[0])


@given(plan=plans(), seed=st.integers(0, 99))
def test_forecast_task_training_part_ignores_later_parts(plan: WindowPlan, seed: int) -> None:
    """Training arrays and the scale are the same bits whatever stands behind the training rows."""
    series = make_series(seed)
    before = forecast_task(series, plan)
    after = forecast_task(change(series, split_in_time(ROWS)[0].stop), plan)
    for name in ("inputs", "targets", "base", "first_positions"):
        assert same(getattr(before.train, name), getattr(after.train, name))
    assert before.scaler is not None
    assert after.scaler is not None
    assert same(before.scaler.mean, after.scaler.mean)
    assert same(before.scaler.std, after.scaler.std)


@given(plan=plans())
def test_forecast_task_parts_predict_rows_of_their_own(plan: WindowPlan) -> None:
    """All rows that a part predicts lie in its stretch of the series, and every plan is tested up to the last row."""
    data = forecast_task(make_series(), plan)
    for name, rows in zip(PARTS, split_in_time(ROWS), strict=True):
        positions = data.part(name).first_positions
        assert positions[0] >= rows.start
        assert positions[-1] + plan.horizon == rows.stop
    assert data.test.first_positions[0] == split_in_time(ROWS)[2].start


def test_forecast_task_first_window_by_hand() -> None:
    """With window 3 and horizon 2, the first sample sees rows 0 to 2 and answers rows 3 and 4, step by step."""
    values = np.column_stack([np.arange(40.0), 100.0 + np.arange(40.0)])
    series = TimeSeries(values=values, columns=("x", "y"), positions=np.arange(40), units=("m", "m"))
    data = forecast_task(series, WindowPlan(window=3, horizon=2, targets=("x", "y"), scaling="none"))
    np.testing.assert_array_equal(data.train.inputs[0], [[0, 100], [1, 101], [2, 102]])
    np.testing.assert_array_equal(data.train.targets[0], [3, 103, 4, 104])
    assert data.target_names == ("x, 1 ahead", "y, 1 ahead", "x, 2 ahead", "y, 2 ahead")
    assert (data.input_size, data.output_size, data.unit) == (2, 4, "m")
    assert data.train.inputs.shape == (24, 3, 2)


@pytest.mark.parametrize(
    ("differencing", "inputs", "base"),
    [("first", [7, 9, 11], [36, 36]), ("seasonal", [16 - 1, 25 - 4, 36 - 9], [16, 25])],
)
def test_forecast_task_differencing_by_hand(differencing: str, inputs: list[int], base: list[int]) -> None:
    """On the squares with a season of 3 rows, the sample that predicts 49 and 64 sees changes and adds to known values."""
    values = np.arange(60.0)[:, None] ** 2
    series = TimeSeries(values=values, columns=("x",), positions=np.arange(60), units=("m",), season=3)
    plan = WindowPlan(window=3, horizon=2, targets=("x",), differencing=differencing, scaling="none")
    data = forecast_task(series, plan)
    sample = int(np.flatnonzero(data.train.first_positions == 7)[0])
    assert data.train.base is not None
    np.testing.assert_array_equal(data.train.inputs[sample, :, 0], inputs)
    np.testing.assert_array_equal(data.train.base[sample], base)
    np.testing.assert_array_equal(data.train.targets[sample], np.array([49, 64]) - base)


def test_same_season_reaches_back_whole_seasons() -> None:
    """From row 10 with a season of 3: steps 0 to 4 stand for rows 7, 8, 9, 7, 8, all of them seen."""
    np.testing.assert_array_equal(same_season(np.array([10]), np.arange(5), 3), [[7, 8, 9, 7, 8]])
    np.testing.assert_array_equal(same_season(np.array([10]), np.arange(3), 1), [[9, 9, 9]])


@given(
    values=st.lists(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2), min_size=2, max_size=20),
    scaling=st.sampled_from(["standard", "range", "none"]),
)
def test_fit_scaler_round_trip(values: list[list[float]], scaling: str) -> None:
    """Scaling and undoing it gives the values back, for every scale and for constant columns."""
    table = np.array(values)
    scaler = fit_scaler(table, scaling)
    scaled = scaler.transform(table)
    assert np.isfinite(scaled).all()
    np.testing.assert_allclose(scaler.inverse(scaled), table, rtol=1e-9, atol=1e-6)


@given(values=st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=20))
def test_fit_scaler_scales_as_it_says(values: list[float]) -> None:
    """`standard` gives mean 0 and deviation 1, `range` gives 0 to 1."""
    table = np.array(values)[:, None]
    assume(table.std() > 1e-3)
    standard = fit_scaler(table, "standard").transform(table)
    assert standard.mean() == pytest.approx(0.0, abs=1e-6)
    assert standard.std() == pytest.approx(1.0)
    ranged = fit_scaler(table, "range").transform(table)
    assert (ranged.min(), ranged.max()) == (0.0, pytest.approx(1.0))


def test_common_unit_is_shared_or_standard_deviations() -> None:
    """Columns that share a known unit are scored in it; several that do not are scored in standard deviations."""
    assert common_unit(["celsius", "celsius"]) == "celsius"
    assert common_unit([""]) == ""
    assert common_unit(["", ""]) == MIXED_UNIT
    assert common_unit(["celsius", "mm"]) == MIXED_UNIT


@pytest.mark.parametrize("differencing", ["none", "first", "seasonal"])
@pytest.mark.parametrize("scaling", ["standard", "range", "none"])
def test_forecast_task_mixed_units_are_training_deviations(differencing: str, scaling: str) -> None:
    """Targets of different units are restored to deviations of their own column over the training rows."""
    series = make_series(units=("m", "kg", "s"))
    plan = WindowPlan(window=4, targets=("a", "c"), differencing=differencing, scaling=scaling)
    data = forecast_task(series, plan)
    training = series.take(("a", "c"))[split_in_time(ROWS)[0]]
    expected = (series.take(("a", "c"))[data.test.first_positions] - training.mean(axis=0)) / training.std(axis=0)
    np.testing.assert_allclose(data.in_unit(data.test, data.test.targets), expected, atol=1e-5)
    assert data.unit == MIXED_UNIT
    assert any("different units" in note for note in data.notes)


def test_forecast_task_too_long_window_is_refused() -> None:
    """The message names window, horizon and part."""
    with pytest.raises(
        DataError, match=r"A window of 80 and a horizon of 1 leave too few samples in the training part \(0"
    ):
        forecast_task(make_series(), WindowPlan(window=80, targets=("a",)))
    with pytest.raises(DataError, match=r"horizon of 14 leave too few samples in the validation part \(1"):
        forecast_task(make_series(), WindowPlan(window=4, horizon=14, targets=("a",)))


def test_forecast_task_seasonal_differencing_needs_a_season() -> None:
    """Without a season the option is refused."""
    series = TimeSeries(values=np.ones((50, 1)), columns=("x",), positions=np.arange(50), units=("",))
    with pytest.raises(DataError, match="`differencing` cannot be `seasonal`"):
        forecast_task(series, WindowPlan(window=4, targets=("x",), differencing="seasonal"))


def test_time_series_refuses_gaps() -> None:
    """A missing value has to be dealt with before."""
    frame = pd.DataFrame({"x": [1.0, np.nan, 3.0]})
    with pytest.raises(DataError, match="fill or drop the gaps"):
        TimeSeries.from_frame(frame, columns=("x",), positions=frame.index)


def test_forecast_task_sizes_and_names_agree() -> None:
    """Names and sizes say what the arrays hold."""
    data: TaskData = forecast_task(make_series(), WindowPlan(window=5, targets=("c",), inputs=("a", "b")))
    assert data.feature_names == ("a", "b")
    assert data.target_names == ("c",)
    assert data.train.inputs.shape[1:] == (5, 2)
    assert (data.train.lengths == 5).all()


@pytest.mark.parametrize("horizon", [1, 3, 12])
@pytest.mark.parametrize("dated", [True, False])
def test_every_step_ahead_has_its_own_date(horizon: int, dated: bool) -> None:
    """The value that is predicted for a date is the series' value at that date, for each step of every sample."""
    days = np.datetime_as_string(np.arange("2020-01-01", "2020-05-20", dtype="datetime64[D]"))
    values = np.arange(len(days), dtype=float)[:, None]
    positions = days if dated else np.arange(1, len(days) + 1)
    series = TimeSeries(values=values, columns=("x",), positions=positions, units=("m",))
    data = forecast_task(series, WindowPlan(window=5, targets=("x",), horizon=horizon))
    at = dict(zip(positions.tolist(), values[:, 0], strict=True))
    for name in PARTS:
        part = data.part(name)
        found = data.in_unit(part, part.targets)
        expected = [[at[place] for place in row] for row in part.positions.reshape(len(part), horizon).tolist()]
        np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize("differencing", ["none", "first", "seasonal"])
@pytest.mark.parametrize("horizon", [1, 3])
def test_upcoming_sample_sees_the_last_rows(differencing: str, horizon: int) -> None:
    """It is what the first test sample of a longer series would see; its targets are unknown and its dates go on."""
    long = make_series(3)
    short = TimeSeries(
        values=long.values[:-horizon],
        columns=long.columns,
        positions=long.positions[:-horizon],
        units=long.units,
        season=long.season,
    )
    plan = WindowPlan(window=4, targets=("a", "c"), horizon=horizon, differencing=differencing)
    upcoming = forecast_task(short, plan).upcoming
    count = len(short.values)
    training = TimeSplit(
        slice(0, split_in_time(count)[0].stop),
        slice(split_in_time(count)[0].stop, count - 2),
        slice(count - 2, count + horizon),
    )
    later = forecast_task(long, plan, split=training).test
    np.testing.assert_allclose(upcoming.inputs[0], later.inputs[-1], atol=1e-6)
    assert same(None if upcoming.base is None else upcoming.base[0], None if later.base is None else later.base[-1])
    assert np.isnan(upcoming.targets).all()
    assert upcoming.positions.reshape(-1).tolist() == long.positions[-horizon:].tolist()


@pytest.mark.parametrize("differencing", ["none", "first"])
def test_many_answers_are_the_same_when_they_are_computed_on_reading(
    differencing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Targets and base that are computed on reading equal those that are written out, whole, by sample and by output."""
    values = np.random.default_rng(0).normal(size=(300, 2)).cumsum(axis=0)
    series = TimeSeries(values=values, columns=("a", "b"), positions=np.arange(300), units=("", ""))
    plan = WindowPlan(window=5, horizon=4, targets=("a", "b"), differencing=differencing)
    written = forecast_task(series, plan)
    monkeypatch.setattr("data.forecast_answers.MAX_WRITTEN", 0)
    computed = forecast_task(series, plan)
    for name in ("targets", "base") if differencing == "first" else ("targets",):
        found, wanted = getattr(computed.train, name), getattr(written.train, name)
        assert isinstance(found, OnDemand)
        assert isinstance(wanted, np.ndarray)
        assert (found.shape, found.nbytes, len(found)) == (wanted.shape, wanted.nbytes, len(wanted))
        np.testing.assert_array_equal(np.asarray(found), wanted)
        np.testing.assert_array_equal(found[np.array([[3, 1], [2, 0]])], wanted[[[3, 1], [2, 0]]])
        np.testing.assert_array_equal(found[2:5, :2], wanted[2:5, :2])
        np.testing.assert_array_equal(found[np.array([], dtype=int)], wanted[:0])
    np.testing.assert_array_equal(
        computed.in_unit(computed.test, computed.test.targets), written.in_unit(written.test, written.test.targets)
    )
