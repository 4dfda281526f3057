"""What the pictures of predictions contain."""

import numpy as np
import pandas as pd
import pytest

from dashboard import theme
from dashboard.charts import predictions as charts
from models.analysis.predictions import CONFUSION_COLUMNS, FORECAST_COLUMNS, LABEL_COLUMNS


def forecasts() -> pd.DataFrame:
    """Return the truth 10, 20 and LSTM forecasts of two seeds, one and three above."""
    rows = [(0, 1990, "x", "truth", "Truth", -1, 10.0), (1, 1991, "x", "truth", "Truth", -1, 20.0)]
    for seed, error in ((0, 1.0), (1, 3.0)):
        rows += [(0, 1990, "x", "lstm", "LSTM", seed, 10 + error), (1, 1991, "x", "lstm", "LSTM", seed, 20 + error)]
    return pd.DataFrame(rows, columns=list(FORECAST_COLUMNS))


def confusion() -> pd.DataFrame:
    """Return the counts of two classes: three of four a are right, all b are wrong."""
    rows = [("a", "a", 3), ("a", "b", 1), ("b", "a", 2), ("b", "b", 0)]
    return pd.DataFrame([("gru", "GRU", *row) for row in rows], columns=list(CONFUSION_COLUMNS))


def labels() -> pd.DataFrame:
    """Return three steps, the first not counted, of which the model has one right."""
    truth = [
        ("truth", "Truth", -1, step, "s", label, step > 1, step > 1) for step, label in ((1, ""), (2, "a"), (3, "b"))
    ]
    answer = [("lstm", "LSTM", 0, 1, "s", "a", False, False), ("lstm", "LSTM", 0, 2, "s", "a", True, True)]
    answer += [("lstm", "LSTM", 0, 3, "s", "a", True, False)]
    return pd.DataFrame(truth + answer, columns=list(LABEL_COLUMNS))


def test_forecast_lines_show_truth_mean_and_range() -> None:
    """Truth and the mean over seeds are lines against the time axis; the range of seeds is a band."""
    figure = charts.forecast_lines(forecasts(), unit="sunspots")
    by_name = {trace.name: trace for trace in figure.data}
    assert list(by_name["Truth"].y) == [10.0, 20.0]
    assert list(by_name["LSTM"].y) == [12.0, 22.0]
    assert list(by_name["LSTM"].x) == [1990, 1991]
    assert by_name["LSTM"].line.color == theme.hue("lstm")
    assert list(by_name["LSTM range of repeats"].y) == [13.0, 23.0, 21.0, 11.0]
    assert figure.layout.yaxis.title.text == "x (sunspots)"


def test_truth_scatter_shows_each_sample_and_the_diagonal() -> None:
    """One seed's answers stand against the truth, with the line on which they would be exact."""
    figure = charts.truth_scatter(forecasts(), unit="value")
    exact, model = figure.data
    assert list(exact.x) == list(exact.y) == [10.0, 20.0]
    assert (list(model.x), list(model.y)) == ([10.0, 20.0], [11.0, 21.0])


def test_confusion_matrices_have_shares_and_counts() -> None:
    """Colours are shares of the true class; numbers are counts."""
    (matrix,) = charts.confusion_matrices(confusion()).data
    np.testing.assert_allclose(matrix.z, [[0.75, 0.25], [1.0, 0.0]])
    assert np.array(matrix.text).tolist() == [["3", "1"], ["2", ""]]


def test_label_strips_tell_right_wrong_and_uncounted() -> None:
    """A row per model, the truth first; steps that do not count are neutral."""
    (strip,) = charts.label_strips(labels()).data
    assert list(strip.y) == ["Truth", "LSTM"]
    np.testing.assert_allclose(strip.z, [[0.5, 1, 1], [0.5, 1, 0]])
    assert [list(row) for row in strip.text] == [["", "a", "b"], ["a", "a", "a"]]


@pytest.mark.parametrize(
    ("draw", "columns"),
    [
        (lambda frame: charts.forecast_lines(frame, unit=""), FORECAST_COLUMNS),
        (lambda frame: charts.truth_scatter(frame, unit=""), FORECAST_COLUMNS),
        (charts.confusion_matrices, CONFUSION_COLUMNS),
        (charts.label_strips, LABEL_COLUMNS),
    ],
)
def test_charts_of_predictions_check_their_frame(draw, columns: tuple[str, ...]) -> None:
    """An empty frame gives a titled figure with a sentence, a wrong one is refused."""
    figure = draw(pd.DataFrame(columns=list(columns)))
    assert figure.layout.title.text
    assert "no prediction" in figure.layout.annotations[0].text
    with pytest.raises(ValueError, match=f"lacks `{columns[-1]}`"):
        draw(pd.DataFrame(columns=list(columns[:-1])))


def test_descriptions_have_numbers() -> None:
    """The text alternatives give error, share of right answers and share of right steps."""
    assert charts.truth_scatter(forecasts(), unit="value").layout.meta.endswith("mean absolute error (value): LSTM 2.")
    assert charts.confusion_matrices(confusion()).layout.meta.endswith("GRU 50.0%.")
    assert charts.label_strips(labels()).layout.meta.endswith("LSTM 50.0%.")
