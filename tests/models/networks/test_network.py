"""Networks with a replica axis: initialisation, stock modules, dropout, independence."""

import numpy as np
import pytest
import torch

from data.task import Part, TaskData
from models.cells import architectures, get_cell
from models.cells.network import run_network
from models.networks.build import build_network
from models.networks.recurrent import equations, reference
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from models.spec.run import RunSpec

STOCK = [name for name, cell in architectures().items() if cell.stock]


def run_spec(architecture: str = "lstm", **changes: object) -> RunSpec:
    """Return a small run."""
    defaults = {"dataset": "adding", "architectures": (architecture,), "hidden_size": 6, "seeds": 2, "updates": 5}
    defaults |= {"resampling": "start", "rate_search": 0}
    return plan_runs(ExperimentSpec(**(defaults | changes)))[0]


def tiny_task(kind: str = "regression", *, tokens: int = 0, ragged: bool = False) -> TaskData:
    """Return random arrays of a task kind: 12 sequences of 7 steps."""
    rng = np.random.default_rng(0)
    inputs = rng.integers(0, tokens, (12, 7)) if tokens else rng.normal(size=(12, 7, 2)).astype(np.float32)
    targets = {
        "regression": rng.normal(size=(12, 1)).astype(np.float32),
        "classification": rng.integers(0, 3, 12),
        "labelling": rng.integers(-1, 3, (12, 7)),
        "next_token": rng.integers(-1, 3, (12, 7)),
    }[kind]
    lengths = rng.integers(2, 8, 12) if ragged else np.full(12, 7)
    part = Part(inputs=inputs, targets=targets, lengths=lengths)
    outputs = 1 if kind == "regression" else 3
    return TaskData(
        kind=kind,
        train=part,
        validation=part,
        test=part,
        input_size=tokens or 2,
        output_size=outputs,
        vocabulary=tuple("abcdefgh"[:tokens]),
    )


@pytest.mark.parametrize("name", STOCK)
@pytest.mark.parametrize("layers", [1, 2])
def test_initial_weights_are_the_stock_constructors(name: str, layers: int) -> None:
    """Without forget bias, a replica starts with the weights of torch.nn after manual_seed, and loads into it."""
    network = build_network(run_spec(name, layers=layers, forget_bias=0.0, seed=5), tiny_task())
    torch.manual_seed(6)
    stock = getattr(torch.nn, get_cell(name).stock)(2, 6, num_layers=layers)
    ours = {
        f"{key}_l{index}": value[1]
        for index, layer in enumerate(network.recurrent)
        for key, value in layer.weights().items()
    }
    for key, value in stock.state_dict().items():
        torch.testing.assert_close(ours[key].detach(), value, atol=0, rtol=0)
    stock.load_state_dict(ours, strict=True)


@pytest.mark.parametrize("name", STOCK)
@pytest.mark.parametrize("recurrence", [equations, reference])
def test_network_outputs_equal_stock_modules(name: str, recurrence: object) -> None:
    """A replica's outputs equal torch.nn layers with its weights to 1e-6."""
    data = tiny_task()
    network = build_network(run_spec(name, layers=2), data, recurrence)
    inputs = torch.from_numpy(data.test.inputs)
    outputs = network(inputs.expand(2, -1, -1, -1))
    stock = getattr(torch.nn, get_cell(name).stock)(2, 6, num_layers=2, batch_first=True)
    stock.load_state_dict(
        {f"{k}_l{i}": v[1] for i, layer in enumerate(network.recurrent) for k, v in layer.weights().items()}
    )
    head = torch.nn.functional.linear(stock(inputs)[0][:, -1], network.head.weight[1], network.head.bias[1])
    torch.testing.assert_close(outputs[1], head, atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", list(architectures()))
@pytest.mark.parametrize(
    ("kind", "tokens", "ragged"), [("classification", 0, True), ("next_token", 5, False), ("labelling", 0, False)]
)
def test_numpy_network_equals_torch(name: str, kind: str, tokens: int, ragged: bool) -> None:
    """Saved weights run in NumPy give the outputs of the trained network, for every task kind."""
    data = tiny_task(kind, tokens=tokens, ragged=ragged)
    network = build_network(run_spec(name, layers=2, encoder_size=4), data)
    part = data.test
    lengths = torch.from_numpy(part.lengths).expand(2, -1) if ragged else None
    expected = network(torch.from_numpy(part.inputs).expand(2, *part.inputs.shape), lengths)[1].detach().numpy()
    weights = {key: value[1].numpy() for key, value in network.weights().items()}
    trace = run_network(get_cell(name), weights, part.inputs, part.lengths, each_step=kind != "classification")
    np.testing.assert_allclose(trace.outputs, expected, atol=1e-5)


def test_forget_bias_acts_on_the_forget_gate_only() -> None:
    """The setting adds to the rows of the forget gate and to nothing else."""
    plain = build_network(run_spec(forget_bias=0.0), tiny_task()).weights()
    biased = build_network(run_spec(forget_bias=2.0), tiny_task()).weights()
    change = biased["recurrent.0.bias_ih"] - plain["recurrent.0.bias_ih"]
    expected = torch.zeros_like(change)
    expected[:, 6:12] = 2.0
    torch.testing.assert_close(change, expected)


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_chrono_spreads_memory_up_to_the_length(name: str) -> None:
    """The gate that keeps starts with biases log(u), 1 <= u <= length - 1."""
    network = build_network(run_spec(name, initialisation="chrono", hidden_size=64), tiny_task())
    bias = network.recurrent[0].bias_ih + network.recurrent[0].bias_hh
    memory = bias[:, 64:128].detach()
    assert memory.min() >= 0.0
    assert memory.max() <= np.log(6.0) + 1e-6
    assert memory.max() > np.log(4.0)


@pytest.mark.parametrize("name", ["lstm", "gru", "rnn"])
def test_orthogonal_start_makes_each_block_a_rotation_of_its_own(name: str) -> None:
    """Every block of every replica is orthogonal, no two are alike, and nothing else changes."""
    plain = build_network(run_spec(name), tiny_task()).weights()
    started = build_network(run_spec(name, initialisation="orthogonal"), tiny_task()).weights()
    weights = started.pop("recurrent.0.weight_hh")
    plain.pop("recurrent.0.weight_hh")
    size = weights.shape[-1]
    blocks = weights.reshape(-1, size, size)
    torch.testing.assert_close(blocks @ blocks.mT, torch.eye(size).expand_as(blocks), atol=1e-5, rtol=0)
    assert len({tuple(block.flatten().tolist()) for block in blocks}) == len(blocks)
    torch.testing.assert_close(started, plain)


def test_orthogonal_start_leaves_layers_without_such_weights_alone() -> None:
    """IndRNN has one recurrent weight per unit, a TCN none."""
    for name in ("ind_rnn", "tcn"):
        plain = build_network(run_spec(name), tiny_task()).weights()
        torch.testing.assert_close(
            build_network(run_spec(name, initialisation="orthogonal"), tiny_task()).weights(), plain
        )


def test_dropout_masks_differ_by_replica_and_only_while_training() -> None:
    """Dropout acts between layers while training, from each replica's own stream, and never in evaluation."""
    data = tiny_task()
    network = build_network(run_spec(layers=2, dropout=0.5), data)
    inputs = torch.from_numpy(data.test.inputs).expand(2, -1, -1, -1)
    streams = [torch.Generator().manual_seed(seed) for seed in (1, 2)]
    plain = network.eval()(inputs, None, streams)
    torch.testing.assert_close(network(inputs), plain)
    assert not torch.allclose(network.train()(inputs, None, streams), plain)


@pytest.mark.parametrize("kind", ["regression", "classification", "labelling", "next_token"])
def test_replicas_do_not_mix(kind: str) -> None:
    """Changing one replica's weights leaves the other's outputs as they were."""
    data = tiny_task(kind, tokens=4)
    network = build_network(run_spec(), data)
    inputs = torch.from_numpy(data.test.inputs).expand(2, -1, -1)
    before = network(inputs)[0].detach()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter[1] += 1.0
    torch.testing.assert_close(network(inputs)[0], before, atol=0, rtol=0)
