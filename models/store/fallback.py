"""A store that never refuses an experiment: while the database is unavailable, experiments wait in memory."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from models.errors import StoreError
from models.records.experiment import (
    UNDO_SECONDS,
    Decision,
    ExperimentList,
    ExperimentQuery,
    ExperimentRecord,
    Note,
)
from models.records.results import CURVE_COLUMNS, Baselines, ExperimentResult, ExperimentView, RunResult, RunView
from models.records.sweep import FoundRun, SweepRecord
from models.store.in_memory import MemoryStore
from models.store.interface import Store

log = logging.getLogger(__name__)
RETRY_SECONDS = 10.0


class FallbackStore:
    """Wraps a store that may be unreachable. See `Store` for the methods.

    An experiment that cannot be created there is kept in memory. A thread, and `retry`, move it once it is final. Changes
    of an experiment that is there already are not kept in memory: they raise `StoreError`, and the caller tries again.

    Args:
        connect: Returns the wrapped store; may raise `StoreError`, and is then retried from time to time.
        retry_seconds: Pause between two attempts.
    """

    def __init__(self, connect: Callable[[], Store], *, retry_seconds: float = RETRY_SECONDS) -> None:
        self._connect = connect
        self._pause = retry_seconds
        self._inner: Store | None = None
        self._memory = MemoryStore()
        self._only_here: list[str] = []
        self._problem = ""
        self._moving = threading.RLock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self.retry()

    @property
    def notice(self) -> str:
        """See `Store.notice`."""
        if self._inner is not None and not self._only_here:
            return self._inner.notice
        return f"New experiments are kept only until this server ends, and saving is tried again. {self._problem}"

    @property
    def unsaved(self) -> tuple[str, ...]:
        """Ids of the experiments that are only in memory."""
        return tuple(self._only_here)

    def retry(self) -> bool:
        """Try to reach the store and move final experiments; return whether none is left in memory."""
        with self._moving:
            try:
                if self._inner is None:
                    self._inner = self._connect()
                self._problem = ""
                for experiment in list(self._only_here):
                    self._move(self._inner, experiment)
            except StoreError as error:
                self._complain(error)
            return self._inner is not None and not self._only_here

    def _complain(self, error: StoreError) -> None:
        if str(error) != self._problem:
            log.warning("experiments are kept in memory for now: %s", error)
        self._problem = str(error)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._keep_trying, name="gatescope-fallback", daemon=True)
            self._thread.start()

    def _keep_trying(self) -> None:
        while not self._closed.wait(self._pause):
            if self.retry():
                return

    def _move(self, inner: Store, experiment: str) -> None:
        """Move a final experiment; every step is safe to repeat."""
        self._memory.purge()
        view, record = self._memory.view(experiment), self._memory.record(experiment)
        if view is None or record is None or not view.final:
            if experiment not in self._memory:
                self._only_here.remove(experiment)
            return
        inner.create(record)
        inner.set_baselines(experiment, record.baselines, record.repeat_baselines)
        present = inner.view(experiment)
        empty = {run.spec.architecture for run in present.runs if not run.curves} if present else set()
        for run in view.runs:
            self._move_run(inner, experiment, run, with_curve=run.spec.architecture in empty)
        known = {note.id for note in inner.notes(experiment)}
        for note in self._memory.notes(experiment):
            if note.id not in known:
                inner.add_note(experiment, note)
        inner.set_tags(experiment, self._memory.tags(experiment))
        inner.set_decision(experiment, self._memory.decision(experiment))
        inner.set_status(experiment, view.status, view.message)
        self._only_here.remove(experiment)
        self._memory.delete(experiment, undo_seconds=-1.0)
        self._memory.purge()

    def _move_run(self, inner: Store, experiment: str, run: RunView, *, with_curve: bool) -> None:
        name = run.spec.architecture
        if run.result is not None:
            inner.save_result(experiment, name, run.result)
            return
        if run.curves and with_curve:
            inner.append_curve(
                experiment, name, list(zip(*(run.curves[column] for column in CURVE_COLUMNS), strict=True))
            )
        inner.set_run_status(experiment, name, run.status, attempt=run.attempt, message=run.message)

    def _of(self, experiment: str) -> Store:
        """Return the store that has an experiment."""
        return self._memory if self._inner is None or experiment in self._only_here else self._inner

    def _take_in(self, keep_here: Callable[[], None], inner: Callable[[Store], None], experiment: str) -> None:
        """Keep a new experiment in the wrapped store, or in memory if it is unreachable or others already wait there."""
        if self._inner is not None and not self._only_here:
            try:
                inner(self._inner)
                return
            except StoreError as error:
                keep_here()
                self._only_here.append(experiment)
                self._complain(error)
                return
        keep_here()
        self._only_here.append(experiment)

    def create(self, record: ExperimentRecord) -> None:
        """See `Store.create`."""
        self._take_in(lambda: self._memory.create(record), lambda inner: inner.create(record), record.id)

    def keep(self, record: ExperimentRecord, result: ExperimentResult, message: str = "") -> None:
        """See `Store.keep`."""
        self._take_in(
            lambda: self._memory.keep(record, result, message),
            lambda inner: inner.keep(record, result, message),
            record.id,
        )

    def set_status(self, experiment: str, status: str, message: str = "") -> bool:
        """See `Store.set_status`."""
        return self._of(experiment).set_status(experiment, status, message)

    def set_baselines(self, experiment: str, baselines: Baselines, repeats: Sequence[Baselines] = ()) -> None:
        """See `Store.set_baselines`."""
        self._of(experiment).set_baselines(experiment, baselines, repeats)

    def set_run_status(
        self, experiment: str, architecture: str, status: str, *, attempt: int = 1, message: str = ""
    ) -> bool:
        """See `Store.set_run_status`."""
        return self._of(experiment).set_run_status(experiment, architecture, status, attempt=attempt, message=message)

    def append_curve(self, experiment: str, architecture: str, points: Sequence[tuple[float, ...]]) -> None:
        """See `Store.append_curve`."""
        self._of(experiment).append_curve(experiment, architecture, points)

    def save_result(self, experiment: str, architecture: str, result: RunResult) -> bool:
        """See `Store.save_result`."""
        return self._of(experiment).save_result(experiment, architecture, result)

    def view(self, experiment: str) -> ExperimentView | None:
        """See `Store.view`."""
        return self._of(experiment).view(experiment)

    def record(self, experiment: str) -> ExperimentRecord | None:
        """See `Store.record`."""
        return self._of(experiment).record(experiment)

    def control(self, experiment: str) -> str | None:
        """See `Store.control`."""
        return self._of(experiment).control(experiment)

    def find_run(self, key: str) -> RunResult | None:
        """See `Store.find_run`."""
        return self._memory.find_run(key) or (self._inner.find_run(key) if self._inner else None)

    def find_runs(self, keys: Sequence[str]) -> dict[str, FoundRun]:
        """See `Store.find_runs`."""
        behind = self._inner.find_runs(keys) if self._inner else {}
        return {**behind, **self._memory.find_runs(keys)}

    def save_sweep(self, record: SweepRecord) -> None:
        """See `Store.save_sweep`."""
        (self._inner or self._memory).save_sweep(record)

    def sweep(self, key: str) -> SweepRecord | None:
        """See `Store.sweep`."""
        return (self._inner.sweep(key) if self._inner else None) or self._memory.sweep(key)

    def sweeps(self, limit: int = 50) -> tuple[SweepRecord, ...]:
        """See `Store.sweeps`."""
        return (self._inner or self._memory).sweeps(limit)

    def adopt_sweeps(self) -> tuple[SweepRecord, ...]:
        """See `Store.adopt_sweeps`."""
        return self._inner.adopt_sweeps() if self._inner else ()

    def list_experiments(self, query: ExperimentQuery) -> ExperimentList:
        """See `Store.list_experiments`; what is only in memory comes first."""
        first = self._memory.list_experiments(query)
        if self._inner is None:
            return first
        try:
            second = self._inner.list_experiments(replace(query, offset=max(query.offset - first.total, 0)))
        except StoreError:
            if first.total:
                return first
            raise
        rows = (*first.rows, *second.rows)[: query.limit]
        return ExperimentList(rows=rows, total=first.total + second.total, unreadable=second.unreadable)

    def add_note(self, experiment: str, note: Note) -> None:
        """See `Store.add_note`."""
        with self._moving:
            self._of(experiment).add_note(experiment, note)

    def notes(self, experiment: str) -> tuple[Note, ...]:
        """See `Store.notes`."""
        return self._of(experiment).notes(experiment)

    def set_decision(self, experiment: str, decision: Decision | None) -> None:
        """See `Store.set_decision`."""
        with self._moving:
            self._of(experiment).set_decision(experiment, decision)

    def decision(self, experiment: str) -> Decision | None:
        """See `Store.decision`."""
        return self._of(experiment).decision(experiment)

    def set_tags(self, experiment: str, tags: tuple[str, ...]) -> None:
        """See `Store.set_tags`."""
        with self._moving:
            self._of(experiment).set_tags(experiment, tags)

    def tags(self, experiment: str) -> tuple[str, ...]:
        """See `Store.tags`."""
        return self._of(experiment).tags(experiment)

    def delete(self, experiment: str, *, undo_seconds: float = UNDO_SECONDS) -> bool:
        """See `Store.delete`."""
        with self._moving:
            return self._of(experiment).delete(experiment, undo_seconds=undo_seconds)

    def undelete(self, experiment: str) -> bool:
        """See `Store.undelete`."""
        with self._moving:
            return self._of(experiment).undelete(experiment)

    def purge(self) -> int:
        """See `Store.purge`."""
        return self._memory.purge() + (self._inner.purge() if self._inner else 0)

    def close(self) -> None:
        """See `Store.close`; what is only in memory gets a last try."""
        self._closed.set()
        self._memory.close()
        if self._only_here:
            self.retry()
        if self._inner is not None:
            self._inner.close()
