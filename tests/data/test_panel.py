"""Several series in one task: what no window, scale, static value or held-out series may see."""

from dataclasses import replace

import numpy as np
import pytest

from data.errors import DataError
from data.metrics import series_metrics
from data.panel import Panel, Static, half_of, rows_held_out
from data.panel_baselines import best_baseline_by_series, panel_baselines
from data.panel_windows import panel_repeat, panel_stretches, single_panel
from data.task import Part, TaskData
from data.time_series import TimeSeries
from data.window_options import WindowPlan

DAYS = np.datetime_as_string(np.datetime64("2020-01-01") + np.arange(400))
PLAN = WindowPlan(window=6, targets=("sales",), horizon=2)
UNTIL_TEST = 0.6  # share of the dates that lie before every stretch


def made_up(lengths: tuple[int, ...] = (300, 260, 300, 200), *, split: str = "time", scale: str = "series") -> Panel:
    """Return series whose values tell which series and which row they are: thousands for the series, ones for the row."""
    series = tuple(
        TimeSeries(
            values=np.stack([10_000.0 * number + np.arange(length), 0.5 * np.arange(length)], axis=1),
            columns=("sales", "price"),
            positions=DAYS[300 - length : 300],
            units=("", ""),
        )
        for number, length in enumerate(lengths)
    )
    texts = np.array([["north" if number % 2 else "south"] for number in range(len(lengths))])
    static = Static(
        names=("size",), numbers=np.arange(len(lengths), dtype=float)[:, None], categories=("region",), texts=texts
    )
    names = tuple(f"shop {number}" for number in range(len(lengths)))
    return Panel(series=series, names=names, static=static, split=split, scale=scale)


def parts_of(data: TaskData) -> tuple[Part, Part, Part]:
    """Return the three parts."""
    return data.train, data.validation, data.test


@pytest.mark.parametrize("split", ["time", "series"])
@pytest.mark.parametrize("scale", ["series", "all"])
def test_no_window_crosses_series(split: str, scale: str) -> None:
    """Every window shows neighbouring rows of the series that its target belongs to, and ends one row before it."""
    panel = made_up(split=split, scale=scale)
    data = single_panel(panel, PLAN, seed=1)
    for part in parts_of(data):
        assert part.series is not None
        assert part.rows is not None
        assert part.rows.min() >= PLAN.window
        whole = np.arange(-PLAN.window, 0)
        for number in np.unique(part.series):
            chosen = part.at(part.series == number)
            expected = 10_000.0 * number + chosen.rows[:, None] + whole
            scale_of = data_scale(panel, data, number)
            np.testing.assert_allclose(chosen.inputs[:, :, 0], (expected - scale_of[0]) / scale_of[1], atol=2e-3)
        truth = data.in_unit(part, part.targets)
        steps = part.rows[:, None] + np.arange(PLAN.horizon)
        np.testing.assert_allclose(truth, 10_000.0 * part.series[:, None] + steps, rtol=1e-5, atol=0.01)


def data_scale(panel: Panel, data: TaskData, number: int) -> tuple[float, float]:
    """Return mean and deviation of the rows on which a series' inputs may be scaled."""
    rows = [panel.series[number].values[: data.histories[number].fitted, 0]]
    if panel.scale == "all":
        trained = np.unique(data.train.series)
        rows = [panel.series[one].values[: data.histories[one].fitted, 0] for one in trained]
    values = np.concatenate(rows)
    return float(values.mean()), float(values.std())


def with_future_changed(panel: Panel, first: str) -> Panel:
    """Return the panel with every value from a date on replaced."""
    series = tuple(
        replace(one, values=np.where(one.positions[:, None] >= first, -7.5e5, one.values)) for one in panel.series
    )
    return replace(panel, series=series)


@pytest.mark.parametrize("scale", ["series", "all"])
@pytest.mark.parametrize("number", [0, 1, 5])
def test_training_does_not_know_what_comes_after_it(scale: str, number: int) -> None:
    """Values from the test's first date on change nothing that is trained on: no input, target, scale or naive error."""
    panel = made_up(scale=scale)
    before = panel_repeat(panel, PLAN, seed=1, number=number)
    assert before.stretch is not None
    after = panel_repeat(with_future_changed(panel, str(before.stretch[0])), PLAN, seed=1, number=number)
    for part, other in ((before.train, after.train), (before.validation, after.validation)):
        np.testing.assert_array_equal(part.inputs, other.inputs)
        np.testing.assert_array_equal(part.targets, other.targets)
        if part.base is not None:
            np.testing.assert_array_equal(part.base, other.base)
            np.testing.assert_array_equal(part.spread, other.spread)
    for one, other_one in zip(before.histories, after.histories, strict=True):
        np.testing.assert_array_equal(one.naive_errors, other_one.naive_errors)
        assert one.fitted == other_one.fitted


def test_series_are_split_at_the_same_date() -> None:
    """No series is trained on a date on which another one is validated or tested, however long each is."""
    data = panel_repeat(made_up(), PLAN, seed=1, number=2)
    dates = [np.unique(np.asarray(part.positions)) for part in parts_of(data)]
    assert str(dates[0][-1]) < str(dates[1][0])
    assert str(dates[1][-1]) < str(dates[2][0])
    assert len({len(history.values) for history in data.histories}) > 1


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("scale", ["series", "all"])
def test_held_out_series_are_in_no_training_part(number: int, scale: str) -> None:
    """Each series is in one part; what is trained on does not change when the values of a held-out series do."""
    panel = made_up((120,) * 9, split="series", scale=scale)
    data = panel_repeat(panel, PLAN, seed=3, number=number)
    members = [set(np.unique(part.series).tolist()) for part in parts_of(data)]
    assert sorted([*members[0], *members[1], *members[2]]) == list(range(9))
    held = next(iter(members[2]))
    changed = list(panel.series)
    changed[held] = replace(changed[held], values=changed[held].values * 13.0 + np.sin(changed[held].values))
    numbers = panel.static.numbers.copy()
    numbers[held] = 1e6
    static = replace(panel.static, numbers=numbers)
    after = panel_repeat(replace(panel, series=tuple(changed), static=static), PLAN, seed=3, number=number)
    np.testing.assert_array_equal(data.train.inputs, after.train.inputs)
    np.testing.assert_array_equal(data.train.targets, after.train.targets)


def test_scale_of_a_held_out_series_is_fitted_on_rows_that_are_not_tested() -> None:
    """The rows on which a held-out series is scaled end before its first tested target."""
    data = panel_repeat(made_up((120,) * 9, split="series"), PLAN, seed=3, number=0)
    for part in (data.validation, data.test):
        assert part.series is not None
        assert part.rows is not None
        for number in np.unique(part.series):
            assert part.rows[part.series == number].min() >= data.histories[number].fitted


def test_every_series_is_held_out_once_before_one_is_again() -> None:
    """Repeats test groups of series one after another."""
    panel = made_up((120,) * 9, split="series")
    tested = [np.unique(panel_repeat(panel, PLAN, seed=3, number=number).test.series).tolist() for number in range(9)]
    assert sorted(one for group in tested for one in group) == list(range(9))
    assert tested[0] != np.unique(panel_repeat(panel, PLAN, seed=4, number=0).test.series).tolist()


def test_static_values_are_scaled_by_training_series_and_unseen_texts_are_zero() -> None:
    """The numbers have mean 0 over the series that are trained on; a region that only a held-out shop has is no input."""
    panel = made_up((120,) * 9, split="series")
    texts = panel.static.texts.copy()
    roles = rows_held_out(panel, 3, 0)
    held = next(index for index, one in enumerate(roles) if one.parts.test.stop)
    texts = texts.astype("U12")
    texts[held] = "island"
    data = panel_repeat(replace(panel, static=replace(panel.static, texts=texts)), PLAN, seed=3, number=0)
    place = data.feature_names.index("region = island")
    assert not data.test.inputs[:, :, place].any()
    assert not data.train.inputs[:, :, place].any()
    sizes = {
        int(one): data.train.inputs[data.train.series == one][0, 0, data.feature_names.index("size")]
        for one in np.unique(data.train.series)
    }
    assert np.mean(list(sizes.values())) == pytest.approx(0, abs=1e-6)
    assert np.std(list(sizes.values())) == pytest.approx(1, abs=1e-6)


def test_repeats_test_halves_of_the_series_and_all_within_two() -> None:
    """Two repeats together test every series once; other pairs draw other halves."""
    there = np.ones(12, dtype=bool)
    halves = [half_of(there, number) for number in range(8)]
    for even, odd in zip(halves[::2], halves[1::2], strict=True):
        assert (even ^ odd).all()
        assert even.sum() == 6
    assert len({half.tobytes() for half in halves}) == 8
    assert half_of(there[:3], 1).all()
    gone = np.arange(12) < 8
    assert half_of(gone, 0).sum() == half_of(gone, 1).sum() == 4
    assert not half_of(gone, 0)[8:].any()


def test_windows_see_what_is_known_ahead_and_nothing_else_of_the_future() -> None:
    """The last row of a window shows the planned price of the last row that is predicted; sales stay in the past."""
    panel = made_up((120,) * 4)
    plan = replace(PLAN, known=("price",), inputs=("sales",))
    data = single_panel(panel, plan, seed=1)
    assert data.feature_names[:2] == ("sales", "price, 2 rows ahead")
    part = data.test
    seen = part.inputs[:, :, 1].astype(np.float64)
    assert part.series is not None
    for number in np.unique(part.series):
        own = part.at(part.series == number)
        prices = panel.series[number].values[:, 1]
        fitted = prices[plan.horizon : data.histories[number].fitted]
        wanted = (prices[own.rows[:, None] + np.arange(-plan.window, 0) + plan.horizon] - fitted.mean()) / fitted.std()
        np.testing.assert_allclose(seen[part.series == number], wanted, atol=1e-5)
    assert data.upcoming is None  # the plan ends with the file
    future = np.array([[np.nan, 60.0], [np.nan, 60.5]])
    longer = replace(panel, series=tuple(replace(one, future=future) for one in panel.series))
    upcoming = single_panel(longer, plan, seed=1).upcoming
    assert upcoming is not None
    assert upcoming.inputs.shape == (4, PLAN.window, data.input_size)
    assert np.isfinite(upcoming.inputs).all()


def test_scores_are_means_over_series_not_over_windows() -> None:
    """A long series counts as much as a short one, and predictors are fitted to each series alone."""
    panel = made_up((300, 300, 100, 300, 300))
    data = single_panel(panel, PLAN, seed=1)
    baselines = {one.name: one.metrics for one in panel_baselines(data, horizon=2)}
    assert baselines["persistence"]["rmse"] == pytest.approx(np.sqrt((1 + 4) / 2), rel=1e-6)
    assert baselines["persistence"]["mase"] == pytest.approx(1.5)
    assert baselines["drift"]["rmse"] == pytest.approx(0, abs=1e-6)
    series = data.test.series
    assert series is not None
    wrong = data.in_unit(data.test, data.test.targets) + np.where(series == 2, 10.0, 0.0)[:, None]
    scores = series_metrics(data, data.test, wrong, data.in_unit(data.test, data.test.targets))
    assert scores["rmse"] == pytest.approx(10 / 5, rel=1e-4)
    assert best_baseline_by_series(data, "mase", horizon=2)["shop 2"][0].startswith(("Drift", "AR"))


def test_series_that_never_change_are_in_no_part() -> None:
    """A series with one value in its training rows gives no scale and is left out of the task."""
    panel = made_up((200,) * 5)
    flat = replace(panel.series[1], values=np.full((200, 2), 3.0))
    data = single_panel(replace(panel, series=(panel.series[0], flat, *panel.series[2:])), PLAN, seed=1)
    for part in parts_of(data):
        assert 1 not in np.unique(part.series)


def test_too_few_series_to_hold_out_are_refused() -> None:
    """Two series cannot be training, validation and test."""
    with pytest.raises(DataError, match="3 are needed"):
        single_panel(made_up((100, 100), split="series"), PLAN, seed=1)


def test_stretches_are_counted_on_the_dates_of_all_series() -> None:
    """Long series give all stretches, and holding series out gives none."""
    assert panel_stretches(made_up(), PLAN) == 8
    assert panel_stretches(made_up((20,) * 5), PLAN) == 1
    assert panel_stretches(made_up(split="series"), PLAN) == 0
