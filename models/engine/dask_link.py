"""The connection to Dask: a local worker process, or an existing scheduler.

Only this file uses Dask's client. Importing it does not load Dask; opening a link does.
"""

import asyncio
import atexit
import concurrent.futures
import importlib
import logging
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from models.store.interface import DATABASE_VARIABLE
from models.worker.preload import NICENESS, PREPARE

PRELOAD = "models.worker.preload"
WORKER = "models.worker.task"
WORKER_NICENESS = "5"
_CONNECT = 4.0  # seconds
_CLOSE = 0.8  # seconds to close in order before worker processes are killed
_GIVEN_UP = "60s"  # without a heartbeat of a local worker process; looked at as often
_MAX_HEARD = 64  # workers whose heartbeats are followed
_TRAINING, _CALL = 0, 10  # priorities: charts that someone waits for come before training


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a scheduler says about its workers.

    Attributes:
        threads: Number of their threads.
        heard: When each was last heard of, by address, in seconds of the scheduler's clock; of the first workers only.
    """

    threads: int
    heard: Mapping[str, float]


class Link:
    """An open connection; every method but `close` returns without waiting for the network.

    Args:
        client: The Dask client.
        cluster: The cluster that this process started, or None.
    """

    def __init__(self, client: Any, cluster: Any = None) -> None:
        self._client, self._cluster = client, cluster
        self.local = cluster is not None
        self.threads = sum(client.nthreads().values())

    @property
    def connected(self) -> bool:
        """Whether the client has its connection."""
        return bool(self._client.status == "running")

    def subscribe(self, topic: str, handler: Callable[[Mapping[str, Any]], None]) -> None:
        """Call a handler with every message of a topic, in the connection's own thread."""
        self._client.subscribe_topic(topic, lambda event: handler(event[1]))

    def train(self, job: Mapping[str, Any], name: str) -> Any:
        """Submit a run; return its Dask future."""
        return self._submit("train_run", job, key=f"train-{name}", priority=_TRAINING)

    def call(self, function: str, args: tuple[Any, ...], name: str) -> Any:
        """Submit a function call; return its Dask future."""
        return self._submit("invoke", function, args, key=f"call-{name}", priority=_CALL)

    def prepare(self, name: str) -> Any:
        """Submit the preparation of a worker; return its Dask future."""
        return self._submit("prepare", key=f"prepare-{name}", priority=_CALL)

    def _submit(self, function: str, *args: Any, key: str, priority: int) -> Any:
        # looked up at each call: Streamlit reloads edited modules, and a stale function would be pickled by value
        task = getattr(importlib.import_module(WORKER), function)
        return self._client.submit(task, *args, key=key, priority=priority, pure=False)

    def signal(self, event: str) -> None:
        """Set a distributed event."""
        self._background(lambda: self._event(event).set())

    def forget(self, event: str, orders: str) -> None:
        """Clear a distributed event that was set, and remove the orders of a run."""
        self._background(lambda: self._event(event).clear())
        self._background(lambda: self._withdraw(orders))

    def order(self, name: str, *, paused: bool, steps: int) -> None:
        """Tell a run to wait or to go on; see `models.worker.orders.Brake.set`."""
        self._background(lambda: self._give(name, {"paused": paused, "steps": steps}))

    def _give(self, name: str, orders: Mapping[str, Any]) -> None:
        self._variable(name).set(dict(orders))
        self._event(name).set()

    def _withdraw(self, name: str) -> None:
        self._event(name).clear()
        self._variable(name).delete()

    def _variable(self, name: str) -> Any:
        from distributed import Variable

        return Variable(name, client=self._client)

    def _event(self, name: str) -> Any:
        from distributed import Event

        return Event(name, client=self._client)

    def _background(self, action: Callable[[], object]) -> None:
        def attempt() -> None:
            try:
                action()
            except (OSError, RuntimeError, AttributeError, TimeoutError, concurrent.futures.CancelledError):
                return  # the link is down (a closed client has no scheduler), so the run ends anyway

        threading.Thread(target=attempt, name="gatescope-signal", daemon=True).start()

    def health(self) -> "concurrent.futures.Future[Health]":
        """Ask the scheduler for its worker threads, and for when each worker was last heard of."""

        async def ask() -> Health:
            question = self._client.scheduler.identity(n_workers=_MAX_HEARD)
            identity = await asyncio.wait_for(question, _CONNECT)
            heard = {address: float(worker["last_seen"]) for address, worker in identity["workers"].items()}
            return Health(threads=int(identity["total_threads"]), heard=heard)

        return asyncio.run_coroutine_threadsafe(ask(), self._client.loop.asyncio_loop)

    def close(self) -> None:
        """End the connection, and the worker processes that this process started."""
        processes = [process for pid in self._worker_pids() for process in _process_tree(pid)]
        closing = threading.Thread(target=self._close_parts, name="gatescope-close", daemon=True)
        closing.start()
        closing.join(_CLOSE)
        _end_processes(processes)

    def _close_parts(self) -> None:
        for part in (self._client, self._cluster):
            try:
                if part is not None:
                    part.close(timeout=_CLOSE)
            except (OSError, RuntimeError, TimeoutError, concurrent.futures.CancelledError):
                continue

    def _worker_pids(self) -> list[int]:
        nannies = self._cluster.workers.values() if self._cluster is not None else ()
        return [nanny.pid for nanny in nannies if getattr(nanny, "pid", None)]


def _process_tree(pid: int) -> list[Any]:
    """Return a process and all its descendants, such as compilers."""
    import psutil

    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _end_processes(processes: list[Any]) -> None:
    import psutil

    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def open_link(address: str | None, threads: int, *, prepare: bool = True) -> Link:
    """Connect to a scheduler, or start one worker process on this machine.

    Args:
        address: `tcp://host:port`, or None for a local worker process.
        threads: Runs at a time in a local worker process; it gets one more thread, which stays free for calls.
        prepare: Whether a local worker process prepares its kernels when it starts.

    Raises:
        OSError: If there is no scheduler at the address.
    """
    from distributed import Client

    if address is not None:
        _check_listening(address)
        return Link(Client(address, timeout=_CONNECT, set_as_default=False))
    environment = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", DATABASE_VARIABLE: ""}  # only the server writes
    environment |= own_worker(prepare)
    cluster = _local_cluster(threads + 1, environment)
    return Link(Client(cluster, set_as_default=False), cluster)


def _check_listening(address: str) -> None:
    """Raise `OSError` if nothing listens there, because each Dask client that fails to connect leaves a thread behind."""
    from distributed.comm.addressing import get_address_host_port

    with socket.create_connection(get_address_host_port(address), timeout=_CONNECT):
        return


def own_worker(prepare: bool) -> dict[str, str]:
    """Return the environment variables that lower the priority of a worker on the server's machine."""
    return {NICENESS: WORKER_NICENESS, PREPARE: "1" if prepare else "0"}


# Less work while idle: by default, Dask's profiler samples every thread a hundred times a second, and each
# event loop checks its health fifty times a second.
_QUIET: dict[str, Any] = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.tick.cycle": "10s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.system-monitor.disk": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.work-stealing": False,
    "distributed.client.scheduler-info-interval": "10s",
    "distributed.worker.memory.monitor-interval": "500ms",
}


def _local_cluster(threads: int, environment: dict[str, str]) -> Any:
    import dask
    from distributed import LocalCluster
    from distributed.deploy import spec

    from models.engine.local_security import own_security
    from models.spec.installation_limits import MEGABYTE, Limits
    from models.worker.watchdog import HARD

    settings: dict[str, Any] = _QUIET | {
        # any value of this variable slows small models by more than half: it must be unset (None unsets it)
        "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
        "distributed.scheduler.allowed-failures": 0,  # a lost run is reported to the engine, which counts attempts
        "distributed.scheduler.worker-ttl": _GIVEN_UP,
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
        # by default the cluster abandons a worker whose restart takes 15 s, or which dies again 15 s later
        "distributed.deploy.lost-worker-timeout": "1000 days",
        "distributed.worker.memory.target": False,
        "distributed.worker.memory.spill": False,
        "distributed.worker.memory.pause": False,
    }
    atexit.unregister(spec.close_clusters)  # it waits up to ten seconds; `Link.close` ends the cluster
    dask.config.set(settings)  # permanently: some are read when a worker is lost
    return LocalCluster(
        n_workers=1,
        threads_per_worker=threads,
        processes=True,
        host="127.0.0.1",
        protocol="tls://",
        security=own_security(),
        memory_limit=int(HARD * Limits.from_environment().worker_megabytes * MEGABYTE),
        dashboard_address=None,
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # its health port, else 8787, which may be taken
        preload=[PRELOAD],
        env=environment,
        silence_logs=logging.ERROR,
    )
