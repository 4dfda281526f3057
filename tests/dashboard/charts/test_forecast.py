"""The forecast's chart shows the known rows, each source and its band; its words say the same."""

import pandas as pd
import pytest

from dashboard.charts.forecast import error_by_step, forecast_chart
from models.analysis.forecast import COLUMNS, ERROR_COLUMNS

HISTORY = pd.DataFrame({"series": ["x", "x"], "time": ["2024-01", "2024-02"], "value": [1.0, 2.0]})
FRAME = pd.DataFrame(
    {
        "series": "x",
        "time": ["2024-03", "2024-04"] * 2,
        "step": [1, 2] * 2,
        "architecture": ["lstm", "lstm", "persistence", "persistence"],
        "title": ["LSTM", "LSTM", "Persistence", "Persistence"],
        "mean": [3.0, 4.0, 2.0, 2.0],
        "lower_90": [2.0, 2.5, 1.0, 0.5],
        "upper_90": [4.0, 5.5, 3.0, 3.5],
    }
)
ERRORS = pd.DataFrame(
    {
        "series": "x",
        "step": [1, 2],
        "architecture": "lstm",
        "title": "LSTM",
        "rmse": [1.5, 2.5],
        "mae": 1.0,
        "mase": 0.9,
        "skill": 0.1,
    }
)


def test_forecast_chart_has_known_rows_lines_and_bands() -> None:
    """Known rows once; per source a line at its dates and a band from the lower to the upper edge."""
    chart = forecast_chart(FRAME, HISTORY, unit="usd", level=0.9)
    traces = {trace.name: trace for trace in chart.data}
    assert list(traces["Known"].x) == ["2024-01", "2024-02"]
    assert list(traces["LSTM"].y) == [3.0, 4.0]
    assert list(traces["LSTM interval"].y) == [4.0, 5.5, 2.5, 2.0]
    assert traces["Persistence"].line.dash == "dot"
    assert chart.layout.yaxis.title.text == "x (usd)"


def test_forecast_chart_without_a_level_has_no_band() -> None:
    """No interval is drawn where none is chosen; an empty frame is a titled empty figure."""
    assert len(forecast_chart(FRAME, HISTORY, unit="", level=None).data) == 3
    empty = forecast_chart(FRAME.iloc[:0], HISTORY, unit="", level=0.9)
    assert empty.layout.annotations[0].text == "There is no forecast."


def test_single_step_is_a_bar_with_ends_of_different_width() -> None:
    """One step has no band to draw; bars at one time are told apart by their ends."""
    first = FRAME.drop_duplicates("architecture")
    chart = forecast_chart(first, HISTORY, unit="usd", level=0.9)
    bars = {trace.name: trace.error_y for trace in chart.data if trace.error_y.array}
    assert (list(bars["LSTM"].array), list(bars["LSTM"].arrayminus)) == ([1.0], [1.0])
    assert bars["LSTM"].width != bars["Persistence"].width
    assert not [trace for trace in chart.data if trace.fill]


def test_words_say_first_and_last_step() -> None:
    """Dates, values and bounds of both ends, per source."""
    told = forecast_chart(FRAME, HISTORY, unit="usd", level=0.9).layout.meta
    assert "LSTM 2024-03: 3 (2 to 4 at 90%), 2024-04: 4 (2.5 to 5.5 at 90%)" in told
    told = error_by_step(ERRORS, unit="usd").layout.meta
    assert told == "Root mean square error by steps ahead: LSTM 1.5 at step 1, 2.5 at step 2."


def test_error_chart_has_a_line_per_source() -> None:
    """Steps against errors."""
    (trace,) = error_by_step(ERRORS, unit="usd").data
    assert (list(trace.x), list(trace.y)) == ([1, 2], [1.5, 2.5])


def test_missing_columns_are_named() -> None:
    """A frame without its columns is refused."""
    with pytest.raises(ValueError, match=ERROR_COLUMNS[-1]):
        error_by_step(ERRORS.drop(columns=ERROR_COLUMNS[-1]), unit="")
    with pytest.raises(ValueError, match=COLUMNS[-1]):
        forecast_chart(FRAME.drop(columns="mean"), HISTORY, unit="", level=None)


def test_steps_that_were_fed_back_are_a_dashed_line_of_their_own() -> None:
    """It begins at the last step that was trained on, so that the line has no gap, and its name says so."""
    frame = pd.DataFrame(
        {
            "series": "y",
            "time": [1, 2, 3, 4],
            "step": [1, 2, 3, 4],
            "architecture": "gru",
            "title": "GRU",
            "mean": [1.0, 2.0, 3.0, 4.0],
            "fed_back": [False, False, True, True],
        }
    )
    history = pd.DataFrame({"series": ["y"], "time": [0], "value": [0.5]})
    chart = forecast_chart(frame, history, unit="", level=None)
    lines = {trace.name: (list(trace.x), trace.line.dash) for trace in chart.data}
    assert lines["GRU"] == ([1, 2], "solid")
    assert lines["GRU, fed back"] == ([2, 3, 4], "dash")
