"""Build what is timed: an update, a whole sequence and one streamed step of a network, with each kernel of this machine.

Every network has one replica and random weights; time does not depend on their values.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from data.task import Part, TaskData
from models.cells.network import FloatArray, layer_count, layer_weights
from models.networks.build import build_network
from models.networks.network import ReplicatedNetwork
from models.networks.recurrent import Recurrence, reference
from models.networks.selection import choose
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec
from models.spec.sizes import NetworkSize
from models.training import onnx_graph
from models.training.gradients import compute_gradients
from models.training.optimiser import Optimiser

TRAINING, INFERENCE, STREAMING = "training update", "inference", "streaming step"
STOCK, ONNX, NUMPY = "stock PyTorch", "ONNX Runtime", "NumPy"
Action = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One thing to time.

    Attributes:
        size: The network.
        quantity: `TRAINING`, `INFERENCE` or `STREAMING`.
        kernel: What computes it.
        action: Runs it once.
    """

    size: NetworkSize
    quantity: str
    kernel: str
    action: Action


def training_variants(size: NetworkSize, steps: int, batch_size: int) -> Iterator[Variant]:
    """Yield one update (forward, backward, optimiser) by our kernel and by PyTorch's own, where there is one."""
    for kernel, recurrence in _kernels(size):
        action = update_action(size, steps, batch_size, recurrence)
        yield Variant(size=size, quantity=TRAINING, kernel=kernel, action=action)


def inference_variants(size: NetworkSize, steps: int, batch_size: int) -> Iterator[Variant]:
    """Yield inference on one whole sequence."""
    data = random_task(size, steps, 1)
    inputs = torch.from_numpy(data.train.inputs)[None]
    for kernel, recurrence in _kernels(size):
        network = network_of(size, data, recurrence).eval()
        yield Variant(size=size, quantity=INFERENCE, kernel=kernel, action=_answer(network, inputs))
    if size.cell.stock is not None and onnx_graph.available():
        session = onnx_graph.Session(size.cell, weights_of(network_of(size, data, None)))
        start, sequence = session.initial(1), np.ascontiguousarray(data.train.inputs.transpose(1, 0, 2))
        yield Variant(size=size, quantity=INFERENCE, kernel=ONNX, action=lambda: session.run(sequence, start))


def streaming_variants(size: NetworkSize, steps: int, batch_size: int) -> Iterator[Variant]:
    """Yield one step of a sequence with its states, as when values arrive one by one; nothing for cells without states."""
    if not size.cell.recurrent:
        return
    data = random_task(size, 1, 1)
    weights = weights_of(network_of(size, data, None))
    step = data.train.inputs[:, 0]
    yield Variant(size=size, quantity=STREAMING, kernel=NUMPY, action=_numpy_stream(size, weights, step))
    if size.cell.stock is not None:
        yield Variant(size=size, quantity=STREAMING, kernel=STOCK, action=_stock_stream(size, step))
        if onnx_graph.available():
            session = onnx_graph.Session(size.cell, weights)
            yield Variant(size=size, quantity=STREAMING, kernel=ONNX, action=_onnx_stream(session, step))


def _kernels(size: NetworkSize) -> Iterator[tuple[str, Recurrence]]:
    chosen = choose(size.cell)
    if chosen.name != "reference":
        yield f"ours ({chosen.name})", chosen.recurrence
    if size.cell.stock is not None:
        yield STOCK, reference


def random_task(size: NetworkSize, steps: int, sequences: int) -> TaskData:
    """Return a regression task of random numbers with a network's input and output sizes."""
    generator = np.random.default_rng(0)
    part = Part(
        inputs=generator.normal(size=(sequences, steps, size.input_size)).astype(np.float32),
        targets=generator.normal(size=(sequences, size.output_size)).astype(np.float32),
        lengths=np.full(sequences, steps),
    )
    return TaskData(
        kind="regression",
        train=part,
        validation=part,
        test=part,
        input_size=size.input_size,
        output_size=size.output_size,
    )


def network_of(size: NetworkSize, data: TaskData, recurrence: Recurrence | None) -> ReplicatedNetwork:
    """Build a network of one replica; None takes this machine's kernel."""
    spec = ExperimentSpec(
        dataset="adding",
        architectures=(size.architecture,),
        hidden_size=size.hidden_size,
        layers=size.layers,
        seeds=1,
    )
    run = RunSpec(
        experiment=spec, architecture=size.architecture, hidden_size=size.hidden_size, updates=1, learning_rate=1e-3
    )
    return build_network(run, data, recurrence)


def weights_of(network: ReplicatedNetwork) -> dict[str, FloatArray]:
    """Return the weights of the only replica."""
    return {name: value[0].numpy() for name, value in network.weights().items()}


def update_action(size: NetworkSize, steps: int, batch_size: int, recurrence: Recurrence | None) -> Action:
    """Return a function that does one update of a network, including the optimiser."""
    data = random_task(size, steps, batch_size)
    network = network_of(size, data, recurrence)
    optimiser = Optimiser("adam", network.parameters(), 1e-3)
    batch = torch.from_numpy(data.train.inputs)[None], torch.from_numpy(data.train.targets)[None], None

    def update() -> None:
        compute_gradients(network, batch, data.kind, ())
        optimiser.step()

    return update


def _answer(network: ReplicatedNetwork, inputs: Tensor) -> Action:
    def answer() -> Tensor:
        with torch.inference_mode():
            outputs: Tensor = network(inputs)
        return outputs

    return answer


def _numpy_stream(size: NetworkSize, weights: dict[str, FloatArray], step: FloatArray) -> Action:
    cell = size.cell
    layers = [layer_weights(weights, index) for index in range(layer_count(weights))]
    states = [cell.initial_state(step, size.hidden_size) for _ in layers]
    head, bias = weights["head.weight"].T, weights["head.bias"]

    def stream() -> FloatArray:
        below = step
        for index, layer in enumerate(layers):
            states[index] = cell.next_state(cell.step(layer, below, states[index]))
            below = states[index]["hidden"]
        answer: FloatArray = below @ head + bias
        return answer

    return stream


def _stock_stream(size: NetworkSize, step: FloatArray) -> Action:
    layer = getattr(nn, str(size.cell.stock))(size.encoded_size, size.hidden_size, size.layers, batch_first=True)
    head = nn.Linear(size.hidden_size, size.output_size)
    inputs, states = torch.from_numpy(step)[:, None], [None]

    def stream() -> Tensor:
        with torch.inference_mode():
            hidden, states[0] = layer(inputs, states[0])
            answer: Tensor = head(hidden[:, -1])
        return answer

    return stream


def _onnx_stream(session: onnx_graph.Session, step: FloatArray) -> Action:
    states = [session.initial(1)]
    inputs = np.ascontiguousarray(step[None])

    def stream() -> FloatArray:
        answer, states[0] = session.run(inputs, states[0])
        return answer

    return stream
