"""The forecast on Compare: networks trained on everything are asked for by a switch, and said to be without a score."""

from concurrent.futures import Future
from typing import Any

import pytest

from models.worker.execute import resolve
from tests.dashboard.conftest import OpenPage
from tests.dashboard.drawn import drawn_chart, open_tab
from tests.dashboard.fakes import FakeEngine

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
