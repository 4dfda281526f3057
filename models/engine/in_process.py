"""Train experiments in threads of this process, for sweeps on the command line: no scheduler, no worker process."""

import itertools
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from models.engine.connection import EngineState
from models.engine.experiment_queue import ExperimentQueue
from models.engine.live_state import LiveExperiment, LiveRun
from models.engine.store_writer import StoreWriter
from models.errors import GatescopeError
from models.records.experiment import ExperimentRecord, new_id
from models.records.results import Baselines, ExperimentView, RunResult, mean_baselines
from models.spec.plan import Plan
from models.store.interface import Store
from models.worker import execute
from models.worker.task import Reporter

READY = EngineState(name="ready", message="Ready: trains in this process.")
_STORE_SECONDS = 30.0  # seconds to wait for the last results to be stored


class InProcess:
    """The methods of `models.engine.engine.Engine` that a sweep needs.

    Args:
        store: Where experiments and results are kept.
        threads: Runs at a time, by default one per core. The numbers do not depend on it.
        trainer: See `models.worker.execute.run_trainer`.
    """

    def __init__(self, store: Store, *, threads: int | None = None, trainer: str = execute.TRAINER) -> None:
        self.slots = threads or os.cpu_count() or 1
        self.state = READY
        self._store, self._trainer = store, trainer
        self._writer, self._queue = StoreWriter(store), ExperimentQueue(limit=0)  # the queue's limit is not used here
        self._numbers = itertools.count(1)
        self._stops: dict[str, threading.Event] = {}
        self._pool = ThreadPoolExecutor(max_workers=self.slots)

    def submit(
        self,
        plan: Plan,
        *,
        control: str = "",
        sweep: str = "",
    ) -> str:
        """Accept an experiment."""
        record = ExperimentRecord(id=new_id(), spec=plan.spec, runs=plan.run_specs(), control=control, sweep=sweep)
        self._store.create(record)
        self._stops[record.id] = threading.Event()
        self._queue.add(record)
        if (live := self._queue.find(record.id)) is not None:
            for run in live.runs:
                self._pool.submit(self._train, live, run)
        return record.id

    def stop(self, experiment: str) -> None:
        """Stop an experiment within one update of each run."""
        if (stop := self._stops.get(experiment)) is not None:
            stop.set()

    def live(self, experiment: str) -> ExperimentView | None:
        """Return an experiment's progress, or None once it is over."""
        return self._queue.view(experiment)

    def close(self) -> None:
        """Stop everything and wait until it is stored."""
        for stop in list(self._stops.values()):
            stop.set()
        self._pool.shutdown(wait=True)
        self._writer.close(_STORE_SECONDS)

    def _train(self, live: LiveExperiment, run: LiveRun) -> None:
        stop = self._stops[live.record.id]
        if stop.is_set():
            self._end(live, run, "stopped")
            return
        identity, name = live.record.id, run.spec.architecture
        with self._queue.lock:
            run.begin(next(self._numbers))
        self._writer.put(identity, lambda store: store.set_run_status(identity, name, "running"))
        reporter = Reporter(self._take, submission=run.submission or 0)
        try:
            result = execute.run_trainer(run.spec, emit=reporter.take, should_stop=stop.is_set, trainer=self._trainer)
        except Exception as error:
            self._end(live, run, "failed", message=execute.explain(error))
        else:
            self._end(live, run, result.status, result=result)

    def _take(self, message: dict[str, Any]) -> None:
        self._queue.take(message)

    def _end(
        self, live: LiveExperiment, run: LiveRun, status: str, *, message: str = "", result: RunResult | None = None
    ) -> None:
        """End a run in memory and in the store; the last run ends its experiment."""
        identity, name = live.record.id, run.spec.architecture
        if result is not None:
            self._writer.put(identity, lambda store: store.save_result(identity, name, result))
        else:
            self._writer.put(identity, lambda store: store.set_run_status(identity, name, status, message=message))
        with self._queue.lock:
            run.end(status, message, result)
            over = all(one.final for one in live.runs)
        if over:
            self._close(live)

    def _close(self, live: LiveExperiment) -> None:
        identity = live.record.id
        try:
            scores: tuple[Baselines, ...] = execute.repeat_baselines(live.record.spec)
        except GatescopeError:
            scores = ()
        live.repeat_baselines = scores
        means = live.baselines = mean_baselines(scores)
        self._writer.put(identity, lambda store: store.set_baselines(identity, means, scores))
        self._writer.put(identity, lambda store: store.set_status(identity, live.status(), live.summary()))
        self._writer.put(identity, lambda store: self._queue.remove(identity))
        self._stops.pop(identity, None)
