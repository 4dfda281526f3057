"""Write to the store in order, in a separate thread, so that a slow or unavailable database delays no training."""

import logging
import queue
import threading
import time
from collections.abc import Callable

from models.errors import StoreError
from models.store.interface import Store

Write = Callable[[Store], object]
_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)  # seconds before each retry of a write; the last one repeats
_log = logging.getLogger("gatescope.engine")


class StoreWriter:
    """Performs writes in order and retries while the store cannot be reached.

    Args:
        store: The store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._writes: queue.Queue[tuple[str, Write] | None] = queue.Queue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gatescope-recorder", daemon=True)
        self._thread.start()
        self.problem = ""

    def put(self, experiment: str, write: Write) -> None:
        """Queue a write; returns at once.

        Args:
            experiment: Id of the experiment it belongs to; if that was deleted meanwhile, the write is dropped.
            write: Called with the store.
        """
        self._writes.put((experiment, write))

    def close(self, timeout: float = 2.0) -> None:
        """Perform the remaining writes, for at most `timeout` seconds."""
        self._writes.put(None)
        self._thread.join(timeout)
        self._closing.set()

    def _run(self) -> None:
        while (item := self._writes.get()) is not None:
            self._write(*item)

    def _write(self, experiment: str, write: Write) -> None:
        tries = 0
        while not self._closing.is_set():
            try:
                write(self._store)
            except StoreError as error:
                if self._deleted(experiment):
                    return
                self.problem = str(error)
                time.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1
            except Exception:
                _log.exception("a write for experiment %s failed and was dropped", experiment)
                return
            else:
                self.problem = ""
                return

    def _deleted(self, experiment: str) -> bool:
        try:
            return self._store.record(experiment) is None
        except StoreError:
            return False
