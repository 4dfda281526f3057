"""A store that never refuses an experiment: while the database is unavailable, experiments wait in memory."""

import contextlib
import functools
import logging
import operator
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Concatenate, ParamSpec, TypeVar

from models.errors import StoreError, StoreLostError
from models.records.experiment import (
    UNDO_SECONDS,
    ExperimentList,
    ExperimentQuery,
    ExperimentRecord,
)
from models.records.results import FINAL, ExperimentResult, RunResult
from models.records.sweep import FoundRun, SweepRecord
from models.store.copy_experiment import copy_experiment
from models.store.interface import Store
from models.store.sql.in_memory import MemoryStore

log = logging.getLogger(__name__)
RETRY_SECONDS = 10.0
MAX_IN_MEMORY = 200  # experiments
QUIET_SECONDS = 2.0  # without another attempt after a failed one
Answer = TypeVar("Answer")
Arguments = ParamSpec("Arguments")


@dataclass
class _Live:
    """An unfinished experiment in the wrapped store, with its results so far."""

    record: ExperimentRecord
    results: dict[str, RunResult] = field(default_factory=dict)


def _forwarded(
    method: Callable[Concatenate[Store, Arguments], Answer], *, exclusive: bool = False
) -> Callable[Concatenate["FallbackStore", Arguments], Answer]:
    """Return a method that calls the store which has the experiment named first.

    Args:
        method: A method of `Store`.
        exclusive: Whether no experiment may be moved meanwhile.
    """

    @functools.wraps(method)
    def call(self: "FallbackStore", /, *args: Arguments.args, **options: Arguments.kwargs) -> Answer:
        experiment = str(args[0] if args else options["experiment"])
        with self._moving if exclusive else contextlib.nullcontext():
            answer: Answer = self._ask(experiment, operator.methodcaller(method.__name__, *args, **options))
        return answer

    return call


class FallbackStore:
    """Wraps a store that may be unreachable. See `Store` for the methods.

    An experiment that cannot be created there is kept in memory. A thread, or a call of `retry`, moves it once it is final.
    Failed changes to an experiment in the wrapped store raise `StoreError`, and the caller tries again.

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
        self._live: dict[str, _Live] = {}  # unfinished in the wrapped store; created again if it loses them
        self._tried = float("-inf")
        self._problem = ""
        self._moving = threading.RLock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self.retry()

    @property
    def notice(self) -> str:
        """See `Store.notice`."""
        inner = self._inner.notice if self._inner is not None else ""
        waiting = len(self._only_here)
        if self._inner is None or waiting:
            which = "New experiments are" if self._inner is None else f"{waiting} of the latest experiments are"
            told = f"{which} kept only until this server ends; saving them is retried. {self._problem}"
        else:
            told = ""
        return " ".join(filter(None, (told.strip(), inner)))

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
                    self._create_again(self._inner)
                for experiment in list(self._only_here):
                    self._move(self._inner, experiment)
            except StoreLostError as error:
                self._lose(error)
            except StoreError as error:
                self._complain(error)
            if self._inner is not None and not self._only_here:
                self._problem = ""
            return self._inner is not None and not self._only_here

    def _create_again(self, inner: Store) -> None:
        """Recreate unfinished experiments that are missing in the copy that replaced a lost file."""
        for live in list(self._live.values()):
            experiment = live.record.id
            if inner.control(experiment) is None:
                inner.create(live.record)
                log.warning("experiment %s was missing and has been recreated", experiment)
            for architecture, result in list(live.results.items()):
                inner.save_result(experiment, architecture, result)

    def _lose(self, error: StoreError) -> None:
        """Drop the wrapped store; the thread, or the next new experiment, connects again."""
        with self._moving:
            inner, self._inner = self._inner, None
        log.error("the store is lost: %s", error)
        if inner is not None:
            with contextlib.suppress(StoreError):
                inner.close()
        self._complain(error)

    def _ask(self, experiment: str, question: Callable[[Store], Answer]) -> Answer:
        """Call the store that has an experiment, and once more if its file was lost and has been restored."""
        store = self._of(experiment)
        try:
            return question(store)
        except StoreLostError as error:
            if store is self._inner:
                self._lose(error)
            if not self._reconnected():
                raise
            return question(self._of(experiment))

    def _reconnected(self) -> bool:
        """Try to connect, unless that failed a moment ago; return whether the wrapped store is available."""
        if time.monotonic() - self._tried >= QUIET_SECONDS:
            self.retry()
            self._tried = time.monotonic() if self._inner is None else float("-inf")
        return self._inner is not None

    def _ask_wrapped(self, question: Callable[[Store], Answer], otherwise: Answer) -> Answer:
        """Call the wrapped store, if it is available."""
        return otherwise if self._inner is None else self._ask("", question)

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

    set_baselines = _forwarded(Store.set_baselines)
    set_run_status = _forwarded(Store.set_run_status)
    append_curve = _forwarded(Store.append_curve)
    view = _forwarded(Store.view)
    record = _forwarded(Store.record)
    control = _forwarded(Store.control)
    notes = _forwarded(Store.notes)
    decision = _forwarded(Store.decision)
    earlier_decisions = _forwarded(Store.earlier_decisions)
    closed = _forwarded(Store.closed)
    tags = _forwarded(Store.tags)
    add_note = _forwarded(Store.add_note, exclusive=True)
    set_decision = _forwarded(Store.set_decision, exclusive=True)
    set_closed = _forwarded(Store.set_closed, exclusive=True)
    set_tags = _forwarded(Store.set_tags, exclusive=True)
    undelete = _forwarded(Store.undelete, exclusive=True)

    def _move(self, inner: Store, experiment: str) -> None:
        """Move a final experiment, and forget one that is no longer in memory."""
        self._memory.purge()
        view = self._memory.view(experiment)
        if view is not None and view.final:
            copy_experiment(self._memory, inner, experiment)
            self._only_here.remove(experiment)
            self._memory.forget(experiment)
        elif experiment not in self._memory:
            self._only_here.remove(experiment)

    def _of(self, experiment: str) -> Store:
        """Return the store that has an experiment."""
        return self._memory if self._inner is None or experiment in self._only_here else self._inner

    def _save_new(self, in_memory: Callable[[], None], inner: Callable[[Store], None], experiment: str) -> None:
        """Save a new experiment in the wrapped store, or else in memory; those in memory do not delay later ones."""
        try:
            if self._inner is not None or self._reconnected():
                self._ask("", inner)
                return
        except StoreError as error:
            self._complain(error)
        in_memory()
        self._only_here.append(experiment)
        if len(self._only_here) > MAX_IN_MEMORY:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        """Remove the oldest finished experiment from memory; unfinished ones stay."""
        for experiment in self._only_here:
            view = self._memory.view(experiment)
            if view is not None and view.final:
                self._memory.forget(experiment)
                self._only_here.remove(experiment)
                return

    def create(self, record: ExperimentRecord) -> None:
        """See `Store.create`."""
        self._save_new(lambda: self._memory.create(record), lambda inner: inner.create(record), record.id)
        self._live[record.id] = _Live(record)

    def keep(self, record: ExperimentRecord, result: ExperimentResult, message: str = "") -> None:
        """See `Store.keep`."""
        self._save_new(
            lambda: self._memory.keep(record, result, message),
            lambda inner: inner.keep(record, result, message),
            record.id,
        )

    def set_status(self, experiment: str, status: str, message: str = "") -> bool:
        """See `Store.set_status`."""
        changed = self._ask(experiment, lambda store: store.set_status(experiment, status, message))
        if status in FINAL:
            self._live.pop(experiment, None)
        return changed

    def save_result(self, experiment: str, architecture: str, result: RunResult) -> bool:
        """See `Store.save_result`."""
        changed = self._ask(experiment, lambda store: store.save_result(experiment, architecture, result))
        if experiment in self._live:
            self._live[experiment].results[architecture] = result
        return changed

    def find_run(self, key: str) -> RunResult | None:
        """See `Store.find_run`."""
        return self._memory.find_run(key) or self._ask_wrapped(lambda store: store.find_run(key), None)

    def find_runs(self, keys: Sequence[str]) -> dict[str, FoundRun]:
        """See `Store.find_runs`."""
        nothing: dict[str, FoundRun] = {}
        found = self._ask_wrapped(lambda store: dict(store.find_runs(keys)), nothing)
        return {**found, **self._memory.find_runs(keys)}

    def save_sweep(self, record: SweepRecord) -> None:
        """See `Store.save_sweep`."""
        self._ask("", lambda store: store.save_sweep(record))

    def sweep(self, key: str) -> SweepRecord | None:
        """See `Store.sweep`."""
        return self._ask_wrapped(lambda store: store.sweep(key), None) or self._memory.sweep(key)

    def sweeps(self, limit: int = 50) -> tuple[SweepRecord, ...]:
        """See `Store.sweeps`."""
        return self._ask("", lambda store: store.sweeps(limit))

    def adopt_sweeps(self) -> tuple[SweepRecord, ...]:
        """See `Store.adopt_sweeps`."""
        return self._ask_wrapped(lambda store: store.adopt_sweeps(), ())

    def list_experiments(self, query: ExperimentQuery) -> ExperimentList:
        """See `Store.list_experiments`; experiments that are only in memory come first."""
        first = self._memory.list_experiments(query)
        if self._inner is None:
            return first
        try:
            further = replace(query, offset=max(query.offset - first.total, 0))
            second = self._ask("", lambda store: store.list_experiments(further))
        except StoreError:
            if first.total:
                return first
            raise
        rows = (*first.rows, *second.rows)[: query.limit]
        return ExperimentList(rows=rows, total=first.total + second.total, unreadable=second.unreadable)

    def delete(self, experiment: str, *, undo_seconds: float = UNDO_SECONDS) -> bool:
        """See `Store.delete`."""
        with self._moving:
            self._live.pop(experiment, None)
            return self._ask(experiment, lambda store: store.delete(experiment, undo_seconds=undo_seconds))

    def purge(self) -> int:
        """See `Store.purge`."""
        return self._memory.purge() + (self._inner.purge() if self._inner else 0)

    def close(self) -> None:
        """See `Store.close`; tries once more to save experiments that are only in memory."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._memory.interrupt()
        if self._only_here:
            self.retry()
        self._memory.close()
        if self._inner is not None:
            self._inner.close()
