"""The cell explorer's numbers against torch's cells, its overrides by their properties, its arithmetic by evaluation."""

import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InvalidSpecError
from models.analysis.arithmetic import step_lines
from models.analysis.explorer import (
    GENERATORS,
    GateOverride,
    explore,
    first_event,
    generated_inputs,
    hand_names,
    hand_weights,
    parse_inputs,
    random_weights,
    telling_value,
    write_inputs,
)
from models.analysis.hand_set_weights import TEACHING, teaching_weights
from models.cells import get_cell, recurrent_cells

INPUTS = (0.0, 1.0, 0.5, -1.0, 2.0)


@pytest.mark.parametrize(("name", "module"), [("lstm", torch.nn.LSTMCell), ("gru", torch.nn.GRUCell)])
@given(seed=st.integers(0, 10_000), hidden=st.integers(1, 4))
def test_explore_equals_torch_cells(name: str, module: type, seed: int, hidden: int) -> None:
    """Any weights give the steps of torch.nn.LSTMCell and GRUCell to 1e-12."""
    weights = random_weights(get_cell(name), hidden, seed)
    cell = module(1, hidden).double()
    cell.load_state_dict({key: torch.from_numpy(value) for key, value in weights.items()})
    state = None
    trajectory = explore(name, weights, INPUTS)
    for step, value in enumerate(INPUTS):
        state = cell(torch.tensor([[value]], dtype=torch.float64), state)
        hidden_state = state[0] if isinstance(state, tuple) else state
        np.testing.assert_allclose(trajectory.values["hidden"][step], hidden_state[0].detach(), atol=1e-12)


def test_overrides_hold_only_in_their_steps_and_in_the_shown_convention() -> None:
    """A GRU's update gate held at 0 (do not write) keeps the hidden state for those steps and no others."""
    weights = random_weights(get_cell("gru"), 2, 3)
    override = GateOverride(architecture="gru", gate="update_gate", value=0.0, first=3, last=4)
    trajectory = explore("gru", weights, INPUTS, [override])
    hidden = trajectory.values["hidden"]
    np.testing.assert_array_equal(hidden[2], hidden[1])
    np.testing.assert_array_equal(hidden[3], hidden[1])
    assert not np.allclose(hidden[4], hidden[3])
    np.testing.assert_array_equal(hidden[:2], trajectory.original["hidden"][:2])
    assert np.all(trajectory.shown(get_cell("gru").gate("update_gate"))[2:4] == 0)


def test_lstm_keeps_cell_for_ever_with_forget_one_and_input_zero() -> None:
    """Forget gate 1 and input gate 0 freeze the cell state."""
    held = [
        GateOverride(architecture="lstm", gate=g, value=v, first=3) for g, v in (("forget_gate", 1), ("input_gate", 0))
    ]
    cell = explore("lstm", random_weights(get_cell("lstm"), 3, 1), INPUTS, held).values["cell"]
    np.testing.assert_array_equal(cell[2:], np.repeat(cell[1:2], 3, axis=0))


@pytest.mark.parametrize("name", list(recurrent_cells()))
@pytest.mark.parametrize("step", [0, 3])
def test_filled_equations_evaluate_to_their_values(name: str, step: int) -> None:
    """Evaluating the numbers that are shown gives the value that is shown, for every equation of every cell."""
    trajectory = explore(name, random_weights(get_cell(name), 3, 5), INPUTS)
    for line in step_lines(trajectory, step, unit=1):
        assert not re.search(r"[A-Za-z]_", line.numeric), line.numeric
        assert _evaluated(line.numeric) == pytest.approx(line.value, abs=5e-3), line
        assert not line.held


def _evaluated(latex: str) -> float:
    """Evaluate LaTeX of numbers and the functions that equations use."""
    expression = latex.replace(r"\cdot", "*").replace(r"\sigma", "logistic")
    for name in ("tanh", "exp", "log", "max"):
        expression = expression.replace(f"\\{name}", name)
    names = {name: getattr(math, name) for name in ("tanh", "exp", "log")}
    names |= {"max": max, "logistic": lambda x: 1 / (1 + math.exp(-x)), "__builtins__": {}}
    return float(eval(expression, names))  # noqa: S307 - numbers that the test made


def test_held_gate_is_named_in_its_equation() -> None:
    """An overridden gate's line says that it is held."""
    held = GateOverride(architecture="lstm", gate="output_gate", value=0.5)
    trajectory = explore("lstm", random_weights(get_cell("lstm"), 1, 2), INPUTS, [held])
    assert [line.name for line in step_lines(trajectory, 1) if line.held] == ["output_gate"]


@pytest.mark.parametrize("name", ["lstm", "gru", "cifg", "mgu"])
def test_teaching_presets_do_what_they_say(name: str) -> None:
    """Remember keeps the spike, forget loses it, copy follows the input; only a free cell state counts."""
    states = {}
    for key, preset in TEACHING.items():
        values = explore(name, teaching_weights(get_cell(name), preset), preset.inputs).values
        states[key] = values.get("cell", values["hidden"])[:, 0]
    assert states["remember"][-1] > 0.9 * states["remember"][1] > 0.5
    assert abs(states["forget"][2]) < 0.01 < states["forget"][1]
    assert np.sign(states["copy"][[1, 2, 3, 4]]).tolist() == [1, 1, -1, -1]
    counted = 5 if name == "lstm" else 1
    assert states["count"][-1] == pytest.approx(counted, abs=0.5)


@pytest.mark.parametrize("name", list(recurrent_cells()))
def test_hand_weights_hold_every_number_once(name: str) -> None:
    """Numbers in the order of their names fill every weight of a one-unit cell."""
    cell = get_cell(name)
    numbers = np.arange(1, len(hand_names(cell)) + 1, dtype=float)
    filled = np.concatenate([value.reshape(-1) for value in hand_weights(cell, numbers).values()])
    assert sorted(filled) == numbers.tolist()
    assert len(numbers) == cell.parameter_count(1, 1)


@given(st.lists(st.integers(-100_000, 100_000).map(lambda value: value / 1000), min_size=1, max_size=40))
def test_inputs_survive_the_link(inputs: list[float]) -> None:
    """A written sequence is read back as it was, to the digits that are written."""
    read = parse_inputs(write_inputs(inputs))
    assert read == pytest.approx(inputs, rel=1e-5)


@pytest.mark.parametrize("kind", list(GENERATORS))
def test_generated_inputs_have_the_length(kind: str) -> None:
    """Every generator gives as many numbers as asked for, and the same ones again."""
    assert len(generated_inputs(kind, 12)) == 12
    assert generated_inputs(kind, 12) == generated_inputs(kind, 12)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "needs 1 to 40 numbers"),
        ("1,x", "Input 2 must be a number"),
        ("1e99", "Input 1 must be a number"),
        (",".join(["1"] * 41), "not 41"),
    ],
)
def test_bad_inputs_are_refused_by_a_sentence(text: str, match: str) -> None:
    """What is not a short list of moderate numbers is refused with the place."""
    with pytest.raises(InvalidSpecError, match=match):
        parse_inputs(text)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("lstm.forget_gate", "has the form"),
        ("lstm.forgot_gate:1:1-2", "did you mean `forget_gate`"),
        ("lstm.forget_gate:1.5:1-2", "from 0 to 1"),
        ("lstm.candidate:-0.5:4-2", "first before the last"),
    ],
)
def test_bad_overrides_are_refused_by_a_sentence(text: str, match: str) -> None:
    """An override of a link is checked like any foreign value."""
    with pytest.raises(InvalidSpecError, match=match):
        GateOverride.from_text(text)


@pytest.mark.parametrize("keeps", [False, True])
@pytest.mark.parametrize("name", list(recurrent_cells()))
def test_arithmetic_has_the_gates_of_the_pictures(name: str, keeps: bool) -> None:
    """Whichever convention is drawn, the equations give the drawn value, and the states are those of the cell."""
    cell = get_cell(name)
    trajectory = explore(name, random_weights(cell, 2, 5), (0.5, -1.0, 0.25))
    for line in step_lines(trajectory, 2, 1, keeps=keeps):
        gates = {gate.name: gate for gate in cell.gates}
        drawn = (
            trajectory.values[line.name] if line.name not in gates else trajectory.shown(gates[line.name], keeps=keeps)
        )
        assert line.value == pytest.approx(float(drawn[2, 1]))
        assert _evaluated(line.numeric) == pytest.approx(line.value, abs=5e-3), line


def test_explorer_opens_where_something_happens_and_holds_what_changes_something() -> None:
    """The spike comes at the second step; a forget gate that is open already is held shut."""
    weights = teaching_weights(get_cell("lstm"), TEACHING["remember"])
    inputs = TEACHING["remember"].inputs
    assert first_event([explore("lstm", weights, inputs)]) == 1
    assert first_event([explore("lstm", weights, (0.0, 0.0))]) == 0
    assert telling_value("lstm", weights, inputs, "forget_gate") == 0.0
    assert telling_value("lstm", weights, inputs, "input_gate") == 0.0
    shut = teaching_weights(get_cell("lstm"), TEACHING["forget"])
    assert telling_value("lstm", shut, inputs, "forget_gate") == 1.0


def test_a_gate_held_at_its_own_value_is_still_held() -> None:
    """It is marked by what holds it, not by whether that changes the number."""
    weights = teaching_weights(get_cell("gru"), TEACHING["remember"])
    held = [GateOverride(architecture="gru", gate="reset_gate", value=1.0, first=2, last=3)]
    trajectory = explore("gru", weights, TEACHING["remember"].inputs, held)
    assert trajectory.held["reset_gate"].tolist() == [False, True, True, False, False]
    assert [line.name for line in step_lines(trajectory, 1) if line.held] == ["reset_gate"]
    assert not [line.name for line in step_lines(trajectory, 0) if line.held]
