"""Sweeps on real workers: on time, through every kind of death, and faster with more machines."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from models.engine.engine import Engine, EngineSettings
from models.engine.in_process import InProcess
from models.engine.sweep_runner import SweepRunner
from models.records.experiment import ExperimentQuery
from models.records.sweep import SweepView
from models.spec.experiment import ExperimentSpec
from models.spec.sweep import SweepSpec
from models.store.in_memory import MemoryStore
from models.store.interface import Store
from models.store.sql.startup import connect_store
from models.worker.execute import TRAINER
from tests.models.engine import compute, fake
from tests.models.engine.conftest import until
from tests.models.engine.outside import Outside

ADDING = SweepSpec(
    base=ExperimentSpec(dataset="adding", hidden_size=16, seeds=3, updates=150, evaluations=10),
    axes=(("option.length", (10, 20, 40, 80)),),
)
PROCESS = "tests.models.engine.fake:process"


def ended(runner: SweepRunner, sweep: SweepSpec, seconds: float = 180.0) -> SweepView:
    """Wait for the end of a sweep and return its view."""
    until(lambda: runner.view(sweep).status == "finished", seconds)
    return runner.view(sweep)


def numbers(view: SweepView) -> dict[str, Any]:
    """Return what came out of every run: equal numbers, equal mappings."""
    return {
        outcome.run.key: [
            (seed.seed, seed.status, seed.validation_loss, seed.final_validation_loss, dict(seed.test_metrics))
            for seed in outcome.result.seeds
        ]
        for outcome in view.outcomes
        if outcome.result is not None
    }


def finished_runs(store: Store) -> list[str]:
    """Return the keys of all runs that were trained to the end, each as often as it was."""
    rows = store.list_experiments(ExperimentQuery(sweep=None, limit=200)).rows
    return sorted(run.spec.key() for row in rows for run in row.view.runs if run.status == "finished")


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    """Return the numbers of the undisturbed sweep, trained in this process."""
    store = MemoryStore()
    engine = InProcess(store)
    runner = SweepRunner(engine, store, keep=False)
    runner.start(ADDING)
    view = ended(runner, ADDING)
    runner.close()
    engine.close()
    return numbers(view)


@pytest.mark.slow
def test_sweep_on_two_cores_is_done_in_time_though_its_worker_is_killed(expected: dict[str, Any]) -> None:
    """Two architectures, four lags, three seeds: within three minutes, with the numbers of an undisturbed sweep."""
    store = MemoryStore()
    engine = Engine(store, EngineSettings(threads=2))
    runner = SweepRunner(engine, store)
    started = time.monotonic()
    runner.start(ADDING)
    until(lambda: runner.view(ADDING).done >= 3, 180.0)
    os.kill(engine.call(PROCESS).result(60), signal.SIGKILL)
    view = ended(runner, ADDING)
    assert time.monotonic() - started < 180.0
    assert numbers(view) == expected
    assert len(expected) == 8
    runner.close()
    engine.close()


class Carrying:
    """A process that carries a sweep out, and what it says.

    Args:
        folder: Where its database is.
        sweep: What it carries out.
        environment: Its environment variables, on top of this process's.
    """

    def __init__(self, folder: Path, sweep: SweepSpec, trainer: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.models.engine.sweep_server", trainer, sweep.to_query()],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"PYTHONPATH": os.getcwd(), "GATESCOPE_DATA_DIR": str(folder)} | environment,
        )

    def wait_until(self, done: int) -> str:
        """Wait until so many runs are done and return the status."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            told = json.loads(line)
            if told["done"] >= done and (done < 8 or told["status"] == "finished"):
                return str(told["status"])
        raise AssertionError("it ended before")

    def end(self, how: int) -> None:
        """Send a signal and wait for the end."""
        self.process.send_signal(how)
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.mark.slow
@pytest.mark.parametrize("outside", [False, True], ids=["server", "client of a cluster"])
def test_killed_half_way_and_started_again_it_ends_with_the_same_numbers(
    tmp_path: Path, outside: bool, expected: dict[str, Any]
) -> None:
    """Nobody has to press anything: the next server goes on, and no finished run is trained again."""
    with Outside(workers=2, prepare=True) if outside else _nothing() as cluster:
        environment = {} if cluster is None else {"GATESCOPE_SCHEDULER": cluster.address}
        first = Carrying(tmp_path, ADDING, TRAINER, **environment)
        assert first.wait_until(done=3) == "running"
        first.end(signal.SIGKILL)
        second = Carrying(tmp_path, ADDING, TRAINER, **environment)
        assert second.wait_until(done=8) == "finished"
        second.end(signal.SIGTERM)
    store = connect_store(f"sqlite:///{tmp_path}/experiments.sqlite")
    engine = InProcess(store)
    view = SweepRunner(engine, store, keep=False).view(ADDING)
    assert view.complete
    assert numbers(view) == expected
    assert finished_runs(store) == sorted(expected)
    engine.close()
    store.close()


class _nothing:  # noqa: N801 - reads as a word where a cluster may stand
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


@pytest.fixture(scope="module")
def busy() -> SweepSpec:
    """Return a sweep of runs that compute."""
    return SweepSpec(base=fake.fake_spec("lstm", updates=1), axes=(("seed", tuple(range(200, 216))),))


@pytest.mark.slow
def test_two_outside_workers_are_nearly_twice_as_fast(busy: SweepSpec) -> None:
    """At least 1.8 times, or nine tenths of what the machine itself gains from a second process; nothing is doubled."""
    best, possible = 0.0, 2.0
    with Outside(workers=1) as cluster:
        for _ in range(3):
            possible = _gain_of_the_machine()
            alone = _seconds(cluster, busy, workers=1)
            cluster.start_worker()
            best = max(best, alone / _seconds(cluster, busy, workers=2))
            if best >= min(1.8, 0.9 * possible):
                return
            cluster.kill_worker()
    raise AssertionError(f"two workers are {best:.2f} times as fast as one; the machine gives {possible:.2f}")


def _seconds(cluster: Outside, sweep: SweepSpec, *, workers: int) -> float:
    """Carry the sweep out with a fresh store and return how long it took."""
    store = MemoryStore()
    engine = Engine(store, EngineSettings(scheduler=cluster.address, trainer=compute.TRAINER))
    engine.start()
    until(lambda: engine.slots == workers and engine.state.name == "ready")
    runner = SweepRunner(engine, store)
    warm = SweepSpec(base=sweep.base, axes=(("seed", tuple(range(900, 900 + 3 * workers))),))
    runner.start(warm)  # a worker's first run imports what it needs
    ended(runner, warm)
    started = time.monotonic()
    runner.start(sweep)
    until(lambda: runner.view(sweep).count("finished") == sweep.size, 120.0)
    took = time.monotonic() - started
    view = ended(runner, sweep)
    trained = [*view.outcomes, *runner.view(warm).outcomes]
    assert finished_runs(store) == sorted(outcome.run.key for outcome in trained)
    runner.close()
    engine.close()
    return took


def _gain_of_the_machine() -> float:
    """Return how many times as much two plain processes compute as one: less than 2 where others work, too."""
    rounds = [compute.ROUNDS] * 4
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(compute.work, [1] * 4))
        started = time.monotonic()
        for amount in rounds:
            pool.submit(compute.work, amount).result()
        alone = time.monotonic() - started
        started = time.monotonic()
        list(pool.map(compute.work, rounds))
        return alone / (time.monotonic() - started)


@pytest.fixture
def quick(engine: Engine, store: MemoryStore) -> Iterator[SweepRunner]:
    """Return a runner on the shared engine with the fake trainer."""
    runner = SweepRunner(engine, store)
    yield runner
    runner.close()


def test_visitor_goes_first_while_a_thousand_runs_wait(engine: Engine, quick: SweepRunner) -> None:
    """The engine holds a few of them, answers at once, and a visitor's experiment is done in no time."""
    sweep = SweepSpec(
        base=fake.fake_spec("lstm", updates=200, milliseconds=10),
        axes=(("seed", tuple(range(300, 350))), ("hidden_size", tuple(range(1, 21)))),
    )
    quick.start(sweep)
    until(lambda: quick.view(sweep).count("running") > 0 and engine.slots > 0)
    until(lambda: any(outcome.share > 0 for outcome in quick.view(sweep).outcomes))
    started = time.monotonic()
    visitor = engine.submit(fake.fake_spec("gru", updates=5, seed=9), control="visitor")
    assert time.monotonic() - started < 0.3
    until(lambda: (view := engine.view(visitor)) is not None and view.final, 10.0)
    assert time.monotonic() - started < 3.0
    view = quick.view(sweep)
    assert view.count("running") <= max(4, 2 * engine.slots)
    assert view.count("waiting") >= 990
    quick.stop(sweep.key())
    until(lambda: quick.view(sweep).status == "stopped", 10.0)
