"""What the gate heatmaps contain."""

import numpy as np
import pytest

from dashboard import theme
from dashboard.charts.gate_heatmaps import gate_heatmaps, state_limit
from models.analysis.samples import sample_frame
from models.analysis.traces import Panel, Place, trace_panels
from models.spec.experiment_settings import ExperimentSpec
from tests.dashboard.fakes import made_up_result

SPEC = ExperimentSpec(dataset="adding", options=(("length", 12),), hidden_size=5, seeds=2)
DATA = SPEC.source().load(SPEC.dataset_options(), SPEC.seed)
RESULT = made_up_result(SPEC)


def panels(architecture: str) -> tuple[Panel, ...]:
    """Return the traces of one made-up network."""
    run = RESULT.run(architecture)
    assert run is not None
    return trace_panels(run, DATA, Place(sample=3, replica=1))


@pytest.mark.parametrize(("architecture", "quantities"), [("lstm", 6), ("gru", 4), ("rnn", 2)])
def test_heatmaps_show_every_gate_and_state(architecture: str, quantities: int) -> None:
    """There is one heatmap per gate, candidate and state, units by steps, named as in the equations."""
    run = made_up_result(ExperimentSpec(dataset="adding", options=(("length", 12),), architectures=(architecture,)))
    shown = trace_panels(run.runs[0], DATA, Place())
    figure = gate_heatmaps("any", shown, sample_frame(DATA, "test", (0,)))
    heatmaps = [trace for trace in figure.data if trace.type == "heatmap"]
    assert len(heatmaps) == quantities
    assert [trace.name for trace in heatmaps] == [panel.title for panel in shown]
    assert all(np.array(trace.z).shape == (32, 12) for trace in heatmaps)


def test_heatmaps_show_the_traced_values() -> None:
    """What is drawn is what the network computed."""
    shown = panels("lstm")
    figure = gate_heatmaps("LSTM", shown, sample_frame(DATA, "test", (3,)))
    forget = next(trace for trace in figure.data if trace.name == "Forget gate")
    np.testing.assert_allclose(forget.z, shown[0].values, atol=1e-4)


def test_heatmaps_fix_their_scales() -> None:
    """Gates run from red at 0 to blue at 1 and states around zero, whatever the values are."""
    figure = gate_heatmaps("LSTM", panels("lstm"), sample_frame(DATA, "test", (3,)), limit=2.5)
    gates, states, memory = figure.layout.coloraxis, figure.layout.coloraxis2, figure.layout.coloraxis3
    assert (gates.cmin, gates.cmax) == (0, 1)
    assert (states.cmin, states.cmax) == (-1, 1)
    assert (memory.cmin, memory.cmax) == (-2.5, 2.5)
    assert [trace.name for trace in figure.select_traces({"coloraxis": "coloraxis3"})] == ["Cell state"]
    assert (gates.colorscale[0][1], gates.colorscale[-1][1]) == (theme.GATE_SCALE[0][1], theme.GATE_SCALE[-1][1])


def test_heatmaps_share_the_time_axis_with_the_input() -> None:
    """The input is drawn above, against the same steps."""
    figure = gate_heatmaps("GRU", panels("gru"), sample_frame(DATA, "test", (3,)))
    lines = [trace for trace in figure.data if trace.type == "scatter"]
    assert {trace.name for trace in lines} == {"value", "mark"}
    matched = {axis.matches for axis in figure.select_xaxes() if axis.matches}
    assert len(matched) == 1
    np.testing.assert_allclose(lines[0].y, DATA.test.inputs[3, :, 0], atol=1e-5)


def test_state_limit_is_common_and_at_least_one() -> None:
    """Architectures get the larger of their limits; bounded states do not count."""
    big = Panel(architecture="lstm", name="cell", title="", kind="state", values=np.array([[3.0, -4.0]]))
    small = Panel(architecture="cifg", name="cell", title="", kind="state", values=np.array([[0.1]]))
    hidden = Panel(architecture="gru", name="hidden", title="", kind="state", values=np.array([[9.0]]))
    assert state_limit([[big], [small, hidden]]) == 4.0
    assert state_limit([[small]]) == 1.0


def test_heatmaps_without_traces_are_titled_and_empty() -> None:
    """Nothing to show is said."""
    assert "no trace" in gate_heatmaps("LSTM", [], sample_frame(DATA, "test", (0,))).layout.annotations[0].text


def test_alt_gives_the_mean_of_every_gate() -> None:
    """The text alternative has numbers."""
    told = gate_heatmaps("GRU", panels("gru"), sample_frame(DATA, "test", (0,))).layout.meta
    assert "Reset gate 0." in told
    assert "Update gate (1 = write) 0." in told
