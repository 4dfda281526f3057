"""The engine: accepts experiments, has workers train them, and tracks the progress of each.

A page only talks to `Engine` and never waits: `submit` writes one record, everything else reads memory or posts a
command. The dispatcher's thread runs the commands; Dask's threads and the store writer's only post to it.
"""

import atexit
import logging
import threading
from concurrent.futures import Future
from functools import partial
from typing import Any

from models.engine.connection import EngineSettings, EngineState
from models.engine.dispatcher import Dispatcher
from models.engine.experiment_queue import ExperimentQueue
from models.engine.store_writer import StoreWriter
from models.engine.worker_calls import Call
from models.errors import EngineError
from models.logs import event
from models.records.experiment import ExperimentRecord, new_id
from models.records.join import continued_runs
from models.records.results import ExperimentResult, ExperimentView
from models.records.rights import Action, may
from models.spec.installation_limits import check_upload
from models.spec.plan import Plan
from models.store.interface import Store

__all__ = ["Engine", "EngineSettings", "EngineState"]

_log = logging.getLogger("gatescope.engine")


class Engine:
    """Trains experiments in worker processes. Every method may be called from any thread.

    Args:
        store: Where experiments and results are kept.
        settings: Where and how to train; by default from the environment.
    """

    def __init__(self, store: Store, settings: EngineSettings | None = None) -> None:
        self.settings = settings or EngineSettings.from_environment()
        self._store = store
        self._queue = ExperimentQueue(self.settings.queue)
        self._writer = StoreWriter(store)
        self._dispatcher = Dispatcher(self.settings, self._queue, self._writer)
        self._lock = threading.Lock()
        self._started = self._closed = False

    def start(self) -> None:
        """Start the engine in the background unless it is already started; returns at once."""
        with self._lock:
            if self._started or self._closed:
                return
            self._started = True
        atexit.register(self.close)
        self._dispatcher.start()

    def wake(self) -> None:
        """Start the worker process again if it has ended for lack of work; returns at once."""
        self.start()
        self._dispatcher.wake()

    @property
    def state(self) -> EngineState:
        """What the engine is doing."""
        return self._dispatcher.connection.state

    @property
    def notice(self) -> str:
        """One sentence for a banner while results cannot be saved, else empty."""
        problem = self._writer.problem
        return f"Results wait in memory because they cannot be saved at the moment: {problem}" if problem else ""

    def submit(
        self,
        plan: Plan,
        *,
        control: str = "",
        content: bytes | None = None,
        sweep: str = "",
        earlier: ExperimentResult | None = None,
    ) -> str:
        """Accept an experiment; it is stored when this returns, and trains when its turn comes.

        Args:
            plan: What to train. A plan with problems is refused.
            control: Token that gives the right to stop and delete it.
            content: Bytes of an uploaded file, for datasets of the family `own`.
            sweep: Key of its sweep, or empty. Runs of sweeps need no place in the queue and give way to visitors' runs.
            earlier: A finished result with the same settings and fewer repeats: only the missing repeats are trained.

        Returns:
            Its id.

        Raises:
            CapacityError: If the queue is full, the visitor already has one waiting, or the plan exceeds a limit.
            EngineError: If the engine cannot be reached.
            StoreError: If the experiment cannot be stored.
        """
        self.start()
        if self.state.name in ("unreachable", "closed"):
            raise EngineError(self.state.message)
        check_upload(content)
        if not sweep:
            plan.check()
        spec = plan.spec
        runs = plan.run_specs() if earlier is None else continued_runs(earlier, spec)
        record = ExperimentRecord(id=new_id(), spec=spec, runs=runs, control=control, content=content, sweep=sweep)
        self._create(record)
        self._queue.add(record, earlier)
        event(_log, "experiment accepted", experiment=record.id, dataset=spec.dataset, key=spec.key(), sweep=sweep)
        self._dispatcher.open(record.id)
        return record.id

    def _create(self, record: ExperimentRecord) -> None:
        """Store an experiment; one outside sweeps first takes a place in the queue."""
        if record.sweep:
            self._store.create(record)
            return
        self._queue.claim_place(record.control)
        try:
            self._store.create(record)
        except BaseException:
            self._queue.return_place(record.control)
            raise

    @property
    def slots(self) -> int:
        """How many runs can be trained at a time now; 0 before there is a connection."""
        return self._dispatcher.connection.slots

    @property
    def load(self) -> tuple[int, int]:
        """How many experiments train now, and how many wait."""
        return self._queue.load()

    def stop(self, experiment: str) -> None:
        """Stop an experiment: at once if it waits; within a second if it trains, keeping its results so far."""
        self._dispatcher.stop(experiment)

    def pause(self, experiment: str) -> None:
        """Let an experiment's runs wait after their current update; they keep their workers."""
        self._order(experiment, paused=True)

    def go_on(self, experiment: str) -> None:
        """End a pause; the numbers are the same as without it."""
        self._order(experiment, paused=False)

    def step(self, experiment: str) -> None:
        """Let each run of a paused experiment make one update."""
        self._order(experiment, paused=True, steps=1)

    def _order(self, experiment: str, *, paused: bool, steps: int = 0) -> None:
        order = partial(self._dispatcher.pauses.order, experiment, paused=paused, steps=steps)
        self._dispatcher.post(order)

    def may_control(self, experiment: str, token: str) -> bool:
        """Return whether a token gives the right to pause and stop an experiment; its link alone does not."""
        live = self._queue.find(experiment)
        control = live.record.control if live else self._store.control(experiment)
        return may(Action.STOP, control or "", token, team=False)

    def view(self, experiment: str) -> ExperimentView | None:
        """Return what a page shows of an experiment, or None if there is none; live ones are read from memory."""
        return self._queue.view(experiment) or self._store.view(experiment)

    def live(self, experiment: str) -> ExperimentView | None:
        """Return an experiment's progress from memory, or None once it is over."""
        return self._queue.view(experiment)

    def call(self, function: str, *args: Any) -> "Future[Any]":
        """Call `package.module:function` in a worker, before any waiting training.

        Args:
            function: A module-level function that the workers can import.
            args: Plain values and arrays.

        Returns:
            Its future. It raises `EngineError` with one sentence if the function or its worker failed.
        """
        self.start()
        call = Call(function=function, args=args)
        self._dispatcher.call(call)
        return call.future

    def close(self) -> None:
        """End worker processes; unfinished experiments become `interrupted`."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        if self._started:
            atexit.unregister(self.close)
            self._dispatcher.close()
        self._writer.close()
