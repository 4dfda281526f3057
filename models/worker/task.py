"""What runs in a Dask worker: train a run, call a function. Importing it loads no torch, so schedulers can import it, too."""

import logging
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from models.errors import GatescopeError
from models.malloc import hand_back_memory
from models.records.results import Baselines, ProgressRecord
from models.spec.experiment_settings import ExperimentSpec
from models.spec.installation_limits import Limits, check_run
from models.spec.run import RunSpec
from models.spec.sizes import DataShape
from models.spec.task_data import inflate, task_data
from models.worker import execute
from models.worker.orders import Brake, Listener
from models.worker.watchdog import Watchdog, lacks_memory

PROGRESS_INTERVAL = 0.2  # seconds between two progress events of a run
_WANTED = frozenset({"executing", "long-running"})

_PREPARING = threading.Lock()
_READY: list[bool] = []
_log = logging.getLogger("gatescope.worker")


def train_run(job: Mapping[str, Any]) -> dict[str, Any]:
    """Train one run as a Dask task; send progress and watch for a stop.

    Args:
        job: `run` (see `RunSpec.to_dict`), `content` (compressed, or None), `trainer`, `attempt`, `first` (number of
            repeats that were trained before), `submission` (number under which progress is sent), `topic` (of progress)
            `stop` (name of the event that ends the run) and `orders` (name of the variable that pauses it, and of
            the event that is set with it).

    Returns:
        `{"result": RunResult, "message": sentence or ""}`, or `{"failed": sentence, "detail": traceback}`. Errors are sent
        as text because not every exception can be pickled.
    """
    from distributed import Event, Variable, get_client, get_worker

    worker = get_worker()
    key = worker.get_current_task()
    reporter = Reporter(lambda message: worker.log_event(job["topic"], message), submission=job["submission"])

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state in _WANTED

    try:
        if job["trainer"] == execute.TRAINER:
            get_ready()
        client = get_client()
        stop, given = (Event(job[name], client=client) for name in ("stop", "orders"))
        with Listener(Brake(reporter.flush), stop, given, Variable(job["orders"], client=client), wanted) as brake:
            answer = train_watched(job, emit=reporter.take, should_stop=brake.requested)
        reporter.flush()
    except Exception as error:
        return _failure(error)
    finally:
        hand_back_memory()
    return answer


def train_watched(
    job: Mapping[str, Any], *, emit: Callable[[ProgressRecord], None], should_stop: Callable[[], bool]
) -> dict[str, Any]:
    """Check a run and train it under the watchdog; see `train_run`."""
    run, content, limits = RunSpec.from_dict(job["run"]), inflate(job["content"]), Limits.from_environment()
    cost = check_run(run, DataShape.of(task_data(run.experiment, content), content), limits)
    with Watchdog(needed=cost.bytes, limits=limits) as watchdog:
        try:
            result = execute.run_trainer(
                run,
                emit=emit,
                should_stop=lambda: should_stop() or watchdog.requested(),
                content=content,
                trainer=job["trainer"],
                attempt=job["attempt"],
                first=job.get("first", 0),
            )
        except (MemoryError, RuntimeError) as error:
            if not lacks_memory(error):
                raise
            return {"failed": watchdog.sentence(), "detail": traceback.format_exc()}
    if watchdog.out_of_memory and result.status == "stopped":
        return {"failed": watchdog.out_of_memory, "detail": ""}
    return {"result": result, "message": watchdog.out_of_time if result.status == "stopped" else ""}


def invoke(function: str, args: tuple[Any, ...]) -> dict[str, Any]:
    """Call `package.module:function` as a Dask task; return `{"value": ...}` or what `train_run` returns on failure."""
    try:
        return {"value": execute.resolve(function)(*args)}
    except Exception as error:
        return _failure(error)


def score_baselines(spec: Mapping[str, Any], content: bytes | None) -> tuple[Baselines, ...]:
    """Return the naive predictors' scores on each repeat's data for a spec as plain values and compressed content."""
    return execute.repeat_baselines(ExperimentSpec.from_dict(spec), inflate(content))


def get_ready() -> None:
    """Make this process ready to train with the kernels compiled so far; a second call returns immediately."""
    with _PREPARING:
        if _READY:
            return
        import torch

        from models.networks.selection import train_while_compiling

        torch.set_num_threads(1)
        train_while_compiling()
        _train_in_miniature()
        _READY.append(True)


def prepare() -> str:
    """Make this process ready to train at full speed; return a sentence about its kernels.

    It compiles and checks the kernels and imports what training imports late. Runs need not wait for it.
    """
    from models.networks.selection import warm

    try:
        get_ready()
        return warm()
    except Exception as error:  # runs will hit the same error and end with its sentence
        _log.exception("preparing the kernels failed")
        return execute.explain(error)


def _train_in_miniature() -> None:
    """Train the smallest network for two updates, which makes torch load the optimiser and other late imports."""
    spec = ExperimentSpec(
        dataset="adding",
        options=(("length", 10),),
        architectures=("lstm",),
        hidden_size=4,
        seeds=1,
        updates=2,
        batch_size=4,
        evaluations=1,
    )
    run = RunSpec(experiment=spec, architecture="lstm", hidden_size=4, updates=2, learning_rate=0.001)
    execute.run_trainer(run, emit=lambda record: None, should_stop=lambda: False)


def _failure(error: Exception) -> dict[str, Any]:
    detail = "" if isinstance(error, GatescopeError) else traceback.format_exc()
    return {"failed": execute.explain(error), "detail": detail}


class Reporter:
    """Sends progress at most five times a second; points in between are sent with the next message.

    Args:
        send: Takes a message of plain values.
        submission: Number under which the run was submitted.
        interval: Minimum seconds between two messages.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        send: Callable[[dict[str, Any]], None],
        *,
        submission: int,
        interval: float = PROGRESS_INTERVAL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send, self._submission, self._interval, self._clock = send, submission, interval, clock
        self._execution = uuid.uuid4().hex
        self._due = float("-inf")
        self._latest: ProgressRecord | None = None
        self._points: list[list[float]] = []
        self._samples: tuple[str, ...] = ()

    def take(self, record: ProgressRecord) -> None:
        """Add a record, and send all unsent records if it is time."""
        self._latest = record
        self._points.extend([float(value) for value in point] for point in record.points)
        self._samples = record.samples or self._samples
        if self._clock() >= self._due:
            self.flush()

    def flush(self) -> None:
        """Send all unsent records, if there are any."""
        if self._latest is None:
            return
        now = self._clock()
        self._send(
            {
                "submission": self._submission,
                "execution": self._execution,
                "update": self._latest.update,
                "seconds": self._latest.seconds,
                "clock": now,
                "points": self._points,
                "samples": list(self._samples),
                "search": self._latest.search,
            }
        )
        self._due = now + self._interval
        self._latest, self._points = None, []
