"""Where experiments are kept: the interface, and the implementation in memory."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

import numpy as np

from models.errors import StoreError
from models.experiments.results import CURVE_COLUMNS, FINAL, ExperimentResult, ExperimentView, RunResult, RunView
from models.experiments.spec import ExperimentSpec, RunSpec

MOST_IN_MEMORY = 200


def new_id() -> str:
    """Return 128 random bits as 22 base64url characters: the id of an experiment, or a control token."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExperimentRecord:
    """What is known of an experiment when it is accepted.

    Attributes:
        id: Its id; whoever has it may view.
        spec: What was asked for.
        runs: One per architecture, after the fairness rule.
        control: Token of the starter; whoever has it may stop and delete.
        baselines: Baseline title to its test metrics.
        content: Uploaded bytes, for datasets of the family `own`.
        created: Time of acceptance, UTC.
    """

    id: str
    spec: ExperimentSpec
    runs: tuple[RunSpec, ...]
    control: str
    baselines: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    content: bytes | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))


class Store(Protocol):
    """Keeps experiments. Every method is safe to call from several threads.

    Final states are set once: a call that would change one changes nothing and returns False.

    Raises:
        StoreError: From any method, if the storage cannot be read or written.
    """

    def create(self, record: ExperimentRecord) -> None:
        """Keep a new experiment, `queued`."""

    def set_status(self, experiment: str, status: str, message: str = "") -> bool:
        """Set an experiment's status unless it is final; return whether it changed."""

    def set_run_status(
        self, experiment: str, architecture: str, status: str, *, attempt: int = 1, message: str = ""
    ) -> bool:
        """Set a run's status unless it is final; a higher attempt empties its curve."""

    def append_curve(self, experiment: str, architecture: str, points: Sequence[tuple[float, ...]]) -> None:
        """Add rows of `CURVE_COLUMNS` to a run's curve."""

    def save_result(self, experiment: str, architecture: str, result: RunResult) -> bool:
        """Keep a run's result and its final status, unless it already has one."""

    def view(self, experiment: str) -> ExperimentView | None:
        """Return what is kept, or None if there is no such experiment."""

    def record(self, experiment: str) -> ExperimentRecord | None:
        """Return what was accepted, with control token and content, or None."""

    def find_run(self, key: str) -> RunResult | None:
        """Return a finished run with that `RunSpec.key()`, from any experiment without uploaded content."""


@dataclass
class _Kept:
    record: ExperimentRecord
    view: ExperimentView


class MemoryStore:
    """Keeps the newest experiments of this process; all is lost when it ends. See `Store` for the methods.

    Args:
        most: How many experiments are kept; the oldest final one goes first.
    """

    def __init__(self, most: int = MOST_IN_MEMORY) -> None:
        self._most = most
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.RLock()

    def create(self, record: ExperimentRecord) -> None:
        """See `Store.create`."""
        runs = tuple(RunView(spec=run, status="queued") for run in record.runs)
        view = ExperimentView(id=record.id, spec=record.spec, status="queued", runs=runs)
        with self._lock:
            self._kept[record.id] = _Kept(record, view)
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        for experiment in [key for key, kept in self._kept.items() if kept.view.final]:
            if len(self._kept) <= self._most:
                return
            del self._kept[experiment]

    def set_status(self, experiment: str, status: str, message: str = "") -> bool:
        """See `Store.set_status`."""
        with self._lock:
            kept = self._find(experiment)
            if kept.view.status in FINAL:
                return False
            result = self._result(kept) if status in FINAL else None
            kept.view = replace(kept.view, status=status, message=message, result=result)
            return True

    def set_run_status(
        self, experiment: str, architecture: str, status: str, *, attempt: int = 1, message: str = ""
    ) -> bool:
        """See `Store.set_run_status`."""
        with self._lock:
            run = self._run(experiment, architecture)
            if run.status in FINAL:
                return False
            curves = {} if attempt > run.attempt else run.curves
            self._put(experiment, replace(run, status=status, attempt=attempt, message=message, curves=curves))
            return True

    def append_curve(self, experiment: str, architecture: str, points: Sequence[tuple[float, ...]]) -> None:
        """See `Store.append_curve`."""
        if not points:
            return
        added = np.asarray(points, dtype=np.float64)
        with self._lock:
            run = self._run(experiment, architecture)
            columns = {
                name: np.concatenate([run.curves.get(name, np.empty(0)), added[:, index]])
                for index, name in enumerate(CURVE_COLUMNS)
            }
            self._put(experiment, replace(run, curves=columns))

    def save_result(self, experiment: str, architecture: str, result: RunResult) -> bool:
        """See `Store.save_result`."""
        with self._lock:
            run = self._run(experiment, architecture)
            if run.status in FINAL:
                return False
            update = max((seed.updates for seed in result.seeds), default=0)
            final = replace(run, status=result.status, update=update, curves=result.curves, result=result)
            self._put(experiment, final)
            return True

    def view(self, experiment: str) -> ExperimentView | None:
        """See `Store.view`."""
        with self._lock:
            kept = self._kept.get(experiment)
            return kept.view if kept else None

    def record(self, experiment: str) -> ExperimentRecord | None:
        """See `Store.record`."""
        with self._lock:
            kept = self._kept.get(experiment)
            return kept.record if kept else None

    def find_run(self, key: str) -> RunResult | None:
        """See `Store.find_run`."""
        with self._lock:
            for kept in self._kept.values():
                for run in kept.view.runs:
                    if kept.record.content is None and run.status == "finished" and run.spec.key() == key:
                        return run.result
        return None

    def _find(self, experiment: str) -> _Kept:
        if experiment not in self._kept:
            raise StoreError(f"There is no experiment `{experiment[:40]}`; it may have been deleted.")
        return self._kept[experiment]

    def _run(self, experiment: str, architecture: str) -> RunView:
        return next(run for run in self._find(experiment).view.runs if run.spec.architecture == architecture)

    def _put(self, experiment: str, changed: RunView) -> None:
        kept = self._find(experiment)
        runs = tuple(changed if run.spec.key() == changed.spec.key() else run for run in kept.view.runs)
        kept.view = replace(kept.view, runs=runs)

    def _result(self, kept: _Kept) -> ExperimentResult | None:
        results = tuple(run.result for run in kept.view.runs if run.result is not None)
        if not results:
            return None
        return ExperimentResult(
            spec=kept.record.spec, status=kept.view.status, runs=results, baselines=kept.record.baselines
        )
