"""Sweeps carried out: in this process, with a trainer that costs nothing."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from models.engine import sweep_runner
from models.engine.connection import EngineState
from models.engine.in_process import InProcess
from models.engine.sweep_runner import SweepRunner
from models.errors import CapacityError, DataError, StoreError
from models.records.experiment import ExperimentQuery
from models.records.sweep import SweepRecord, SweepView
from models.spec.installation_limits import Limits
from models.spec.sweep import SweepSpec
from models.spec.sweep_plan import SweepPlan, plan_sweep
from models.store.interface import Store
from models.store.sql import SqlStore
from models.store.sql.in_memory import MemoryStore
from tests.models.engine import fake
from tests.models.engine.fake import TRAINER, fake_spec
from tests.timing import calls, wait_until

LENGTHS = (10, 20, 30, 40)
Open = Callable[..., SweepRunner]


def a_sweep(*, milliseconds: float = 1.0, seed: int = 0, lengths: tuple[int, ...] = LENGTHS) -> SweepSpec:
    """Return a sweep of two architectures over lengths."""
    return SweepSpec(base=fake_spec(milliseconds=milliseconds, seed=seed), axes=(("option.length", lengths),))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open runners in this process; they are closed at the end."""
    monkeypatch.setattr(sweep_runner, "_PAUSE", 0.02)
    engines, runners = [], []

    def one(store: Store, *, keep: bool = True, threads: int = 2) -> SweepRunner:
        engines.append(InProcess(store, threads=threads, trainer=TRAINER))
        runners.append(SweepRunner(engines[-1], store, keep=keep))
        runners[-1].engine = engines[-1]
        return runners[-1]

    yield one
    for runner, engine in zip(runners, engines, strict=True):
        runner.close()
        engine.close()


def until(runner: SweepRunner, sweep: SweepSpec, happened: Callable[[SweepView], bool]) -> SweepView:
    """Wait until a sweep is so far."""
    seen: list[SweepView] = []

    def so_far() -> bool:
        seen[:] = [runner.view(sweep)]
        return happened(seen[0])

    wait_until(so_far)
    return seen[0]


def ended(view: SweepView) -> bool:
    """Say whether a sweep no longer runs."""
    return view.status != "running"


def numbers(view: SweepView) -> list[object]:
    """Return what came out of every run."""
    return [(o.run.key, o.status, o.result and o.result.seeds) for o in view.outcomes]


def test_sweep_trains_every_run_once_and_records_its_end(opened: Open) -> None:
    """Each point is one experiment with both architectures, lists of others leave it out, and the record says finished."""
    store, sweep = MemoryStore(), a_sweep()
    runner = opened(store)
    assert runner.view(sweep).status == "new"
    assert runner.start(sweep, control="token") == sweep.key()
    assert runner.view(sweep).control == "token"
    view = until(runner, sweep, ended)
    assert (view.status, view.done, view.complete) == ("finished", 8, True)
    kept = store.list_experiments(ExperimentQuery(sweep=sweep.key()))
    assert kept.total == 4
    assert store.list_experiments(ExperimentQuery()).total == 0
    assert {row.view.spec.architectures for row in kept.rows} == {("lstm", "gru")}
    assert (record := store.sweep(sweep.key())) is not None
    assert (record.status, record.control) == ("finished", "token")


def test_what_the_store_has_is_not_trained_again(opened: Open) -> None:
    """A larger sweep trains the new points alone, and an unfinished point only its missing architecture."""
    store = MemoryStore()
    runner = opened(store)
    first = a_sweep(lengths=(10, 20))
    runner.start(first)
    until(runner, first, ended)
    lonely = SweepSpec(base=replace(fake_spec("lstm"), options=(("length", 30),)))
    runner.start(lonely)
    until(runner, lonely, ended)
    assert runner.view(a_sweep()).done == 5
    assert runner.view(a_sweep()).status == "new"
    runner.start(a_sweep())
    view = until(runner, a_sweep(), ended)
    assert view.complete
    specs = [row.view.spec for row in store.list_experiments(ExperimentQuery(sweep=None)).rows]
    assert sorted(len(spec.architectures) for spec in specs) == [1, 1, 2, 2, 2]


def test_stopped_sweep_keeps_what_is_done_and_goes_on(opened: Open) -> None:
    """The second start trains the rest, and the numbers are those of an undisturbed sweep."""
    undisturbed_store = MemoryStore()
    runner = opened(undisturbed_store)
    sweep = a_sweep(milliseconds=4)
    runner.start(sweep)
    expected = numbers(until(runner, sweep, ended))
    store = MemoryStore()
    runner = opened(store)
    runner.start(sweep)
    until(runner, sweep, lambda view: view.done >= 2)
    runner.stop(sweep.key())
    view = until(runner, sweep, ended)
    assert view.status == "stopped"
    assert 2 <= view.done < 8
    assert (record := store.sweep(sweep.key())) is not None
    assert record.status == "stopped"
    runner.start(sweep)
    assert numbers(until(runner, sweep, ended)) == expected
    runner.stop("unknown")


def test_sweep_of_a_dead_server_goes_on_by_itself(opened: Open, connect: Callable[..., SqlStore]) -> None:
    """Whoever opens the database next takes it over and ends with the same numbers."""
    sweep, reference = a_sweep(milliseconds=10), opened(MemoryStore())
    reference.start(sweep)
    store = connect()
    dying = opened(store)
    dying.start(sweep)
    until(dying, sweep, lambda view: view.done >= 2)
    dying.close()
    dying.engine.close()
    store.close()
    heir_store = connect()
    heir = opened(heir_store)
    assert heir.view(sweep).status == "elsewhere"
    heir.begin()
    view = until(heir, sweep, lambda view: view.status == "finished")
    assert view.complete
    assert numbers(view) == numbers(until(reference, sweep, ended))
    keys = [
        run.spec.key()
        for row in heir_store.list_experiments(ExperimentQuery(sweep=None, limit=200)).rows
        for run in row.view.runs
        if run.status == "finished"
    ]
    assert sorted(keys) == sorted(outcome.run.key for outcome in view.outcomes)


def test_sweep_that_another_server_has_is_not_begun_here(opened: Open, connect: Callable[..., SqlStore]) -> None:
    """Its results come through the store."""
    owner, other = connect(), connect()
    owner.save_sweep(SweepRecord(spec=a_sweep()))
    runner = opened(other)
    with pytest.raises(CapacityError, match="another server"):
        runner.start(a_sweep())
    assert runner.view(a_sweep()).status == "elsewhere"


def test_command_line_takes_the_sweep_of_a_dead_server_over(opened: Open, connect: Callable[..., SqlStore]) -> None:
    """And ends it, so that no server starts it again."""
    dead, store = connect(), connect()
    dead.save_sweep(SweepRecord(spec=a_sweep()))
    dead.close()
    runner = opened(store, keep=False)
    runner.start(a_sweep())
    assert until(runner, a_sweep(), ended).complete
    assert (record := store.sweep(a_sweep().key())) is not None
    assert record.status == "finished"


def test_sweep_that_cannot_go_on_holds_up_no_other(
    opened: Open, connect: Callable[..., SqlStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its data may be gone; the others are resumed anyway."""
    dead, store, broken = connect(), connect(), a_sweep(lengths=(11,))
    dead.save_sweep(SweepRecord(spec=broken))
    dead.save_sweep(SweepRecord(spec=a_sweep()))
    dead.close()

    def plan(spec: SweepSpec, **limits: object) -> SweepPlan:
        if spec == broken:
            raise DataError("There is too little data.")
        return plan_sweep(spec)

    monkeypatch.setattr(sweep_runner, "plan_sweep", plan)
    runner = opened(store)
    runner.begin()
    assert until(runner, a_sweep(), lambda view: view.status == "finished").complete


def test_failing_runs_do_not_hold_the_others_up(opened: Open) -> None:
    """They are tried twice; the sweep ends and says how many failed."""
    sweep = SweepSpec(base=fake_spec("lstm"), axes=(("seed", (1, fake.REFUSES, 3)),))
    runner = opened(MemoryStore())
    runner.start(sweep)
    view = until(runner, sweep, ended)
    assert [outcome.status for outcome in view.outcomes] == ["finished", "finished", "failed"]
    assert view.message == "1 of 3 runs failed. The first: This data is too short."
    assert not view.complete


def test_sweeps_take_turns_and_share_runs(opened: Open) -> None:
    """A small sweep does not wait for a large one, and a run that both have is trained once."""
    store = MemoryStore()
    runner = opened(store)
    large = SweepSpec(base=fake_spec("lstm", milliseconds=10), axes=(("seed", tuple(range(20, 50))),))
    small = SweepSpec(base=fake_spec("lstm", milliseconds=10), axes=(("seed", (49, 60)),))
    runner.start(large)
    runner.start(small)
    until(runner, small, ended)
    assert runner.view(large).status == "running"
    assert (left := until(runner, large, lambda view: view.seconds_left is not None).seconds_left) is not None
    assert left > 0
    runner.stop(large.key())
    until(runner, large, ended)
    keys = [
        run.spec.key()
        for row in store.list_experiments(ExperimentQuery(sweep=None, limit=200)).rows
        for run in row.view.runs
    ]
    assert len(set(keys)) == len(keys)


def test_number_of_sweeps_is_bounded(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more is refused with a sentence; the same again is not."""
    monkeypatch.setattr(sweep_runner, "MAX_SWEEPS", 1)
    runner = opened(MemoryStore())
    slow = a_sweep(milliseconds=50)
    runner.start(slow)
    assert runner.start(slow) == slow.key()
    with pytest.raises(CapacityError, match="1 sweeps are already running"):
        runner.start(a_sweep())


def test_sweep_waits_while_store_or_engine_are_away(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost, nothing fails, and it goes on when they are back."""
    store = MemoryStore()
    runner = opened(store)
    away = {"store": True}
    create = store.create

    def broken(record: object) -> None:
        if away["store"]:
            raise StoreError("The database cannot be used now.")
        create(record)

    monkeypatch.setattr(store, "create", broken)
    monkeypatch.setattr(sweep_runner, "_PAUSE", 0.01)
    sweep = a_sweep(lengths=(10,))
    runner.start(sweep)
    time.sleep(0.3)
    assert runner.view(sweep).status == "running"
    assert runner.view(sweep).count("waiting") == 2
    runner.engine.state = EngineState(name="unreachable", message="Away.")
    away["store"] = False
    time.sleep(1.3)
    assert runner.view(sweep).count("waiting") == 2
    runner.engine.state = EngineState(name="ready", message="Back.")
    assert until(runner, sweep, ended).complete


def test_thousand_queued_runs_leave_the_server_its_breath(opened: Open) -> None:
    """A window of a few runs is with the engine, a view costs a few calls, and a stop begins no further run."""
    store = MemoryStore()
    runner = opened(store)
    sweep = SweepSpec(
        base=fake_spec("lstm", milliseconds=20),
        axes=(("seed", tuple(range(1, 51))), ("hidden_size", tuple(range(1, 21)))),
    )
    assert sweep.size == 1000
    assert calls(lambda: runner.start(sweep)) < 1_800 * sweep.size
    until(runner, sweep, lambda view: view.done >= 4)
    assert calls(lambda: runner.view(sweep)) < 3_000
    view = runner.view(sweep)
    assert view.count("running") <= 6
    until(runner, sweep, lambda view: view.seconds_left is not None)
    runner.stop(sweep.key())
    before = len(store.list_experiments(ExperimentQuery(sweep=None)).rows)
    until(runner, sweep, ended)
    assert len(store.list_experiments(ExperimentQuery(sweep=None)).rows) <= before + 1


def test_sweep_beyond_the_limits_is_refused(opened: Open) -> None:
    """A point that is too large, or all of them together; without limits everything is allowed."""
    for limits, sentence in (
        (Limits(hidden_size=2), r"`hidden_size`.*at most 2 is allowed here"),
        (Limits(minutes=0.01), r"This sweep would train for about .* run it from the command line"),
    ):
        refusing = SweepRunner(opened(MemoryStore())._engine, MemoryStore(), limits=limits)
        with pytest.raises(CapacityError, match=sentence):
            refusing.start(SweepSpec(base=fake_spec("lstm", updates=400), axes=(("seed", tuple(range(30))),)))
        refusing.close()
