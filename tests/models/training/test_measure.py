"""Measuring: the right things are timed, in turns, and deployed graphs compute the same numbers."""

from dataclasses import asdict

import numpy as np
import pytest
import torch

from models.cells import architectures, get_cell
from models.spec.memory import activation_bytes, optimiser_bytes, weight_bytes
from models.spec.sizes import NetworkSize
from models.training import onnx_graph
from models.training.measure import MIN_ROUNDS, measure_costs, time_in_turns, training_bytes
from models.training.timed_work import (
    inference_variants,
    network_of,
    random_task,
    streaming_variants,
    training_variants,
    weights_of,
)

STOCK = tuple(name for name, cell in architectures().items() if cell.stock)


def size_of(architecture: str, **fields: int) -> NetworkSize:
    """Return a small network with two inputs."""
    return NetworkSize(architecture=architecture, **{"hidden_size": 6, "input_size": 2, "encoded_size": 2} | fields)


def test_time_in_turns_interleaves_and_repeats_short_actions() -> None:
    """Each round calls every action; one that is far too short for the clock is called many times."""
    calls: list[str] = []
    times = time_in_turns([lambda: calls.append("a"), lambda: calls.append("b")], 0.0)
    assert [len(taken) for taken in times] == [MIN_ROUNDS, MIN_ROUNDS]
    timed = "".join(calls).lstrip("a").lstrip("b")
    assert timed.count("ab") == MIN_ROUNDS
    assert len(calls) > 100 * MIN_ROUNDS


def test_measure_costs_reports_every_quantity_with_quartiles() -> None:
    """Median between quartiles, positive, with kernels named, and the load of the machine beside it."""
    report = measure_costs([asdict(size_of("gru")), asdict(size_of("mgu"))], 8, 4, 0.0)
    assert {row["quantity"] for row in report["rows"]} == {
        "training memory",
        "training update",
        "inference",
        "streaming step",
    }
    assert all(0 < row["low"] <= row["median"] <= row["high"] for row in report["rows"])
    kernels = {row["kernel"] for row in report["rows"] if row["architecture"] == "mgu"}
    assert kernels == {"ours (equations)", "NumPy"}
    assert {"load_before", "load_after", "cores", "environment"} <= set(report)


@pytest.mark.parametrize("architecture", tuple(architectures()))
def test_training_bytes_equal_the_formula(architecture: str) -> None:
    """What an update holds is what the formulas add up to, within 10 %; a complex memory within 20 %."""
    size = size_of(architecture, hidden_size=24)
    formula = 2 * weight_bytes(size) + optimiser_bytes(size, "adam") + activation_bytes(size, 20, 16)
    assert training_bytes(size, 20, 16) == pytest.approx(formula, rel=0.2 if architecture == "lru" else 0.1)


@pytest.mark.parametrize("architecture", STOCK)
def test_variants_of_a_stock_architecture_name_ours_and_pytorchs(architecture: str) -> None:
    """Both kernels train and answer; streaming has NumPy and PyTorch at least."""
    size = size_of(architecture)
    for make in (training_variants, inference_variants, streaming_variants):
        kernels = [variant.kernel for variant in make(size, 5, 3)]
        assert "stock PyTorch" in kernels
        assert len(set(kernels)) == len(kernels) >= 2


def test_streaming_carries_the_states() -> None:
    """The same input gives another answer at the second step, because the states went on."""
    for variant in streaming_variants(size_of("lstm"), 1, 1):
        first, second = (np.asarray(variant.action()) for _ in range(2))
        assert not np.array_equal(first, second), variant.kernel


@pytest.mark.skipif(not onnx_graph.available(), reason="ONNX Runtime is not installed")
@pytest.mark.parametrize("architecture", STOCK)
@pytest.mark.parametrize("layers", [1, 2])
def test_onnx_session_computes_what_the_network_computes(architecture: str, layers: int) -> None:
    """Whole sequences and streamed steps agree with our network to float32 rounding."""
    size = size_of(architecture, layers=layers)
    data = random_task(size, 9, 4)
    network = network_of(size, data, None)
    with torch.inference_mode():
        expected = network(torch.from_numpy(data.train.inputs)[None])[0].numpy()
    session = onnx_graph.Session(get_cell(architecture), weights_of(network))
    sequence = np.ascontiguousarray(data.train.inputs.transpose(1, 0, 2))
    whole, _ = session.run(sequence, session.initial(4))
    np.testing.assert_allclose(whole, expected, atol=2e-6)
    states = session.initial(4)
    for step in sequence:
        streamed, states = session.run(step[None], states)
    np.testing.assert_allclose(streamed, expected, atol=2e-6)


def test_onnx_refuses_an_architecture_without_an_operator() -> None:
    """The message names the architecture."""
    with pytest.raises(ValueError, match="`mgu`"):
        onnx_graph.build(get_cell("mgu"), {})
