"""The chart of several experiments' curves."""

import pytest

from dashboard import theme
from dashboard.charts.overlay import overlay
from models.analysis.compare_experiments import Labelled, overlay_frame
from tests.models.records.samples import an_experiment_result


def test_overlay_has_a_hue_per_architecture_and_a_dash_per_experiment() -> None:
    """Colour says which architecture, dash which experiment, and the data is the frame's."""
    result = an_experiment_result()
    frame = overlay_frame([Labelled(label="A", result=result), Labelled(label="B", result=result)])
    chart = overlay(frame)
    assert [trace.name for trace in chart.data] == ["LSTM of A", "GRU of A", "LSTM of B", "GRU of B"]
    assert [trace.line.color for trace in chart.data] == [theme.hue("lstm"), theme.hue("gru")] * 2
    assert [trace.line.dash for trace in chart.data] == ["solid", "solid", "dash", "dash"]
    assert list(chart.data[0].x) == [5, 10, 15, 20]
    assert chart.layout.yaxis.type == "log"
    assert "LSTM of A" in chart.layout.meta


def test_overlay_of_nothing_is_a_titled_empty_figure() -> None:
    """Without curves there is a sentence in the figure; a wrong frame is refused."""
    chart = overlay(overlay_frame([]))
    assert not chart.data
    assert chart.layout.annotations[0].text
    with pytest.raises(ValueError, match="lacks"):
        overlay(overlay_frame([]).drop(columns="mean"))
