"""Rows of compared architectures stand side by side, and axes, units and colour bars are the same in every figure."""

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard import theme
from dashboard.charts.gate_heatmaps import gate_heatmaps
from dashboard.charts.step_axis import StepAxis
from models.analysis.roles import aligned, shared_roles
from models.analysis.samples import sample_frame
from models.analysis.traces import Panel
from tests.dashboard.charts.test_gate_heatmaps import DATA, panels

ROLES = shared_roles([panels("lstm"), panels("gru")])
INPUTS = sample_frame(DATA, "test", (3,))


def drawn(architecture: str, axis: StepAxis | None = None) -> go.Figure:
    """Draw one architecture beside the other."""
    return gate_heatmaps(architecture, panels(architecture), INPUTS, roles=ROLES, axis=axis)


def heads(figure: go.Figure) -> list[str]:
    """Return the titles of a figure's rows."""
    return [note.text for note in figure.layout.annotations]


def test_rows_of_lstm_and_gru_stand_side_by_side_by_role() -> None:
    """What writes beside what writes, hidden state beside hidden state; a place that GRU does not fill says so."""
    lstm, gru = drawn("lstm"), drawn("gru")
    assert heads(lstm)[1:] == ["Input gate", "Forget gate", "Candidate", "Output gate", "Cell state", "Hidden state"]
    assert heads(gru)[1:] == [
        "Update gate (1 = write)",
        "Reset gate",
        "Candidate",
        "No output gate",
        "No cell state",
        "Hidden state",
    ]
    assert lstm.layout.height == gru.layout.height
    assert lstm.layout.yaxis7.domain == gru.layout.yaxis7.domain
    hidden = gru.data[-1]
    assert (hidden.name, hidden.yaxis) == ("Hidden state", "y7")
    np.testing.assert_allclose(hidden.z, panels("gru")[-1].values, atol=1e-4)


def test_quantities_of_one_architecture_alone_have_a_place_of_their_own() -> None:
    """Names that only one cell uses do not push others off their places."""
    own = Panel(architecture="slstm", name="normaliser", title="Normaliser", kind="state", values=np.zeros((1, 2)))
    roles = shared_roles([(*panels("lstm"), own), panels("gru")])
    assert list(roles)[-3:] == ["normaliser", "cell", "hidden"]
    assert [panel is None for panel in aligned(panels("gru"), roles)] == [False, False, False, True, True, True, False]


@pytest.mark.parametrize("architecture", ["lstm", "gru"])
def test_unit_one_is_on_top(architecture: str) -> None:
    """In every panel, without a chosen order too."""
    figure = drawn(architecture)
    used = {trace.yaxis.replace("y", "yaxis") for trace in figure.data if trace.type == "heatmap"}
    assert {figure.layout[name].autorange for name in used} == {"reversed"}


def test_steps_are_dates_or_symbols_and_the_input_says_its_unit() -> None:
    """Ticks, the axis title and labels of lines name them."""
    days = tuple(f"2024-01-{day:02d}" for day in range(1, 13))
    figure = drawn("lstm", StepAxis(dates=days, unit="standardised"))
    axis = figure.layout.xaxis7
    assert axis.title.text == "Date"
    assert [days[place - 1] for place in axis.tickvals] == list(axis.ticktext)
    assert len(axis.tickvals) <= 5
    assert heads(figure)[0] == "Input (standardised)"
    assert figure.data[0].customdata[1] == "step 2 (2024-01-02)"
    letters = drawn("gru", StepAxis(symbols=tuple("ab cdefghijk"))).layout.xaxis7
    assert (letters.title.text, letters.ticktext[2]) == ("Symbol", "\u2423")
    assert drawn("gru").layout.xaxis7.title.text == "Step"


def test_colour_bars_are_at_the_same_places_with_the_same_labels() -> None:
    """LSTM has a third one, of its cell state."""
    lstm, gru = drawn("lstm").layout, drawn("gru").layout
    for name in ("coloraxis", "coloraxis2"):
        one, other = lstm[name].colorbar, gru[name].colorbar
        assert (one.x, one.len, one.ticktext) == (other.x, other.len, other.ticktext)
    assert lstm.coloraxis3.colorbar.ticktext[1] == "cell"


def test_dark_pages_get_scales_with_a_dark_centre() -> None:
    """The ends keep their hue, red low and blue high; nothing near white is left."""
    for scale in (theme.GATE_SCALE, theme.STATE_SCALE, theme.CHANGE_SCALE):
        dark = theme.DARK_SCALES[scale[0][1]]
        brightness = [int(colour[1:3], 16) + int(colour[3:5], 16) + int(colour[5:7], 16) for _, colour in dark]
        assert brightness[2] == min(brightness) < 180
        assert max(brightness) < 640
    red, blue = theme.DARK_SCALES["#B2182B"][0][1], theme.DARK_SCALES["#B2182B"][-1][1]
    assert int(red[1:3], 16) > int(red[5:7], 16)
    assert int(blue[1:3], 16) < int(blue[5:7], 16)
    shown = theme.standalone(drawn("lstm"), "dark").layout
    assert shown.coloraxis.colorscale[2][1] == shown.coloraxis3.colorscale[2][1] == "#232B36"
