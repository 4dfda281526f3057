"""Compare the training speed of stock PyTorch, one module per seed, with that of the fused kernels, in turns in one process.

Both do the same update on the same numbers: gather a batch, forward, mean squared error of the last step, backward, fused
Adam. Before anything is timed, both train from equal weights and their losses must agree.
"""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from models.cells import get_cell
from models.cells.base import Cell
from models.errors import GatescopeError
from models.networks.network import Linear, ReplicatedNetwork
from models.networks.recurrent import RecurrentLayer
from models.networks.selection import choose
from models.platform import load_average
from models.training.environment import environment
from models.training.measure import time_in_turns
from models.training.optimiser import Optimiser

SAMPLES = 1024
CHECKED_UPDATES = 20
TOLERANCE = 1e-5
MATRIX = 512  # side of the matrices whose product gives the machine's rate
BLOCK_SECONDS = 0.1  # of one kind of update before switching, so that each has warm caches
LEARNING_RATE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedSettings:
    """What is measured.

    Attributes:
        hidden: Units H.
        length: Steps T.
        batch: Sequences B per update and seed.
        inputs: Features I per step.
        seeds: Replicas R of each architecture.
        architectures: Names; each needs a stock module.
        workload: Whether to time all architectures together on all cores, too.
        seconds: How long the timed rounds may take, for each of the two parts.
    """

    hidden: int = 32
    length: int = 50
    batch: int = 32
    inputs: int = 1
    seeds: int = 5
    architectures: tuple[str, ...] = ("lstm", "gru")
    workload: bool = False
    seconds: float = 10.0


class Trainer(Protocol):
    """All seeds of one architecture."""

    def update(self) -> Tensor:
        """Do one update of every seed and return the losses `(R,)`."""


def measure_speed(settings: SpeedSettings) -> dict[str, Any]:
    """Compare, check and time both ways of training.

    Returns:
        Plain values: `settings`, `environment`, `cores`, `load_before` and `load_after` (runnable threads, averaged over
        a minute), `matrix_product_gflops` (float32, one thread), `architectures` (medians per update of all seeds),
        `gru_to_lstm` where both were measured, and `workload`. Every ratio is under the key `ratio`; a larger one is
        better for the fused kernels, except in `gru_to_lstm`.

    Raises:
        GatescopeError: If an architecture has no fused kernel here, or the two ways give different losses.
    """
    torch.set_num_threads(1)
    before = load_average()
    problem = Problem(settings)
    differences = {name: problem.difference(name) for name in settings.architectures}
    rows, rate = _architectures(problem, differences)
    report = {
        "settings": asdict(settings),
        "environment": environment("fused", torch.device("cpu")),
        "cores": os.cpu_count() or 1,
        "load_before": before,
        "matrix_product_gflops": rate,
        "architectures": rows,
    }
    times = {row["architecture"]: row["fused_milliseconds"] for row in rows}
    if {"lstm", "gru"} <= times.keys():
        report["gru_to_lstm"] = {"ratio": times["gru"] / times["lstm"]}
    if settings.workload:
        report["workload"] = _workload(problem)
    return report | {"load_after": load_average()}


class Problem:
    """Random data, the order of batches, and trainers with the same initial weights."""

    def __init__(self, settings: SpeedSettings) -> None:
        self.settings = settings
        generator = torch.Generator().manual_seed(0)
        self.count = max(SAMPLES, settings.batch)
        self.inputs = torch.randn(self.count, settings.length, settings.inputs, generator=generator)
        self.targets = torch.randn(self.count, 1, generator=generator)
        orders = [torch.randperm(self.count, generator=generator) for _ in range(settings.seeds)]
        self.order = torch.stack(orders)

    def trainers(self, name: str) -> tuple["StockTrainer", "FusedTrainer"]:
        """Return both ways of training an architecture, from equal weights.

        Raises:
            GatescopeError: If the fused kernel is not used on this machine.
        """
        cell = get_cell(name)
        chosen = choose(cell)
        if chosen.name != "fused":
            reason = chosen.notice or f"`{name}` trains with the {chosen.name} here."
            raise GatescopeError(f"There is nothing to compare: {reason}")
        fused = FusedTrainer(self, cell)
        return StockTrainer(self, cell, fused), fused

    def batch(self, update: int) -> Tensor:
        """Return the samples `(R, B)` of an update."""
        size = self.settings.batch
        start = update * size % (self.count - size + 1)
        return self.order[:, start : start + size]

    def difference(self, name: str) -> float:
        """Train both ways for some updates and return the largest difference of their losses.

        Raises:
            GatescopeError: If it is too large.
        """
        stock, fused = self.trainers(name)
        steps = range(CHECKED_UPDATES)
        worst = max(float((stock.update() - fused.update()).abs().max()) for _ in steps)
        if not worst <= TOLERANCE:
            raise GatescopeError(f"The two ways of training `{name}` differ by {worst:.1e} in their losses.")
        return worst


class FusedTrainer:
    """All seeds as one network."""

    def __init__(self, problem: Problem, cell: Cell) -> None:
        size = problem.settings
        streams = [torch.Generator().manual_seed(seed) for seed in range(size.seeds)]
        self.layer = RecurrentLayer(
            cell, size.inputs, hidden_size=size.hidden, generators=streams, recurrence=choose(cell).recurrence
        )
        head = Linear(size.hidden, 1, streams)
        self.network = ReplicatedNetwork(None, [self.layer], head, each_step=False, dropout=0.0)
        self._problem, self._done = problem, 0
        self._parameters = list(self.network.parameters())
        self._optimiser = Optimiser("adam", self._parameters, LEARNING_RATE)

    def update(self) -> Tensor:
        """See `Trainer`."""
        batch = self._problem.batch(self._done)
        self._done += 1
        for parameter in self._parameters:
            parameter.grad = None
        errors = self.network(self._problem.inputs[batch]) - self._problem.targets[batch]
        losses: Tensor = errors.square().mean((1, 2))
        losses.sum().backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        return losses.detach()


class StockTrainer:
    """One stock module per seed, one after another, as a plain PyTorch script would do it."""

    def __init__(self, problem: Problem, cell: Cell, like: FusedTrainer) -> None:
        size = problem.settings
        self._problem, self._done = problem, 0
        self._seeds: list[tuple[nn.RNNBase, nn.Linear, torch.optim.Optimizer]] = []
        for seed in range(size.seeds):
            layer: nn.RNNBase = getattr(nn, str(cell.stock))(size.inputs, size.hidden, batch_first=True)
            head = nn.Linear(size.hidden, 1)
            weights = like.layer.weights()
            layer.load_state_dict({f"{name}_l0": value[seed] for name, value in weights.items()})
            head.load_state_dict({name: value[seed] for name, value in like.network.head.named_parameters()})
            parameters = [*layer.parameters(), *head.parameters()]
            self._seeds.append((layer, head, torch.optim.Adam(parameters, lr=LEARNING_RATE, fused=True)))

    def update(self) -> Tensor:
        """See `Trainer`."""
        batch = self._problem.batch(self._done)
        self._done += 1
        return torch.stack([self._update_seed(seed, samples) for seed, samples in enumerate(batch)])

    def _update_seed(self, seed: int, samples: Tensor) -> Tensor:
        layer, head, optimiser = self._seeds[seed]
        optimiser.zero_grad()
        hidden, _ = layer(self._problem.inputs[samples])
        loss: Tensor = (head(hidden[:, -1]) - self._problem.targets[samples]).square().mean()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        return loss.detach()


def update_gflop(cell: Cell, settings: SpeedSettings) -> float:
    """Return 1e9 floating-point operations of the matrix products of one update of all seeds.

    Forward, gradient of the weights, gradient of the hidden states; the inputs need none.
    """
    forward = cell.flops_per_step(settings.inputs, settings.hidden)
    recurrent = cell.flops_per_step(0, settings.hidden)
    return (2 * forward + recurrent) * settings.batch * settings.length * settings.seeds / 1e9


def _architectures(problem: Problem, differences: dict[str, float]) -> tuple[list[dict[str, Any]], float]:
    """Time one update of each architecture both ways; return rows and the rate of matrix products."""
    settings = problem.settings
    pairs = {name: problem.trainers(name) for name in settings.architectures}
    matrix = torch.randn(MATRIX, MATRIX)
    blocks = [_block(trainer.update) for pair in pairs.values() for trainer in pair] + [_block(lambda: matrix @ matrix)]
    times = time_in_turns([block for block, _ in blocks], settings.seconds)
    medians = [float(np.median(taken)) / count for taken, (_, count) in zip(times, blocks, strict=True)]
    rate = 2 * MATRIX**3 / 1e9 / medians[-1]
    rows = []
    for index, name in enumerate(pairs):
        stock, fused = medians[2 * index : 2 * index + 2]
        speed = update_gflop(get_cell(name), settings) / fused
        rows.append(
            {
                "architecture": name,
                "reference_milliseconds": stock * 1e3,
                "fused_milliseconds": fused * 1e3,
                "ratio": stock / fused,
                "fused_gflops": speed,
                "share_of_matrix_product": speed / rate,
                "largest_loss_difference": differences[name],
                "rounds": len(times[0]),
            }
        )
    return rows, rate


def _block(action: Callable[[], object]) -> tuple[Callable[[], None], int]:
    """Return the action repeated, and how often."""
    for _ in range(3):
        action()
    started = time.perf_counter()
    action()
    count = max(1, round(BLOCK_SECONDS / max(time.perf_counter() - started, 1e-6)))

    def repeated() -> None:
        for _ in range(count):
            action()

    return repeated, count


def _workload(problem: Problem) -> list[dict[str, Any]]:
    """Time one update of all architectures together, both ways, on one thread and with one thread per architecture."""
    settings = problem.settings
    pairs = [problem.trainers(name) for name in settings.architectures]
    with ThreadPoolExecutor(len(pairs), initializer=torch.set_num_threads, initargs=(1,)) as pool:
        ways: list[tuple[str, int, int, Callable[[], object]]] = []
        for index, name in enumerate(("reference", "fused")):
            trainers = [pair[index] for pair in pairs]
            _, count = _block(partial(_one_by_one, trainers, 1))
            ways.append((name, 1, count, partial(_one_by_one, trainers, count)))
            ways.append((name, len(pairs), count, partial(_together, pool, trainers, count)))
        times = time_in_turns([action for *_, action in ways], settings.seconds)
    medians = [float(np.median(taken)) / count for taken, (_, _, count, _) in zip(times, ways, strict=True)]
    return [
        {"kernel": name, "threads": threads, "milliseconds": median * 1e3, "ratio": medians[0] / median}
        for (name, threads, _, _), median in zip(ways, medians, strict=True)
    ]


def _updates(trainer: Trainer, count: int) -> None:
    for _ in range(count):
        trainer.update()


def _one_by_one(trainers: Sequence[Trainer], count: int) -> None:
    for trainer in trainers:
        _updates(trainer, count)


def _together(pool: ThreadPoolExecutor, trainers: Sequence[Trainer], count: int) -> None:
    for future in [pool.submit(_updates, trainer, count) for trainer in trainers]:
        future.result()
