"""What the charts below the verdict contain."""

import numpy as np
import pandas as pd
import pytest

from dashboard import theme
from dashboard.charts import paired_differences
from models.analysis.comparison_columns import deciding_metric
from models.analysis.pairs import DIFFERENCE_COLUMNS, compare_all, differences_frame
from models.analysis.time_to_solve import TIME_TO_SOLVE_COLUMNS, time_to_solve_frame
from models.records.results import ExperimentResult
from tests.models.analysis.builders import on_stretches, result_of

LSTM = [0.1, 0.2, 0.4, 0.1, 0.3, 0.2, 0.2, 0.1]
GRU = [0.0, 0.3, 0.1, 0.0, 0.1, 0.1, 0.2, 0.0]
RESULT = result_of({"lstm": LSTM, "gru": GRU})
SOLVED = result_of({"lstm": [0.1] * 3, "gru": [0.2] * 3}, solved={"lstm": [40, None, 60], "gru": [None] * 3})
NAME, METRIC = deciding_metric(RESULT)


def frame_of(result: ExperimentResult) -> pd.DataFrame:
    """Return the differences of a result's pairs."""
    return differences_frame(compare_all(result, NAME, METRIC))


def test_differences_draw_every_stretch_oldest_first_in_the_winners_hue() -> None:
    """Bars are the differences on each stretch of time; a tie has none; hover names the stretch."""
    chart = paired_differences.paired_differences(frame_of(on_stretches(RESULT, 8)), METRIC)
    lstm, gru = chart.data
    assert list(chart.layout.xaxis.categoryarray) == [str(year) for year in range(1992, 2021, 4)]
    assert list(lstm.x) == ["2016"]
    assert list(lstm.y) == pytest.approx([-0.1])
    assert list(gru.y) == pytest.approx([0.1, 0.1, 0.2, 0.1, 0.3, 0.1])
    assert (lstm.marker.color, gru.marker.color) == (theme.hue("lstm"), theme.hue("gru"))
    assert (lstm.name, gru.name) == ("LSTM better (1)", "GRU better (6)")
    assert lstm.customdata[0][0] == "2016 to 2019"
    assert chart.layout.title.text == paired_differences.TITLE_OF_STRETCHES
    assert chart.layout.yaxis.title.text == "LSTM minus GRU<br>MAE (value)"


def test_differences_show_margin_and_interval_as_bands() -> None:
    """The margin lies around zero, the interval around the mean; so few repeats have no interval and no band."""
    frame = frame_of(RESULT)
    bands = {
        shape.name: (shape.y0, shape.y1) for shape in paired_differences.paired_differences(frame, METRIC).layout.shapes
    }
    assert bands["Too small to matter"] == pytest.approx((-0.002, 0.002))
    assert bands["Interval of the mean"] == pytest.approx((frame["low"].iloc[0], frame["high"].iloc[0]))
    assert bands["Mean"] == pytest.approx((np.mean(np.subtract(LSTM, GRU)),) * 2)
    few = frame_of(result_of({"lstm": LSTM[:4], "gru": GRU[:4]}))
    names = [shape.name for shape in paired_differences.paired_differences(few, METRIC).layout.shapes]
    assert names == ["Too small to matter", "Mean"]


def test_bars_and_bands_of_differences_end_inside_the_axis() -> None:
    """An interval as wide as the differences, as six repeats have, does not look cut off; equal scores have an axis, too."""
    for scores in ({"lstm": LSTM[:6], "gru": GRU[:6]}, {"lstm": LSTM, "gru": LSTM}):
        frame = frame_of(result_of(scores))
        low, high = paired_differences.paired_differences(frame, METRIC).layout.yaxis.range
        ends = frame[["difference", "low", "high", "margin"]].to_numpy()
        assert low < min(0, ends.min())
        assert high > ends.max()


def test_differences_say_which_side_wins() -> None:
    """An error is better when low, so the first wins below zero; the text alternative lists every repeat."""
    frame = frame_of(RESULT)
    assert "Below zero: LSTM better. Above: GRU better." in paired_differences.direction(frame, METRIC)
    told = paired_differences.paired_differences(frame, METRIC).layout.meta
    assert "LSTM minus GRU, test MAE (value), over 8 repeats, oldest first: 0 0.1, 1 \u22120.1" in told
    assert "differences within 0.002 do not matter" in told


def test_solving_draws_a_falling_step_per_architecture() -> None:
    """One hue each, from all unsolved down to the share that stayed unsolved."""
    chart = paired_differences.solving(time_to_solve_frame(SOLVED))
    lstm, gru = chart.data
    assert lstm.line.shape == "hv"
    assert lstm.line.color == theme.hue("lstm")
    assert list(lstm.y) == pytest.approx([1, 2 / 3, 1 / 3, 1 / 3])
    assert set(gru.y) == {1.0}
    assert "LSTM 67% of 3 repeats" in chart.layout.meta


def test_charts_of_nothing_say_so() -> None:
    """A titled figure with one sentence."""
    empty = paired_differences.paired_differences(pd.DataFrame(columns=list(DIFFERENCE_COLUMNS)), METRIC)
    assert "are needed for a difference" in empty.layout.annotations[0].text
    assert empty.layout.meta == f"{empty.layout.title.text}: {empty.layout.annotations[0].text}"
    none = paired_differences.solving(pd.DataFrame(columns=list(TIME_TO_SOLVE_COLUMNS)))
    assert "no solved criterion" in none.layout.annotations[0].text
