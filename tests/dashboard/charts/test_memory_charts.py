"""What the figures of the Memory page show."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from dashboard import theme
from dashboard.charts.gradient_flow import KEPT_TITLE, gradient_flow, kept_shares
from dashboard.charts.lags import lag_scores, length_scores
from dashboard.charts.trainability import loss_limits, trainability
from models.analysis.comparison_columns import Column
from models.analysis.gradient_frames import flow_frame, horizon_frame
from models.analysis.lengths import LENGTH_COLUMNS, SCORE
from models.analysis.sweeps import LAG_COLUMNS, MAP_COLUMNS

LAG = Column(title="Length", unit="steps", help="")
ERROR = Column(title="MAE", unit="value", help="", better="low")
RATE, SIZE = Column(title="Learning rate", help=""), Column(title="Hidden size", unit="units", help="")


def flows() -> dict[str, dict[str, np.ndarray]]:
    """Return falling norms of an LSTM, and of a tanh RNN that keeps nothing by gates."""
    steps = np.arange(20)[::-1]
    lstm = np.stack([0.8**steps, 0.7**steps])
    rnn = np.stack([0.2**steps, 0.1**steps])
    nothing = np.zeros((2, 20))
    nothing[:, -1] = 1
    return {
        "lstm": {"initial_hidden": lstm, "trained_hidden": lstm**0.1, "initial_kept": lstm, "trained_kept": lstm**0.1},
        "rnn": {"initial_hidden": rnn, "initial_kept": nothing},
    }


def named(figure: go.Figure) -> dict[str, go.Scatter]:
    """Return the traces of the legend by name."""
    return {trace.name: trace for trace in figure.data if trace.showlegend is not False}


def test_gradient_flow_draws_before_and_after_over_seeds() -> None:
    """Thick lines per architecture and moment in its hue, seeds thin, a line at 1 %, both axes titled."""
    figure = gradient_flow(flow_frame(flows(), (0, 1)), horizon_frame(flows(), (0, 1)))
    lines = named(figure)
    assert list(lines) == ["LSTM, before training", "LSTM, after training", "tanh RNN, before training"]
    assert [lines[name].line.dash for name in lines] == ["dot", "solid", "dot"]
    colour = theme.translucent(theme.hue("lstm"), 1.0)
    assert lines["LSTM, after training"].line.color == colour
    assert lines["LSTM, before training"].x[0] == 0 or 0 in lines["LSTM, before training"].x
    assert sum(trace.showlegend is False for trace in figure.data) == 6
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.xaxis.title.text == "Steps back from the end"
    assert [shape.y0 for shape in figure.layout.shapes] == [0.01]
    assert [note.y for note in figure.layout.annotations if "horizon" in note.text] == [-2]
    assert not gradient_flow(flow_frame(flows(), (0, 1)), horizon_frame(flows(), (0, 1)), relative=False).layout.shapes


def test_kept_shares_leave_out_what_has_no_gate() -> None:
    """A tanh RNN keeps nothing by a gate."""
    figure = kept_shares(flow_frame(flows(), (0, 1)))
    assert list(named(figure)) == ["LSTM, before training", "LSTM, after training"]
    assert figure.layout.title.text == KEPT_TITLE


def test_missing_cell_state_is_said() -> None:
    """The figure keeps its title."""
    figure = gradient_flow(flow_frame(flows(), (0, 1)), horizon_frame(flows(), (0, 1)), "cell")
    assert "no such state" in figure.layout.annotations[0].text
    assert "cell state" in figure.layout.title.text


def lags() -> pd.DataFrame:
    """Return scores of two variants of one architecture, and of another one."""
    rows = [
        ("lstm", "LSTM", variant, lag, seed, 0.01 * lag + seed / 100, True)
        for variant in ("bias 0", "bias 1")
        for lag in (10, 20)
        for seed in (0, 1)
    ]
    rows += [("gru", "GRU", "bias 0", 10, 0, 0.3, False)]
    return pd.DataFrame(rows, columns=list(LAG_COLUMNS))


def test_lag_scores_draw_median_and_seeds_per_variant() -> None:
    """One dash per variant, one hue per architecture, the solved line marked."""
    figure = lag_scores(lags(), LAG, ERROR, solved=0.04, revision="key")
    lines = named(figure)
    assert list(lines) == ["LSTM, bias 0", "LSTM, bias 1", "GRU, bias 0"]
    assert [lines[name].line.dash for name in lines] == ["solid", "dash", "solid"]
    assert list(lines["LSTM, bias 0"].x) == [10, 20]
    np.testing.assert_allclose(lines["LSTM, bias 0"].y, [0.105, 0.205])
    assert figure.layout.xaxis.ticktext == ("10", "20")
    assert figure.layout.shapes[0].y0 == 0.04
    assert figure.layout.yaxis.title.text == "MAE (value)"
    assert figure.layout.uirevision == "key"
    assert "LSTM bias 0: 0.105 at 10, 0.205 at 20" in figure.layout.meta


def test_length_scores_mark_the_length_of_training() -> None:
    """And shares are drawn on the whole scale."""
    rows = [("gru", "GRU", seed, length, SCORE, 1 / length) for seed in (0, 1) for length in (8, 16, 32)]
    frame = pd.DataFrame(rows, columns=list(LENGTH_COLUMNS))
    share = Column(title="Accuracy", help="", better="high")
    figure = length_scores(frame, SCORE, share, trained=16)
    assert list(named(figure)["GRU"].x) == [8, 16, 32]
    assert figure.layout.shapes[0].x0 == 16
    assert figure.layout.annotations[0].x == np.log10(16)
    assert figure.layout.yaxis.range == (-0.03, 1.05)
    assert "GRU 0.0625 at 16, 0.0312 at 32" in figure.layout.meta


def cells() -> pd.DataFrame:
    """Return a map of two by two, one cell diverged, one not done."""
    rows = [
        ("lstm", "LSTM", 0.001, 8, 0.01, 0.0, 3),
        ("lstm", "LSTM", 0.01, 8, 0.1, 0.0, 3),
        ("lstm", "LSTM", 0.01, 16, np.nan, 1.0, 3),
    ]
    return pd.DataFrame(rows, columns=list(MAP_COLUMNS))


def test_trainability_shows_losses_on_one_log_scale_and_marks_divergence() -> None:
    """Rows and columns are sorted, what is not done is empty."""
    limits = loss_limits(cells())
    assert limits == (0.01, 0.1)
    figure = trainability(cells(), (RATE, SIZE), title="LSTM", limits=(0.001, 1.0))
    heat, marks = figure.data
    assert (list(heat.x), list(heat.y)) == (["0.001", "0.01"], ["8", "16"])
    np.testing.assert_allclose(np.array(heat.z, dtype=float), [[-2, -1], [np.nan, np.nan]])
    assert (heat.zmin, heat.zmax) == (-3, 0)
    assert heat.colorbar.ticktext[0] == "0.001"
    assert (list(marks.x), list(marks.y)) == (["0.01"], ["16"])
    assert figure.layout.xaxis.title.text == "Learning rate"
    assert figure.layout.meta.startswith(
        "LSTM: Lowest median final loss 0.01 at learning rate 0.001, hidden size 8; 1 of 3 cells"
    )


@pytest.mark.parametrize(
    "figure",
    [
        lag_scores(pd.DataFrame(columns=list(LAG_COLUMNS)), LAG, ERROR),
        length_scores(pd.DataFrame(columns=list(LENGTH_COLUMNS)), SCORE, ERROR, trained=5),
        trainability(pd.DataFrame(columns=list(MAP_COLUMNS)), (RATE, SIZE), title="LSTM", limits=None),
        gradient_flow(flow_frame({}, ()), horizon_frame({}, ())),
    ],
)
def test_nothing_yet_is_a_titled_empty_figure(figure: go.Figure) -> None:
    """It says what will appear."""
    assert not figure.data
    assert figure.layout.title.text
    assert figure.layout.annotations[0].text


def test_missing_column_is_named() -> None:
    """The caller gets an error instead of a wrong chart."""
    with pytest.raises(ValueError, match="variant"):
        lag_scores(lags().drop(columns="variant"), LAG, ERROR)
