"""A store in memory: for tests, for the command line, and for a server whose database cannot be reached."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from models.errors import StoreError
from models.experiments.light import light_run, light_view, loss_line
from models.experiments.records import (
    MOST_NOTES,
    UNDO_SECONDS,
    Decision,
    ExperimentList,
    ExperimentQuery,
    ExperimentRecord,
    ExperimentSummary,
    Note,
    SortBy,
    clean_tags,
    search_text,
    spec_search_text,
)
from models.experiments.results import CURVE_COLUMNS, FINAL, ExperimentResult, ExperimentView, RunResult, RunView
from models.experiments.sweep import REUSABLE, FoundRun, SweepRecord

MOST_IN_MEMORY = 200


@dataclass
class _Kept:
    record: ExperimentRecord
    view: ExperimentView
    notes: list[Note] = field(default_factory=list)
    decision: Decision | None = None
    tags: tuple[str, ...] = ()
    purge_after: float | None = None


class MemoryStore:
    """Keeps the newest experiments of this process; all is lost when it ends. See `Store` for the methods.

    Args:
        most: How many experiments are kept; the oldest final one goes first.
        notice: Why it is used in place of a database, for a banner.
        clock: Seconds that only grow.
    """

    def __init__(
        self, most: int = MOST_IN_MEMORY, *, notice: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._notice = notice
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._sweeps: dict[str, SweepRecord] = {}
        self._lock = threading.RLock()

    def __contains__(self, experiment: str) -> bool:
        """Say whether an experiment is kept, deleted or not."""
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
            result = self._result(kept, status) if status in FINAL else None
            kept.view = replace(kept.view, status=status, message=message, result=result)
            return True

    def set_baselines(self, experiment: str, baselines: Mapping[str, Mapping[str, float]]) -> None:
        """See `Store.set_baselines`."""
        with self._lock:
            kept = self._find(experiment)
            kept.record = replace(kept.record, baselines=dict(baselines))

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
            self._put(experiment, _with_result(run, result))
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
                        found[run.spec.key()] = FoundRun(kept.record.id, light_run(run.result))
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
        """See `Store.adopt_sweeps`; a memory has one owner for all its life."""
        return ()

    def list_experiments(self, query: ExperimentQuery) -> ExperimentList:
        """See `Store.list_experiments`."""
        with self._lock:
            found = [kept for kept in self._visible() if _matches(kept, query)]
            rows = [_summary(kept) for kept in _sorted(found, query)[query.offset : query.offset + query.limit]]
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
            if len(kept.notes) >= MOST_NOTES:
                raise StoreError(f"This experiment already has {MOST_NOTES} notes; put the conclusion in its decision.")
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

    def _visible(self) -> Iterable[_Kept]:
        return (kept for kept in self._kept.values() if kept.purge_after is None)

    def _present(self, experiment: str) -> _Kept | None:
        kept = self._kept.get(experiment)
        return kept if kept is not None and kept.purge_after is None else None

    def _find(self, experiment: str) -> _Kept:
        """Return a kept experiment, also a deleted one: its runs still end."""
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

    def _result(self, kept: _Kept, status: str) -> ExperimentResult | None:
        results = tuple(run.result for run in kept.view.runs if run.result is not None)
        if not results:
            return None
        return ExperimentResult(spec=kept.record.spec, status=status, runs=results, baselines=kept.record.baselines)


def _with_result(run: RunView, result: RunResult) -> RunView:
    update = max((seed.updates for seed in result.seeds), default=0)
    ended = replace(run, spec=result.spec, status=result.status, update=update, attempt=result.attempt)
    return replace(ended, curves=result.curves, result=result, message="")


def _matches(kept: _Kept, query: ExperimentQuery) -> bool:
    spec, decision = kept.record.spec, kept.decision
    texts = [spec_search_text(spec), *kept.tags, *(search_text(note.text, note.author) for note in kept.notes)]
    if decision is not None:
        texts.append(search_text(decision.question, decision.decision, decision.reason, *decision.options))
    return (
        all(any(word in text for text in texts) for word in query.words())
        and (not query.status or kept.view.status in query.status)
        and (not query.datasets or spec.dataset in query.datasets)
        and (not query.architecture or query.architecture in spec.architectures)
        and (not query.tag or query.tag.casefold() in kept.tags)
        and (query.sweep is None or kept.record.sweep == query.sweep)
        and (query.control is None or kept.record.control in (query.control, ""))
    )


def _sorted(found: list[_Kept], query: ExperimentQuery) -> list[_Kept]:
    """Sort, newest first among equals; `found` is in the order of acceptance."""
    keys: dict[SortBy, Callable[[_Kept], str]] = {
        SortBy.DATASET: lambda kept: kept.record.spec.dataset,
        SortBy.ARCHITECTURES: lambda kept: ",".join(kept.record.spec.architectures),
        SortBy.STATUS: lambda kept: kept.view.status,
    }
    newest_first = list(reversed(found))
    if query.sort is SortBy.CREATED:
        return newest_first if query.descending else found
    return sorted(newest_first, key=keys[query.sort], reverse=query.descending)


def _summary(kept: _Kept) -> ExperimentSummary:
    results = {run.spec.architecture: run.result for run in kept.view.runs if run.result is not None}
    return ExperimentSummary(
        view=light_view(kept.view),
        created=kept.record.created,
        tags=kept.tags,
        notes=len(kept.notes),
        decision=kept.decision,
        losses={name: loss_line(result.curves) for name, result in results.items()},
        control=kept.record.control,
    )
