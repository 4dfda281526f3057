"""Two servers on one database that do anything in any order, beside a model that fits on a page."""

from dataclasses import dataclass, field

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule
from sqlalchemy import Connection, delete, inspect

from models.records.experiment import Decision, ExperimentQuery, ExperimentRecord, Note
from models.records.results import FINAL
from models.store.sql import SqlStore, schema
from models.store.sql.database import Database
from tests.models.records.samples import a_record, a_result, points
from tests.models.store.sql.servers import Processes

ARCHITECTURES = st.sampled_from(["lstm", "gru"])
WHICH = st.integers(0, 1)


@dataclass
class Run:
    """What a run must look like."""

    status: str = "queued"
    attempt: int = 1
    rows: int = 0
    draw: int | None = None


@dataclass
class Kept:
    """What an experiment must look like."""

    record: ExperimentRecord
    server: int
    status: str = "queued"
    runs: dict[str, Run] = field(default_factory=lambda: {"lstm": Run(), "gru": Run()})
    notes: list[str] = field(default_factory=list)
    tags: tuple[str, ...] = ()
    decision: str | None = None
    deleted: bool = False

    def interrupt(self) -> None:
        """End what is not final."""
        for part in (self, *self.runs.values()):
            if part.status not in FINAL:
                part.status = "interrupted"


class StoreMachine(RuleBasedStateMachine):
    """Every rule does one thing to store and model alike, then compares the experiment through either server."""

    experiments = Bundle("experiments")
    databases: tuple[Database, Database]  # kept for all lives, because compiled statements are kept with them

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.processes = Processes(self.patch)
        if inspect(self.databases[0].engine).has_table("experiment"):
            self.databases[0].write(_empty)
        self.kept: dict[str, Kept] = {}
        self.owners = [self.processes.start(), self.processes.start()]
        self.stores = [self.open(0), self.open(1)]

    def open(self, server: int) -> SqlStore:
        """Open the store of a server."""
        return SqlStore(self.databases[server], owner=self.owners[server], watch=False)

    def teardown(self) -> None:
        """Compare everything once more, then clean up."""
        try:
            for name in self.kept:
                self.compare(name)
            self.compare_list()
        finally:
            for store in self.stores:
                store.close()
            self.patch.undo()

    def compare(self, name: str) -> None:
        """Hold an experiment in the store against the model."""
        model = self.kept[name]
        store = self.stores[len(model.notes) % 2]
        view = store.view(name)
        if model.deleted:
            assert view is None
            assert store.notes(name) == ()
            return
        assert view.status == model.status
        for run in view.runs:
            expected = model.runs[run.spec.architecture]
            assert (run.status, run.attempt) == (expected.status, expected.attempt)
            assert (None if run.result is None else run.result.seeds[0].test_metrics["rmse"]) == _score(expected)
            assert len(run.curves.get("update", ())) == expected.rows
        assert [note.text for note in store.notes(name)] == model.notes
        assert store.tags(name) == model.tags
        decided = store.decision(name)
        assert (decided.decision if decided else None) == model.decision

    def compare_list(self) -> None:
        """Hold the list against the model."""
        visible = [name for name, model in self.kept.items() if not model.deleted]
        found = self.stores[0].list_experiments(ExperimentQuery(limit=200))
        assert [row.view.id for row in found.rows] == visible[::-1]
        assert found.total == len(visible)

    @initialize(target=experiments, count=st.integers(1, 2))
    def begin(self, count: int) -> object:
        """Begin with something, so that every rule has a meaning."""
        return multiple(*(self.create(server) for server in range(count)))

    @rule(target=experiments, server=WHICH)
    def create(self, server: int) -> str:
        """Accept an experiment."""
        record = a_record()
        self.stores[server].create(record)
        self.kept[record.id] = Kept(record=record, server=server)
        self.compare(record.id)
        return record.id

    @rule(name=experiments, status=st.sampled_from(["running", "finished", "stopped", "diverged", "failed"]))
    def set_status(self, name: str, status: str) -> None:
        """Set the status of the whole."""
        model = self.kept[name]
        changed = self.stores[model.server].set_status(name, status)
        assert changed == (model.status not in FINAL)
        if changed:
            model.status = status
        self.compare(name)

    @rule(
        name=experiments,
        which=ARCHITECTURES,
        status=st.sampled_from(["running", "stopped", "failed"]),
        again=st.booleans(),
    )
    def set_run_status(self, name: str, which: str, status: str, again: bool) -> None:
        """Set a run's status, perhaps of a new attempt."""
        model = self.kept[name]
        run = model.runs[which]
        attempt = run.attempt + again
        changed = self.stores[model.server].set_run_status(name, which, status, attempt=attempt)
        assert changed == (run.status not in FINAL)
        if changed:
            run.status, run.attempt, run.rows = status, attempt, 0 if again else run.rows
        self.compare(name)

    @rule(name=experiments, which=ARCHITECTURES, count=st.integers(0, 3))
    def progress(self, name: str, which: str, count: int) -> None:
        """Add points to a curve."""
        model = self.kept[name]
        rows = points(model.record.spec, 0, count)
        self.stores[model.server].append_curve(name, which, rows)
        if model.runs[which].status not in FINAL:
            model.runs[which].rows += len(rows)
        self.compare(name)

    @rule(name=experiments, which=ARCHITECTURES, draw=st.integers(0, 99))
    def save(self, name: str, which: str, draw: int) -> None:
        """Save a result."""
        model = self.kept[name]
        planned = next(run for run in model.record.runs if run.architecture == which)
        result, run = a_result(planned, draw=draw), model.runs[which]
        changed = self.stores[model.server].save_result(name, which, result)
        assert changed == (run.status not in FINAL)
        if changed:
            run.status, run.attempt, run.draw = "finished", result.attempt, draw
            run.rows = len(result.curves["update"])
        self.compare(name)

    @rule(name=experiments, server=WHICH, text=st.sampled_from(["one", "zwei\nLinien", "<b>", "'; --"]))
    def note(self, name: str, server: int, text: str) -> None:
        """Add a note, through any server."""
        self.stores[server].add_note(name, Note(text=text))
        self.kept[name].notes.append(text)
        self.compare(name)

    @rule(name=experiments, server=WHICH, tags=st.sets(st.sampled_from(["a", "b", "c"])))
    def tag(self, name: str, server: int, tags: set[str]) -> None:
        """Replace the tags, through any server."""
        self.stores[server].set_tags(name, tuple(tags))
        self.kept[name].tags = tuple(sorted(tags))
        self.compare(name)

    @rule(name=experiments, server=WHICH, text=st.sampled_from(["LSTM", "GRU", None]))
    def decide(self, name: str, server: int, text: str | None) -> None:
        """Record a decision or take it back, through any server."""
        self.stores[server].set_decision(name, Decision(question="?", decision=text) if text else None)
        self.kept[name].decision = text
        self.compare(name)

    @rule(name=experiments, server=WHICH)
    def delete(self, name: str, server: int) -> None:
        """Delete, to be undone or not."""
        assert self.stores[server].delete(name) == (not self.kept[name].deleted)
        self.kept[name].deleted = True
        assert self.stores[server].purge() == 0
        self.compare(name)

    @rule(name=experiments, server=WHICH)
    def undo(self, name: str, server: int) -> None:
        """Bring a deleted experiment back."""
        assert self.stores[server].undelete(name) == self.kept[name].deleted
        self.kept[name].deleted = False
        self.compare(name)

    @rule(server=WHICH, orderly=st.booleans())
    def restart(self, server: int, orderly: bool) -> None:
        """Let a server end or be killed, and start another one in its place."""
        if orderly:
            self.stores[server].close()
        else:
            self.databases[server].close()
        self.processes.kill(self.owners[server])
        self.owners[server] = self.processes.start()
        self.stores[server] = self.open(server)
        for name, model in self.kept.items():
            if model.server == server:
                model.interrupt()
                self.compare(name)
        self.compare_list()


def _empty(connection: Connection) -> None:
    for table in (schema.experiment, schema.lease):
        connection.execute(delete(table))


def _score(run: Run) -> float | None:
    return None if run.draw is None else 0.5 + run.draw / 1000
