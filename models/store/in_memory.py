"""A store in memory: for tests, for the command line, and for a server whose database cannot be reached."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from models.errors import StoreError
from models.records.experiment import (
    MAX_NOTES,
    UNDO_SECONDS,
    Decision,
    ExperimentList,
    ExperimentQuery,
    ExperimentRecord,
    Note,
    clean_tags,
)
from models.records.results import CURVE_COLUMNS, FINAL, Baselines, ExperimentResult, ExperimentView, RunResult, RunView
from models.records.summaries import run_without_arrays
from models.records.sweep import REUSABLE, FoundRun, SweepRecord
from models.store.memory_rows import StoredExperiment, in_order, matches, summary, with_result

MAX_IN_MEMORY = 200


class MemoryStore:
    """Keeps the newest experiments until the process ends. See `Store` for the methods.

    Args:
        most: How many experiments are kept; the oldest final one is dropped first.
        notice: Why it replaces a database, for a banner.
        clock: Monotonic seconds.
    """

    def __init__(
        self, most: int = MAX_IN_MEMORY, *, notice: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._notice = notice
        self._clock = clock
        self._kept: OrderedDict[str, StoredExperiment] = OrderedDict()
        self._sweeps: dict[str, SweepRecord] = {}
        self._lock = threading.RLock()

    def __contains__(self, experiment: str) -> bool:
        """Return whether an experiment is kept, deleted or not."""
        return experiment in self._kept

    @property
    def notice(self) -> str:
        """See `Store.notice`."""
        return self._notice

    def create(self, record: ExperimentRecord) -> None:
        """See `Store.create`."""
        runs = tuple(RunView(spec=run, status="queued") for run in record.runs)
        view = ExperimentView(id=record.id, spec=record.spec, status="queued", runs=runs)
        with self._lock:
            self._kept[record.id] = StoredExperiment(record, view)
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
            result = self._result(kept, status) if status in FINAL else None
            kept.view = replace(kept.view, status=status, message=message, result=result)
            return True

    def set_baselines(self, experiment: str, baselines: Baselines, repeats: Sequence[Baselines] = ()) -> None:
        """See `Store.set_baselines`."""
        with self._lock:
            kept = self._find(experiment)
            kept.record = replace(kept.record, baselines=dict(baselines), repeat_baselines=tuple(repeats))

    def set_run_status(
        self, experiment: str, architecture: str, status: str, *, attempt: int = 1, message: str = ""
    ) -> bool:
        """See `Store.set_run_status`."""
        with self._lock:
            run = self._run(experiment, architecture)
            if run.status in FINAL:
                return False
            changed = replace(run, status=status, attempt=attempt, message=message)
            self._put(experiment, replace(changed, curves={}, update=0) if attempt > run.attempt else changed)
            return True

    def append_curve(self, experiment: str, architecture: str, points: Sequence[tuple[float, ...]]) -> None:
        """See `Store.append_curve`."""
        if not points:
            return
        added = np.asarray(points, dtype=np.float64)
        with self._lock:
            run = self._run(experiment, architecture)
            if run.status in FINAL:
                return
            columns = {
                name: np.concatenate([run.curves.get(name, np.empty(0)), added[:, index]])
                for index, name in enumerate(CURVE_COLUMNS)
            }
            self._put(experiment, replace(run, curves=columns, update=int(columns["update"].max())))

    def save_result(self, experiment: str, architecture: str, result: RunResult) -> bool:
        """See `Store.save_result`."""
        with self._lock:
            run = self._run(experiment, architecture)
            if run.status in FINAL:
                return False
            self._put(experiment, with_result(run, result))
            return True

    def view(self, experiment: str) -> ExperimentView | None:
        """See `Store.view`."""
        with self._lock:
            kept = self._present(experiment)
            return kept.view if kept else None

    def record(self, experiment: str) -> ExperimentRecord | None:
        """See `Store.record`."""
        with self._lock:
            kept = self._present(experiment)
            return kept.record if kept else None

    def control(self, experiment: str) -> str | None:
        """See `Store.control`."""
        record = self.record(experiment)
        return record.control if record else None

    def find_run(self, key: str) -> RunResult | None:
        """See `Store.find_run`."""
        with self._lock:
            for kept in self._visible():
                reusable = kept.record.content is None and not kept.record.imported
                for run in kept.view.runs:
                    if reusable and run.status == "finished" and run.spec.key() == key:
                        return run.result
        return None

    def find_runs(self, keys: Sequence[str]) -> dict[str, FoundRun]:
        """See `Store.find_runs`."""
        wanted, found = frozenset(keys), {}
        with self._lock:
            for kept in self._visible():
                if kept.record.content is not None or kept.record.imported:
                    continue
                for run in kept.view.runs:
                    if run.status in REUSABLE and run.result is not None and run.spec.key() in wanted:
                        found[run.spec.key()] = FoundRun(kept.record.id, run_without_arrays(run.result))
        return found

    def save_sweep(self, record: SweepRecord) -> None:
        """See `Store.save_sweep`."""
        with self._lock:
            self._sweeps[record.spec.key()] = record

    def sweep(self, key: str) -> SweepRecord | None:
        """See `Store.sweep`."""
        return self._sweeps.get(key)

    def sweeps(self, limit: int = 50) -> tuple[SweepRecord, ...]:
        """See `Store.sweeps`."""
        with self._lock:
            return tuple(sorted(self._sweeps.values(), key=lambda record: record.created, reverse=True)[:limit])

    def adopt_sweeps(self) -> tuple[SweepRecord, ...]:
        """See `Store.adopt_sweeps`; memory always has the same owner, so there is nothing to take over."""
        return ()

    def list_experiments(self, query: ExperimentQuery) -> ExperimentList:
        """See `Store.list_experiments`."""
        with self._lock:
            found = [kept for kept in self._visible() if matches(kept, query)]
            rows = [summary(kept) for kept in in_order(found, query)[query.offset : query.offset + query.limit]]
        return ExperimentList(rows=tuple(rows), total=len(found))

    def keep(self, record: ExperimentRecord, result: ExperimentResult, message: str = "") -> None:
        """See `Store.keep`."""
        with self._lock:
            self.create(record)
            for run in result.runs:
                self.save_result(record.id, run.spec.architecture, run)
            self.set_status(record.id, result.status, message)

    def add_note(self, experiment: str, note: Note) -> None:
        """See `Store.add_note`."""
        with self._lock:
            kept = self._find(experiment)
            if len(kept.notes) >= MAX_NOTES:
                raise StoreError(f"This experiment already has {MAX_NOTES} notes; put the conclusion in its decision.")
            kept.notes.append(note)

    def notes(self, experiment: str) -> tuple[Note, ...]:
        """See `Store.notes`."""
        with self._lock:
            kept = self._present(experiment)
            return tuple(kept.notes) if kept else ()

    def set_decision(self, experiment: str, decision: Decision | None) -> None:
        """See `Store.set_decision`."""
        with self._lock:
            self._find(experiment).decision = decision

    def decision(self, experiment: str) -> Decision | None:
        """See `Store.decision`."""
        with self._lock:
            kept = self._present(experiment)
            return kept.decision if kept else None

    def set_tags(self, experiment: str, tags: tuple[str, ...]) -> None:
        """See `Store.set_tags`."""
        with self._lock:
            self._find(experiment).tags = clean_tags(tags)

    def tags(self, experiment: str) -> tuple[str, ...]:
        """See `Store.tags`."""
        with self._lock:
            kept = self._present(experiment)
            return kept.tags if kept else ()

    def delete(self, experiment: str, *, undo_seconds: float = UNDO_SECONDS) -> bool:
        """See `Store.delete`."""
        with self._lock:
            kept = self._present(experiment)
            if kept is None:
                return False
            kept.purge_after = self._clock() + undo_seconds
            return True

    def undelete(self, experiment: str) -> bool:
        """See `Store.undelete`."""
        with self._lock:
            self.purge()
            kept = self._kept.get(experiment)
            if kept is None or kept.purge_after is None:
                return False
            kept.purge_after = None
            return True

    def purge(self) -> int:
        """See `Store.purge`."""
        with self._lock:
            over = [key for key, kept in self._kept.items() if (kept.purge_after or np.inf) <= self._clock()]
            for experiment in over:
                del self._kept[experiment]
            return len(over)

    def close(self) -> None:
        """See `Store.close`."""
        with self._lock:
            for kept in self._kept.values():
                for run in kept.view.runs:
                    self.set_run_status(kept.record.id, run.spec.architecture, "interrupted", attempt=run.attempt)
                self.set_status(kept.record.id, "interrupted")

    def _visible(self) -> Iterable[StoredExperiment]:
        return (kept for kept in self._kept.values() if kept.purge_after is None)

    def _present(self, experiment: str) -> StoredExperiment | None:
        kept = self._kept.get(experiment)
        return kept if kept is not None and kept.purge_after is None else None

    def _find(self, experiment: str) -> StoredExperiment:
        """Return an experiment, even a deleted one, because its runs may still be training."""
        if experiment not in self._kept:
            raise StoreError(f"There is no experiment `{experiment[:40]}`; it may have been deleted.")
        return self._kept[experiment]

    def _run(self, experiment: str, architecture: str) -> RunView:
        runs = self._find(experiment).view.runs
        found = next((run for run in runs if run.spec.architecture == architecture), None)
        if found is None:
            raise StoreError(f"Experiment `{experiment[:40]}` has no run `{architecture[:40]}`.")
        return found

    def _put(self, experiment: str, changed: RunView) -> None:
        kept = self._find(experiment)
        name = changed.spec.architecture
        runs = tuple(changed if run.spec.architecture == name else run for run in kept.view.runs)
        kept.view = replace(kept.view, runs=runs)

    def _result(self, kept: StoredExperiment, status: str) -> ExperimentResult | None:
        results = tuple(run.result for run in kept.view.runs if run.result is not None)
        if not results:
            return None
        return ExperimentResult(
            spec=kept.record.spec,
            status=status,
            runs=results,
            baselines=kept.record.baselines,
            repeat_baselines=kept.record.repeat_baselines,
        )
