"""Connect to Dask in the background, check the connection's health and reconnect when it breaks.

All methods but `state` belong to the engine's own thread; other threads only post to it.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from models.engine.dask_link import Health, Link, open_link
from models.engine.silent_workers import SilentWorkers
from models.spec.installation_limits import Limits
from models.worker.execute import TRAINER

SCHEDULER = "GATESCOPE_SCHEDULER"
_RETRY_SECONDS = 2.0  # seconds between two attempts to connect
_HEALTH_CHECK_SECONDS = {True: 5.0, False: 1.0}  # seconds between two health checks of a (local, external) link
_BUSY_CHECK_SECONDS = 1.0  # the same while runs are in progress
_UNANSWERED_SECONDS = {
    True: 60.0,
    False: 5.0,
}  # seconds without an answer after which a (local, external) link counts as broken
_ABANDON_SECONDS = {
    True: 120.0,
    False: 8.0,
}  # seconds without a (local, external) link after which its runs are abandoned
_RESTART_SECONDS = 60.0  # seconds a local worker process may take to restart
_log = logging.getLogger("gatescope.engine")

Post = Callable[[Callable[[], None]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineState:
    """What the engine is doing, for a page.

    Attributes:
        name: `idle`, `starting`, `preparing`, `ready`, `silent` (a worker does not answer), `unreachable` or `closed`.
        message: The same in one sentence.
    """

    name: Literal["idle", "starting", "preparing", "ready", "silent", "unreachable", "closed"]
    message: str


IDLE = EngineState(name="idle", message="The engine starts with the first experiment.")
RESTING = EngineState(
    name="idle",
    message="The worker process has ended to free its memory; the next visit or experiment starts it again.",
)
PREPARING = EngineState(name="preparing", message="The engine is preparing its kernels; runs start meanwhile.")
CLOSED = EngineState(name="closed", message="The engine has been shut down.")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """Where and how the engine trains.

    Attributes:
        scheduler: `tcp://host:port` of a Dask scheduler, or None for a worker process on this machine.
        threads: Runs at a time on this machine.
        queue: How many experiments may wait.
        trainer: See `models.worker.execute.run_trainer`.
        unattended: Seconds without an open page after which a visitor's experiment is stopped; 0 for never.
        pause: Seconds after which a paused experiment goes on by itself.
        longest: Seconds a run may take. The worker enforces it; the engine does if the worker fails to.
        idle: Seconds without work after which the worker process on this machine ends; 0 for never.
    """

    scheduler: str | None = None
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)
    queue: int = 50
    trainer: str = TRAINER
    unattended: float = 0.0
    pause: float = 600.0
    longest: float = float("inf")
    idle: float = 0.0

    @classmethod
    def from_environment(cls) -> "EngineSettings":
        """Return the settings from `GATESCOPE_SCHEDULER` and the limits."""
        limits = Limits.from_environment()
        return cls(
            scheduler=os.environ.get(SCHEDULER) or None,
            queue=limits.waiting,
            unattended=60 * limits.unattended_minutes,
            pause=60 * limits.paused_minutes,
            longest=60 * limits.run_minutes,
            idle=60 * limits.idle_minutes,
        )


class Connection:
    """The link and its health.

    Args:
        settings: Where to connect to.
        post: Runs something in the engine's thread.
        up: Called with a link when it is open.
        down: Called when the link broke and its futures are lost; a new link is being opened.
        unreachable: Called with a sentence when there has been no link for too long.
    """

    def __init__(
        self,
        settings: EngineSettings,
        post: Post,
        *,
        up: Callable[[Link], None],
        down: Callable[[], None],
        unreachable: Callable[[str], None],
    ) -> None:
        self._settings, self._post = settings, post
        self._up, self._down, self._unreachable = up, down, unreachable
        self.link: Link | None = None
        self.state = IDLE
        self._threads = 0
        self._prepared, self._kernels = False, ""
        self._silent = SilentWorkers()
        self._seen = self._asked = self._down_since = self._had_workers = 0.0
        self._failed = False  # whether the last attempt to connect ended without a link
        self._opened: Link | None = None
        self._lock = threading.Lock()
        self._closing = threading.Event()

    @property
    def slots(self) -> int:
        """How many runs may be submitted at a time.

        With three threads or more, one stays free for calls. A cluster without workers gets one run, so that an
        adaptive cluster starts to grow.
        """
        if self.link is None:
            return 0
        spare = 1 if self.link.local or self._threads > 2 else 0
        return max(1, self._threads - spare)

    def open(self) -> None:
        """Start connecting."""
        self._down_since, self._failed = time.monotonic(), False
        where = self._settings.scheduler
        message = f"Connecting to {where}." if where else "The engine is starting; this takes a few seconds."
        self.state = EngineState(name="starting", message=message)
        threading.Thread(target=self._connect, name="gatescope-connect", daemon=True).start()

    def _connect(self) -> None:
        while not self._closing.is_set():
            try:
                link = open_link(
                    self._settings.scheduler, self._settings.threads, prepare=self._settings.trainer == TRAINER
                )
            except Exception as error:  # whatever the cause, all we can do is retry
                _log.warning("the engine cannot be reached: %s: %s", type(error).__name__, error)
                self._failed = True
                self._closing.wait(_RETRY_SECONDS)
            else:
                self._hand_over(link)
                return

    def _hand_over(self, link: Link) -> None:
        with self._lock:
            if not self._closing.is_set():
                self._opened = link
                self._post(partial(self._connected, link))
                return
        link.close()

    def _connected(self, link: Link) -> None:
        self.link, self._threads, self._prepared = link, link.threads, False
        self._seen = self._asked = self._had_workers = time.monotonic()
        self._silent = SilentWorkers()
        self.state = PREPARING
        self._up(link)

    def prepared(self, link: Link, kernels: str) -> None:
        """Record that a worker has its kernels, and its message about them."""
        if link is self.link:
            self._prepared, self._kernels = True, kernels
            self._describe()

    def _describe(self) -> None:
        if self.link is None:
            return
        where = self._settings.scheduler
        if silent := self._silent.sentence(local=self.link.local):
            self.state = EngineState(name="silent", message=silent)
            return
        if not self._prepared:
            self.state = PREPARING
            return
        if not where:
            message = f"Ready: trains up to {self.slots} runs at a time in a worker process on this machine."
        elif self._threads:
            message = f"Ready: trains up to {self.slots} runs at a time at {where}."
        else:
            message = f"Connected to {where}, which has no workers at the moment; runs wait for one."
        self.state = EngineState(name="ready", message=f"{message} {self._kernels}".strip())

    def tick(self, *, busy: bool) -> None:
        """Check the link and reconnect if needed; call it several times a second.

        Args:
            busy: Whether runs are in progress.
        """
        now = time.monotonic()
        if self.state.name == "idle" or self._closing.is_set():
            return
        if self.link is None:
            self._check_unreachable(now)
        elif not self.link.connected or now - self._seen > _UNANSWERED_SECONDS[self.link.local]:
            self._break()
        elif now - self._asked > (_BUSY_CHECK_SECONDS if busy else _HEALTH_CHECK_SECONDS[self.link.local]):
            self._asked = now
            link = self.link
            link.health().add_done_callback(lambda answer: self._post(partial(self._take_health, link, answer)))

    def _take_health(self, link: Link, answer: Any) -> None:
        if link is not self.link or answer.cancelled() or answer.exception() is not None:
            return
        now = self._seen = time.monotonic()
        health: Health = answer.result()
        self._threads = health.threads
        self._silent.take(health.heard)
        self._had_workers = now if self._threads else self._had_workers
        self._describe()
        if link.local and now - self._had_workers > _RESTART_SECONDS:
            self._break()

    def _break(self) -> None:
        self._hang_up()
        self._down()
        self.open()

    def _hang_up(self) -> None:
        link, self.link = self.link, None
        if link is not None:
            threading.Thread(target=link.close, name="gatescope-hang-up", daemon=True).start()

    def rest(self) -> None:
        """End the local worker process until `open` is called; only while nothing was submitted to it."""
        self._hang_up()
        self.state = RESTING

    def _check_unreachable(self, now: float) -> None:
        where = self._settings.scheduler
        waited = now - self._down_since
        if self.state.name == "unreachable" or waited < _ABANDON_SECONDS[where is None]:
            return
        if where is None and not self._failed:  # on a busy machine our own worker process may take minutes to start
            message = (
                f"The engine is starting; this has taken {waited / 60:.0f} minutes so far, because the machine is busy."
            )
            self.state = EngineState(name="starting", message=message)
            return
        place = f"The engine at {where}" if where else "The engine on this machine"
        message = f"{place} cannot be reached; the connection is retried every few seconds."
        self.state = EngineState(name="unreachable", message=message)
        self._unreachable(f"{place} cannot be reached. Start the experiment again when it is back.")

    def forbid(self) -> None:
        """Open no more links; may be called from any thread."""
        with self._lock:
            self._closing.set()
        self.state = CLOSED

    def close(self) -> None:
        """Close the link for good and end the local worker process."""
        self.forbid()
        self.link = None
        if self._opened is not None:
            self._opened.close()
