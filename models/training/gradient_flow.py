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

from data.task import Part, TaskData
from models.cells import get_cell
from models.cells.base import Cell
from models.networks.build import build_network
from models.networks.network import ReplicatedNetwork
from models.spec.experiment import ExperimentSpec
from models.spec.fairness import plan_runs
from models.spec.run import RunSpec

MAX_SAMPLES, MIN_SAMPLES = 16, 2
MAX_NUMBERS = 1_500_000  # replicas x samples x steps x units that are scanned
MAX_OUTPUTS = 10
HORIZON_SHARE = 0.01  # the horizon ends where the norm falls below this share of its maximum
Array = NDArray[Any]


def gradient_flow(run: RunSpec, data: TaskData, weights: Mapping[str, Array]) -> dict[str, Array]:
    """Measure gradient norms of the top layer on test samples of full length.

    Args:
        run: The run whose weights these are.
        data: Its task.
        weights: Name to `(R, ...)`, trained or initial.

    Returns:
        `hidden`, `input` and, where the cell has one, `cell`: `(R, T)`, the root mean square over samples of the
        Frobenius norm of the last output's Jacobian with respect to that step's value; `kept`: `(R, T)`, the mechanism:
        the mean over units and samples of the product of kept shares from each step to the end (all ones minus nothing
        kept where no gate keeps); `horizon`: `(R,)` steps.
    """
    network = build_network(run, data)
    network.load({name: torch.from_numpy(np.asarray(value)) for name, value in weights.items()})
    affordable = MAX_NUMBERS // (network.replicas() * data.test.inputs.shape[1] * run.hidden_size)
    inputs, steps = _longest(data.test, max(MIN_SAMPLES, min(MAX_SAMPLES, affordable)))
    scan = _scan(network, get_cell(run.architecture), inputs.expand(network.replicas(), *inputs.shape), steps)
    norms = _jacobian_norms(scan)
    norms["kept"] = _kept(get_cell(run.architecture), scan.gates)
    norms["horizon"] = np.array([horizon(row) for row in norms["hidden"]], dtype=np.float64)
    return norms


def horizon(norms: Array) -> float:
    """Return how many steps back the norm stays at or above 1 % of its maximum, counted from the last step.

    Args:
        norms: `(T,)`, the first step first.
    """
    if not np.isfinite(norms).all() or norms.max() <= 0:
        return float("nan")
    reached = np.nonzero(norms >= HORIZON_SHARE * norms.max())[0]
    return float(len(norms) - 1 - reached[0])


def _longest(part: Part, most: int) -> tuple[Tensor, int]:
    """Return up to `most` of the longest sequences and their common length."""
    steps = int(part.lengths.max())
    chosen = np.nonzero(part.lengths == steps)[0][:most]
    return torch.from_numpy(part.inputs[chosen][:, :steps]), steps


class _Scan:
    """What a scan leaves behind: outputs, and per step the values whose gradients are wanted."""

    def __init__(self) -> None:
        self.outputs = torch.empty(0)
        self.watched: dict[str, list[Tensor]] = {}
        self.gates: dict[str, list[Tensor]] = {}


def _scan(network: ReplicatedNetwork, cell: Cell, inputs: Tensor, steps: int) -> _Scan:
    """Run the network step by step; the top layer's inputs and states stay in the graph."""
    found = _Scan()
    with torch.no_grad():
        values = network.encode(inputs)
        for layer in list(network.recurrent)[:-1]:
            values = layer(values)
    weights = {name: value.detach() for name, value in network.layer(-1).weights().items()}
    state = cell.initial_state(values[:, :, 0], cell.hidden_size(weights))
    for index in range(steps):
        step_input = values[:, :, index].detach().clone().requires_grad_()
        step = cell.step(weights, step_input, state)
        state = cell.next_state(step)
        for name, value in {"input": step_input, **state}.items():
            found.watched.setdefault(name, []).append(value)
        for gate in cell.gates:
            found.gates.setdefault(gate.name, []).append(getattr(step, gate.name).detach())
    head = network.head
    found.outputs = torch.baddbmm(head.bias.detach().unsqueeze(1), state["hidden"], head.weight.detach().mT)
    return found


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


def _kept(cell: Cell, gates: Mapping[str, list[Tensor]]) -> Array:
    """Return the mean product of kept shares from each step to the last, `(R, T)`; ones at the last step."""
    keeping = next((gate for gate in cell.gates if gate.retains), None)
    any_gate = next(iter(gates.values()))
    if keeping is None:
        nothing = torch.zeros(any_gate[0].shape[0], len(any_gate))
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
        Architecture to what `gradient_flow` returns.
    """
    experiment = ExperimentSpec.from_dict(spec)
    data = experiment.source().load(experiment.dataset_options(), experiment.seed)
    found = {}
    for run in plan_runs(experiment):
        weights = {name: value.numpy() for name, value in build_network(run, data).weights().items()}
        found[run.architecture] = {name: np.asarray(v) for name, v in gradient_flow(run, data, weights).items()}
    return found
