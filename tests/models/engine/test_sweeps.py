"""Sweeps on real workers: through every kind of death, on several machines, and behind visitors."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.engine.engine import Engine, EngineSettings
from models.engine.in_process import InProcess
from models.engine.sweep_runner import SweepRunner
from models.records.experiment import ExperimentQuery
from models.records.sweep import SweepView
from models.spec.experiment_settings import ExperimentSpec
from models.spec.plan import plan_for
from models.spec.sweep import SweepSpec
from models.store.interface import Store
from models.store.sql.in_memory import MemoryStore
from models.store.sql.startup import connect_store
from models.worker.execute import TRAINER
from tests.models.engine import compute, fake
from tests.models.engine.conftest import final, until
from tests.models.engine.outside import Outside
from tests.timing import PATIENCE

ADDING = SweepSpec(
    base=ExperimentSpec(dataset="adding", hidden_size=16, seeds=3, updates=150, evaluations=10),
    axes=(("option.length", (10, 20, 40, 80)),),
)
PROCESS = "tests.models.engine.fake:process"


def ended(runner: SweepRunner, sweep: SweepSpec) -> SweepView:
    """Wait for the end of a sweep and return its view."""
    until(lambda: runner.view(sweep).status == "finished")
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
def test_sweep_whose_worker_is_killed_trains_little_twice(expected: dict[str, Any]) -> None:
    """Only what the worker had at that moment is trained again, and all numbers are those of an undisturbed sweep."""
    store = MemoryStore()
    engine = Engine(store, EngineSettings(threads=2))
    runner = SweepRunner(engine, store)
    runner.start(ADDING)
    until(lambda: runner.view(ADDING).done >= 3)
    os.kill(engine.call(PROCESS).result(PATIENCE), signal.SIGKILL)
    view = ended(runner, ADDING)
    assert numbers(view) == expected
    attempts = [outcome.result.attempt for outcome in view.outcomes if outcome.result is not None]
    assert sum(attempts) <= len(attempts) + engine.slots
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
        self.process.wait(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.mark.slow
@pytest.mark.parametrize("outside", [False, True], ids=["server", "client of a cluster"])
def test_killed_half_way_and_started_again_it_ends_with_the_same_numbers(
    tmp_path: Path, outside: bool, expected: dict[str, Any]
) -> None:
    """The next server resumes it by itself, and no finished run is trained again."""
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
def test_two_outside_workers_share_the_runs_and_work_at_the_same_time(busy: SweepSpec) -> None:
    """Each has its part, most runs have one of the other worker beside them, and nothing is trained twice."""
    store = MemoryStore()
    with Outside(workers=2) as cluster:
        engine = Engine(store, EngineSettings(scheduler=cluster.address, trainer=compute.TRAINER))
        engine.start()
        until(lambda: engine.slots == 2 and engine.state.name == "ready")
        runner = SweepRunner(engine, store)
        runner.start(busy)
        view = ended(runner, busy)
        runner.close()
        engine.close()
    assert finished_runs(store) == sorted(outcome.run.key for outcome in view.outcomes)
    done = [compute.Done.of(outcome.result.environment) for outcome in view.outcomes if outcome.result is not None]
    shares = Counter(one.process for one in done)
    assert len(shares) == 2
    assert min(shares.values()) >= len(done) // 4, shares
    assert sum(any(one.beside(other) for other in done) for one in done) >= len(done) // 2


@pytest.fixture
def quick(engine: Engine, store: MemoryStore) -> Iterator[SweepRunner]:
    """Return a runner on the shared engine with the fake trainer."""
    runner = SweepRunner(engine, store)
    yield runner
    runner.close()


def test_visitor_goes_first_while_a_thousand_runs_wait(engine: Engine, quick: SweepRunner) -> None:
    """The engine holds a few of them, and a visitor's experiment ends before any more of them has its turn."""
    sweep = SweepSpec(
        base=fake.fake_spec("lstm", updates=200, milliseconds=10),
        axes=(("seed", tuple(range(300, 350))), ("hidden_size", tuple(range(1, 21)))),
    )
    quick.start(sweep)
    until(lambda: quick.view(sweep).count("running") > 0 and engine.slots > 0)
    until(lambda: any(outcome.share > 0 for outcome in quick.view(sweep).outcomes))
    visitor = engine.submit(plan_for(fake.fake_spec("gru", updates=5, seed=9)), control="visitor")
    final(engine, visitor)
    view = quick.view(sweep)
    assert view.count("running") <= max(4, 2 * engine.slots)
    assert view.count("waiting") >= 980
    quick.stop(sweep.key())
    until(lambda: quick.view(sweep).status == "stopped")
