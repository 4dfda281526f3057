"""A plan is computed once and passed on: nothing between page and worker computes the cost again."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from models.cli.main import main
from models.engine.engine import Engine, EngineSettings
from models.engine.in_process import InProcess
from models.engine.sweep_runner import SweepRunner
from models.spec import cost
from models.spec.experiment_settings import ExperimentSpec
from models.spec.installation_limits import Limits
from models.spec.plan import plan_for
from models.spec.run import RunSpec
from models.spec.sizes import DataShape
from models.spec.sweep import SweepSpec
from models.store.sql.in_memory import MemoryStore
from tests.models.engine import fake

Asked = list[str]
Count = Callable[[], Asked]
SPEC = ExperimentSpec(dataset="adding", options=(("length", 20),), updates=100)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Collect the architectures whose cost is estimated from now on."""
    found: Asked = []
    estimate = cost.estimate_run

    def counted(run: RunSpec, data: DataShape) -> cost.Estimate:
        found.append(run.architecture)
        return estimate(run, data)

    for module in list(sys.modules.values()):  # whoever imported it
        if getattr(module, "estimate_run", None) is estimate:
            monkeypatch.setattr(module, "estimate_run", counted)
    return found


@contextmanager
def never_started(store: MemoryStore) -> Iterator[Engine]:
    """An engine that accepts and starts nothing."""
    engine = Engine(store, EngineSettings())
    engine._started = True
    yield engine
    engine._started = False
    engine.close()


def test_plan_holds_runs_sizes_cost_and_problems() -> None:
    """The cost of all is that of each together; limits add sentences and change nothing else."""
    plan = plan_for(SPEC)
    assert [item.run.architecture for item in plan.runs] == ["lstm", "gru"]
    assert plan.cost.seconds == pytest.approx(sum(item.cost.seconds for item in plan.runs))
    assert plan.cost.bytes == max(item.cost.bytes for item in plan.runs)
    assert plan.runs[0].parameters > plan.runs[1].parameters
    refused = plan_for(SPEC, limits=Limits(seeds=1, updates=10))
    assert [sentence.split(" (")[0] for sentence in refused.problems] == ["Repeats", "Updates"]
    assert (refused.runs, refused.cost) == (plan.runs, plan.cost)


def test_plan_of_some_architectures_keeps_their_sizes() -> None:
    """A sweep hands over what the store lacks; the rule was applied to all."""
    whole = plan_for(ExperimentSpec(dataset="adding", fairness="same_parameters", updates=10))
    alone = whole.only(["gru"])
    assert alone.spec.architectures == ("gru",)
    assert alone.runs[0].run.hidden_size == whole.runs[1].run.hidden_size
    assert alone.runs[0].run.experiment == alone.spec
    assert alone.cost.seconds == whole.runs[1].cost.seconds


def test_engine_asks_for_no_cost(asked: Asked) -> None:
    """The plan that comes with an experiment has it."""
    plan = plan_for(SPEC, limits=Limits())
    assert asked == ["lstm", "gru"]
    with never_started(MemoryStore()) as engine:
        engine.submit(plan)
    assert asked == ["lstm", "gru"]


def test_sweep_asks_for_the_cost_of_each_run_once(asked: Asked) -> None:
    """However often a page looks at it, and while it trains."""
    sweep = SweepSpec(base=fake.fake_spec("lstm", updates=3), axes=(("seed", (1, 2, 3)),))
    store = MemoryStore()
    engine = InProcess(store, threads=1, trainer=fake.TRAINER)
    runner = SweepRunner(engine, store, limits=Limits())
    for _ in range(3):
        assert runner.view(sweep).status == "new"
    runner.start(sweep)
    while not runner.view(sweep).complete:
        runner._wake.wait(0.05)
    runner.close()
    engine.close()
    assert asked == ["lstm"] * 3


def test_command_line_asks_for_the_cost_of_each_run_once(asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    """Training in this process needs no second estimate."""
    small = ["--option", "length=10", "--updates", "2", "--seeds", "1", "--hidden", "4", "--evaluations", "1"]
    assert main(["compare", "--dataset", "adding", *small]) == 0
    assert asked == ["lstm", "gru"]
    assert "LSTM" in capsys.readouterr().out
