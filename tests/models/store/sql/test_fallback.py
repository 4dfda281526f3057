"""While the database is unreachable, experiments are kept in memory; they move to it when it is back."""

from collections.abc import Iterator

import pytest

from models.errors import StoreError
from models.records.experiment import Decision, ExperimentQuery, Note
from models.store.interface import Store
from models.store.sql.fallback import FallbackStore
from models.store.sql.in_memory import MemoryStore
from tests.models.records.samples import a_record, a_result, points
from tests.timing import wait_until


class Behind(MemoryStore):
    """A store that can be out of reach."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False

    def __getattribute__(self, name: str) -> object:
        """Fail in every public method while away."""
        if not name.startswith("_") and name not in ("away", "notice") and object.__getattribute__(self, "away"):
            raise StoreError("The database cannot be used now.")
        return object.__getattribute__(self, name)


@pytest.fixture
def behind() -> Behind:
    """The store behind."""
    return Behind()


@pytest.fixture
def store(behind: Behind) -> Iterator[FallbackStore]:
    """A sheltered store whose thread does not interfere."""

    def connect() -> Store:
        if behind.away:
            raise StoreError("The database cannot be used now.")
        return behind

    opened = FallbackStore(connect, retry_seconds=3600.0)
    yield opened
    behind.away = False
    opened.close()


def test_experiment_accepted_while_away_is_moved_whole(store: FallbackStore, behind: Behind) -> None:
    """Curves, results, notes, tags, decision and states arrive once the database is back and the experiment final."""
    behind.away = True
    record = a_record()
    store.create(record)
    store.set_status(record.id, "running")
    store.append_curve(record.id, "gru", points(record.spec))
    store.set_baselines(record.id, {"Mean": {"rmse": 2.0}})
    store.add_note(record.id, Note(text="kept"))
    store.set_tags(record.id, ("a",))
    assert store.unsaved == (record.id,)
    assert "kept only until this server ends" in store.notice
    assert [row.view.id for row in store.list_experiments(ExperimentQuery()).rows] == [record.id]
    behind.away = False
    assert not store.retry()
    store.save_result(record.id, "lstm", a_result(record.runs[0]))
    store.set_run_status(record.id, "gru", "failed", message="broke")
    store.set_decision(record.id, Decision(question="?", decision="LSTM"))
    store.set_status(record.id, "failed", "One run failed.")
    assert store.retry()
    assert (store.unsaved, store.notice) == ((), "")
    view = behind.view(record.id)
    assert (view.status, view.message) == ("failed", "One run failed.")
    assert [run.status for run in view.runs] == ["finished", "failed"]
    assert view.runs[1].update == record.spec.updates
    assert behind.record(record.id).baselines == {"Mean": {"rmse": 2.0}}
    assert behind.record(record.id).control == record.control
    assert [note.text for note in behind.notes(record.id)] == ["kept"]
    assert (behind.tags(record.id), behind.decision(record.id).decision) == (("a",), "LSTM")


def test_what_waits_in_memory_keeps_no_other_experiment_from_the_database(store: FallbackStore, behind: Behind) -> None:
    """One that still trains stays in memory, the next one goes to the database, and the banner says why the first did not."""
    behind.away = True
    first, second = a_record(), a_record()
    store.create(first)
    behind.away = False
    store.create(second)
    assert store.unsaved == (first.id,)
    assert behind.view(second.id) is not None
    assert store.view(first.id) is not None
    assert store.notice.startswith("1 of the latest experiments are kept only until this server ends")
    assert store.notice.endswith("The database cannot be used now.")


def test_move_that_breaks_midway_is_taken_up_again(store: FallbackStore, behind: Behind) -> None:
    """Wherever the move stops, repeating it gives one whole experiment."""
    for step in range(1, 12):
        behind.away = True
        record = a_record()
        store.create(record)
        store.append_curve(record.id, "gru", points(record.spec))
        store.add_note(record.id, Note(text="kept"))
        store.save_result(record.id, "lstm", a_result(record.runs[0]))
        store.set_run_status(record.id, "gru", "stopped")
        store.set_status(record.id, "stopped")
        behind.away = False
        _stop_after(behind, step)
        store.retry()
        vars(behind).pop("create", None)
        _restore(behind)
        assert store.retry(), step
        view = behind.view(record.id)
        assert (view.status, len(behind.notes(record.id))) == ("stopped", 1)
        assert len(view.runs[1].curves["update"]) == len(points(record.spec))


NAMES = (
    "create",
    "set_baselines",
    "view",
    "save_result",
    "append_curve",
    "set_run_status",
    "notes",
    "add_note",
    "set_tags",
    "set_decision",
    "set_status",
)


def _stop_after(behind: Behind, calls: int) -> None:
    """Let a store fail after so many calls."""
    left = [calls]

    def counted(name: str) -> object:
        method = getattr(MemoryStore, name)

        def call(*args: object, **named: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise StoreError("The database cannot be used now.")
            return method(behind, *args, **named)

        return call

    for name in NAMES:
        setattr(behind, name, counted(name))


def _restore(behind: Behind) -> None:
    for name in NAMES:
        vars(behind).pop(name, None)


def test_changes_of_a_saved_experiment_fail_while_away(store: FallbackStore, behind: Behind) -> None:
    """Changes to experiments in the database are not kept in memory: the caller gets the error and tries again."""
    record = a_record()
    store.create(record)
    behind.away = True
    with pytest.raises(StoreError):
        store.save_result(record.id, "lstm", a_result(record.runs[0]))
    behind.away = False
    assert store.save_result(record.id, "lstm", a_result(record.runs[0]))


def test_deleted_in_shelter_stays_deleted(store: FallbackStore, behind: Behind) -> None:
    """What was deleted while away is not moved, and is forgotten when the time for undoing is over."""
    behind.away = True
    record = a_record()
    store.create(record)
    store.set_status(record.id, "finished")
    store.delete(record.id, undo_seconds=-1.0)
    behind.away = False
    assert store.retry()
    assert behind.view(record.id) is None


def test_store_that_was_never_reached_is_tried_again_by_itself() -> None:
    """A database that comes up after the server is found without anybody asking."""
    inner, calls = MemoryStore(), []

    def connect() -> Store:
        calls.append(1)
        if len(calls) < 3:
            raise StoreError("The database cannot be used now.")
        return inner

    store = FallbackStore(connect, retry_seconds=0.01)
    record = a_record()
    store.create(record)
    store.set_status(record.id, "finished")
    wait_until(lambda: not store.unsaved)
    assert inner.view(record.id).status == "finished"
    store.close()


def test_memory_holds_so_many_finished_experiments(
    store: FallbackStore, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the bound the oldest finished one goes; unfinished ones stay."""
    monkeypatch.setattr("models.store.sql.fallback.MAX_IN_MEMORY", 2)
    behind.away = True
    records = [a_record() for _ in range(4)]
    store.create(records[0])
    for record in records[1:]:
        store.create(record)
        store.set_status(record.id, "finished")
    assert store.unsaved == (records[0].id, records[3].id)
    behind.away = False
    assert store.view(records[1].id) is None
    assert store.view(records[0].id) is not None


def test_close_saves_what_is_only_in_memory(
    store: FallbackStore, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that ends while its database is back saves an unfinished experiment as interrupted."""
    behind.away = True
    record = a_record()
    store.create(record)
    behind.away = False
    monkeypatch.setattr(behind, "close", lambda: None)
    store.close()
    assert behind.view(record.id).status == "interrupted"
    monkeypatch.undo()
