"""The replicas of one architecture while they train together.

Every replica has its own initialisation, data, batch order, dropout, clipping, learning rate, best weights and end; finished
replicas are dropped from the group, so they cost nothing. Axes: R replicas still training, S replicas in all.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from data.repeat_splits import RepeatedData
from data.task import PartName, TaskKind
from models.cells import get_cell
from models.networks.build import build_network, stream
from models.networks.recurrent import equations, equations_of_two_or_more
from models.networks.selection import choose, device
from models.records.results import CURVE_COLUMNS, ProgressRecord, Snapshot
from models.spec.run import RunSpec
from models.spec.schedules import rate_factor
from models.training.batches import BatchOrder, PartTensors
from models.training.evaluation import evaluate
from models.training.gradients import clip_gradients, compute_gradients
from models.training.optimiser import Optimiser
from models.training.replica_state import SeedState
from models.training.scoring import Scorer
from models.training.snapshots import SnapshotPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """One network of a group.

    Attributes:
        seed: Seed of its initial weights, its batch order and its dropout.
        number: Index of its data within the group's.
        learning_rate: Its learning rate.
    """

    seed: int
    number: int
    learning_rate: float


def repeats_of(run: RunSpec, data: RepeatedData, first: int = 0) -> list[Replica]:
    """Return the repeats of a run from `first` on as replicas."""
    seeds = run.experiment.seed_values()
    return [
        Replica(seed=seeds[index], number=data.numbers[index], learning_rate=run.learning_rate)
        for index in range(first, len(seeds))
    ]


class TrainingGroup:
    """The replicas of one run while they train.

    Args:
        run: The run.
        data: The data of its repeats.
        replicas: The replicas to train; None for all repeats.
        losses_only: Whether validation measures losses alone, without the metric, which needs the outputs of all samples.
    """

    def __init__(
        self,
        run: RunSpec,
        data: RepeatedData,
        replicas: Sequence[Replica] | None = None,
        *,
        losses_only: bool = False,
    ) -> None:
        self.run, self.data = run, data
        self.replicas = list(repeats_of(run, data) if replicas is None else replicas)
        self.device = device()
        self.choice = choose(get_cell(run.architecture))
        self.kernel = self.choice.name
        seeds = [replica.seed for replica in self.replicas]
        recurrence = equations_of_two_or_more if self.choice.recurrence is equations else self.choice.recurrence
        self.network = build_network(run, data.tasks[0], recurrence, seeds=seeds).to(self.device)
        self.seeds = [SeedState(seed=seed) for seed in seeds]
        self.active = list(range(len(seeds)))
        self.update = 0
        self.seconds = 0.0
        self.durations: list[float] = []
        self.curve: list[tuple[float, ...]] = []
        self.sequences = 0
        self._train, self._validation = self.part("train"), self.part("validation")
        self._order = BatchOrder(self._train, run.experiment.batch_size, [stream(s, "order") for s in seeds])
        self._dropout = [stream(seed, "dropout") for seed in seeds]
        self._optimiser = Optimiser(run.experiment.optimiser, self.network.parameters(), self._rates())
        self._due = set(run.experiment.evaluation_updates(run.updates))
        self.scorer = Scorer(run.experiment, [data.tasks[replica.number] for replica in self.replicas])
        self._keep_outputs = self.scorer.needs_outputs and not losses_only
        self._plan = SnapshotPlan(run.updates, self.network)
        self.snapshots: list[Snapshot] = []
        self.initial = self.network.weights()
        self._take_snapshot()

    def part(self, name: PartName) -> PartTensors:
        """Return a part of the data of every replica, ended ones included."""
        parts = [task.part(name) for task in self.data.tasks]
        return PartTensors(parts, [replica.number for replica in self.replicas], self.device)

    def _rates(self) -> list[float]:
        return [replica.learning_rate for replica in self.replicas]

    def _take_snapshot(self) -> None:
        taken = self._plan.take(self.update, self.active, self.seeds, dict(self.network.named_parameters()))
        if taken is not None:
            self.snapshots.append(taken)

    def step(self) -> None:
        """Update every active replica; a replica whose loss or gradient is not finite ends before the update."""
        started = time.perf_counter()
        chosen = next(self._order)
        self.sequences += chosen.numel()
        losses, norms = compute_gradients(self.network, self._train.rows(chosen), self.kind, self._dropout)
        healthy = torch.isfinite(losses) & torch.isfinite(norms)
        if bool(healthy.all()):
            clip_gradients(self.network, norms, self.run.experiment.clip)
        else:
            losses, norms = self._end_diverged(healthy, losses, norms)
        if self.active:
            self._optimiser.step(rate_factor(self.run.experiment.schedule, self.update, self.run.updates))
            for index, loss, norm in zip(self.active, losses.tolist(), norms.tolist(), strict=True):
                self.seeds[index].note(loss, norm)
        self.update += 1
        self.durations.append(time.perf_counter() - started)
        self.seconds += self.durations[-1]
        self._take_snapshot()

    @property
    def kind(self) -> TaskKind:
        """Kind of the task."""
        return self.data.tasks[0].kind

    def _end_diverged(self, healthy: Tensor, losses: Tensor, norms: Tensor) -> tuple[Tensor, Tensor]:
        """End unhealthy replicas with their last finite weights; return losses and norms of the others."""
        for position in (~healthy).nonzero().flatten().tolist():
            self._end(position, "diverged")
        kept = healthy.nonzero().flatten()
        gradients = [parameter.grad for parameter in self.network.parameters()]
        self._keep(kept.tolist())
        if self.active:
            for parameter, gradient in zip(self.network.parameters(), gradients, strict=True):
                parameter.grad = None if gradient is None else gradient[kept]
            clip_gradients(self.network, norms[kept], self.run.experiment.clip)
        return losses[kept], norms[kept]

    def _end(self, position: int, status: str) -> None:
        state = self.seeds[self.active[position]]
        state.end(status, self.update, self.seconds)
        if status == "diverged" or state.best is None:
            state.best = {name: value[position] for name, value in self.network.weights().items()}

    def _keep(self, positions: list[int]) -> None:
        self.active = [self.active[position] for position in positions]
        self._dropout = [self._dropout[position] for position in positions]
        if positions:
            self.network.keep(positions)
            self._optimiser.keep(positions)
            self._order.keep(positions)
            self._train.keep(positions)
            self._validation.keep(positions)

    def evaluation_is_due(self) -> bool:
        """Return whether the validation part is to be scored after this update."""
        return self.update in self._due

    def evaluate_all(self) -> list[tuple[float, ...]]:
        """Score the validation part, keep the best weights, end replicas whose patience ran out; return new rows of the curve."""
        if not self.active:
            return []
        losses, outputs = evaluate(self.network, self._validation, self.kind, keep_outputs=self._keep_outputs)
        counts, rows = self._validation.counts, []
        for position, index in enumerate(self.active):
            output = None if outputs is None else outputs[position, : counts[position]].numpy()
            metric = self.scorer.validation_metric(index, float(losses[position]), output)
            rows.append(self._judge(position, index, float(losses[position]), metric))
        patient = [p for p, index in enumerate(self.active) if not self._out_of_patience(p, index)]
        if len(patient) < len(self.active):
            self._keep(patient)
        self.curve.extend(rows)
        return rows

    def _judge(self, position: int, index: int, loss: float, metric: float) -> tuple[float, ...]:
        state = self.seeds[index]
        training_loss, norm = state.take_means()
        if state.improves(loss, self.update):
            state.best = {name: p.detach()[position].clone() for name, p in self.network.named_parameters()}
        if self.scorer.solved(metric):
            state.mark_solved(self.update, self.seconds)
        row = (state.seed, self.update, self.seconds, training_loss, loss, metric, norm)
        return tuple(float(value) for value in row)

    def _out_of_patience(self, position: int, index: int) -> bool:
        if not self.seeds[index].out_of_patience(self.run.experiment.patience):
            return False
        self._end(position, "finished")
        return True

    def record(self, key: str, attempt: int, points: list[tuple[float, ...]]) -> ProgressRecord:
        """Return a progress record with the given new rows."""
        samples = self.scorer.samples(self.network, self.run) if points else ()
        return ProgressRecord(
            run=key,
            attempt=attempt,
            update=self.update,
            updates=self.run.updates,
            seconds=self.seconds,
            points=tuple(points),
            samples=samples,
        )

    def end_all(self, status: str) -> None:
        """End all replicas that still train."""
        for position in range(len(self.active)):
            self._end(position, status)

    def curves(self) -> dict[str, np.ndarray]:
        """Return the curve as columns."""
        table = np.asarray(self.curve, dtype=np.float64).reshape(-1, len(CURVE_COLUMNS))
        return {name: table[:, column] for column, name in enumerate(CURVE_COLUMNS)}
