"""Writes to the store: in order, tried again, dropped for what was deleted."""

import threading

from models.engine.store_writer import StoreWriter
from models.errors import StoreError
from models.records.experiment import ExperimentRecord, new_id
from models.spec.fairness import plan_runs
from models.store.interface import Store
from models.store.sql.in_memory import MemoryStore
from tests.models.engine.fake import fake_spec
from tests.timing import PATIENCE


def kept(store: MemoryStore) -> str:
    """Keep an experiment and return its id."""
    spec = fake_spec("lstm")
    record = ExperimentRecord(id=new_id(), spec=spec, runs=plan_runs(spec), control="")
    store.create(record)
    return record.id


def test_recorder_tries_again_and_keeps_the_order() -> None:
    """A store that is away for a moment loses nothing."""
    store, written, failures = MemoryStore(), [], iter([True, False, False])

    def write(name: str) -> None:
        if next(failures):
            raise StoreError("The database is away.")
        written.append(name)

    experiment, writer = kept(store), StoreWriter(store)
    writer.put(experiment, lambda _: write("first"))
    writer.put(experiment, lambda _: write("second"))
    writer.close()
    assert written == ["first", "second"]
    assert writer.problem == ""


def test_recorder_drops_writes_for_a_deleted_experiment() -> None:
    """A deletion while it trains does not hold up the others."""
    store, done = MemoryStore(), threading.Event()
    writer = StoreWriter(store)
    writer.put(new_id(), lambda s: s.set_status("gone", "running"))
    writer.put(kept(store), lambda _: done.set())
    assert done.wait(PATIENCE)
    writer.close()


def test_recorder_survives_a_bug_in_a_write() -> None:
    """An unexpected error is logged, and the next write is carried out."""
    store, done = MemoryStore(), threading.Event()
    writer = StoreWriter(store)

    def broken(_: Store) -> None:
        raise ValueError("a bug")

    writer.put(kept(store), broken)
    writer.put(kept(store), lambda _: done.set())
    assert done.wait(PATIENCE)
    writer.close()
