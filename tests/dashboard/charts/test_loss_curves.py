"""What the loss curves contain."""

import numpy as np
import pandas as pd
import pytest

from dashboard import theme
from dashboard.charts.loss_curves import MAX_POINTS, loss_curves
from models.analysis.comparison import CURVE_FRAME_COLUMNS


def curves(seeds: int = 3, points: int = 4) -> pd.DataFrame:
    """Return curves of LSTM and GRU whose values are easy to check: seed + 1 over update."""
    rows = [
        (name, title, seed, update, update / 10, update * 100.0, measure, factor * (seed + 1) / update)
        for name, title in (("lstm", "LSTM"), ("gru", "GRU"))
        for measure, factor in (("training_loss", 1.0), ("validation_loss", 2.0))
        for update in range(1, points + 1)
        for seed in range(seeds)
    ]
    return pd.DataFrame(rows, columns=list(CURVE_FRAME_COLUMNS))


def traces(figure, name: str):
    """Return the traces of a name."""
    return [trace for trace in figure.data if trace.name == name]


def test_loss_curves_name_means_by_architecture() -> None:
    """The validation mean is named LSTM, solid and thick; the training mean is dashed; both in the architecture's hue."""
    figure = loss_curves(curves())
    (validation,), (training,) = traces(figure, "LSTM"), traces(figure, "LSTM training")
    assert list(validation.y) == [4.0, 2.0, 4 / 3, 1.0]
    assert list(training.y) == [2.0, 1.0, 2 / 3, 0.5]
    assert (validation.line.dash, training.line.dash) == ("solid", "dash")
    assert validation.line.color == training.line.color == theme.hue("lstm")
    assert validation.line.width > training.line.width
    assert traces(figure, "GRU")[0].line.color == theme.hue("gru")


def test_loss_curves_show_each_seed_thin_and_a_band() -> None:
    """Every seed has its own thin line, and one standard deviation is a band that stays above the lowest value."""
    figure = loss_curves(curves())
    for seed in range(3):
        validation = [trace for trace in traces(figure, f"LSTM seed {seed}") if trace.line.dash == "solid"]
        assert list(validation[0].y) == [2 * (seed + 1) / update for update in (1, 2, 3, 4)]
        assert validation[0].line.width < 1
    (band,) = traces(figure, "LSTM ± 1 SD")
    assert list(band.y[:4]) == [6.0, 3.0, 2.0, 1.5]
    assert min(band.y) >= 0.25


def test_loss_curves_of_one_seed_have_no_band() -> None:
    """One seed has no spread."""
    assert {trace.name for trace in loss_curves(curves(seeds=1)).data} == {
        "LSTM",
        "LSTM training",
        "GRU",
        "GRU training",
    }


@pytest.mark.parametrize(("x", "ends"), [("update", 4), ("seconds", 0.4), ("flops", 400.0)])
def test_loss_curves_against_each_axis(x: str, ends: float) -> None:
    """The same losses are drawn against updates, seconds or FLOPs."""
    figure = loss_curves(curves(), x=x)
    assert traces(figure, "LSTM")[0].x[-1] == pytest.approx(ends)
    assert figure.layout.xaxis.title.text


def test_loss_curves_scale_and_revision() -> None:
    """The loss axis is logarithmic or linear, and zoom is kept as long as axis and experiment stay the same."""
    linear, growing = (
        loss_curves(curves(), logarithmic=False, revision="a"),
        loss_curves(curves(points=9), revision="a"),
    )
    assert (linear.layout.yaxis.type, growing.layout.yaxis.type) == ("linear", "log")
    assert growing.layout.uirevision == loss_curves(curves(), revision="a").layout.uirevision
    assert growing.layout.uirevision != loss_curves(curves(), x="seconds", revision="a").layout.uirevision


def test_loss_curves_leave_out_what_is_not_positive_or_finite() -> None:
    """A logarithmic axis cannot show zero."""
    frame = curves()
    frame.loc[0, "value"] = 0.0
    assert np.all(np.array(loss_curves(frame).data[0].y) > 0)


def test_loss_curves_thin_long_curves() -> None:
    """A long curve is drawn with at most 500 points, the last one among them."""
    line = traces(loss_curves(curves(seeds=1, points=1234)), "LSTM")[0]
    assert len(line.x) <= MAX_POINTS
    assert line.x[-1] == 1234


def test_loss_curves_without_data_are_titled_and_empty() -> None:
    """Before the first evaluation there is a titled figure with a sentence."""
    figure = loss_curves(pd.DataFrame(columns=list(CURVE_FRAME_COLUMNS)))
    assert not figure.data
    assert figure.layout.title.text
    assert "first evaluation" in figure.layout.annotations[0].text


def test_loss_curves_name_a_missing_column() -> None:
    """A wrong frame is refused by the name of what it lacks."""
    with pytest.raises(ValueError, match="lacks `value`"):
        loss_curves(curves().drop(columns="value"))


def test_alt_says_where_each_curve_stands() -> None:
    """The text alternative has the last validation loss of every architecture."""
    told = loss_curves(curves()).layout.meta
    assert told == "Validation loss, mean over repeats: LSTM 1 after 4 updates; GRU 1 after 4 updates."
