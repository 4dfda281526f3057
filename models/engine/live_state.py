"""The state of unfinished experiments, in memory, so that a page never waits.

It knows no Dask, threads or store; `models.engine.experiment_queue` guards it with a lock.
"""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from models.records.experiment import ExperimentRecord
from models.records.join import join_runs
from models.records.results import (
    CURVE_COLUMNS,
    FINAL,
    Array,
    Baselines,
    ExperimentResult,
    ExperimentView,
    RunResult,
    RunView,
    overall_status,
)
from models.spec.run import RunSpec

MAX_ATTEMPTS = 3
_WINDOW = 5.0  # seconds over which speed is measured


@dataclass
class LiveRun:
    """One run while the engine has it.

    Attributes:
        spec: The run.
        status: See `models.records.results.Status`.
        attempt: Number of the current attempt.
        submission: Number under which it was submitted, or None while it waits for a worker.
        execution: Id of the execution that currently reports. Dask may execute a submission more than once.
        stop_due: When a run that was asked to stop is abandoned, or None.
        ordered: Whether it was told to wait or to go on.
        yielding: Whether it was asked to stop so that a visitor's run can start; it starts again later.
        yields: How often it gave way like this.
        begun: When it was last submitted.
        earlier: The result of repeats that were trained before, or None.
    """

    spec: RunSpec
    earlier: RunResult | None = None
    status: str = "queued"
    attempt: int = 1
    submission: int | None = None
    execution: str | None = None
    stop_due: float | None = None
    ordered: bool = False
    yielding: bool = False
    yields: int = 0
    begun: float = 0.0
    update: int = 0
    message: str = ""
    samples: tuple[str, ...] = ()
    search: float | None = None
    result: RunResult | None = None
    points: list[tuple[float, ...]] = field(default_factory=list)
    _earlier: set[str] = field(default_factory=set)
    _pace: deque[tuple[float, int]] = field(default_factory=deque)
    _curves: dict[str, Array] = field(default_factory=dict)

    @property
    def final(self) -> bool:
        """Whether nothing will change any more."""
        return self.status in FINAL

    @property
    def waiting(self) -> bool:
        """Whether it could be submitted now."""
        return self.submission is None and not self.final

    @property
    def lost(self) -> int:
        """How many attempts were lost."""
        return self.attempt - 1 - self.yields

    def begin(self, submission: int) -> None:
        """Record that it was submitted."""
        self.submission, self.execution, self.status = submission, None, "running"
        self.begun = time.monotonic()

    def start_over(self) -> None:
        """Count an attempt that was lost; the curve starts over."""
        if self.execution is not None:
            self._earlier.add(self.execution)
        self.attempt += 1
        self.execution, self.update, self.points, self._curves = None, 0, [], {}
        self.search = None
        self._pace.clear()

    def give_way(self) -> None:
        """Wait again after making room for another run; the curve starts over."""
        self.start_over()
        self.yields += 1
        self.submission, self.stop_due, self.yielding = None, None, False

    def take(self, message: Mapping[str, Any]) -> list[tuple[float, ...]]:
        """Process a progress message of this submission; return the new points."""
        execution = message["execution"]
        if self.final or execution in self._earlier:
            return []
        if self.execution is not None and execution != self.execution:
            self.start_over()
        self.execution, self.update = execution, message["update"]
        self.samples = tuple(message["samples"]) or self.samples
        points = [tuple(point) for point in message["points"]]
        self.points.extend(points)
        self.search = message.get("search")
        if self.search is not None:  # a search runs at another speed than the training
            return points
        self._pace.append((message["clock"], self.update))
        while self._pace[-1][0] - self._pace[0][0] > _WINDOW and len(self._pace) > 2:
            self._pace.popleft()
        return points

    def end(self, status: str, message: str = "", result: RunResult | None = None) -> None:
        """Set the final status; later calls change nothing."""
        if self.final:
            return
        self.status, self.message, self.submission = status, message, None
        if result is not None:
            whole = result if self.earlier is None else join_runs(self.earlier, result)
            self.result = replace(whole, attempt=self.attempt)
            self.status = self.result.status
            self.update = max((seed.updates for seed in result.seeds), default=self.update)

    def speed(self) -> float:
        """Return the recent updates per second, 0 before it is known."""
        if self.final or len(self._pace) < 2:
            return 0.0
        (start, first), (end, last) = self._pace[0], self._pace[-1]
        return (last - first) / (end - start) if end > start else 0.0

    def seconds_left(self) -> float | None:
        """Return the expected remaining time, or None before the speed is known."""
        speed = self.speed()
        return (self.spec.updates - self.update) / speed if speed > 0 else None

    def curves(self) -> Mapping[str, Array]:
        """Return the curve so far as columns."""
        if self.result is not None:
            return self.result.curves
        if self.points and len(self._curves.get("update", ())) != len(self.points):
            table = np.asarray(self.points, dtype=np.float64)
            self._curves = {name: table[:, index] for index, name in enumerate(CURVE_COLUMNS)}
        return self._curves

    def view(self) -> RunView:
        """Return what a page shows."""
        return RunView(
            spec=self.spec,
            status=self.status,
            attempt=self.attempt,
            update=self.update,
            updates_per_second=self.speed(),
            seconds_left=self.seconds_left(),
            curves=self.curves(),
            samples=self.samples,
            search=None if self.final else self.search,
            message=self.message,
            result=self.result,
        )


@dataclass
class LiveExperiment:
    """One experiment while the engine has it.

    Attributes:
        record: What was accepted.
        runs: Its runs, in order.
        baselines: Scores of naive predictors, or None while they are computed.
        repeat_baselines: The same for each repeat.
        compressed: The uploaded content, compressed for transfer to a worker.
        stopping: Whether a stop was requested.
        paused: When it was paused, in monotonic seconds; None while it goes on.
        steps: How many single updates were allowed since then.
        closed: Whether its end has been recorded.
        message: One sentence about the experiment, or empty.
        attended: When a page last showed it, in monotonic seconds.
    """

    record: ExperimentRecord
    runs: list[LiveRun]
    baselines: Baselines | None = None
    repeat_baselines: tuple[Baselines, ...] = ()
    compressed: bytes | None = None
    stopping: bool = False
    paused: float | None = None
    steps: int = 0
    closed: bool = False
    message: str = ""
    attended: float = field(default_factory=time.monotonic)

    @property
    def background(self) -> bool:
        """Whether it belongs to a sweep, which yields to visitors' experiments."""
        return bool(self.record.sweep)

    @property
    def over(self) -> bool:
        """Whether all its runs have ended."""
        return all(run.final for run in self.runs)

    @property
    def queued(self) -> bool:
        """Whether none of its runs has started."""
        return all(run.status == "queued" for run in self.runs)

    @property
    def final(self) -> bool:
        """Whether nothing will change any more."""
        return self.over and self.baselines is not None

    def status(self) -> str:
        """Return the experiment's status."""
        if self.final:
            return overall_status(run.status for run in self.runs)
        return "queued" if self.queued else "running"

    def summary(self) -> str:
        """Return one sentence about the experiment: its own message, or that of the first run that failed."""
        return self.message or next((run.message for run in self.runs if run.message), "")

    def view(self, position: int) -> ExperimentView:
        """Return what a page shows."""
        status = self.status()
        return ExperimentView(
            id=self.record.id,
            spec=self.record.spec,
            status=status,
            position=position if status == "queued" else 0,
            runs=tuple(run.view() for run in self.runs),
            message=self.summary(),
            paused=self.paused is not None and status not in FINAL,
            result=self._result(status),
        )

    def _result(self, status: str) -> ExperimentResult | None:
        results = tuple(run.result for run in self.runs if run.result is not None)
        if status not in FINAL or not results:
            return None
        return ExperimentResult(
            spec=self.record.spec,
            status=status,
            runs=results,
            baselines=self.baselines or {},
            repeat_baselines=self.repeat_baselines,
        )
