"""The fused kernels against PyTorch's own, and what a worker relies on: same bits, no mixing, no growth."""

import gc
import math
import threading
import weakref
from collections.abc import Callable

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor

from models.cells import get_cell
from models.networks import fused
from models.networks.fused import KERNELS, Fused
from models.networks.network import Linear, ReplicatedNetwork
from models.networks.recurrent import RecurrentLayer, reference

NAMES = tuple(KERNELS)
TOLERANCES = {torch.float64: 1e-12, torch.float32: 1e-5}
Shape = tuple[int, int, int, int, int]
shapes = st.tuples(  # replicas, batch, steps, inputs, units
    st.integers(1, 3), st.integers(1, 37), st.integers(1, 7), st.integers(1, 20), st.integers(1, 37)
)


def make_layers(name: str, shape: Shape, count: int = 1, dtype: torch.dtype = torch.float32) -> list[RecurrentLayer]:
    """Return stacked layers with the fused recurrence."""
    replicas, _, _, inputs, hidden = shape
    streams = [torch.Generator().manual_seed(seed) for seed in range(replicas)]
    recurrence, cell = Fused(), get_cell(name)
    return [
        RecurrentLayer(
            cell, hidden if index else inputs, hidden_size=hidden, generators=streams, recurrence=recurrence
        ).to(dtype)
        for index in range(count)
    ]


def run(layers: list[RecurrentLayer], values: Tensor, *, last_only: bool) -> Tensor:
    """Run stacked layers."""
    for layer in layers[:-1]:
        values = layer(values)
    return layers[-1](values, last_only=last_only)


def drawn(*shape: int, dtype: torch.dtype = torch.float32, seed: int = 0) -> Tensor:
    """Return normal numbers from a stream of their own."""
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


def stock_results(layers: list[RecurrentLayer], values: Tensor, upstream: Tensor, *, last_only: bool) -> list[Tensor]:
    """Return outputs, gradient of the inputs and of every parameter by torch.nn modules, one per replica."""
    cell, found = layers[0].cell, []
    for replica in range(values.shape[0]):
        module = getattr(torch.nn, str(cell.stock))(
            values.shape[-1], layers[0].hidden_size, num_layers=len(layers), batch_first=True, dtype=values.dtype
        )
        weights = [
            (f"{key}_l{i}", value[replica]) for i, layer in enumerate(layers) for key, value in layer.weights().items()
        ]
        module.load_state_dict(dict(weights))
        sequence = values[replica].detach().requires_grad_()
        hidden = module(sequence)[0]
        outputs = hidden[:, -1] if last_only else hidden
        named = dict(module.named_parameters())
        gradients = torch.autograd.grad(outputs, [sequence, *(named[key] for key, _ in weights)], upstream[replica])
        found.append([outputs.detach(), *gradients])
    return [torch.stack(parts) for parts in zip(*found, strict=True)]


def fused_results(layers: list[RecurrentLayer], values: Tensor, upstream: Tensor, *, last_only: bool) -> list[Tensor]:
    """Return the same by the fused kernels."""
    sequence = values.detach().requires_grad_()
    outputs = run(layers, sequence, last_only=last_only)
    parameters = [parameter for layer in layers for parameter in layer.weights().values()]
    return [outputs.detach(), *torch.autograd.grad(outputs, [sequence, *parameters], upstream)]


@pytest.mark.parametrize("dtype", list(TOLERANCES), ids=str)
@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=25)
@given(shape=shapes, count=st.integers(1, 3), last_only=st.booleans())
def test_fused_equals_stock_modules(name: str, dtype: torch.dtype, shape: Shape, count: int, last_only: bool) -> None:
    """Outputs and every gradient equal torch.nn's, for any sizes and one to three layers."""
    layers = make_layers(name, shape, count, dtype)
    replicas, batch, steps, inputs, hidden = shape
    values = drawn(replicas, batch, steps, inputs, dtype=dtype)
    upstream = drawn(replicas, batch, *(() if last_only else (steps,)), hidden, dtype=dtype, seed=1)
    ours = fused_results(layers, values, upstream, last_only=last_only)
    theirs = stock_results(layers, values, upstream, last_only=last_only)
    for mine, stock in zip(ours, theirs, strict=True):
        scale = max(1.0, float(stock.abs().max()))
        torch.testing.assert_close(mine / scale, stock / scale, atol=TOLERANCES[dtype], rtol=0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("last_only", [True, False])
def test_fused_gradient_equals_finite_differences(name: str, last_only: bool) -> None:
    """torch.autograd.gradcheck accepts inputs and all parameters."""
    (layer,) = make_layers(name, (2, 3, 4, 2, 5), dtype=torch.float64)
    values = drawn(2, 3, 4, 2, dtype=torch.float64).requires_grad_()
    names, parameters = zip(*layer.weights().items(), strict=True)

    def function(sequence: Tensor, *weights: Tensor) -> Tensor:
        return layer.recurrence(layer.cell, dict(zip(names, weights, strict=True)), sequence, last_only=last_only)

    assert torch.autograd.gradcheck(function, (values, *parameters))


@pytest.mark.parametrize("name", NAMES)
def test_network_with_dropout_and_ragged_lengths_equals_the_reference(name: str) -> None:
    """Three layers, dropout between them and the last valid step: outputs and gradients agree in a whole network."""
    shape = (2, 6, 9, 3, 11)
    layers = make_layers(name, shape, 3, torch.float64)
    head = Linear(11, 2, [torch.Generator().manual_seed(seed) for seed in (0, 1)]).double()
    network = ReplicatedNetwork(None, layers, head, each_step=False, dropout=0.4)
    lengths = torch.tensor([[9, 1, 4, 7, 2, 9], [3, 9, 9, 1, 5, 6]])
    found = []
    for recurrence in (layers[0].recurrence, reference):
        for layer in layers:
            layer.recurrence = recurrence
        streams = [torch.Generator().manual_seed(seed) for seed in (7, 8)]
        outputs = network(drawn(*shape[:4], dtype=torch.float64), lengths, streams)
        found.append([outputs, *torch.autograd.grad(outputs.square().sum(), list(network.parameters()))])
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=1e-12)


def losses_of_training(layer: RecurrentLayer, updates: int) -> Tensor:
    """Train a layer to sum its inputs and return the losses `(updates, R)`."""
    replicas = layer.weight_hh.shape[0]
    optimiser = torch.optim.Adam(layer.parameters(), lr=3e-3, fused=True)
    losses = []
    for update in range(updates):
        inputs = drawn(replicas, 8, 10, 1, seed=update)
        outputs = layer(inputs, last_only=True).mean(-1)
        loss = (outputs - 0.1 * inputs.sum((2, 3))).square().mean(1)
        optimiser.zero_grad()
        loss.sum().backward()
        optimiser.step()
        losses.append(loss.detach())
    return torch.stack(losses)


@pytest.mark.parametrize("name", NAMES)
def test_fused_training_stays_with_the_reference(name: str) -> None:
    """After 300 updates the loss still is within 1e-5 of the reference's, and training has learned something."""
    (layer,) = make_layers(name, (1, 8, 10, 1, 8))
    ours = losses_of_training(layer, 300)
    (stock,) = make_layers(name, (1, 8, 10, 1, 8))
    stock.recurrence = reference
    torch.testing.assert_close(ours, losses_of_training(stock, 300), atol=1e-5, rtol=0)
    assert ours[-20:].mean() < 0.5 * ours[:20].mean()


@pytest.mark.parametrize("name", NAMES)
def test_replica_in_a_group_of_five_equals_the_replica_alone(name: str) -> None:
    """Outputs and gradients of a replica are the same bits in any company."""
    shape = (5, 9, 6, 3, 19)
    (layer,) = make_layers(name, shape)
    values, upstream = drawn(*shape[:4]), drawn(5, 9, 6, 19, seed=1)
    group = fused_results([layer], values, upstream, last_only=False)
    (single,) = make_layers(name, (1, *shape[1:]))
    for key, parameter in single.named_parameters():
        parameter.data = getattr(layer, key).data[3:4].clone()
    alone = fused_results([single], values[3:4], upstream[3:4], last_only=False)
    for in_group, by_itself in zip(group, alone, strict=True):
        assert torch.equal(in_group[3:4], by_itself)


def in_threads(actions: list[Callable[[], list[Tensor]]]) -> list[list[Tensor]]:
    """Run actions at the same time and return their results."""
    barrier, results = threading.Barrier(len(actions)), [[] for _ in actions]

    def work(index: int) -> None:
        torch.set_num_threads(1)
        barrier.wait()
        results[index] = actions[index]()

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_training_is_bit_identical_alone_and_beside_another_thread() -> None:
    """A group trains to the same bits every time, also while another architecture trains on another thread."""

    def training(name: str) -> Callable[[], list[Tensor]]:
        def action() -> list[Tensor]:
            (layer,) = make_layers(name, (2, 8, 10, 1, 16))
            losses = losses_of_training(layer, 30)
            return [losses, *(parameter.detach() for parameter in layer.parameters())]

        return action

    alone = [training("lstm")(), training("gru")()]
    for _ in range(3):
        for found, expected in zip(in_threads([training("lstm"), training("gru")]), alone, strict=True):
            assert all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))


def test_one_network_may_be_used_by_two_threads() -> None:
    """Threads that share a network, and with it its spare buffers, do not disturb each other."""
    (layer,) = make_layers("lstm", (2, 20, 30, 3, 24))
    values = [drawn(2, 20, 30, 3, seed=seed) for seed in (1, 2)]
    upstream = torch.ones(2, 20, 24)

    def action(index: int) -> Callable[[], list[Tensor]]:
        return lambda: [
            tensor for _ in range(20) for tensor in fused_results([layer], values[index], upstream, last_only=True)
        ]

    found = in_threads([action(0), action(1)])
    for index in (0, 1):
        expected = fused_results([layer], values[index], upstream, last_only=True)
        for place, tensor in enumerate(found[index]):
            assert torch.equal(tensor, expected[place % len(expected)])


@pytest.mark.parametrize("last_only", [True, False])
def test_retained_graph_gives_the_same_gradient_again(last_only: bool) -> None:
    """A second backward pass works after other calls have used the buffers."""
    layers = make_layers("gru", (2, 5, 6, 3, 7), 2)
    outputs = run(layers, drawn(2, 5, 6, 3), last_only=last_only).sum()
    parameters = [*layers[0].parameters(), *layers[1].parameters()]
    first = torch.autograd.grad(outputs, parameters, retain_graph=True)
    run(layers, drawn(2, 5, 6, 3, seed=1), last_only=last_only).sum().backward()
    second = torch.autograd.grad(outputs, parameters)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_second_derivative_is_refused() -> None:
    """What the kernels cannot differentiate is an error, never a wrong number."""
    (layer,) = make_layers("gru", (1, 2, 3, 1, 4))
    with pytest.raises(RuntimeError, match="no second derivative"):
        torch.autograd.grad(layer(drawn(1, 2, 3, 1)).sum(), layer.weight_hh, create_graph=True)


def test_outputs_are_not_overwritten_by_later_calls() -> None:
    """Outputs of one call stay what they were, although buffers are used again."""
    (layer,) = make_layers("lstm", (1, 4, 5, 2, 6))
    for last_only in (True, False):
        with torch.no_grad():
            kept = layer(drawn(1, 4, 5, 2), last_only=last_only)
            copy = kept.clone()
            for seed in range(3):
                layer(drawn(1, 4, 5, 2, seed=seed + 1), last_only=last_only)
        assert torch.equal(kept, copy)


def test_inputs_of_any_layout_are_accepted() -> None:
    """Permuted, expanded and sliced inputs give the outputs of contiguous ones."""
    (layer,) = make_layers("gru", (2, 5, 4, 3, 7))
    for values in (
        drawn(4, 3, 5, 2).permute(3, 2, 0, 1),
        drawn(5, 4, 3).expand(2, -1, -1, -1),
        drawn(2, 9, 8, 3)[:, ::2, ::2],
    ):
        with torch.no_grad():
            assert torch.equal(layer(values), layer(values.contiguous()))


def test_mismatched_shapes_and_types_are_refused() -> None:
    """What would be read beyond its end or as another type is an error that names the argument."""
    (layer,) = make_layers("gru", (2, 5, 4, 3, 7))
    with pytest.raises(ValueError, match=r"`weight_ih` must be \(2, 21, 4\)"):
        layer(drawn(2, 5, 4, 4))
    with pytest.raises(ValueError, match=r"`weight_ih` must be \(3, 21, 3\)"):
        layer(drawn(3, 5, 4, 3))
    with pytest.raises(ValueError, match="float32"):
        layer(drawn(2, 5, 4, 3, dtype=torch.float64))
    with pytest.raises(ValueError, match="float32 or float64"):
        layer(drawn(2, 5, 4, 3).half())


def test_nan_stays_visible_and_in_its_replica() -> None:
    """A replica that has diverged yields NaN, the others what they would yield alone."""
    for name in NAMES:
        (layer,) = make_layers(name, (3, 5, 4, 2, 7))
        values, upstream = drawn(3, 5, 4, 2), drawn(3, 5, 7, seed=1)
        before = fused_results([layer], values, upstream, last_only=True)
        layer.weight_hh.data[1, 0, 0] = torch.nan
        after = fused_results([layer], values, upstream, last_only=True)
        assert after[0][1].isnan().any()
        for old, new in zip(before, after, strict=True):
            assert torch.equal(old[[0, 2]], new[[0, 2]])


def test_buffers_are_used_again_and_freed_with_the_network() -> None:
    """Training holds one set of buffers, however long; it goes when the network goes."""
    (layer,) = make_layers("lstm", (2, 8, 10, 1, 16))
    recurrence = layer.recurrence
    assert isinstance(recurrence, Fused)
    losses_of_training(layer, 2)
    held = {spare.data_ptr() for spare in recurrence._spare}
    losses_of_training(layer, 5)
    assert {spare.data_ptr() for spare in recurrence._spare} == held
    assert len(held) == 2
    watched = weakref.ref(recurrence._spare[0])
    del layer, recurrence
    gc.collect()
    assert watched() is None


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=25)
@example(batch=400, inputs=15, hidden=63, last_only=True)  # nearly all columns of the last register are in use
@given(
    batch=st.sampled_from([1, 16, 17, 400]),
    inputs=st.integers(1, 40),
    hidden=st.integers(1, 70),
    last_only=st.booleans(),
)
def test_kernels_stay_within_their_memory(name: str, batch: int, inputs: int, hidden: int, last_only: bool) -> None:
    """Nothing is written behind any buffer, however the sizes divide into registers."""
    buffers: list[Tensor] = []

    def guarded(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        buffer = torch.full((math.prod(shape) + 64,), 7.0, dtype=dtype)
        buffers.append(buffer)
        return buffer[:-64].view(shape)

    (layer,) = make_layers(name, (1, batch, 2, inputs, hidden))
    values = drawn(1, batch, 2, inputs).requires_grad_()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            fused.torch, "empty", lambda shape, dtype: guarded(*([shape] if isinstance(shape, int) else shape))
        )
        layer(values, last_only=last_only).sum().backward()
    assert len(buffers) >= 8
    assert all(bool((buffer[-64:] == 7.0).all()) for buffer in buffers)


@pytest.mark.parametrize("last_only", [True, False])
def test_training_goes_on_after_an_evaluation(last_only: bool) -> None:
    """Buffers made in inference mode serve training, and outputs of training are evaluation's in value."""
    layers = make_layers("lstm", (2, 8, 6, 3, 16), 2)
    values = drawn(2, 8, 6, 3)
    with torch.inference_mode():
        evaluated = run(layers, values, last_only=last_only)
    trained = run(layers, values, last_only=last_only)
    trained.sum().backward()
    with torch.inference_mode():
        assert torch.equal(run(layers, values, last_only=last_only), evaluated)
    assert torch.equal(trained.detach(), evaluated)


def test_spare_buffers_stay_few_and_large_enough() -> None:
    """Growing sizes replace smaller buffers instead of piling up."""
    recurrence = Fused()
    for count in range(1, 30):
        buffer = recurrence.take(count, torch.float32)
        assert buffer.numel() >= count
        recurrence.give_back(buffer)
    assert len(recurrence._spare) == 1
    for _ in range(20):
        recurrence.give_back(torch.empty(4))
    assert len(recurrence._spare) <= 8
