"""Pictures of the cell explorer: every architecture is drawn, values and colours are those of the step."""

import numpy as np
import pytest

from dashboard.charts.cell_diagram import cell_diagram, step_values, symbol_html
from dashboard.charts.cell_layout import layout
from dashboard.charts.explorer import explorer_frame, gate_strip, state_lines
from models.analysis.explorer import GateOverride, explore, random_weights
from models.cells import get_cell, recurrent_cells

INPUTS = (0.0, 1.0, -0.5)


@pytest.mark.parametrize("name", list(recurrent_cells()))
def test_diagram_has_every_gate_and_a_frame_per_step(name: str) -> None:
    """Blocks carry each gate's symbol and the step's value; frames have the same traces as the figure."""
    cell = get_cell(name)
    trajectory = explore(name, random_weights(cell, 2, 1), INPUTS)
    figure = cell_diagram(trajectory)
    assert [frame.name for frame in figure.frames] == ["0", "1", "2"]
    for step, frame in enumerate(figure.frames):
        assert len(frame.data) == len(figure.data)
        blocks = frame.data[-2]
        for text, gate in zip(blocks.text, cell.gates, strict=True):
            shown = trajectory.shown(gate)[step].mean()
            assert text == f"<b>{symbol_html(gate.symbol)}</b><br>{shown:.2f}"


@pytest.mark.parametrize("name", list(recurrent_cells()))
def test_diagram_wires_carry_what_the_cell_computes(name: str) -> None:
    """What was kept plus what was written is the new memory, and every wire has a value."""
    cell = get_cell(name)
    trajectory = explore(name, random_weights(cell, 3, 2), INPUTS)
    values = step_values(cell, trajectory, 2)
    assert {wire.value for wire in layout(cell).wires} <= set(values)
    if "kept" in values:
        memory = cell.states[0].name
        assert values["kept"] + values["written"] == pytest.approx(float(trajectory.values[memory][2].mean()))


def test_update_gate_follows_the_chosen_convention() -> None:
    """Drawn as keep, the GRU's update gate is one minus what it is drawn as write."""
    trajectory = explore("gru", random_weights(get_cell("gru"), 1, 3), INPUTS)
    write, keep = (gate_strip(trajectory, keeps=keeps).data[0] for keeps in (False, True))
    row = list(write.y).index("Update gate")
    np.testing.assert_allclose(np.array(write.z)[row] + np.array(keep.z)[row], 1.0, atol=2e-4)


def test_state_lines_draw_the_original_dashed_beside_an_override() -> None:
    """One line per cell, and a dashed one for each that an override changed."""
    weights = {name: random_weights(get_cell(name), 2, 4) for name in ("lstm", "gru")}
    held = [GateOverride(architecture="lstm", gate="forget_gate", value=0.0)]
    both = [explore(name, value, INPUTS, held) for name, value in weights.items()]
    lines = state_lines(both, "hidden", "Hidden state comparison").data
    assert [line.name for line in lines] == ["LSTM, nothing held", "LSTM, held", "GRU"]
    assert lines[0].line.dash == "dash"
    np.testing.assert_allclose(lines[0].y, both[0].original["hidden"].mean(1))
    np.testing.assert_allclose(lines[1].y, both[0].values["hidden"].mean(1))


def test_a_held_gate_is_marked_in_the_diagram_and_in_the_strip_while_it_is_held() -> None:
    """A thick border and a word in its steps alone, also where the value does not change; a frame around its steps."""
    held = [GateOverride(architecture="gru", gate="update_gate", value=1.0, first=2, last=3)]
    trajectory = explore("gru", random_weights(get_cell("gru"), 1, 4), INPUTS, held)
    figure = cell_diagram(trajectory)
    blocks = [frame.data[-2] for frame in figure.frames]
    place = [gate.name for gate in get_cell("gru").gates].index("update_gate")
    assert ["held" in one.text[place] for one in blocks] == [False, True, True]
    assert [one.marker.line.width[place] for one in blocks] == [1, 4, 4]
    assert not any("held" in text for one in blocks for number, text in enumerate(one.text) if number != place)
    assert "Update gate in 2 of 3 steps" in figure.layout.meta
    strip = gate_strip(trajectory)
    frame = strip.layout.shapes[1]
    assert (frame.x0, frame.x1) == (1.5, 3.5)
    assert strip.data[0].y[round(frame.y0 + 0.5)] == "Update gate"


def test_explorer_frame_holds_every_number() -> None:
    """Every gate and state of every unit and step stands in the frame."""
    trajectory = explore("lstm", random_weights(get_cell("lstm"), 2, 4), INPUTS)
    frame = explorer_frame([trajectory])
    assert len(frame) == len(trajectory.values) * 2 * len(INPUTS)
    row = frame.query("quantity == 'cell' and unit == 2 and step == 3").iloc[0]
    assert row["value"] == trajectory.values["cell"][2, 1]
