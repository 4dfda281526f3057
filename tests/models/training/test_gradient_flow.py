"""Gradient flow against finite differences, and the decay that theory asks for."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.cells import get_cell
from models.cells.base import affine
from models.networks.build import build_network
from models.training.gradient_flow import gradient_flow, horizon
from tests.models.networks.test_network import run_spec, tiny_task


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "cifg"])
def test_gradient_norms_equal_finite_differences(name: str) -> None:
    """The norm with respect to each step's hidden state is what nudging that state shows."""
    run = run_spec(name, seeds=1, hidden_size=3)
    data = tiny_task()
    one = replace(data.test, inputs=data.test.inputs[:1], targets=data.test.targets[:1], lengths=data.test.lengths[:1])
    data = replace(data, test=one)
    weights = {key: value.numpy() for key, value in build_network(run, data).weights().items()}
    measured = gradient_flow(run, data, weights)["hidden"][0]
    expected = [_nudged_norm(name, weights, one.inputs[0], step) for step in range(one.inputs.shape[1])]
    np.testing.assert_allclose(measured, expected, rtol=2e-3)


def _nudged_norm(name: str, weights: dict[str, np.ndarray], inputs: np.ndarray, step: int) -> float:
    """Return the norm of d(output)/d(hidden at `step`) by central differences in float64."""
    gradient = []
    for unit in range(3):
        ends = [_output(name, weights, inputs, step, unit, sign * 1e-5) for sign in (1.0, -1.0)]
        gradient.append((ends[0] - ends[1]) / 2e-5)
    return float(np.linalg.norm(gradient))


def _output(name: str, weights: dict[str, np.ndarray], inputs: np.ndarray, step: int, unit: int, nudge: float) -> float:
    cell = get_cell(name)
    layer = {
        key.removeprefix("recurrent.0."): torch.from_numpy(value[0]).double()
        for key, value in weights.items()
        if key.startswith("recurrent.0.")
    }
    values = torch.from_numpy(inputs).double()
    state = cell.initial_state(values[:1], 3)
    for index in range(len(values)):
        state = cell.next_state(cell.step(layer, values[index : index + 1], state))
        if index == step:
            state["hidden"] = state["hidden"].clone()
            state["hidden"][0, unit] += nudge
    head = affine(state["hidden"], torch.from_numpy(weights["head.weight"][0]).double())
    return float(head[0, 0])


def test_fresh_rnn_decays_within_the_spectral_bound_and_lstm_slower() -> None:
    """A fresh tanh RNN's gradient shrinks at least as fast as its largest singular value; the LSTM's shrinks less."""
    flows = {}
    for name in ("rnn", "lstm"):
        run = run_spec(name, seeds=3, hidden_size=24, options=(("length", 50),))
        data = run.experiment.source().load(run.experiment.dataset_options(), 0)
        weights = {key: value.numpy() for key, value in build_network(run, data).weights().items()}
        flows[name] = (gradient_flow(run, data, weights), weights)
    norms, weights = flows["rnn"][0]["hidden"], flows["rnn"][1]
    largest = np.linalg.svd(weights["recurrent.0.weight_hh"], compute_uv=False)[:, :1]
    distance = np.arange(norms.shape[1])[::-1]
    assert np.all(norms <= norms[:, -1:] * largest**distance * 1.001)
    slope = np.polyfit(-distance[10:], np.log(norms[:, 10:]).T, 1)
    assert np.all(slope[0] > 0.1)
    assert np.all(flows["lstm"][0]["horizon"] > flows["rnn"][0]["horizon"])


def test_horizon_counts_steps_above_one_percent() -> None:
    """The horizon is the distance of the farthest step that keeps 1 % of the maximum."""
    assert horizon(np.array([0.001, 0.02, 0.5, 1.0])) == 2
    assert horizon(np.ones(5)) == 4
    assert np.isnan(horizon(np.zeros(3)))


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru"])
def test_input_gradients_equal_those_of_torchs_own_layers(name: str) -> None:
    """The norm with respect to each step's input is what autograd finds through `torch.nn`."""
    run = run_spec(name, seeds=1, hidden_size=5)
    data = tiny_task()
    weights = {key: value.numpy() for key, value in build_network(run, data).weights().items()}
    stock = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[name](
        data.input_size, 5, batch_first=True
    )
    named = {
        f"{key.rpartition('.')[2]}_l0": torch.from_numpy(value[0])
        for key, value in weights.items()
        if key.startswith("recurrent.0.")
    }
    stock.load_state_dict(named)
    inputs = torch.from_numpy(data.test.inputs[:16]).requires_grad_()
    outputs = stock(inputs)[0][:, -1] @ torch.from_numpy(weights["head.weight"][0]).T
    (gradient,) = torch.autograd.grad(outputs.sum(), inputs)
    expected = gradient.square().sum(-1).mean(0).sqrt().numpy()
    np.testing.assert_allclose(gradient_flow(run, data, weights)["input"][0], expected, rtol=1e-4)


@pytest.mark.parametrize(("name", "gate"), [("lstm", 1), ("gru", 1)])
def test_kept_share_is_the_product_of_the_keeping_gate(name: str, gate: int) -> None:
    """With all weights zero the gate is constant, and what it keeps is its power of the distance."""
    run = run_spec(name, seeds=2, hidden_size=4)
    data = tiny_task()
    weights = {key: np.zeros_like(value.numpy()) for key, value in build_network(run, data).weights().items()}
    bias = weights["recurrent.0.bias_ih"]
    bias[:, gate * 4 : (gate + 1) * 4] = np.array([[1.0], [2.0]])
    steps = data.test.inputs.shape[1]
    share = 1 / (1 + np.exp(-np.array([[1.0], [2.0]])))
    np.testing.assert_allclose(gradient_flow(run, data, weights)["kept"], share ** np.arange(steps)[::-1], rtol=1e-4)


def test_fresh_rnn_decays_exponentially() -> None:
    """The logarithm of the norm falls on a line with the distance."""
    run = run_spec("rnn", seeds=3, hidden_size=24, options=(("length", 60),))
    data = run.experiment.source().load(run.experiment.dataset_options(), 0)
    weights = {key: value.numpy() for key, value in build_network(run, data).weights().items()}
    logs = np.log(gradient_flow(run, data, weights)["hidden"])
    distance = np.arange(60)[::-1]
    for line in logs:
        assert np.corrcoef(distance, line)[0, 1] < -0.99
