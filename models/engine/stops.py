"""Ask runs to stop: pressed by a visitor, seen by nobody, longer than allowed, or in the way of somebody's experiment."""

import time
from collections.abc import Callable

from models.engine.connection import Connection, EngineSettings
from models.engine.experiment_queue import ExperimentQueue
from models.engine.live_state import LiveExperiment, LiveRun

GRACE = 10.0  # seconds a run may take to stop before it is abandoned


class Stops:
    """Belongs to the engine's thread.

    Args:
        settings: How long a run may take, and how long an experiment without an open page goes on.
        live_queue: The live experiments.
        connection: To the workers.
        event: Returns the name of the event that ends a submission.
        end: Ends a run that has not started, as `stopped`.
        abandon: Ends a run that did not react.
    """

    def __init__(
        self,
        settings: EngineSettings,
        live_queue: ExperimentQueue,
        connection: Connection,
        event: Callable[[int], str],
        *,
        end: Callable[[LiveExperiment, LiveRun, str], None],
        abandon: Callable[[LiveExperiment, LiveRun], None],
    ) -> None:
        self._settings, self._queue, self._connection = settings, live_queue, connection
        self._event, self._end, self._abandon = event, end, abandon

    def stop(self, experiment: str) -> None:
        """Stop an experiment, whether it waits or trains."""
        live = self._queue.find(experiment)
        if live is None or live.closed:
            return
        live.stopping, live.paused = True, None
        if live.queued:
            live.baselines = live.baselines or {}
        for run in live.runs:
            if run.waiting:
                self._end(live, run, "stopped")
            elif run.submission is not None and run.stop_due is None:
                self._ask(run)

    def end_unattended(self) -> None:
        """Stop experiments that no page shows any more; their results so far are kept."""
        seconds = self._settings.unattended
        for live in self._queue.unattended(seconds) if seconds else ():
            live.message = f"It was stopped because no page had shown it for {seconds / 60:,.3g} minutes; its results so far are kept."
            self.stop(live.record.id)

    def make_room(self) -> None:
        """Stop runs of sweeps if visitors wait for their workers; they start again later."""
        for _, run in self._queue.to_give_way(self._connection.slots) if self._connection.link is not None else ():
            run.yielding = True
            self._ask(run)

    def end_overdue(self) -> None:
        """Stop runs that take longer than allowed, and abandon those that did not stop in time."""
        for run in self._queue.late(self._settings.longest + GRACE):
            run.stop_due = time.monotonic() + GRACE
            self._ask(run)
        for live, run in self._queue.submitted():
            if run.stop_due is not None and run.stop_due < time.monotonic():
                self._abandon(live, run)

    def _ask(self, run: LiveRun) -> None:
        link = self._connection.link
        if link is not None and run.submission is not None:
            run.stop_due = time.monotonic() + GRACE
            link.signal(self._event(run.submission))
