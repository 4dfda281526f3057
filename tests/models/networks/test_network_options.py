"""Both directions, readout and layer norm: against torch.nn, in NumPy, in ONNX, in cost and in an exported script."""

import itertools
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from data.errors import InvalidSpecError
from models.cells import architectures, get_cell
from models.cells.network import answer_network, run_network
from models.engine.run_here import run_experiment
from models.export.dossier import Dossier
from models.export.onnx import build_model
from models.export.script import script_files
from models.networks.build import build_network
from models.spec.experiment_settings import ExperimentSpec
from models.spec.sizes import DataShape, parameter_count, parameter_groups, run_size
from models.spec.task_data import repeated_data
from models.spec.weight_shapes import weight_shapes
from models.training.gradients import compute_gradients
from tests.models.networks.test_network import run_spec, tiny_task

CLASSES = "japanese_vowels"
COMBINATIONS = [
    dict(zip(("bidirectional", "readout", "layer_norm"), values, strict=True))
    for values in itertools.product((False, True), ("last", "mean", "attention"), (False, True))
]


def built(name: str, changes: dict[str, object], *, ragged: bool = True, layers: int = 2) -> tuple:
    """Return a run, its task and its network with random normalisation and query."""
    data = tiny_task("classification", ragged=ragged)
    run = run_spec(name, dataset=CLASSES, layers=layers, **changes)
    network = build_network(run, data)
    torch.manual_seed(3)
    with torch.no_grad():
        for key, parameter in network.named_parameters():
            if key.startswith(("norm", "readout")):
                parameter.copy_(torch.randn(parameter.shape))
    return run, data, network


def outputs_of(network: torch.nn.Module, data: object) -> np.ndarray:
    """Return the second replica's answers to the test part."""
    inputs, lengths = torch.from_numpy(data.test.inputs), torch.from_numpy(data.test.lengths)
    return network(inputs.expand(2, *inputs.shape), lengths.expand(2, -1))[1].detach().numpy()


@pytest.mark.parametrize("changes", COMBINATIONS)
@pytest.mark.parametrize("name", ["lstm", "min_gru", "janet", "tcn"])
def test_numpy_and_onnx_equal_torch(name: str, changes: dict[str, object]) -> None:
    """Every combination gives the same answers everywhere, for sequences of different lengths; weights are as announced."""
    run, data, network = built(name, changes)
    expected, weights = outputs_of(network, data), {k: v[1].numpy() for k, v in network.weights().items()}
    part, cell = data.test, get_cell(name)
    traced = run_network(cell, weights, part.inputs, part.lengths, each_step=False)
    np.testing.assert_allclose(traced.outputs, expected, atol=1e-5)
    quick = answer_network(cell, weights, part.inputs, part.lengths, each_step=False)
    np.testing.assert_allclose(quick, expected, atol=1e-5)
    session = onnxruntime.InferenceSession(build_model(cell, weights, each_step=False).SerializeToString())
    for index in range(3):
        (found,) = session.run(None, {"inputs": part.inputs[index : index + 1, : part.lengths[index]]})
        np.testing.assert_allclose(found[0], expected[index], atol=1e-5)
    shapes = weight_shapes(run, data.input_size, data.output_size)
    assert {key: tuple(value.shape) for key, value in network.weights().items()} == shapes


@pytest.mark.parametrize("changes", COMBINATIONS)
def test_parameters_are_those_of_the_formula(changes: dict[str, object]) -> None:
    """Formula, groups and the built network count the same numbers."""
    for name in architectures():
        run, data, network = built(name, changes)
        size = run_size(run, DataShape.of(data))
        counted = network.parameters_per_replica()
        assert parameter_count(size) == counted == sum(group.count for group in parameter_groups(size))


def test_both_directions_equal_torchs_bidirectional_lstm() -> None:
    """Two layers of nn.LSTM with the same weights give the same answers to 1e-6, also on padded sequences."""
    _, data, network = built("lstm", {"bidirectional": True})
    stock = torch.nn.LSTM(2, 6, num_layers=2, batch_first=True, bidirectional=True)
    places = ("l0", "l0_reverse", "l1", "l1_reverse")
    stock.load_state_dict(
        {
            f"{k}_{p}": v[1]
            for p, layer in zip(places, network.recurrent, strict=True)
            for k, v in layer.weights().items()
        }
    )
    inputs, lengths = torch.from_numpy(data.test.inputs), torch.from_numpy(data.test.lengths)
    packed = torch.nn.utils.rnn.pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    ends = stock(packed)[1][0]  # (layers * directions, B, H)
    read = torch.cat([ends[-2], ends[-1]], dim=-1)
    expected = torch.nn.functional.linear(read, network.head.weight[1], network.head.bias[1])
    np.testing.assert_allclose(outputs_of(network, data), expected.detach().numpy(), atol=1e-6)


def test_layer_norm_and_mean_equal_torchs() -> None:
    """One layer: nn.GRU, nn.LayerNorm, mean over the steps, head."""
    _, data, network = built("gru", {"layer_norm": True, "readout": "mean"}, ragged=False, layers=1)
    stock, norm = torch.nn.GRU(2, 6, batch_first=True), torch.nn.LayerNorm(6)
    stock.load_state_dict({f"{k}_l0": v[1] for k, v in network.recurrent[0].weights().items()})
    norm.load_state_dict({"weight": network.norm[0].gain[1], "bias": network.norm[0].shift[1]})
    read = norm(stock(torch.from_numpy(data.test.inputs))[0]).mean(1)
    expected = torch.nn.functional.linear(read, network.head.weight[1], network.head.bias[1])
    np.testing.assert_allclose(outputs_of(network, data), expected.detach().numpy(), atol=1e-6)


@pytest.mark.parametrize(
    "changes", [each for each in COMBINATIONS if any(v not in (False, "last") for v in each.values())]
)
def test_every_parameter_learns(changes: dict[str, object]) -> None:
    """One backward pass reaches every parameter that has numbers."""
    _, data, network = built("gru", changes)
    part = data.train
    batch = tuple(
        torch.from_numpy(values).expand(2, *values.shape) for values in (part.inputs, part.targets, part.lengths)
    )
    compute_gradients(network, batch, data.kind, ())
    for name, parameter in network.named_parameters():
        assert not parameter.numel() or (parameter.grad is not None and parameter.grad.abs().max() > 0), name


@pytest.mark.parametrize(
    ("dataset", "changes", "said"),
    [
        ("founding_documents", {"bidirectional": True}, "would see the future"),
        ("sunspots", {"bidirectional": True}, "would see the future"),
        ("copy_memory", {"readout": "mean"}, "every step has an answer"),
        ("sunspots", {"readout": "sum"}, "must be one of `last`"),
    ],
)
def test_what_a_task_does_not_allow_is_refused(dataset: str, changes: dict[str, object], said: str) -> None:
    """With the reason."""
    with pytest.raises(InvalidSpecError, match=said):
        ExperimentSpec(dataset=dataset, **changes)


def test_older_links_and_keys_stay() -> None:
    """A link without the new settings is the same experiment with the same key."""
    spec = ExperimentSpec(dataset=CLASSES)
    raw = {k: v for k, v in spec.to_dict().items() if k not in ("bidirectional", "readout", "layer_norm", "schedule")}
    assert ExperimentSpec.from_dict(raw) == spec
    assert set(spec.key_values()).isdisjoint({"bidirectional", "readout", "layer_norm", "schedule"})
    changed = replace(spec, bidirectional=True, readout="attention", layer_norm=True)
    assert ExperimentSpec.from_query(changed.to_query()) == changed
    assert changed.key() != spec.key()


@pytest.mark.slow
@pytest.mark.parametrize("readout", ["last", "mean", "attention"])
def test_script_repeats_an_experiment_with_options(readout: str, tmp_path: Path) -> None:
    """A trained experiment with everything on, and the script that it exports, end with the same scores."""
    spec = ExperimentSpec(
        dataset=CLASSES,
        architectures=("gru", "janet"),
        hidden_size=6,
        layers=2,
        seeds=2,
        updates=20,
        evaluations=2,
        rate_search=0,
        bidirectional=True,
        layer_norm=True,
        readout=readout,
        schedule="one_cycle",
    )
    result, data = run_experiment(spec, threads=1), repeated_data(spec)
    (name, content), *_ = script_files(Dossier(result=result), data).items()
    (tmp_path / name).write_bytes(content)
    out = tmp_path / "out.json"
    command = [sys.executable, "-I", str(tmp_path / name), "--json", str(out)]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    scores = {(one["architecture"], one["seed"]): one for one in json.loads(out.read_text())}
    for run in result.runs:
        for seed in run.seeds:
            found = scores[run.spec.architecture, seed.seed]
            assert found["parameters"] == run.parameters
            np.testing.assert_allclose(found["loss"], seed.test_loss, rtol=2e-3)
