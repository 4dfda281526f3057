"""How many experiments one visitor may have, and what happens to those that nobody watches."""

import logging
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from models.engine import stops
from models.engine.connection import EngineSettings
from models.engine.engine import Engine
from models.engine.experiment_queue import ExperimentQueue
from models.engine.live_state import LiveExperiment
from models.errors import CapacityError
from models.records.experiment import ExperimentRecord, new_id
from models.spec.fairness import plan_runs
from models.spec.installation_limits import variable
from models.spec.plan import plan_for
from models.store.sql.in_memory import MemoryStore
from tests.models.engine.conftest import final, running, until
from tests.models.engine.fake import DEAF, fake_spec


def put(live_queue: ExperimentQueue, control: str, *, sweep: str = "") -> LiveExperiment:
    """Admit an experiment."""
    if not sweep:
        live_queue.claim_place(control)
    spec = fake_spec()
    record = ExperimentRecord(id=new_id(), spec=spec, runs=plan_runs(spec), control=control, sweep=sweep)
    live_queue.add(record)
    found = live_queue.find(record.id)
    assert found is not None
    return found


def test_visitor_has_two_experiments_at_a_time() -> None:
    """The third is refused with a sentence, others are not, and when one has ended there is room again."""
    live_queue = ExperimentQueue(50)
    first = put(live_queue, "mine")
    put(live_queue, "mine")
    with pytest.raises(CapacityError, match="You already have one experiment training and one waiting"):
        live_queue.claim_place("mine")
    put(live_queue, "somebody else's")
    for run in first.runs:
        run.end("finished")
    live_queue.claim_place("mine")


def test_place_that_was_given_back_counts_for_nobody() -> None:
    """An experiment that the store refused leaves no trace."""
    live_queue = ExperimentQueue(2)
    for _ in range(5):
        live_queue.claim_place("mine")
        live_queue.return_place("mine")
    live_queue.claim_place("mine")
    live_queue.claim_place("mine")
    with pytest.raises(CapacityError, match="You already have one"):
        live_queue.claim_place("mine")
    with pytest.raises(CapacityError, match="2 experiments are already waiting"):
        live_queue.claim_place("other")


def test_second_experiment_of_a_visitor_waits_for_the_first() -> None:
    """Also where workers are free; the runs of others go first meanwhile."""
    live_queue = ExperimentQueue(50)
    first, second, other = put(live_queue, "mine"), put(live_queue, "mine"), put(live_queue, "other")
    order = []
    while pair := live_queue.next_waiting():
        pair[1].begin(len(order) + 1)
        order.append(pair[0])
    assert order == [first, first, other, other]
    for run in first.runs:
        run.end("stopped")
    pair = live_queue.next_waiting()
    assert pair is not None
    assert pair[0] is second


def test_only_visitors_experiments_that_no_page_asks_for_are_unattended() -> None:
    """Those of sweeps and of the command line need nobody."""
    live_queue = ExperimentQueue(50)
    seen, unseen = put(live_queue, "a"), put(live_queue, "b")
    put(live_queue, "c", sweep="s")
    put(live_queue, "")
    time.sleep(0.05)
    live_queue.view(seen.record.id)
    assert live_queue.unattended(0.04) == [unseen]


def test_settings_come_from_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Queue, patience with absent visitors and the longest run are configured."""
    for name, value in {"waiting": "7", "unattended_minutes": "3", "paused_minutes": "4", "run_minutes": "2"}.items():
        monkeypatch.setenv(variable(name), value)
    settings = EngineSettings.from_environment()
    assert (settings.queue, settings.unattended, settings.pause, settings.longest) == (7, 180.0, 240.0, 120.0)


@pytest.fixture
def impatient(engine: Engine) -> Iterator[Engine]:
    """Return the engine with little patience for absent visitors."""
    before = engine._dispatcher._stops._settings
    engine._dispatcher._stops._settings = replace(before, unattended=1.5)
    yield engine
    engine._dispatcher._stops._settings = before


def test_experiment_that_nobody_watches_ends_and_keeps_what_it_learned(impatient: Engine, store: MemoryStore) -> None:
    """Its page was closed; the one beside it is polled and goes on."""
    watched = impatient.submit(plan_for(fake_spec("lstm", updates=50_000)), control="watched")
    absent = impatient.submit(plan_for(fake_spec("gru", updates=50_000)), control="absent")

    def over() -> bool:
        assert impatient.view(watched)
        kept = store.view(absent)
        return kept is not None and kept.final

    until(over)
    kept = store.view(absent)
    assert kept is not None
    assert (kept.status, kept.result is not None) == ("stopped", True)
    assert kept.message.startswith("It was stopped because no page had shown it for 0.025 minutes")
    view = impatient.view(watched)
    assert view is not None
    assert view.status == "running"
    impatient.stop(watched)
    final(impatient, watched)


def test_run_that_its_worker_does_not_end_is_given_up(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's own patience is longer than the worker's, and ends, too."""
    monkeypatch.setattr(stops, "GRACE", 0.3)
    before = engine._dispatcher._stops._settings
    engine._dispatcher._stops._settings = replace(before, longest=0.5)
    experiment = engine.submit(plan_for(fake_spec("lstm", updates=2000, seed=DEAF)))
    view = final(engine, experiment)
    engine._dispatcher._stops._settings = before
    assert view.status == "stopped"
    assert "did not react" in view.message


def told(caplog: pytest.LogCaptureFixture, experiment: str) -> list[logging.LogRecord]:
    """Return the events of an experiment."""
    return [record for record in caplog.records if getattr(record, "values", {}).get("experiment") == experiment]


def test_log_tells_start_end_and_reason_of_every_run(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """One event each, with the experiment's id."""
    with caplog.at_level(logging.INFO, "gatescope.engine"):
        experiment = engine.submit(plan_for(fake_spec("lstm", updates=50_000)))
        running(engine, experiment)
        engine.stop(experiment)
        final(engine, experiment)
        until(lambda: len(told(caplog, experiment)) >= 3)
    records = told(caplog, experiment)
    assert [record.getMessage() for record in records] == ["experiment accepted", "run started", "run ended"]
    ended = records[-1].values  # type: ignore[attr-defined]
    assert (ended["run"], ended["status"], ended["attempt"]) == ("lstm", "stopped", 1)
    assert ended["seconds"] > 0
