"""The outcome of a Dask task: answered, failed or lost."""

import concurrent.futures
import logging
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_log = logging.getLogger("gatescope.engine")


@dataclass(frozen=True, slots=True)
class Done:
    """It returned a value; the message is one sentence about it, or empty."""

    value: Any
    message: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """It failed and a retry would fail, too; the message is one sentence."""

    message: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Its worker or the link to it is gone; a retry may work."""

    message: str = "The worker process ended unexpectedly, most often because memory ran out."


Outcome = Done | Failed | Lost


def watch(future: Any, tell: Callable[[Outcome], None]) -> None:
    """Call `tell` with the outcome of a Dask future, in its own thread, once it is known."""

    def fetch(done: Any) -> None:
        threading.Thread(target=lambda: tell(outcome_of(done)), name="gatescope-fetch", daemon=True).start()

    future.add_done_callback(fetch)


def outcome_of(future: Any) -> Outcome:
    """Fetch the answer of a Dask future that is done.

    Workers answer `{"result": ..., "message": ...}`, `{"value": ...}` or `{"failed": sentence, "detail": traceback}`.
    """
    from distributed.scheduler import KilledWorker

    try:
        answer = future.result()
    except (KilledWorker, concurrent.futures.CancelledError, OSError, TimeoutError):
        return Lost()
    except Exception as error:
        _log.error("a task could not be run:\n%s", traceback.format_exc())
        return Failed(
            f"The engine could not run it ({type(error).__name__}); "
            "on a cluster, scheduler and workers need the same version of this project."
        )
    if isinstance(answer, dict) and "failed" in answer:
        if answer["detail"]:
            _log.error("a task failed in its worker:\n%s", answer["detail"])
        return Failed(answer["failed"])
    if not isinstance(answer, dict):
        return Done(answer)
    return Done(answer.get("result", answer.get("value")), answer.get("message", ""))


def refused(error: Exception) -> Outcome:
    """Return the outcome of a task that could not even be submitted."""
    if isinstance(error, (OSError, RuntimeError)):
        return Lost("The connection to the engine broke.")
    _log.error("a task could not be submitted", exc_info=error)
    return Failed(f"It could not be sent to the engine ({type(error).__name__}).")
