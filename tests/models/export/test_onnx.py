"""ONNX files and safetensors load elsewhere and give the same outputs."""

import json
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from safetensors import safe_open

from data.catalog import get_dataset
from models.cells import architectures, get_cell, onnx_weights
from models.cells.network import run_network
from models.errors import EngineError, StoreError
from models.export.onnx import onnx_file
from models.export.safetensors import weights_file
from models.records.results import RunResult
from models.spec.repeats import repeat_data
from models.spec.weight_shapes import weight_shapes
from tests.models.records.samples import a_result, a_spec, the_runs


def a_network(dataset: str, architecture: str, *, encoder_size: int = 0) -> RunResult:
    """Return a result with random weights that fit a dataset."""
    spec = a_spec(dataset=dataset, architectures=(architecture,), layers=2, encoder_size=encoder_size)
    data, (run,) = get_dataset(dataset).load(spec.dataset_options(), 0), the_runs(spec)
    embedding = (encoder_size or 16) if data.vocabulary else 0
    random = np.random.default_rng(3)
    shapes = weight_shapes(run, data.input_size, data.output_size, embedding=embedding)
    weights = {name: (0.4 * random.normal(size=shape)).astype(np.float32) for name, shape in shapes.items()}
    return replace(a_result(run), weights=weights)


@pytest.mark.parametrize("architecture", sorted(architectures()))
@pytest.mark.parametrize(("dataset", "encoder_size"), [("adding", 5), ("copy_memory", 0)])
def test_onnx_gives_the_same_outputs(architecture: str, dataset: str, encoder_size: int) -> None:
    """Any batch and any length through onnxruntime equals the equations to 1e-5."""
    result, entry = a_network(dataset, architecture, encoder_size=encoder_size), get_dataset(dataset)
    data = entry.load(result.spec.experiment.dataset_options(), 0)
    content = onnx_file(result, 1, data)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    for count, steps in ((1, 3), (7, 11)):
        inputs = data.test.inputs[:count, :steps]
        lengths = np.full(count, steps)
        each_step = data.kind == "labelling"
        trace = run_network(get_cell(architecture), result.replica(1), inputs, lengths, each_step=each_step)
        (found,) = session.run(None, {"inputs": inputs})
        np.testing.assert_allclose(found, trace.outputs, atol=1e-5, rtol=1e-5)
    facts = {entry.key: entry.value for entry in onnx.load_from_string(content).metadata_props}
    assert facts["architecture"] == architecture
    assert facts["seed"] == "1"


def test_onnx_gives_quantiles_in_ascending_order() -> None:
    """Crossing outputs of the head leave the file sorted, level after level, as the forecast has them."""
    from data.quantiles import QUANTILES, ascending

    spec = a_spec(dataset="airline", options=(("horizon", 3),), architectures=("gru",), loss="quantile")
    data, (run,) = repeat_data(spec), the_runs(spec)
    random = np.random.default_rng(3)
    shapes = weight_shapes(run, data.input_size, data.head_size, embedding=0)
    weights = {name: (0.4 * random.normal(size=shape)).astype(np.float32) for name, shape in shapes.items()}
    result = replace(a_result(run), weights=weights)
    content = onnx_file(result, 0, data)
    inputs = data.test.inputs[:4]
    lengths = np.full(4, inputs.shape[1])
    raw = run_network(get_cell("gru"), result.replica(0), inputs, lengths, each_step=False).outputs
    (found,) = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, {"inputs": inputs})
    each = found.reshape(4, len(QUANTILES), 3)
    assert (np.diff(each, axis=1) >= 0).all()
    assert not np.allclose(found, raw, atol=1e-3)
    np.testing.assert_allclose(np.moveaxis(each, 1, 0), ascending(raw), atol=1e-5)
    facts = {entry.key: entry.value for entry in onnx.load_from_string(content).metadata_props}
    assert json.loads(facts["quantiles"]) == list(QUANTILES)


def test_onnx_that_differs_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that computes something else raises instead."""
    result = a_network("adding", "gru")
    data = get_dataset("adding").load(result.spec.experiment.dataset_options(), 0)
    monkeypatch.setitem(onnx_weights._ORDERS, "GRU", (0, 1, 2))
    with pytest.raises(EngineError, match="differ from the network"):
        onnx_file(result, 0, data)


def test_safetensors_load_into_stock_torch_layers() -> None:
    """Each seed's weights go into torch.nn.LSTM by name and give the same hidden states."""
    result = a_network("adding", "lstm")
    inputs = np.random.default_rng(0).random((3, 6, 2)).astype(np.float32)
    import safetensors.torch

    loaded = safetensors.torch.load(weights_file(result))
    layer = torch.nn.LSTM(2, result.spec.hidden_size, batch_first=True)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    layer.load_state_dict({f"{name}_l0": loaded[f"recurrent.0.{name}"][1] for name in names})
    trace = run_network(get_cell("lstm"), result.replica(1), inputs, np.full(3, 6), each_step=True)
    np.testing.assert_allclose(
        layer(torch.from_numpy(inputs))[0].detach(), trace.layers[0]["hidden"], atol=1e-6, rtol=1e-5
    )


def test_safetensors_header_says_what_it_is(tmp_path: object) -> None:
    """The header holds the whole experiment as text."""
    result = a_network("adding", "gru")
    path = f"{tmp_path}/weights.safetensors"
    with open(path, "wb") as file:
        file.write(weights_file(result))
    with safe_open(path, "numpy") as opened:
        facts = opened.metadata()
    assert facts["torch_layer"] == "torch.nn.GRU"
    assert json.loads(facts["experiment"]) == result.spec.experiment.to_dict()


def test_run_without_weights_says_so() -> None:
    """There is nothing to export without weights."""
    result = replace(a_network("adding", "gru"), weights={})
    with pytest.raises(StoreError, match="kept no weights"):
        weights_file(result)
