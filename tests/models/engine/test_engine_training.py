"""The engine with real training: the same bits everywhere, no torch in the server, no process left behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from models.engine.engine import Engine, EngineSettings
from models.engine.run_here import run_experiment
from models.spec.plan import plan_for
from models.store.sql.in_memory import MemoryStore
from models.worker.execute import TRAINER
from tests.models.engine import fake
from tests.models.engine.conftest import final, until
from tests.models.engine.outside import Outside
from tests.models.engine.training import digest, small_spec
from tests.timing import PATIENCE


@dataclass(frozen=True)
class Server:
    """A process with an engine, and what it said."""

    process: "subprocess.Popen[str]"
    report: dict[str, Any]


def start_server(trainer: str, **environment: str) -> Server:
    """Start a server process and wait for its report."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.models.engine.server", trainer],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": os.getcwd()} | environment,
    )
    assert process.stdout is not None
    return Server(process, json.loads(process.stdout.readline()))


def end(server: Server, how: int) -> None:
    """Send a signal to a server and wait for its end."""
    assert server.process.stdout is not None
    server.process.send_signal(how)
    server.process.wait(PATIENCE)
    server.process.stdout.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Return a server that trains for real."""
    started = start_server(TRAINER)
    yield started
    end(started, signal.SIGKILL)


@pytest.fixture(scope="module")
def expected() -> str:
    """Return the digest of the same experiment, trained in this process."""
    return digest(run_experiment(small_spec()))


@pytest.mark.slow
def test_server_process_never_imports_torch(server: Server) -> None:
    """Neither starting, training nor reading a result loads it."""
    assert server.report["status"] == "finished"
    assert server.report["torch"] is False


@pytest.mark.slow
def test_engine_says_which_kernels_it_has(server: Server) -> None:
    """The state of a ready engine ends with the sentence of the kernels."""
    assert server.report["state"].startswith("Ready: trains up to")
    assert "ernels" in server.report["state"]


@pytest.mark.slow
def test_worker_and_command_line_train_to_the_same_bits(server: Server, expected: str) -> None:
    """Where a spec is trained, and beside what, does not matter."""
    assert server.report["digest"] == expected
    assert digest(run_experiment(small_spec(), threads=1)) == expected


@pytest.mark.slow
def test_outside_cluster_trains_to_the_same_bits(expected: str) -> None:
    """`dask scheduler` and `dask worker` as processes of their own, with a nanny, and the same engine."""
    with Outside(workers=1, nanny=True, prepare=True) as cluster:
        engine = Engine(MemoryStore(), EngineSettings(scheduler=cluster.address))
        view = final(engine, engine.submit(plan_for(small_spec())))
        engine.close()
    assert view.status == "finished", view.message
    assert digest(view.result) == expected


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_its_server(how: signal.Signals) -> None:
    """A worker that trains ends with the server, however that ends."""
    server = start_server(fake.TRAINER)
    children = psutil.Process(server.process.pid).children(recursive=True)
    assert server.report["worker"] in [child.pid for child in children]
    end(server, how)
    until(lambda: not any(child.is_running() for child in children))


@pytest.mark.slow
def test_outside_worker_drops_runs_whose_server_is_gone() -> None:
    """A run without an owner ends, and its threads are free for the next server."""
    with Outside(workers=3) as cluster:
        end(start_server(fake.TRAINER, GATESCOPE_SCHEDULER=cluster.address), signal.SIGKILL)
        engine = Engine(MemoryStore(), EngineSettings(scheduler=cluster.address, trainer=fake.TRAINER))
        engine.start()
        until(lambda: engine.state.name == "ready")
        experiment = engine.submit(plan_for(fake.fake_spec(updates=3)))
        assert final(engine, experiment).status == "finished"
        engine.close()
