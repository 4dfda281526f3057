"""End runs and experiments exactly once: immediately in memory, soon after in the store."""

import logging
import time
from collections.abc import Callable

from models.engine.experiment_queue import ExperimentQueue
from models.engine.live_state import LiveExperiment, LiveRun
from models.engine.store_writer import StoreWriter
from models.logs import event
from models.malloc import hand_back_memory
from models.records.results import RunResult

_log = logging.getLogger("gatescope.engine")


class Finisher:
    """Belongs to the engine's thread.

    Args:
        live_queue: The live experiments.
        writer: Writes to the store.
        forget: Called with the submission of a run that was asked to stop or to wait, once it has ended.
    """

    def __init__(self, live_queue: ExperimentQueue, writer: StoreWriter, forget: Callable[[int], None]) -> None:
        self._queue, self._writer, self._forget = live_queue, writer, forget

    def end_all(self, status: str, message: str) -> None:
        """End every run of every experiment."""
        for live in self._queue.all():
            live.baselines = live.baselines or {}
            for run in live.runs:
                self.end(live, run, status, message=message)

    def end(
        self, live: LiveExperiment, run: LiveRun, status: str, *, message: str = "", result: RunResult | None = None
    ) -> None:
        """End a run, unless it has ended already."""
        if run.final:
            return
        attempt, submission = run.attempt, run.submission
        with self._queue.lock:
            run.end(status, message, result)
        if (run.stop_due is not None or run.ordered) and submission is not None:
            self._forget(submission)
        self._record(live.record.id, run, attempt)
        event(
            _log,
            "run ended",
            experiment=live.record.id,
            run=run.spec.architecture,
            status=status,
            attempt=attempt,
            seconds=time.monotonic() - run.begun if run.begun else None,
            reason=message,
        )
        self.settle(live)

    def settle(self, live: LiveExperiment) -> None:
        """Record the end of an experiment whose runs have all ended, then drop it from memory."""
        with self._queue.lock:
            if live.closed or not live.final:
                return
            live.closed = True
            experiment, status, message = live.record.id, live.status(), live.summary()
        self._writer.put(experiment, lambda store: store.set_status(experiment, status, message))
        self._writer.put(experiment, lambda store: self._leave(experiment))

    def _leave(self, experiment: str) -> None:
        """Drop an experiment from memory once it is stored, and release its place; runs in the store writer's thread."""
        self._queue.remove(experiment)
        hand_back_memory()

    def _record(self, experiment: str, run: LiveRun, attempt: int) -> None:
        name, status, message, kept = run.spec.architecture, run.status, run.message, run.result
        if kept is not None:
            self._writer.put(experiment, lambda store: store.save_result(experiment, name, kept))
        else:
            self._writer.put(
                experiment,
                lambda store: store.set_run_status(experiment, name, status, attempt=attempt, message=message),
            )
