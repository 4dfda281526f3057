"""The part of the SQL store that lists experiments: search, filters, order, and one summary per row."""

import sys
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select

from models.errors import StoreError
from models.records import untrusted_values
from models.records.experiment import (
    SPARKLINE,
    ExperimentList,
    ExperimentQuery,
    ExperimentSummary,
    SortBy,
    UnreadableExperiment,
)
from models.records.results import FINAL, ExperimentView
from models.store.sql import codec, rows, schema
from models.store.sql.database import Database
from models.store.sql.notes_decisions_tags import decision_from_json, read_tags

MAX_LOSS = sys.float_info.max
_SORTED_BY = {
    SortBy.CREATED: schema.experiment.c.number,
    SortBy.DATASET: schema.experiment.c.dataset,
    SortBy.ARCHITECTURES: schema.experiment.c.architectures,
    SortBy.STATUS: schema.experiment.c.status,
}


class ExperimentLists:
    """Lists experiments. See `models.store.interface.Store` for the methods."""

    _database: Database

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


def _losses(text: str) -> tuple[float, ...]:
    line = untrusted_values.sequence(untrusted_values.load_json(text), "The loss curve of a list", most=SPARKLINE)
    return tuple(untrusted_values.real(value, -MAX_LOSS, MAX_LOSS, "A loss") for value in line)


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
        tags=read_tags(tags.scalars()),
        notes=notes,
        decision=None if decision is None else decision_from_json(decision),
        losses={run.architecture: _losses(run.losses) for run in found if run.result is not None},
        control=row.control,
    )
