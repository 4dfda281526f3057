"""What every store does with sweeps: records, runs found by key, and sweeps of servers that are gone."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from models.records.experiment import ExperimentQuery
from models.records.sweep import SweepRecord
from models.spec.sweep import SweepSpec
from models.store.interface import Store
from models.store.sql import SqlStore
from models.store.sql.database import Database, database_url
from models.store.sql.fallback import FallbackStore
from models.store.sql.in_memory import MemoryStore
from tests.models.records.samples import a_record, a_result, a_spec, the_runs

SWEEP = SweepSpec(base=a_spec(), axes=(("option.length", (10, 20)),))


def test_sweep_is_kept_and_replaced(store: Store) -> None:
    """There is one record per key, and the newest sweep comes first in the list."""
    first, second = SweepRecord(spec=SWEEP, control="token"), SweepRecord(spec=replace(SWEEP, axes=()))
    store.save_sweep(first)
    store.save_sweep(second)
    assert store.sweep(SWEEP.key()) == first
    assert store.sweeps() == (second, first)
    assert store.sweeps(limit=1) == (second,)
    store.save_sweep(replace(first, status="stopped", message="Half of it."))
    assert (kept := store.sweep(SWEEP.key())) is not None
    assert (kept.status, kept.message, kept.control) == ("stopped", "Half of it.", "token")
    assert store.sweep("nothing") is None


def test_runs_are_found_by_key_without_their_arrays(store: Store) -> None:
    """Finished and diverged runs count; stopped ones, those on uploaded data and imported ones do not."""
    spec = a_spec(architectures=("lstm", "gru"))
    record = a_record(spec)
    store.create(record)
    lstm, gru = the_runs(spec)
    store.save_result(record.id, "lstm", a_result(lstm))
    store.save_result(record.id, "gru", a_result(gru, status="diverged"))
    other = a_record(a_spec(seed=7, architectures=("lstm",)))
    store.create(other)
    store.save_result(other.id, "lstm", a_result(other.runs[0], status="stopped"))
    own = a_record(a_spec(seed=8, architectures=("lstm",)), content=b"x")
    store.create(own)
    store.save_result(own.id, "lstm", a_result(own.runs[0]))
    keys = [run.key() for run in (lstm, gru, *other.runs, *own.runs)]
    found = store.find_runs([*keys, "unknown"])
    assert set(found) == {lstm.key(), gru.key()}
    assert found[lstm.key()].experiment == record.id
    assert found[gru.key()].result.status == "diverged"
    assert found[lstm.key()].result.seeds[0].validation_loss == 0.25
    assert not found[lstm.key()].result.weights
    assert store.find_runs([]) == {}
    store.delete(record.id)
    assert store.find_runs(keys) == {}


def test_sweep_of_a_closed_store_goes_to_one_other(connect: Callable[..., SqlStore]) -> None:
    """A running sweep is adopted once its owner is gone; one that stopped, or whose owner lives, is not."""
    owner, heir, third = connect(), connect(), connect()
    owner.save_sweep(SweepRecord(spec=SWEEP))
    owner.save_sweep(SweepRecord(spec=replace(SWEEP, axes=()), status="stopped"))
    assert heir.adopt_sweeps() == ()
    owner.close()
    assert [record.spec for record in heir.adopt_sweeps()] == [SWEEP]
    assert third.adopt_sweeps() == ()
    heir.save_sweep(SweepRecord(spec=SWEEP, status="finished"))
    heir.close()
    assert third.adopt_sweeps() == ()


def test_sheltered_store_keeps_sweeps_behind_or_in_memory(folder: object) -> None:
    """With a database the sweep is there; without one it is in memory, and nothing is adopted."""
    address = database_url(f"sqlite:///{folder}/experiments.sqlite")
    opened = FallbackStore(lambda: SqlStore(Database(address), watch=False))
    opened.save_sweep(SweepRecord(spec=SWEEP))
    opened.close()
    again = SqlStore(Database(address), watch=False)
    assert [record.spec for record in again.adopt_sweeps()] == [SWEEP]
    again.close()
    alone = FallbackStore(_unreachable, retry_seconds=60.0)
    alone.save_sweep(SweepRecord(spec=SWEEP))
    assert alone.sweep(SWEEP.key()) is not None
    assert (alone.adopt_sweeps(), len(alone.sweeps()), alone.find_runs(["key"])) == ((), 1, {})
    alone.close()


def _unreachable() -> Store:
    from models.errors import StoreError

    raise StoreError("The database cannot be reached.")


def test_memory_store_adopts_nothing() -> None:
    """What is in memory has one owner."""
    memory = MemoryStore()
    memory.save_sweep(SweepRecord(spec=SWEEP))
    assert memory.adopt_sweeps() == ()


@pytest.mark.parametrize("status", ["running", "stopped", "finished"])
def test_record_survives_a_round_trip(store: Store, status: str) -> None:
    """Every field comes back as it was."""
    record = SweepRecord(spec=SWEEP, status=status, message="One sentence.", control="abc")
    store.save_sweep(record)
    assert store.sweep(SWEEP.key()) == record


def test_experiments_of_a_sweep_are_listed_apart(store: Store) -> None:
    """A list without a word about sweeps leaves them out; they are found by the sweep's key."""
    own, other = a_record(a_spec()), a_record(a_spec(seed=5), sweep=SWEEP.key())
    store.create(own)
    store.create(other)
    listed = {
        sweep: [row.view.id for row in store.list_experiments(ExperimentQuery(sweep=sweep)).rows]
        for sweep in ("", SWEEP.key(), "unknown", None)
    }
    assert listed == {"": [own.id], SWEEP.key(): [other.id], "unknown": [], None: [other.id, own.id]}
    assert (record := store.record(other.id)) is not None
    assert record.sweep == SWEEP.key()
