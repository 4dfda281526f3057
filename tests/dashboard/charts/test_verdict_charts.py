"""What the charts below the verdict contain."""

import pandas as pd
import pytest

from dashboard import theme
from dashboard.charts import paired_differences
from models.analysis.comparison import deciding_metric
from models.analysis.pairs import DIFFERENCE_COLUMNS, compare_all, differences_frame
from models.analysis.solving import SOLVING_COLUMNS, solving_frame
from tests.models.analysis.builders import result_of

RESULT = result_of(
    {"lstm": [0.1, 0.2, 0.4], "gru": [0.0, 0.1, 0.1]}, solved={"lstm": [40, None, 60], "gru": [None] * 3}
)
NAME, METRIC = deciding_metric(RESULT)
DIFFERENCES = differences_frame(compare_all(RESULT.runs, NAME, METRIC))


def test_paired_differences_draw_every_seed_and_the_mean_with_its_interval() -> None:
    """Dots are the differences; the diamond is their mean; zero is drawn."""
    chart = paired_differences.paired_differences(DIFFERENCES, METRIC)
    dots, mean = chart.data
    assert list(dots.x) == pytest.approx([0.1, 0.1, 0.3])
    assert list(mean.x) == pytest.approx([0.5 / 3])
    low = mean.x[0] - mean.error_x.arrayminus[0]
    assert low == pytest.approx(DIFFERENCES["low"].iloc[0])
    assert chart.layout.shapes[0].x0 == 0
    assert "MAE" in chart.layout.xaxis.title.text


def test_paired_differences_say_which_side_wins() -> None:
    """An error is better when low, so the first wins left of zero."""
    assert "Left of zero the first" in paired_differences.direction(DIFFERENCES, METRIC)
    assert "LSTM minus GRU: mean 0.167 over 3 seeds" in paired_differences.describe(DIFFERENCES, METRIC)


def test_solving_draws_a_falling_step_per_architecture() -> None:
    """One hue each, from all unsolved down to the share that stayed unsolved."""
    chart = paired_differences.solving(solving_frame(RESULT))
    lstm, gru = chart.data
    assert lstm.line.shape == "hv"
    assert lstm.line.color == theme.hue("lstm")
    assert list(lstm.y) == pytest.approx([1, 2 / 3, 1 / 3, 1 / 3])
    assert set(gru.y) == {1.0}
    assert "LSTM 67% of 3 seeds" in paired_differences.describe_solving(solving_frame(RESULT))


def test_charts_of_nothing_say_so() -> None:
    """A titled figure with one sentence."""
    empty = paired_differences.paired_differences(pd.DataFrame(columns=list(DIFFERENCE_COLUMNS)), METRIC)
    assert "needed for a difference" in empty.layout.annotations[0].text
    none = paired_differences.solving(pd.DataFrame(columns=list(SOLVING_COLUMNS)))
    assert "no solved criterion" in none.layout.annotations[0].text
