"""The part of the SQL store for lists, notes, decisions, tags and deletion."""

import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, or_, select, update

from models.errors import StoreError
from models.records import untrusted_values
from models.records.experiment import (
    MAX_NOTES,
    MAX_OPTIONS,
    SPARKLINE,
    UNDO_SECONDS,
    Decision,
    ExperimentList,
    ExperimentQuery,
    ExperimentSummary,
    Note,
    SortBy,
    UnreadableExperiment,
    clean_tags,
    search_text,
    valid_id,
)
from models.records.results import FINAL, ExperimentView
from models.store.sql import codec, rows, schema
from models.store.sql.database import Answer, Database
from models.store.sql.janitor import purge

LARGEST_LOSS = sys.float_info.max
_SORTED_BY = {
    SortBy.CREATED: schema.experiment.c.number,
    SortBy.DATASET: schema.experiment.c.dataset,
    SortBy.ARCHITECTURES: schema.experiment.c.architectures,
    SortBy.STATUS: schema.experiment.c.status,
}


class Listing:
    """Lists and annotates experiments. See `models.store.interface.Store` for the methods."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_experiments(self, query: ExperimentQuery) -> ExperimentList:
        """See `Store.list_experiments`."""

        def work(connection: Connection) -> ExperimentList:
            chosen = _filtered(query)
            total = connection.execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
            found = connection.execute(_ordered(chosen, query).limit(query.limit).offset(query.offset)).all()
            read = [_read(connection, row) for row in found]
            kept = tuple(one for one in read if isinstance(one, ExperimentSummary))
            odd = tuple(one for one in read if isinstance(one, UnreadableExperiment))
            return ExperimentList(rows=kept, total=total, unreadable=odd)

        return self._database.read(work)

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
        return tuple(row.name for row in self._rows(experiment, chosen))

    def delete(self, experiment: str, *, undo_seconds: float = UNDO_SECONDS) -> bool:
        """See `Store.delete`."""
        table, until = schema.experiment, time.time() + undo_seconds

        def work(connection: Connection) -> bool:
            chosen = update(table).where(table.c.id == experiment).values(purge_after=until)
            present = connection.execute(
                select(table.c.purge_after).where(table.c.id == experiment).with_for_update()
            ).first()
            if present is None or present.purge_after not in (None, until):
                return False
            return connection.execute(chosen).rowcount > 0

        return valid_id(experiment) and self._database.write(work)

    def undelete(self, experiment: str) -> bool:
        """See `Store.undelete`."""
        table = schema.experiment
        seen = False  # a first attempt whose answer was lost may already have undone the deletion

        def work(connection: Connection) -> bool:
            nonlocal seen
            purge(connection)
            row = connection.execute(
                select(table.c.purge_after).where(table.c.id == experiment).with_for_update()
            ).first()
            if row is None or (row.purge_after is None and not seen):
                return False
            seen = True
            connection.execute(update(table).where(table.c.id == experiment).values(purge_after=None))
            return True

        return valid_id(experiment) and self._database.write(work)

    def purge(self) -> int:
        """See `Store.purge`."""
        return self._database.write(purge)

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


def _losses(text: str) -> tuple[float, ...]:
    line = untrusted_values.sequence(untrusted_values.load_json(text), "The loss curve of a list", most=SPARKLINE)
    return tuple(untrusted_values.real(value, -LARGEST_LOSS, LARGEST_LOSS, "A loss") for value in line)


def _filtered(query: ExperimentQuery) -> Select[Any]:
    table, tag = schema.experiment, schema.tag
    chosen = select(table).where(table.c.purge_after.is_(None))
    for word in query.words():
        chosen = chosen.where(_contains(word))
    if query.status:
        chosen = chosen.where(table.c.status.in_(query.status))
    if query.datasets:
        chosen = chosen.where(table.c.dataset.in_(query.datasets))
    if query.architecture:
        architecture = schema.run.c.architecture == query.architecture
        chosen = chosen.where(_exists(schema.run, architecture))
    if query.tag:
        chosen = chosen.where(_exists(tag, tag.c.name == query.tag.casefold()))
    if query.sweep is not None:
        chosen = chosen.where(table.c.sweep == query.sweep)
    if query.control is not None:
        chosen = chosen.where(table.c.control.in_((query.control, "")))
    return chosen


def _contains(word: str) -> ColumnElement[bool]:
    """Return the condition that a word occurs anywhere; `%` and `_` are literal."""
    return or_(
        schema.experiment.c.folded.contains(word, autoescape=True),
        _exists(schema.tag, schema.tag.c.name.contains(word, autoescape=True)),
        _exists(schema.note, schema.note.c.folded.contains(word, autoescape=True)),
        _exists(schema.decision, schema.decision.c.folded.contains(word, autoescape=True)),
    )


def _exists(table: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    belongs = table.c.experiment == schema.experiment.c.id
    return select(table.c.experiment).where(belongs, condition).correlate(schema.experiment).exists()


def _ordered(chosen: Select[Any], query: ExperimentQuery) -> Select[Any]:
    column, newest = _SORTED_BY[query.sort], schema.experiment.c.number.desc()
    first = column.desc() if query.descending else column.asc()
    return chosen.order_by(first) if query.sort is SortBy.CREATED else chosen.order_by(first, newest)


def _read(connection: Connection, row: Row[Any]) -> ExperimentSummary | UnreadableExperiment:
    """Return a row of a list, or the reason why it cannot be read, so that one bad experiment does not hide the others."""
    try:
        with rows.reading("It"):
            return _summary(connection, row)
    except StoreError as error:
        return UnreadableExperiment(id=str(row.id), control=str(row.control), reason=str(error))


def _summary(connection: Connection, row: Row[Any]) -> ExperimentSummary:
    spec, found = rows.read_spec(row.spec), rows.runs_of(connection, row.id)
    runs = tuple(
        rows.read_run_view(
            run,
            spec,
            result=None
            if run.result is None
            else codec.result_from_plain(untrusted_values.load_json(run.result), spec),
        )
        for run in found
    )
    result = rows.experiment_result(row, spec, runs, FINAL)
    tags = connection.execute(select(schema.tag.c.name).where(schema.tag.c.experiment == row.id))
    notes = connection.execute(select(func.count()).where(schema.note.c.experiment == row.id)).scalar_one()
    decision = connection.execute(
        select(schema.decision.c.record).where(schema.decision.c.experiment == row.id)
    ).scalar()
    return ExperimentSummary(
        view=ExperimentView(id=row.id, spec=spec, runs=runs, result=result, **rows.read_status(row)),
        created=untrusted_values.moment(row.created, "The date"),
        tags=tuple(sorted(tags.scalars())),
        notes=notes,
        decision=None if decision is None else decision_from_json(decision),
        losses={run.architecture: _losses(run.losses) for run in found if run.result is not None},
        control=row.control,
    )
