"""Submit runs to workers in order, retry lost ones and end each exactly once."""

import itertools
import logging
import queue
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any

from models.cells import get_cell
from models.engine.connection import Connection, EngineSettings
from models.engine.dask_link import WORKER, Link
from models.engine.experiment_queue import ExperimentQueue
from models.engine.finish import Finisher
from models.engine.idle_worker import IdleWorker
from models.engine.live_state import MAX_ATTEMPTS, LiveExperiment, LiveRun
from models.engine.pauses import Pauses
from models.engine.stops import Stops
from models.engine.store_writer import StoreWriter
from models.engine.task_outcome import Done, Failed, Lost, Outcome, refused, watch
from models.engine.worker_calls import Call, Calls
from models.logs import event
from models.records.experiment import new_id
from models.records.results import Baselines, mean_baselines
from models.spec.task_data import deflate
from models.worker import execute

_TICK = 0.25  # seconds between two checks while runs are in progress
_IDLE_TICK = 2.0  # the same while only the connection needs checking; commands always run at once
_log = logging.getLogger("gatescope.engine")


class Dispatcher:
    """The engine's own thread. Methods without underscore may be called from any thread.

    Args:
        settings: Where and how to train.
        live_queue: The live experiments.
        writer: Writes to the store.
    """

    def __init__(self, settings: EngineSettings, live_queue: ExperimentQueue, writer: StoreWriter) -> None:
        self._settings, self._queue, self._writer = settings, live_queue, writer
        self._token = new_id()
        self._numbers = itertools.count(1)
        self._futures: dict[int, Any] = {}
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._calls = Calls(self._submit_call)
        self._finisher = Finisher(live_queue, writer, self._forget)
        self._over = False
        self.connection = Connection(settings, self.post, up=self._up, down=self._down, unreachable=self._give_up)
        self._idle_worker = IdleWorker(self.connection, after=settings.idle, working=self._working)
        self.pauses = Pauses(live_queue, self.connection, self._token, longest=settings.pause)
        self._stops = Stops(
            settings, live_queue, self.connection, self._event, end=self._finisher.end, abandon=self._abandon
        )
        self._thread = threading.Thread(target=self._run, name="gatescope-engine", daemon=True)

    def start(self) -> None:
        """Start the thread and the connection."""
        self._thread.start()
        self.post(self.connection.open)

    def post(self, command: Callable[[], None]) -> None:
        """Run something in the engine's thread; returns at once."""
        self._inbox.put(command)

    def wake(self) -> None:
        """Start the worker process on this machine again if it has ended for lack of work."""
        self.post(self._idle_worker.wake)

    def open(self, experiment: str) -> None:
        """Start work on a queued experiment."""
        self.post(partial(self._open, experiment))

    def stop(self, experiment: str) -> None:
        """Stop an experiment, whether it waits or trains."""
        self.post(partial(self._stops.stop, experiment))

    def call(self, call: Call) -> None:
        """Call a function in a worker."""
        self.post(partial(self._call, call))

    def close(self) -> None:
        """End every experiment as `interrupted`, then stop the thread and close the connection."""
        self.connection.forbid()
        self.post(self._close)
        self._thread.join(2.0)
        self.connection.close()

    def _run(self) -> None:
        while not self._over:
            try:
                self._step()
            except Exception:
                _log.exception("the engine hit an unexpected error and continues")

    def _step(self) -> None:
        try:
            command = self._inbox.get(timeout=_TICK if self._busy() else _IDLE_TICK)
        except queue.Empty:
            pass
        else:
            command()
        self.connection.tick(busy=not self._queue.empty())
        self._stops.end_overdue()
        self.pauses.end_long()
        self._stops.end_unattended()
        self._fill()
        self._idle_worker.tick()

    def _busy(self) -> bool:
        link = self.connection.link
        if link is None:
            return not self._idle_worker.resting
        return not link.local or not self._queue.empty()

    def _working(self) -> bool:
        return self._calls.pending or not self._queue.empty()

    def _up(self, link: Link) -> None:
        link.subscribe(self._token, self._progress)
        self._calls.start(link)
        if self._settings.trainer != execute.TRAINER:
            self.connection.prepared(link, "")
            return

        def settled(outcome: Outcome) -> None:
            self.post(partial(self.connection.prepared, link, outcome.value if isinstance(outcome, Done) else ""))

        watch(link.prepare(f"{self._token}-{next(self._numbers)}"), settled)

    def _down(self) -> None:
        self._futures.clear()
        for live, run in self._queue.submitted():
            self._lose(live, run, "The connection to the engine broke.")
        self._calls.lose_link()

    def _give_up(self, message: str) -> None:
        self._end_all("failed", message)
        self._calls.fail_all(message)

    def _close(self) -> None:
        link = self.connection.link
        for submission in self._futures:
            if link is not None:
                link.signal(self._event(submission))
        message = "The server was shut down before the experiment ended; its link starts it again."
        self._end_all("interrupted", message)
        self._calls.fail_all(message)
        self._over = True

    def _end_all(self, status: str, message: str) -> None:
        self._futures.clear()
        self._finisher.end_all(status, message)

    def _open(self, experiment: str) -> None:
        live = self._queue.find(experiment)
        if live is None:
            return
        live.compressed = deflate(live.record.content)
        scoring = Call(function=f"{WORKER}:score_baselines", args=(live.record.spec.to_dict(), live.compressed))
        scoring.future.add_done_callback(lambda future: self.post(partial(self._scored, experiment, future)))
        self._call(scoring)

    def _scored(self, experiment: str, future: "Future[Any]") -> None:
        live = self._queue.find(experiment)
        if live is None or live.closed:
            return
        scores: tuple[Baselines, ...] = () if future.exception() else tuple(future.result())
        live.repeat_baselines = scores
        means = live.baselines = mean_baselines(scores)
        self._writer.put(experiment, lambda store: store.set_baselines(experiment, means, scores))
        self._finisher.settle(live)

    def _call(self, call: Call) -> None:
        self._idle_worker.wake()
        state = self.connection.state
        self._calls.add(call, self.connection.link, state.message if state.name in ("unreachable", "closed") else "")

    def _submit_call(self, link: Link, call: Call) -> None:
        def settled(outcome: Outcome) -> None:
            self.post(lambda: self._calls.settle(call, outcome, self.connection.link))

        try:
            watch(link.call(call.function, call.args, f"{self._token}-{next(self._numbers)}"), settled)
        except Exception as error:
            settled(refused(error))

    def _fill(self) -> None:
        """Submit waiting runs in order while workers are free."""
        while self.connection.link is not None and len(self._queue.submitted()) < self.connection.slots:
            pair = self._queue.next_waiting()
            if pair is None:
                return
            self._begin(*pair, self.connection.link)
        self._stops.make_room()

    def _begin(self, live: LiveExperiment, run: LiveRun, link: Link) -> None:
        submission = next(self._numbers)
        with self._queue.lock:
            first = live.queued
            run.begin(submission)
        experiment, name, attempt = live.record.id, run.spec.architecture, run.attempt
        if first:
            self._writer.put(experiment, lambda store: store.set_status(experiment, "running"))
        self._writer.put(experiment, lambda store: store.set_run_status(experiment, name, "running", attempt=attempt))
        event(_log, "run started", experiment=experiment, run=name, attempt=attempt, submission=submission)
        caption = partial(self._told, submission)
        try:
            self._futures[submission] = link.train(
                self._job(live, run, submission), f"{experiment}-{name}-{submission}"
            )
            watch(self._futures[submission], caption)
        except Exception as error:
            caption(refused(error))

    def _job(self, live: LiveExperiment, run: LiveRun, submission: int) -> dict[str, Any]:
        return {
            "run": run.spec.to_dict(),
            "content": live.compressed,
            "trainer": self._settings.trainer,
            "attempt": run.attempt,
            "first": 0 if run.earlier is None else len(run.earlier.seeds),
            "submission": submission,
            "topic": self._token,
            "stop": self._event(submission),
            "orders": self.pauses.name(submission),
        }

    def _event(self, submission: int) -> str:
        return f"stop-{self._token}-{submission}"

    def _progress(self, message: Mapping[str, Any]) -> None:
        """Handle a worker's message; called in Dask's thread, so it only changes memory and posts commands."""
        taken = self._queue.take(message)
        if taken is None:
            return
        live, run, points, restarted = taken
        experiment, name, attempt = live.record.id, run.spec.architecture, run.attempt
        if restarted:
            self._writer.put(
                experiment, lambda store: store.set_run_status(experiment, name, "running", attempt=attempt)
            )
        if run.lost >= MAX_ATTEMPTS:
            self.post(partial(self._ended, message["submission"], Lost()))
        elif points:
            self._writer.put(experiment, lambda store: store.append_curve(experiment, name, points))

    def _told(self, submission: int, outcome: Outcome) -> None:
        self.post(partial(self._ended, submission, outcome))

    def _ended(self, submission: int, outcome: Outcome) -> None:
        pair = self._queue.by_submission(submission)
        self._release(submission)
        if pair is None:
            return
        live, run = pair
        if isinstance(outcome, Done) and outcome.value.status == "stopped" and run.yielding and not live.stopping:
            self._give_way(run, submission)
        elif isinstance(outcome, Done):
            self._finisher.end(live, run, outcome.value.status, message=outcome.message, result=outcome.value)
        elif isinstance(outcome, Failed):
            self._finisher.end(
                live, run, "failed", message=f"{get_cell(run.spec.architecture).title}: {outcome.message}"
            )
        else:
            self._lose(live, run, outcome.message)

    def _give_way(self, run: LiveRun, submission: int) -> None:
        with self._queue.lock:
            run.give_way()
        self._forget(submission)

    def _forget(self, submission: int) -> None:
        if self.connection.link is not None:
            self.connection.link.forget(self._event(submission), self.pauses.name(submission))

    def _release(self, submission: int) -> None:
        future = self._futures.pop(submission, None)
        if future is not None:
            future.release()

    def _lose(self, live: LiveExperiment, run: LiveRun, reason: str) -> None:
        """Retry a lost run, unless it should stop or was lost too often."""
        if live.stopping:
            self._finisher.end(live, run, "stopped", message=f"{reason} It was about to stop; its results are lost.")
        elif run.lost + 1 >= MAX_ATTEMPTS:
            message = (
                f"{reason} {MAX_ATTEMPTS} attempts ended like this; try a smaller network, batch or fewer repeats."
            )
            self._finisher.end(live, run, "failed", message=message)
        else:
            with self._queue.lock:
                run.start_over()
                run.submission, run.stop_due, run.yielding = None, None, False

    def _abandon(self, live: LiveExperiment, run: LiveRun) -> None:
        """End a run that did not react to the request to stop."""
        self._release(run.submission or 0)
        if run.yielding and not live.stopping:
            self._give_way(run, run.submission or 0)
        else:
            message = "It did not react to the request to stop; its results are lost."
            self._finisher.end(live, run, "stopped", message=message)
