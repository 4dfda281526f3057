"""What the engine tells a run while it trains: pause, go on, one more update, stop."""

import threading
from collections.abc import Callable
from typing import Any

_LISTEN = 0.5  # seconds that one request for the stop event waits
_LISTEN_PAUSED = 0.1
_ASK = 2.0  # seconds to wait for orders that were given


class Brake:
    """Holds a training between two updates while it is paused. Every method may be called from any thread.

    The numbers do not depend on it, and neither do measured speeds, which count only the updates themselves.

    Args:
        on_hold: Called in the training's thread when it begins to wait: sends what was not sent yet.
    """

    def __init__(self, on_hold: Callable[[], None] = lambda: None) -> None:
        self._on_hold = on_hold
        self._changed = threading.Condition()
        self._paused, self._allowed, self._done, self._stopped = False, 0, 0, False

    @property
    def paused(self) -> bool:
        """Whether the training is to wait."""
        return self._paused

    def set(self, *, paused: bool, steps: int = 0) -> None:
        """Pause or go on.

        Args:
            paused: Whether to wait.
            steps: How many updates are allowed since the pause began.
        """
        with self._changed:
            if paused and not self._paused:
                self._done = 0
            self._paused, self._allowed = paused, steps
            self._changed.notify_all()

    def stop(self) -> None:
        """End the training, also while it waits."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def requested(self) -> bool:
        """Return whether the training is to end; called after every update, and returns when the next one may begin."""
        if not self._paused:
            return self._stopped
        self._on_hold()
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or not self._paused or self._done < self._allowed)
            self._done += 1
            return self._stopped


class Listener:
    """Listens for orders in a thread, so that the training loop checks local values and never the network.

    Args:
        brake: What the orders move.
        event: The distributed event that a stop sets.
        given: The distributed event that is set once there are orders; a variable without a value cannot be asked quietly.
        orders: The distributed variable with `paused` and `steps`.
        wanted: Returns whether a client still waits for the run.
    """

    def __init__(self, brake: Brake, event: Any, given: Any, orders: Any, wanted: Callable[[], bool]) -> None:
        self._brake, self._event, self._given, self._orders, self._wanted = brake, event, given, orders, wanted
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="gatescope-orders", daemon=True)

    def __enter__(self) -> Brake:
        self._thread.start()
        return self._brake

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def _listen(self) -> None:
        while not self._over.is_set():
            wait = _LISTEN_PAUSED if self._brake.paused else _LISTEN
            try:
                stopped = self._event.wait(timeout=wait)
                self._follow()
            except (OSError, TimeoutError, RuntimeError):  # the scheduler is unreachable; `wanted` decides
                stopped = False
                self._over.wait(_LISTEN)
            if stopped or not (self._over.is_set() or self._wanted()):
                self._brake.stop()
                return

    def _follow(self) -> None:
        if not self._given.is_set():
            return
        orders = self._orders.get(timeout=_ASK)
        self._brake.set(paused=bool(orders["paused"]), steps=int(orders["steps"]))
