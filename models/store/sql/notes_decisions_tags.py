"""The part of the SQL store that keeps notes, decisions and tags."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from models.errors import StoreError
from models.records import untrusted_values
from models.records.experiment import (
    MAX_EARLIER_DECISIONS,
    MAX_NOTES,
    MAX_OPTIONS,
    Decision,
    Note,
    clean_tags,
    search_text,
    valid_id,
)
from models.store.sql import codec, rows, schema
from models.store.sql.database import Answer, Database


class NotesDecisionsTags:
    """Keeps what people write about experiments. See `models.store.interface.Store` for the methods."""

    _database: Database

    def add_note(self, experiment: str, note: Note) -> None:
        """See `Store.add_note`."""
        table = schema.note

        def work(connection: Connection) -> None:
            if connection.execute(select(table.c.number).where(table.c.id == note.id)).first():
                return
            count = select(func.count()).where(table.c.experiment == experiment)
            if connection.execute(count).scalar_one() >= MAX_NOTES:
                raise StoreError(f"This experiment already has {MAX_NOTES} notes; put the conclusion in its decision.")
            values = {"id": note.id, "experiment": experiment, "author": note.author, "text": note.text}
            values |= {"created": note.created.isoformat(), "folded": search_text(note.text, note.author)}
            connection.execute(insert(table).values(values))

        self._change(experiment, work)

    def notes(self, experiment: str) -> tuple[Note, ...]:
        """See `Store.notes`."""
        table = schema.note
        chosen = select(table).where(table.c.experiment == experiment).order_by(table.c.number)
        return tuple(_note(row) for row in self._rows(experiment, chosen))

    def set_decision(self, experiment: str, decision: Decision | None) -> None:
        """See `Store.set_decision`."""
        table = schema.decision

        def work(connection: Connection) -> None:
            present = connection.execute(select(table.c.record).where(table.c.experiment == experiment)).scalar()
            if present is not None and (decision is None or present != decision_to_json(decision)):
                _keep_earlier(connection, experiment, present)
            connection.execute(delete(table).where(table.c.experiment == experiment))
            if decision is None:
                return
            texts = (decision.question, decision.decision, decision.reason, *decision.options)
            values = {"experiment": experiment, "record": decision_to_json(decision), "folded": search_text(*texts)}
            connection.execute(insert(table).values(values))

        self._change(experiment, work)

    def decision(self, experiment: str) -> Decision | None:
        """See `Store.decision`."""
        table = schema.decision
        found = self._rows(experiment, select(table.c.record).where(table.c.experiment == experiment))
        return decision_from_json(found[0].record) if found else None

    def earlier_decisions(self, experiment: str) -> tuple[Decision, ...]:
        """See `Store.earlier_decisions`."""
        table = schema.earlier_decision
        chosen = select(table.c.record).where(table.c.experiment == experiment).order_by(table.c.number)
        return tuple(decision_from_json(row.record) for row in self._rows(experiment, chosen))

    def set_closed(self, experiment: str, *, closed: bool) -> None:
        """See `Store.set_closed`."""
        table = schema.experiment
        change = update(table).where(table.c.id == experiment).values(closed=int(closed))
        self._change(experiment, lambda connection: connection.execute(change))

    def closed(self, experiment: str) -> bool:
        """See `Store.closed`."""
        table = schema.experiment
        found = self._rows(experiment, select(table.c.closed).where(table.c.id == experiment))
        return bool(found and found[0].closed)

    def set_tags(self, experiment: str, tags: tuple[str, ...]) -> None:
        """See `Store.set_tags`."""
        table, names = schema.tag, clean_tags(tags)

        def work(connection: Connection) -> None:
            connection.execute(delete(table).where(table.c.experiment == experiment))
            if names:
                connection.execute(insert(table), [{"experiment": experiment, "name": name} for name in names])

        self._change(experiment, work)

    def tags(self, experiment: str) -> tuple[str, ...]:
        """See `Store.tags`."""
        table = schema.tag
        chosen = select(table.c.name).where(table.c.experiment == experiment).order_by(table.c.name)
        with rows.reading("A stored tag"):
            return read_tags(row.name for row in self._rows(experiment, chosen))

    def _change(self, experiment: str, work: Callable[[Connection], Answer]) -> Answer:
        """Change data of an existing experiment, one change at a time."""

        def checked(connection: Connection) -> Answer:
            table = schema.experiment
            chosen = select(table.c.number).where(table.c.id == experiment).with_for_update()
            if connection.execute(chosen).first() is None:
                raise rows.missing(experiment)
            return work(connection)

        rows.check_id(experiment)
        return self._database.write(checked)

    def _rows(self, experiment: str, chosen: Select[Any]) -> list[Row[Any]]:
        """Read data of an experiment that is not deleted."""
        if not valid_id(experiment):
            return []

        def work(connection: Connection) -> list[Row[Any]]:
            return list(connection.execute(chosen)) if rows.visible(connection, experiment) is not None else []

        return self._database.read(work)


def _keep_earlier(connection: Connection, experiment: str, record: str) -> None:
    table = schema.earlier_decision
    count = select(func.count()).where(table.c.experiment == experiment)
    if connection.execute(count).scalar_one() >= MAX_EARLIER_DECISIONS:
        raise StoreError(f"The decision was already changed {MAX_EARLIER_DECISIONS} times; add a note instead.")
    connection.execute(insert(table).values(experiment=experiment, record=record))


def _note(row: Row[Any]) -> Note:
    """Return a stored note, or a note that says that it cannot be read."""
    try:
        with rows.reading("This note"):
            return Note(
                text=row.text, author=row.author, created=untrusted_values.moment(row.created, "The date"), id=row.id
            )
    except StoreError as error:
        return Note(text=str(error), id=str(row.id))


def decision_to_json(decision: Decision) -> str:
    """Return a decision as JSON."""
    return codec.to_json(asdict(decision) | {"decided": decision.decided.isoformat()})


def read_tags(stored: Iterable[object]) -> tuple[str, ...]:
    """Return stored tags in order.

    Raises:
        InvalidSpecError: If one is no text; a database takes anything.
    """
    return tuple(sorted(untrusted_values.name(tag, "A tag") for tag in stored))


def decision_from_json(text: str) -> Decision:
    """Read a decision that `decision_to_json` wrote.

    Raises:
        StoreError: If it cannot be read.
    """
    with rows.reading("A stored decision"):
        plain = dict(untrusted_values.mapping(untrusted_values.load_json(text), "A decision"))
        options = tuple(untrusted_values.sequence(plain["options"], "The options", most=MAX_OPTIONS))
        return Decision(
            **plain | {"options": options, "decided": untrusted_values.moment(plain["decided"], "The date")}
        )
