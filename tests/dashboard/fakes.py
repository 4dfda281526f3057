"""A made-up experiment and an engine that replays it: pages are tested without a process that trains."""

import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from data.task import TaskData
from models.cells import get_cell
from models.errors import GatescopeError
from models.records.experiment import new_id
from models.records.results import (
    CURVE_COLUMNS,
    ExperimentResult,
    ExperimentView,
    RunResult,
    RunView,
    SeedResult,
)
from models.spec.deciding_metric import metric_of
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from models.spec.plan import Plan
from models.spec.repeats import repeat_data
from models.spec.run import RunSpec
from models.spec.sizes import DataShape, parameter_count, run_size

KEPT = 40
ENVIRONMENT = {
    "cpu": "made up",
    "threads": "1",
    "device": "CPU",
    "kernel": "fused",
    "torch": "2.13.0",
    "python": "3.11",
}


def made_up_weights(run: RunSpec, data: TaskData, random: np.random.Generator) -> dict[str, np.ndarray]:
    """Return weights of the right names and shapes, `(R, ...)`."""
    spec, replicas = run.experiment, run.experiment.seeds
    shapes: dict[str, tuple[int, ...]] = {}
    size = data.input_size
    if data.vocabulary:
        size = spec.encoder_size or 16
        shapes["encoder.embedding"] = (data.input_size, size)
    for layer in range(spec.layers):
        inner = get_cell(run.architecture).weight_shapes(size if layer == 0 else run.hidden_size, run.hidden_size)
        shapes |= {f"recurrent.{layer}.{name}": shape for name, shape in inner.items()}
    shapes |= {"head.weight": (data.head_size, run.hidden_size), "head.bias": (data.head_size,)}
    return {name: random.normal(0, 0.4, (replicas, *shape)).astype(np.float32) for name, shape in shapes.items()}


def made_up_curves(run: RunSpec, random: np.random.Generator) -> dict[str, np.ndarray]:
    """Return falling curves of every seed."""
    rows = []
    for update in run.experiment.evaluation_updates(run.updates):
        for seed in run.experiment.seed_values():
            loss = 0.1 + np.exp(-3 * update / run.updates) * random.uniform(0.9, 1.1)
            rows.append((seed, update, update / 500, loss, loss * 1.1, loss * 20, 0.3))
    table = np.array(rows, dtype=np.float64)
    return {name: table[:, index] for index, name in enumerate(CURVE_COLUMNS)}


def made_up_run(run: RunSpec, data: TaskData, *, status: str = "finished") -> RunResult:
    """Return a result that has everything a page shows, none of it trained."""
    random = np.random.default_rng([run.experiment.seed, *run.architecture.encode()])
    indices = np.arange(min(KEPT, len(data.test)))
    shape = (
        (*data.test.targets.shape[1:-1], data.head_size)
        if data.kind in ("regression", "multi_label")
        else (*data.test.targets.shape[1:], data.output_size)
    )
    outputs = random.normal(size=(run.experiment.seeds, len(indices), *shape)).astype(np.float32)
    seeds = tuple(
        SeedResult(
            seed=seed,
            status=status,
            updates=run.updates,
            seconds=2.0,
            best_update=run.updates,
            validation_loss=0.1 + place / 100,
            final_validation_loss=0.1 + place / 100,
            test_loss=0.12,
            test_metrics={metric_of(run.experiment): 0.5 + place / 50 + len(run.architecture) / 100},
        )
        for place, seed in enumerate(run.experiment.seed_values())
    )
    return RunResult(
        spec=run,
        status=status,
        parameters=parameter_count(run_size(run, DataShape.of(data))),
        kernel="fused",
        seeds=seeds,
        curves=made_up_curves(run, random),
        weights=made_up_weights(run, data, random),
        snapshots=(),
        sample_indices=indices,
        sample_outputs=outputs,
        cost={
            "milliseconds_per_update": 1.0 + len(run.architecture),
            "sequences_per_second": 9000.0 / len(run.architecture),
            "inference_milliseconds_per_sequence": 0.003 * len(run.architecture),
        },
        environment=ENVIRONMENT,
    )


def made_up_result(spec: ExperimentSpec, *, status: str = "finished", content: bytes | None = None) -> ExperimentResult:
    """Return a comparison that nobody trained."""
    data = repeat_data(spec, content)
    runs = tuple(made_up_run(run, data, status=status) for run in plan_runs(spec, DataShape.of(data)))
    baselines = {entry.title: entry.metrics for entry in spec.source().baselines(spec.dataset_options(), data)}
    return ExperimentResult(spec=spec, status=status, runs=runs, baselines=baselines)


@dataclass
class _Kept:
    result: ExperimentResult
    control: str
    started: float = field(default_factory=time.monotonic)
    stopped: float | None = None


class FakeEngine:
    """Replays made-up experiments.

    Args:
        seconds: How long each takes; 0 is finished at once.
        results: Spec to the result to replay; others are made up.
    """

    def __init__(self, seconds: float = 0.0, results: Mapping[ExperimentSpec, ExperimentResult] | None = None) -> None:
        self.seconds = seconds
        self.results = dict(results or {})
        self.submitted: list[ExperimentSpec] = []
        self.contents: list[bytes | None] = []
        self.earlier: list[ExperimentResult | None] = []
        self.refusal: GatescopeError | None = None
        self.state = SimpleNamespace(name="ready", message="Ready.")
        self.notice, self.slots, self.load = "", 2, (0, 0)
        self.orders: list[str] = []
        self.paused = False
        self._kept: dict[str, _Kept] = {}

    def start(self) -> None:
        """Start nothing."""

    def wake(self) -> None:
        """Do nothing: there is nothing to wake."""

    def submit(
        self,
        plan: Plan,
        *,
        control: str = "",
        content: bytes | None = None,
        earlier: ExperimentResult | None = None,
    ) -> str:
        """Accept a plan, or raise `refusal`."""
        self.earlier.append(earlier)
        plan.check()
        if self.refusal is not None:
            raise self.refusal
        spec = plan.spec
        self.submitted.append(spec)
        self.contents.append(content)
        identity = new_id()
        self._kept[identity] = _Kept(self.results.get(spec) or made_up_result(spec, content=content), control)
        return identity

    def stop(self, identity: str) -> None:
        """Stop where the replay stands."""
        self._kept[identity].stopped = time.monotonic()

    def pause(self, identity: str) -> None:
        """Remember what was asked; the replay goes on."""
        self.orders.append("pause")
        self.paused = True

    def go_on(self, identity: str) -> None:
        """Remember what was asked."""
        self.orders.append("go on")
        self.paused = False

    def step(self, identity: str) -> None:
        """Remember what was asked."""
        self.orders.append("step")

    def may_control(self, identity: str, token: str) -> bool:
        """Say whether a token is the starter's."""
        kept = self._kept.get(identity)
        return kept is not None and kept.control == token

    def call(self, function: str, *args: Any) -> Future[Any]:
        """Refuse: no page may need it to be drawn."""
        raise AssertionError(f"{function} was called")

    def close(self) -> None:
        """End nothing."""

    def view(self, identity: str) -> ExperimentView | None:
        """Return how far the replay is."""
        kept = self._kept.get(identity)
        if kept is None:
            return None
        elapsed = (kept.stopped or time.monotonic()) - kept.started
        share = min(1.0, elapsed / self.seconds) if self.seconds else 1.0
        status = "running" if share < 1 else "finished"
        status = "stopped" if kept.stopped and share < 1 else status
        final = status != "running"
        runs = tuple(self._run_view(run, share, status) for run in kept.result.runs)
        result = replace(kept.result, status=status) if final else None
        paused = self.paused and not final
        return ExperimentView(
            id=identity, spec=kept.result.spec, status=status, runs=runs, result=result, paused=paused
        )

    def _run_view(self, run: RunResult, share: float, status: str) -> RunView:
        done = int(share * run.spec.updates)
        seen = run.curves["update"] <= done
        return RunView(
            spec=run.spec,
            status=status,
            update=done,
            updates_per_second=run.spec.updates / self.seconds if self.seconds else 0.0,
            seconds_left=self.seconds * (1 - share),
            curves={name: values[seen] for name, values in run.curves.items()},
            result=run if status != "running" else None,
        )
