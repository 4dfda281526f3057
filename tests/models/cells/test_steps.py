"""Every cell's step against PyTorch's own layers, in NumPy and on torch tensors."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.cells import architectures, get_cell, recurrent_cells
from models.cells.network import scan
from models.errors import UnknownNameError
from models.networks.recurrent import equations, reference

STOCK = [name for name, cell in architectures().items() if cell.stock]


def _stock(name: str, inputs: int, hidden: int, *, layers: int = 1) -> torch.nn.RNNBase:
    layer = getattr(torch.nn, get_cell(name).stock)(inputs, hidden, num_layers=layers, batch_first=True)
    return layer.double()


def _weights(layer: torch.nn.RNNBase, index: int = 0) -> dict[str, torch.Tensor]:
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return {name: getattr(layer, f"{name}_l{index}").detach() for name in names}


@pytest.mark.parametrize("name", STOCK)
@pytest.mark.parametrize("layers", [1, 2])
def test_step_scanned_equals_stock_layer(name: str, layers: int) -> None:
    """Scanned over time, NumPy and torch give what torch.nn gives, to 1e-12 in float64."""
    stock = _stock(name, 3, 5, layers=layers)
    inputs = torch.randn(4, 7, 3, dtype=torch.float64)
    expected = stock(inputs)[0].detach()
    below, stacked = inputs.numpy(), inputs.unsqueeze(0)
    for index in range(layers):
        weights = _weights(stock, index)
        below = scan(get_cell(name), {key: value.numpy() for key, value in weights.items()}, below)["hidden"]
        replicated = {key: value.unsqueeze(0) for key, value in weights.items()}
        stacked = equations(get_cell(name), replicated, stacked, last_only=False)
    np.testing.assert_allclose(below, expected.numpy(), atol=1e-12, rtol=0)
    torch.testing.assert_close(stacked[0], expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("name", STOCK)
def test_equations_gradients_equal_reference(name: str) -> None:
    """Gradients through the scanned step equal those of the stock kernel, replica by replica."""
    cell = get_cell(name)
    shapes = cell.weight_shapes(3, 4)
    inputs = torch.randn(2, 3, 6, 3, dtype=torch.float64)
    gradients = []
    for recurrence in (equations, reference):
        torch.manual_seed(1)
        weights = {key: torch.randn(2, *shape, dtype=torch.float64).requires_grad_() for key, shape in shapes.items()}
        recurrence(cell, weights, inputs, last_only=False).square().sum().backward()
        gradients.append([value.grad for value in weights.values()])
    for ours, stock in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, stock, atol=1e-11, rtol=1e-11)


@pytest.mark.parametrize("name", list(recurrent_cells()))
def test_cell_description_matches_its_step(name: str) -> None:
    """Gates, states and blocks named by a cell are exactly what its step returns and its weights hold."""
    cell = get_cell(name)
    rng = np.random.default_rng(0)
    weights = {key: rng.normal(size=shape) for key, shape in cell.weight_shapes(2, 3).items()}
    inputs = rng.normal(size=(4, 2))
    step = cell.step(weights, inputs, cell.initial_state(inputs, 3))
    assert set(step._fields) == {gate.name for gate in cell.gates} | {state.name for state in cell.states}
    assert set(cell.blocks) <= {gate.name for gate in cell.gates}
    assert cell.states[-1].name == "hidden"
    assert all(value.shape == (4, 3) for value in step)


@pytest.mark.parametrize("name", list(recurrent_cells()))
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**20), scale=st.floats(0.1, 50.0))
def test_gates_stay_in_their_range(name: str, seed: int, scale: float) -> None:
    """Gates lie in [0, 1] and bounded candidates in [-1, 1] for any weights, without overflow."""
    cell = get_cell(name)
    rng = np.random.default_rng(seed)
    weights = {key: rng.normal(size=shape) * scale for key, shape in cell.weight_shapes(2, 3).items()}
    traced = scan(cell, weights, rng.normal(size=(2, 5, 2)) * scale)
    for gate in cell.gates:
        assert np.isfinite(traced[gate.name]).all()
        if not gate.bounded:
            continue
        low = 0.0 if gate.kind == "gate" else -1.0
        assert traced[gate.name].min() >= low
        assert traced[gate.name].max() <= 1.0


@pytest.mark.parametrize("name", list(recurrent_cells()))
def test_override_replaces_gate_everywhere_or_where_not_nan(name: str) -> None:
    """A number replaces a gate at all steps; an array replaces it only where it is not NaN."""
    cell = get_cell(name)
    gate = cell.gates[0].name
    rng = np.random.default_rng(3)
    weights = {key: rng.normal(size=shape) for key, shape in cell.weight_shapes(2, 3).items()}
    inputs = rng.normal(size=(2, 6, 2))
    plain = scan(cell, weights, inputs)
    assert np.all(scan(cell, weights, inputs, {gate: 0.25})[gate] == 0.25)
    partial = np.full((1, 6, 3), np.nan)
    partial[0, 2, 1] = 0.5
    changed = scan(cell, weights, inputs, {gate: partial})
    assert np.all(changed[gate][:, 2, 1] == 0.5)
    np.testing.assert_array_equal(changed[gate][:, :2], plain[gate][:, :2])
    np.testing.assert_array_equal(
        scan(cell, weights, inputs, {gate: np.full((1, 1, 3), np.nan)})["hidden"], plain["hidden"]
    )


def test_lstm_keeps_cell_for_ever_with_open_forget_and_closed_input() -> None:
    """Forget gate 1 and input gate 0 leave the cell state untouched."""
    cell = get_cell("lstm")
    rng = np.random.default_rng(4)
    weights = {key: rng.normal(size=shape) for key, shape in cell.weight_shapes(1, 2).items()}
    state = {"cell": rng.normal(size=(1, 2)), "hidden": np.zeros((1, 2))}
    step = cell.step(weights, rng.normal(size=(1, 1)), state, {"forget_gate": 1.0, "input_gate": 0.0})
    np.testing.assert_array_equal(step.cell, state["cell"])


@pytest.mark.parametrize(("name", "expected"), [("lstm", 4480), ("gru", 3360), ("rnn", 1120)])
def test_parameter_count_of_known_sizes(name: str, expected: int) -> None:
    """32 units on one input have the numbers of weights that the formulas give."""
    assert get_cell(name).parameter_count(1, 32) == expected


def test_get_cell_names_the_nearest() -> None:
    """An unknown architecture is answered with the nearest valid name."""
    with pytest.raises(UnknownNameError, match="did you mean `lstm`"):
        get_cell("lstn")
