"""How far back the gradient reaches: d(last output) / d(state at each earlier step).

Axes: R replicas, N samples, T steps, H hidden units, O outputs. Computed with the cell's own equations, so it holds for
every architecture and kernel alike.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from data.repeat_splits import RepeatedData
from data.task import TaskData
from models.cells import get_cell
from models.cells.base import Cell
from models.cells.sequence import SequenceLayer
from models.networks.build import build_network
from models.networks.network import ReplicatedNetwork
from models.networks.recurrent import at_least_two
from models.spec.deciding_metric import for_loss
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from models.spec.run import RunSpec

MAX_SAMPLES, MIN_SAMPLES = 16, 2
TOGETHER = 8  # replicas
MAX_NUMBERS = 1_500_000  # replicas x samples x steps x units that are scanned together
MAX_OUTPUTS = 10
HORIZON_SHARE = 0.01  # the horizon ends where the norm drops below this share of its maximum
Array = NDArray[Any]


def gradient_flow(run: RunSpec, data: TaskData | RepeatedData, weights: Mapping[str, Array]) -> dict[str, Array]:
    """Measure gradient norms of the top layer on each replica's own test samples of full length.

    Args:
        run: The run whose weights these are.
        data: Its task, or the data of its replicas.
        weights: Name to `(R, ...)`, trained or initial.

    Returns:
        Nothing for networks that read in both directions, normalise or read from all steps. Else
        `input` and, where the cell has them, `hidden` and `cell`: `(R, T)`, the root mean square over samples of the
        Frobenius norm of the last output's Jacobian with respect to that step's value; `kept`: `(R, T)`, the mean over
        units and samples of the product of kept shares from each step to the end (0 before the last step if no gate keeps
        anything); `horizon`: `(R,)` steps, of the hidden state, or of the inputs if the cell has no state.
    """
    if not is_measured(run.experiment):
        return {}
    replicas = len(next(iter(weights.values())))
    repeated = data if isinstance(data, RepeatedData) else RepeatedData.shared(data, replicas)
    inputs = _inputs(run, repeated)
    blocks = [
        _measured(
            run,
            repeated.tasks[0],
            {name: np.asarray(value)[start : start + TOGETHER] for name, value in weights.items()},
            torch.stack([inputs[number] for number in repeated.numbers[start : start + TOGETHER]]),
        )
        for start in range(0, replicas, TOGETHER)
    ]
    norms = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    norms["horizon"] = np.array([horizon(row) for row in norms.get("hidden", norms["input"])], dtype=np.float64)
    return norms


def is_measured(spec: ExperimentSpec) -> bool:
    """Return whether gradient flow means something: one direction, read at the last step, no normalisation on the way."""
    return not spec.bidirectional and not spec.layer_norm and spec.readout == "last"


def _inputs(run: RunSpec, data: RepeatedData) -> list[Tensor]:
    """Return up to `MAX_SAMPLES` test sequences of full length from each set of data."""
    steps = min(int(task.test.lengths.max()) for task in data.tasks)
    longest = [np.flatnonzero(task.test.lengths >= steps) for task in data.tasks]
    affordable = MAX_NUMBERS // (TOGETHER * steps * run.hidden_size)
    count = min(max(MIN_SAMPLES, min(MAX_SAMPLES, affordable)), *[len(found) for found in longest])
    return [
        torch.from_numpy(task.test.inputs[found[:count]][:, :steps])
        for task, found in zip(data.tasks, longest, strict=True)
    ]


def _measured(run: RunSpec, data: TaskData, weights: Mapping[str, Array], inputs: Tensor) -> dict[str, Array]:
    """Measure some replicas `(R, ...)` on their inputs `(R, N, T, ...)`; see `gradient_flow`."""
    network, cell = build_network(run, data), get_cell(run.architecture)
    network.load(dict(zip(weights, at_least_two(*map(torch.from_numpy, weights.values())), strict=True)))
    scan = _scan(network, cell, *at_least_two(inputs))
    norms = _jacobian_norms(scan)
    norms["kept"] = _kept(cell, scan.gates, norms["input"].shape)
    return {name: values[: len(inputs)] for name, values in norms.items()}


def horizon(norms: Array) -> float:
    """Return how many steps back the norm stays at or above 1 % of its maximum, counted from the last step.

    Args:
        norms: `(T,)`, the first step first.
    """
    if not np.isfinite(norms).all() or norms.max() <= 0:
        return float("nan")
    reached = np.nonzero(norms >= HORIZON_SHARE * norms.max())[0]
    return float(len(norms) - 1 - reached[0])


class _Scan:
    """Result of a scan: outputs, and per step the values whose gradients are needed."""

    def __init__(self) -> None:
        self.outputs = torch.empty(0)
        self.watched: dict[str, list[Tensor]] = {}
        self.gates: dict[str, list[Tensor]] = {}


def _scan(network: ReplicatedNetwork, cell: Cell, inputs: Tensor) -> _Scan:
    """Run the network step by step; the top layer's inputs and states stay in the graph."""
    found = _Scan()
    with torch.no_grad():
        values = network.encode(inputs)
        for layer in list(network.recurrent)[:-1]:
            values = layer(values)
    weights = {name: value.detach() for name, value in network.layer(-1).weights().items()}
    if isinstance(cell, SequenceLayer):
        steps = [step.clone().requires_grad_() for step in values.detach().unbind(2)]
        found.watched["input"] = steps
        found.outputs = _head(network, cell.run(weights, torch.stack(steps, dim=2))[:, :, -1])
        return found
    state = cell.initial_state(values[:, :, 0], cell.hidden_size(weights))
    for index in range(inputs.shape[2]):
        step_input = values[:, :, index].detach().clone().requires_grad_()
        step = cell.step(weights, step_input, state)
        state = cell.next_state(step)
        for name, value in {"input": step_input, **state}.items():
            found.watched.setdefault(name, []).append(value)
        for gate in cell.gates:
            found.gates.setdefault(gate.name, []).append(getattr(step, gate.name).detach())
    found.outputs = _head(network, state["hidden"])
    return found


def _head(network: ReplicatedNetwork, hidden: Tensor) -> Tensor:
    head = network.head
    return torch.baddbmm(head.bias.detach().unsqueeze(1), hidden, head.weight.detach().mT)


def _jacobian_norms(scan: _Scan) -> dict[str, Array]:
    """Return per watched value the root mean square over samples of the Jacobian's norm, `(R, T)`."""
    outputs = scan.outputs  # (R, N, O)
    chosen = range(min(outputs.shape[-1], MAX_OUTPUTS))
    scale = outputs.shape[-1] / len(chosen)
    flat = [value for values in scan.watched.values() for value in values]
    squares = [torch.zeros(value.shape[:2]) for value in flat]
    for output in chosen:
        gradients = torch.autograd.grad(outputs[..., output].sum(), flat, retain_graph=True, allow_unused=True)
        for square, gradient in zip(squares, gradients, strict=True):
            if gradient is not None:
                square += gradient.square().sum(-1)
    norms = (torch.stack(squares, dim=1).mean(-1) * scale).sqrt().numpy()  # (R, all values)
    steps = len(next(iter(scan.watched.values())))
    return {name: norms[:, index * steps : (index + 1) * steps] for index, name in enumerate(scan.watched)}


def _kept(cell: Cell, gates: Mapping[str, list[Tensor]], shape: tuple[int, ...]) -> Array:
    """Return the mean product of kept shares from each step to the last, `(R, T)`; ones at the last step."""
    keeping = next((gate for gate in cell.gates if gate.retains), None)
    if keeping is None:
        nothing = torch.zeros(shape)
        nothing[:, -1] = 1.0
        return nothing.numpy()
    values = torch.stack(gates[keeping.name], dim=1)  # (R, T, N, H)
    shares = values if keeping.retains == "direct" else 1 - values
    later = torch.cat([shares[:, 1:], torch.ones_like(shares[:, :1])], dim=1)
    products = later.flip(1).cumprod(1).flip(1)
    return products.flatten(2).mean(-1).numpy()


def fresh_flow(spec: dict[str, Any]) -> dict[str, dict[str, NDArray[Any]]]:
    """Measure every architecture of a spec before any training.

    Args:
        spec: Plain values of an `ExperimentSpec`.

    Returns:
        Architecture to the output of `gradient_flow`.
    """
    experiment = ExperimentSpec.from_dict(spec)
    data = for_loss(experiment, experiment.source().load(experiment.dataset_options(), experiment.seed))
    found = {}
    for run in plan_runs(experiment):
        weights = {name: value.numpy() for name, value in build_network(run, data).weights().items()}
        found[run.architecture] = {name: np.asarray(v) for name, v in gradient_flow(run, data, weights).items()}
    return found
