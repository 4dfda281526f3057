"""The forecast on Compare: networks trained on everything are asked for by a switch, and said to be without a score."""

from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

from models.worker.execute import resolve
from tests.dashboard.conftest import OpenPage
from tests.dashboard.drawn import drawn_chart, open_tab
from tests.dashboard.fakes import FakeEngine
from tests.dashboard.test_compare_page import address

ADDRESS = {"dataset": "airline", "updates": "5", "hidden_size": "4", "seeds": "2", "rate_search": "0"} | {
    "evaluations": "1",
    "resampling": "data",
}


def answered(function: str, *args: Any) -> Future[Any]:
    """Call a function at once, as a worker would."""
    future: Future[Any] = Future()
    future.set_result(resolve(function)(*args[:2], 2))
    return future


def test_switch_trains_on_everything(open_page: OpenPage, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each architecture is trained once, the chart changes, and the words below say that nothing tested these networks."""
    page = open_page(**ADDRESS)
    page.button(key="train").click().run()
    open_tab(page, "Forecast")
    tested = drawn_chart(page, "forecast")["figure"]
    monkeypatch.setattr(engine, "call", answered)
    page.toggle(key="forecast_everything").set_value(True).run()
    assert not page.exception
    assert drawn_chart(page, "forecast")["figure"] != tested
    assert any("no test score of their own" in caption.value for caption in page.caption)
    page.toggle(key="forecast_everything").set_value(False).run()
    assert drawn_chart(page, "forecast")["figure"] == tested


def test_failed_training_gets_its_sentence(
    open_page: OpenPage, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tested networks' forecast stays, with the reason above it."""
    from models.errors import EngineError

    future: Future[Any] = Future()
    future.set_exception(EngineError("The worker is gone."))
    page = open_page(**ADDRESS)
    page.button(key="train").click().run()
    open_tab(page, "Forecast")
    monkeypatch.setattr(engine, "call", lambda function, *args: future)
    page.toggle(key="forecast_everything").set_value(True).run()
    assert [error.value for error in page.error] == ["The worker is gone."]
    assert drawn_chart(page, "forecast")["figure"]["data"]


def test_quantile_loss_is_drawn_and_said(open_page: OpenPage) -> None:
    """Dotted quantiles and a sentence about their coverage stand with the forecast; predictions have the band."""
    page = open_page(**(ADDRESS | {"loss": "quantile"}))
    page.button(key="train").click().run()
    open_tab(page, "Forecast")
    assert not page.exception
    names = [trace.get("name") for trace in drawn_chart(page, "forecast")["figure"]["data"]]
    assert {"LSTM, 10%", "LSTM, 90%"} <= set(names)
    assert any("lay between its 10 % and 90 % quantiles" in caption.value for caption in page.caption)
    open_tab(page, "Predictions")
    assert not page.exception
    assert any("10 to 90 %" in str(trace.get("name")) for trace in drawn_chart(page, "predictions")["figure"]["data"])


def test_steps_ahead_are_asked_and_trained(open_page: OpenPage, engine: FakeEngine) -> None:
    """The question has the data's own unit; one button trains for the answer, and its forecast opens."""
    page = open_page(**ADDRESS)
    page.button(key="train").click().run()
    open_tab(page, "Forecast")
    field = page.number_input(key="forecast_steps")
    assert field.label == "How many months ahead?"
    assert (field.value, field.min) == (1, 1)
    field.set_value(6).run()
    assert "GRU, fed back" in [trace.get("name") for trace in drawn_chart(page, "forecast")["figure"]["data"]]
    button = page.button(key="forecast_train")
    assert button.label == "Train for 6 months ahead"
    button.click().run()
    assert not page.exception
    assert dict(engine.submitted[-1].options)["horizon"] == 6
    assert page.number_input(key="forecast_steps").value == 6
    names = [trace.get("name") for trace in drawn_chart(page, "forecast")["figure"]["data"]]
    assert "GRU, fed back" not in names
    assert "forecast_train" not in [one.key for one in page.button]


def test_horizon_that_cannot_be_trained_is_said(open_page: OpenPage, engine: FakeEngine) -> None:
    """Beyond the dataset's own limit there is a sentence that names the setting, and no button."""
    page = open_page(**ADDRESS)
    page.button(key="train").click().run()
    open_tab(page, "Forecast")
    page.number_input(key="forecast_steps").set_value(40).run()
    assert any("at most 12 months (“Horizon”)" in caption.value for caption in page.caption)
    assert "forecast_train" not in [one.key for one in page.button]


def test_missing_plan_is_said_on_the_page(open_page: OpenPage, engine: FakeEngine) -> None:
    """A column that is known ahead without future rows in the file: one sentence says which rows to add."""
    import pandas as pd

    from tests.dashboard.test_uploads import upload

    days = pd.date_range("2024-01-01", periods=120).astype(str)
    rows = np.arange(120)
    frame = pd.DataFrame({"day": days, "price": 1.0 + rows % 5, "sales": 50 + np.sin(rows / 3) - rows % 5})
    page = upload(open_page(), "sales.csv", frame.to_csv(index=False).encode())
    settings = address(page)
    options = {f"option.{name}": str(value) for name, value in settings.options} | {"option.known": "price"}
    for name, value in (ADDRESS | options | {"dataset": "own_series", "option.horizon": "2"}).items():
        page.query_params[name] = value
    page.run()
    page.button(key="train").click().run()
    open_tab(page, "Forecast")
    assert not page.exception
    assert any("“price” is known ahead" in info.value and "next 2 rows" in info.value for info in page.info)
