"""The database fails once, at every possible place, and nothing is lost or doubled."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from models.errors import StoreError
from models.records.experiment import Decision, ExperimentRecord, Note
from models.store.sql import SqlStore
from tests.models.records.samples import a_record, a_result, points

Connect = Callable[..., SqlStore]


class Trouble:
    """Makes the n-th statement or commit of a database fail once.

    Args:
        store: Whose database.
        after: Whether a commit fails after it was done: the answer is lost, not the change.
    """

    def __init__(self, store: SqlStore, *, after: bool) -> None:
        self.countdown = 0
        self._after = after
        engine = store._database.engine
        sqlite = engine.dialect.name == "sqlite"
        self._error = sqlite3.OperationalError if sqlite else psycopg.OperationalError
        event.listen(engine, "before_cursor_execute", lambda *_: self._count())
        commit = engine.dialect.do_commit

        def do_commit(connection: Any) -> None:
            if not after:
                self._count()
            commit(connection)
            if after:
                self._count()

        engine.dialect.do_commit = do_commit

    def _count(self) -> None:
        self.countdown -= 1
        if self.countdown == 0:
            raise self._error("server closed the connection unexpectedly (injected)")

    @contextmanager
    def at(self, number: int) -> Iterator[None]:
        """Fail at the n-th operation from now."""
        self.countdown = number
        yield
        self.happened = self.countdown <= 0
        self.countdown = 0


def live_a_life(store: SqlStore, record: ExperimentRecord) -> list[object]:
    """Do everything once; return the answers."""
    name, result = record.id, a_result(record.runs[0])
    store.create(record)
    answers: list[object] = [store.set_status(name, "running"), store.set_run_status(name, "lstm", "running")]
    for first in range(2):
        store.append_curve(name, "gru", points(record.spec, first, 1))
    store.set_baselines(name, {"Mean": {"rmse": 1.0}})
    answers += [store.save_result(name, "lstm", result), store.set_run_status(name, "gru", "failed", message="broke")]
    answers += [store.set_status(name, "failed"), store.set_status(name, "finished")]
    store.add_note(name, Note(text="one"))
    store.set_tags(name, ("a", "b"))
    store.set_decision(name, Decision(question="which", decision="none"))
    return [*answers, store.delete(name), store.undelete(name)]


def trace(store: SqlStore, record: ExperimentRecord) -> list[object]:
    """Return what is kept of an experiment, in a form that can be compared."""
    view, kept = store.view(record.id), store.record(record.id)
    runs = [(run.status, run.update, len(run.curves["update"]), run.message, run.result is None) for run in view.runs]
    notes = [note.text for note in store.notes(record.id)]
    return [view.status, runs, kept.baselines, notes, store.tags(record.id), store.decision(record.id).decision]


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "answer lost"])
def test_one_failure_anywhere_changes_nothing(connect: Connect, after: bool) -> None:
    """Wherever one operation fails, the answers and what is kept are those of a day without trouble."""
    store = connect()
    calm = a_record()
    answers = live_a_life(store, calm)
    assert answers == [True, True, True, True, True, False, True, True]
    expected, trouble, number = trace(store, calm), Trouble(store, after=after), 0
    trouble.happened = True
    while trouble.happened:
        number += 1
        record = a_record()
        with trouble.at(number):
            assert live_a_life(store, record) == answers
        assert trace(store, record) == expected, f"operation {number}"
    assert number > 40


def test_lasting_failure_is_one_sentence_and_changes_nothing(connect: Connect) -> None:
    """When every try fails, the caller gets a sentence without addresses, and later all works again."""
    store = connect()
    record = a_record()
    store.create(record)
    store._database.write_patience = 0.05
    commit = store._database.engine.dialect.do_commit
    error = type(Trouble(store, after=False)._error("x"))

    def broken(_connection: Any) -> None:
        raise error("connection to host db.internal lost")

    store._database.engine.dialect.do_commit = broken
    with pytest.raises(StoreError, match=r"^The database of experiments cannot be used now \(it cannot be reached\)"):
        store.save_result(record.id, "lstm", a_result(record.runs[0]))
    store._database.engine.dialect.do_commit = commit
    store._database._down_until = 0.0
    assert store.view(record.id).runs[0].status == "queued"
    assert store.save_result(record.id, "lstm", a_result(record.runs[0]))


def test_reads_fail_at_once_after_a_failure(connect: Connect) -> None:
    """While the database is away, pages do not wait for it one after the other."""
    store = connect()
    store._database.read_patience = 0.0
    trouble = Trouble(store, after=False)
    record = a_record()
    store.create(record)
    with trouble.at(1), pytest.raises(StoreError):
        store.view(record.id)
    with pytest.raises(StoreError):
        store.view(record.id)
    store._database._down_until = 0.0
    assert store.view(record.id) is not None
