"""The replicas of one run while they train: one update of all, evaluation, and the end of each.

Axes: R replicas still training, S seeds in all.
"""

import time

import numpy as np
import torch
from torch import Tensor

from data.task import TaskData
from models.cells import get_cell
from models.networks.build import build_network, stream
from models.networks.selection import choose, device
from models.records.results import CURVE_COLUMNS, ProgressRecord, Snapshot
from models.spec.run import RunSpec
from models.training.batches import BatchOrder, part_tensors
from models.training.evaluation import evaluate
from models.training.optimiser import Optimiser
from models.training.scoring import Scorer
from models.training.seeds import SeedState
from models.training.snapshots import SnapshotPlan
from models.training.update import clip_gradients, compute_gradients


class TrainingGroup:
    """The replicas of one run while they train.

    Args:
        run: The run.
        data: Its task.
    """

    def __init__(self, run: RunSpec, data: TaskData) -> None:
        self.run, self.data = run, data
        self.device = device()
        self.choice = choose(get_cell(run.architecture))
        self.kernel = self.choice.name
        self.network = build_network(run, data, self.choice.recurrence).to(self.device)
        seeds = run.experiment.seed_values()
        self.seeds = [SeedState(seed=seed) for seed in seeds]
        self.active = list(range(len(seeds)))
        self.update = 0
        self.seconds = 0.0
        self.durations: list[float] = []
        self.curve: list[tuple[float, ...]] = []
        self._train = part_tensors(data.train, self.device)
        self._validation = part_tensors(data.validation, self.device)
        self._order = BatchOrder(len(self._train), run.experiment.batch_size, [stream(s, "order") for s in seeds])
        self._dropout = [stream(seed, "dropout") for seed in seeds]
        self._optimiser = Optimiser(run.experiment.optimiser, self.network.parameters(), run.learning_rate)
        self._due = set(run.experiment.evaluation_updates(run.updates))
        self.scorer = Scorer(run.experiment, data)
        self._plan = SnapshotPlan(run.updates, self.network)
        self.snapshots: list[Snapshot] = []
        self.initial = self.network.weights()
        self._take_snapshot()

    def step(self) -> None:
        """Do one update of every active replica; a replica whose loss or gradient is not finite ends first."""
        started = time.perf_counter()
        batch = self._train.rows(next(self._order))
        losses, norms = compute_gradients(self.network, batch, self.data.kind, self._dropout)
        healthy = torch.isfinite(losses) & torch.isfinite(norms)
        if bool(healthy.all()):
            clip_gradients(self.network, norms, self.run.experiment.clip)
        else:
            losses, norms = self._end_diverged(healthy, losses, norms)
        if self.active:
            self._optimiser.step()
            for index, loss, norm in zip(self.active, losses.tolist(), norms.tolist(), strict=True):
                self.seeds[index].note(loss, norm)
        self.update += 1
        self.durations.append(time.perf_counter() - started)
        self.seconds += self.durations[-1]
        self._take_snapshot()

    def _take_snapshot(self) -> None:
        taken = self._plan.take(self.update, self.active, self.seeds, dict(self.network.named_parameters()))
        if taken is not None:
            self.snapshots.append(taken)

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

    def evaluation_is_due(self) -> bool:
        """Say whether the validation part is to be scored after this update."""
        return self.update in self._due

    def evaluate_all(self) -> list[tuple[float, ...]]:
        """Score the validation part, keep best weights, end patient replicas; return new rows of the curve."""
        if not self.active:
            return []
        losses, outputs = evaluate(
            self.network, self._validation, self.data.kind, keep_outputs=self.scorer.needs_outputs
        )
        rows = []
        for position, index in enumerate(self.active):
            output = None if outputs is None else outputs[position].numpy()
            metric = self.scorer.validation_metric(float(losses[position]), output)
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
        patience = self.run.experiment.patience
        if not patience or self.seeds[index].stale < patience:
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
        """End what still trains."""
        for position in range(len(self.active)):
            self._end(position, status)

    def curves(self) -> dict[str, np.ndarray]:
        """Return the curve as columns."""
        table = np.asarray(self.curve, dtype=np.float64).reshape(-1, len(CURVE_COLUMNS))
        return {name: table[:, column] for column, name in enumerate(CURVE_COLUMNS)}
