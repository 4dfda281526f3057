"""Names of steps and units of inputs: dates are those of the rows that the sample was cut from."""

import numpy as np
import pandas as pd
import pytest

from data.forecast_windows import forecast_task
from data.time_series import TimeSeries
from data.window_options import WindowPlan
from models.analysis.step_labels import input_unit, step_dates, step_symbols
from models.checkpoints.own_data import DataChoice, task_of_file
from models.spec.recommended import recommended
from models.spec.repeats import repeat_data
from tests.dashboard.test_own_network_page import network

ROWS = 60
DAYS = pd.date_range("2024-01-01", periods=ROWS).strftime("%Y-%m-%d").to_numpy(dtype=str)


@pytest.mark.parametrize("horizon", [1, 3])
def test_dates_are_those_of_the_rows_that_a_sample_holds(horizon: int) -> None:
    """The series counts its own rows, so every input says which row it is."""
    series = TimeSeries(values=np.arange(ROWS, dtype=float)[:, None], columns=("row",), positions=DAYS, units=("m",))
    data = forecast_task(series, WindowPlan(window=5, horizon=horizon, targets=("row",)))
    assert data.input_scaler is not None
    for name in ("train", "validation", "test"):
        for sample in (7, 0) if name == "test" and len(data.test) > 7 else (0,):
            rows = data.input_scaler.inverse(data.part(name).inputs[sample])[:, 0].round().astype(int)
            dates = step_dates(data, name, sample)
            assert dates == tuple(DAYS[rows]) or (name == "train" and not dates)
    assert input_unit(data) == "m"
    assert input_unit(data, differenced=True) == "change in m"


def test_dates_of_labelled_days_and_of_several_series_are_those_of_their_rows() -> None:
    """The last day seen is the day before the one asked for; the rows of a shop are its own."""
    weather = repeat_data(recommended("seattle_labels"), None, 0)
    assert weather.test.positions is not None
    dates = step_dates(weather, "test", 3)
    last = pd.Timestamp(str(weather.test.positions[3])) - pd.Timedelta(days=weather.lead)
    assert (len(dates), dates[-1]) == (7, last.strftime("%Y-%m-%d"))
    assert input_unit(weather) == "standardised"
    shops = repeat_data(recommended("twelve_shops"), None, 0)
    first = np.asarray(shops.test.positions).reshape(len(shops.test), -1)[5, 0]
    seen = pd.to_datetime(list(step_dates(shops, "test", 5)))
    assert len(seen) == 14
    assert (pd.Timestamp(str(first)) - seen[-1]) == seen[-1] - seen[-2]


def test_an_own_file_has_dates_only_where_its_windows_follow_each_other() -> None:
    """Windows that were chosen with gaps between them say nothing about the rows between."""
    net = network(both=False)
    lines = "\n".join(f"2024-{1 + row // 28:02d}-{1 + row % 28:02d},{row},{row * row}" for row in range(100))
    data = task_of_file(net, f"day,a,b\n{lines}\n".encode(), "d.csv", DataChoice(window=4, scaling="none"))
    assert step_dates(data, "test", 10) == tuple(f"2024-01-{day:02d}" for day in range(11, 15))
    thinned = data.test.at(np.arange(0, len(data.test), 3))
    from dataclasses import replace

    assert step_dates(replace(data, train=thinned, validation=thinned, test=thinned), "test", 10) == ()


def test_symbols_and_plain_values_are_named() -> None:
    """A name is its letters; generated numbers are values, not standardised."""
    names = repeat_data(recommended("first_names"), None, 0)
    symbols = step_symbols(names, "test", 0)
    assert len(symbols) == names.test.lengths[0]
    assert step_dates(names, "test", 0) == ()
    adding = repeat_data(recommended("adding"), None, 0)
    assert (step_symbols(adding, "test", 0), input_unit(adding)) == ((), "value")
