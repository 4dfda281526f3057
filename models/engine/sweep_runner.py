"""Run sweeps: keep a few runs of each in the engine, and resume interrupted sweeps.

The store has everything needed to resume a sweep: its record, and the results of its runs, found by their keys.
"""

import logging
import threading
import time
from dataclasses import replace
from typing import Protocol

from models.bounded_cache import BoundedCache
from models.engine.connection import EngineState
from models.engine.sweep_progress import SweepProgress
from models.errors import CapacityError, GatescopeError
from models.records.results import ExperimentView
from models.records.sweep import FoundRun, SweepRecord, SweepView
from models.spec.installation_limits import Limits
from models.spec.plan import Plan
from models.spec.sweep import SweepSpec
from models.spec.sweep_plan import SweepPlan, SweepRun, plan_sweep
from models.store.interface import Store

MAX_SWEEPS = 20
SMALLEST_WINDOW = 4  # runs of all sweeps in the engine at a time, or twice as many as it trains at once if that is more
_PAUSE, _IDLE = 0.2, 2.0  # seconds between two rounds, with and without sweeps
_ADOPT = 30.0  # seconds between two searches for sweeps of dead servers
_MAX_PLANS, _MAX_KEPT = 50, 50
_log = logging.getLogger("gatescope.sweeps")


class Trainer(Protocol):
    """The methods of an engine that sweeps need; see `models.engine.engine.Engine`."""

    @property
    def state(self) -> EngineState:
        """What it is doing."""

    @property
    def slots(self) -> int:
        """How many runs can be trained at a time."""

    def submit(self, plan: Plan, *, control: str = "", sweep: str = "") -> str:
        """Accept an experiment."""

    def stop(self, experiment: str) -> None:
        """Stop an experiment."""

    def live(self, experiment: str) -> ExperimentView | None:
        """Return an experiment's progress, or None if it is over."""


class SweepRunner:
    """Runs every sweep of this process, taking turns. Every method may be called from any thread.

    Args:
        engine: What trains.
        store: Where records and results are kept.
        keep: Whether running sweeps are recorded, so that another server can take them over if this one dies.
        limits: What is allowed; None allows everything.
    """

    def __init__(self, engine: Trainer, store: Store, *, keep: bool = True, limits: Limits | None = None) -> None:
        self._engine, self._store, self._keep, self._limits = engine, store, keep, limits
        self._active: dict[str, SweepProgress] = {}
        self._views: dict[str, SweepView] = {}
        self._plans: BoundedCache[str, SweepPlan] = BoundedCache(_MAX_PLANS)
        self._lock, self._wake, self._closed = threading.RLock(), threading.Event(), threading.Event()
        self._adopted = float("-inf")
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Take over the sweeps of dead servers, now and from time to time, in a thread."""
        with self._lock:
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._run, name="gatescope-sweeps", daemon=True)
                self._thread.start()

    def start(self, spec: SweepSpec, *, control: str = "") -> str:
        """Start or resume a sweep and return its key; runs in the store are not trained again.

        Args:
            spec: The sweep.
            control: Token that gives the right to stop it.

        Raises:
            CapacityError: If too many sweeps are running, or this one exceeds a limit.
            DataError: If the dataset's options leave too little data.
            StoreError: If it cannot be stored.
        """
        self.begin()
        self.plan(spec).check()
        key = spec.key()
        with self._lock:
            if key in self._active:
                return key
            if len(self._active) >= MAX_SWEEPS:
                raise CapacityError(f"{MAX_SWEEPS} sweeps are already running; stop one, or wait until one has ended.")
        earlier = self._store.sweep(key)
        if earlier is not None and earlier.status == "running":
            adopted = self._adopt()
            if key in self._active:
                return key
            if key not in adopted:
                raise CapacityError("This sweep is already running on another server; its results appear here, too.")
        record = SweepRecord(spec=spec, control=control)
        record = record if earlier is None else replace(record, created=earlier.created)
        if self._keep:
            self._store.save_sweep(record)
        self._take_up(record)
        return key

    def _take_up(self, record: SweepRecord) -> None:
        progress = self._progress(record)
        with self._lock:
            key = record.spec.key()
            self._active.setdefault(key, progress)
            self._views[key] = self._active[key].view()
        self._wake.set()

    def _progress(self, record: SweepRecord) -> SweepProgress:
        progress = SweepProgress(record, self.plan(record.spec).runs)
        progress.take_found(self._store.find_runs(progress.unsettled()))
        return progress

    def stop(self, key: str) -> None:
        """Stop a sweep: running runs are abandoned, finished ones are kept, and `start` resumes it."""
        with self._lock:
            progress = self._active.get(key)
            if progress is None:
                return
            progress.stopping = True
        for experiment in progress.live():
            self._engine.stop(experiment)
        self._wake.set()

    def view(self, spec: SweepSpec) -> SweepView:
        """Return a sweep's progress; one that never ran may still have matching runs of other experiments.

        Raises:
            StoreError: If it cannot be read.
            DataError: If the dataset's options leave too little data.
        """
        found = self._views.get(spec.key())
        if found is not None:
            return found
        record = self._store.sweep(spec.key())
        progress = self._progress(record or SweepRecord(spec=spec, status="new"))
        view = progress.view()
        if view.complete:
            return replace(view, status="finished")
        if record is not None and record.status == "running":
            return replace(view, status="elsewhere")
        ended = "stopped" if record is not None else "new"
        return replace(view, status=ended, seconds_left=progress.estimate() / max(1, self._engine.slots))

    def plan(self, spec: SweepSpec) -> SweepPlan:
        """Return what a sweep will do and whether this server's limits allow it; computed once.

        Raises:
            DataError: If the dataset's options leave too little data.
        """
        return self._plans.get_or_make(spec.key(), lambda: plan_sweep(spec, limits=self._limits))

    def close(self, timeout: float = 5.0) -> None:
        """Stop running sweeps; unfinished ones stay `running`, and the next server on this store resumes them."""
        self._closed.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._closed.is_set() and self._engine.state.name != "closed":
            try:
                self._step()
            except GatescopeError as error:  # the store or the engine is unreachable; finished runs are safe
                _log.warning("sweeps are waiting: %s", error)
                self._closed.wait(1.0)
            except Exception:
                _log.exception("the sweep runner hit an unexpected error and continues")
                self._closed.wait(1.0)
            self._wake.wait(_PAUSE if self._active else _IDLE)
            self._wake.clear()

    def _step(self) -> None:
        if self._keep and time.monotonic() - self._adopted >= _ADOPT:
            self._adopt()
        with self._lock:
            active = list(self._active.items())
        for _, progress in active:
            self._collect(progress)
        self._share_results([progress for _, progress in active])
        if self._engine.state.name != "unreachable":
            self._fill([progress for _, progress in active])
        for key, progress in active:
            self._publish(key, progress)

    def _collect(self, progress: SweepProgress) -> None:
        """Collect the progress of a sweep's experiments, and the results of finished ones without arrays."""
        for experiment in progress.live():
            view = self._engine.live(experiment)
            if view is not None:
                progress.take_view(experiment, view)
                continue
            progress.take_found(self._store.find_runs(progress.keys_of(experiment)))
            if progress.keys_of(experiment):
                progress.take_view(experiment, self._store.view(experiment))
            progress.close(experiment)

    def _adopt(self) -> frozenset[str]:
        """Take over and resume the sweeps of dead servers, if sweeps are kept; return their keys."""
        self._adopted = time.monotonic()
        found = self._store.adopt_sweeps()
        for record in found if self._keep else ():
            try:
                self._take_up(record)
                _log.info("resuming a sweep of %d runs", record.spec.size)
            except GatescopeError as error:
                _log.warning("a sweep cannot be resumed: %s", error)
        return frozenset(record.spec.key() for record in found)

    def _share_results(self, active: list[SweepProgress]) -> None:
        """Share a finished run with other sweeps that need it."""
        if len(active) < 2:
            return
        for progress in active:
            there = {o.run.key: FoundRun(o.experiment, o.result) for o in progress.outcomes() if o.result is not None}
            for other in active:
                if other is not progress:
                    other.take_found(there)

    def _fill(self, active: list[SweepProgress]) -> None:
        """Submit runs to the engine, one point of each sweep in turn, until its window is full."""
        window = max(SMALLEST_WINDOW, 2 * self._engine.slots)
        waiting = [progress for progress in active if not progress.stopping]
        while waiting:
            for progress in list(waiting):
                busy = frozenset[str]().union(*(one.running() for one in active))
                runs = progress.next_runs(busy)
                if not runs:
                    waiting.remove(progress)
                elif len(busy) >= window:
                    return
                else:
                    self._submit(progress, runs)

    def _submit(self, progress: SweepProgress, runs: tuple[SweepRun, ...]) -> None:
        """Submit the runs of one point as one experiment, except those that the store has by now."""
        found = self._store.find_runs([run.key for run in runs])
        progress.take_found(found)
        left = tuple(run for run in runs if run.key not in found)
        if not left:
            return
        record = progress.record
        plan = self.plan(record.spec).points[left[0].point].only([run.run.architecture for run in left])
        experiment = self._engine.submit(plan, control=record.control, sweep=record.spec.key())
        progress.begin(left, experiment)
        if progress.stopping:
            self._engine.stop(experiment)

    def _publish(self, key: str, progress: SweepProgress) -> None:
        if not progress.over():
            self._views[key] = progress.view()
            return
        progress.record = progress.closing_record()
        if self._keep or progress.record.status == "finished":
            self._store.save_sweep(progress.record)
        with self._lock:
            del self._active[key]
            self._views[key] = progress.view()
            for old in [one for one in self._views if one not in self._active][:-_MAX_KEPT]:
                del self._views[old]
            if not progress.record.message and progress.record.status == "stopped":
                del self._views[key]  # the store has all of it and may get more
