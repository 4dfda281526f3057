"""Operations of the Experiments page on the store: list, collect, delete and restore, import."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from dashboard import services, state
from data.repeat_splits import RepeatedData
from data.task import TaskData
from models.analysis.forecast import Forecast, forecast_result
from models.analysis.recompute_answers import with_answers
from models.errors import DataError, StoreError
from models.export.dossier import Dossier
from models.export.experiment_document import from_json, imported_record
from models.records import experiment as records
from models.records.experiment import Decision, ExperimentList, ExperimentQuery, Note
from models.records.results import ExperimentResult, ExperimentView
from models.records.rights import Action, may
from models.spec.experiment_settings import ExperimentSpec
from models.spec.repeats import different_data

LIST_VARIABLE = "GATESCOPE_LIST"
_DELETED = "experiments_deleted"
_MAX_DELETED = 10


def shared() -> bool:
    """Return whether everybody sees everybody's experiments: a team's server, with `GATESCOPE_LIST=all`."""
    return os.environ.get(LIST_VARIABLE) == "all"


def listed(query: ExperimentQuery) -> ExperimentList:
    """Return a page of the experiments that this visitor may see without a link.

    Raises:
        StoreError: If the store cannot be read.
    """
    return services.store().list_experiments(replace(query, control=None if shared() else state.control()))


def gatherer(identity: str, result: ExperimentResult) -> Callable[[], Dossier]:
    """Return a function that collects an experiment with its notes, tags and decision; it needs no session."""
    store = services.store()

    def gather() -> Dossier:
        record = store.record(identity)
        if record is None:
            return Dossier(result=result, id=identity)
        return Dossier(
            result=result,
            id=identity,
            created=record.created,
            notes=store.notes(identity),
            decision=store.decision(identity),
            earlier_decisions=store.earlier_decisions(identity),
            tags=store.tags(identity),
        )

    return gather


def experiment_data(identity: str, spec: ExperimentSpec, repeat: int = 0) -> TaskData:
    """Return the data of one repeat of an experiment, with the file that it was trained on.

    Raises:
        DataError: If that file is missing.
    """
    if not dict(spec.options).get("content"):
        return services.task_data(spec, repeat)
    record = services.store().record(identity)
    return services.data_with(spec, record.content if record else None, repeat)


def experiment_forecast(identity: str, result: ExperimentResult) -> Forecast | None:
    """Return what comes after the last row, with the file that the experiment was trained on; None if nothing is forecast.

    It needs no session.
    """
    record = services.store().record(identity) if dict(result.spec.options).get("content") else None
    with contextlib.suppress(DataError):
        return forecast_result(result, record.content if record else None)
    return None


def experiment_repeats(identity: str, spec: ExperimentSpec) -> RepeatedData:
    """Return the data of all repeats of an experiment; see `experiment_data`."""
    count = different_count(identity, spec)
    tasks = tuple(experiment_data(identity, spec, repeat) for repeat in range(count))
    return RepeatedData(tasks=tasks, numbers=tuple(repeat % count for repeat in range(spec.seeds)))


def different_count(identity: str, spec: ExperimentSpec) -> int:
    """Return how many different sets of data the repeats of an experiment use."""
    record = services.store().record(identity) if dict(spec.options).get("content") else None
    return different_data(spec, experiment_data(identity, spec), record.content if record else None)


def may_delete(identity: str) -> bool:
    """Return whether this browser may delete an experiment."""
    return _may(Action.DELETE, identity)


def delete(view: ExperimentView) -> None:
    """Delete an experiment; it can be restored for a while. One that still trains is stopped.

    Raises:
        StoreError: If this browser did not start it, or if the store cannot be written.
    """
    if not may_delete(view.id):
        raise StoreError("Only the browser that started an experiment can delete it.")
    if not view.final:
        services.engine().stop(view.id)
    delete_kept(view.id)


def may_control_with(control: str) -> bool:
    """Return whether a control token is this browser's."""
    return records.may_control_with(control, state.control())


def may_write(identity: str) -> bool:
    """Return whether this visitor may change notes, tags and the decision; see docs/rights.md."""
    return _may(Action.WRITE, identity)


def may_close(identity: str) -> bool:
    """Return whether this visitor may close an experiment to writing and open it again."""
    return _may(Action.CLOSE, identity)


def _may(action: Action, identity: str) -> bool:
    store = services.store()
    control = store.control(identity)
    if control is None:
        return False
    return may(action, control, state.control(), team=shared(), closed=store.closed(identity))


def set_closed(identity: str, *, closed: bool) -> None:
    """Close an experiment to writing, or open it again.

    Raises:
        StoreError: If this browser did not start it, or if the store cannot be written.
    """
    if not may_close(identity):
        raise StoreError("Only the browser that started an experiment can close it to writing or open it again.")
    services.store().set_closed(identity, closed=closed)


def _require_write(identity: str) -> None:
    if services.store().closed(identity):
        raise StoreError("This experiment is closed to writing; whoever started it can open it again.")
    if not may_write(identity):
        raise StoreError("A link only gives the right to view; only whoever started the experiment can change this.")
    services.use("notes")


def set_tags(identity: str, tags: tuple[str, ...]) -> None:
    """Replace the tags of an experiment.

    Raises:
        StoreError: If this visitor may not, or if the store cannot be written.
        InvalidSpecError: If there are too many.
    """
    _require_write(identity)
    services.store().set_tags(identity, tags)


def add_note(identity: str, note: Note) -> None:
    """Add a note to an experiment.

    Raises:
        StoreError: If this visitor may not, the thread is full, or the store cannot be written.
    """
    _require_write(identity)
    services.store().add_note(identity, note)


def set_decision(identity: str, decision: Decision | None) -> None:
    """Store the decision; None removes it.

    Raises:
        StoreError: If this visitor may not, or if the store cannot be written.
    """
    _require_write(identity)
    services.store().set_decision(identity, decision)


def delete_kept(identity: str) -> None:
    """Delete a stored experiment by its id, readable or not; it can be restored for a while.

    Raises:
        StoreError: If this browser did not start it, or if the store cannot be written.
    """
    if not may_delete(identity):
        raise StoreError("Only the browser that started an experiment can delete it.")
    services.store().delete(identity)
    state.put(_DELETED, [*deleted()[-_MAX_DELETED + 1 :], identity])
    if state.experiment() == identity:
        state.attach(None)


def deleted() -> list[str]:
    """Return the ids that this session deleted and can restore, oldest first."""
    found: list[str] = state.get(_DELETED, [])
    return found


def bring_back(identity: str) -> bool:
    """Undo a deletion of this session; return whether the experiment was still there.

    Raises:
        StoreError: If the store cannot be written.
    """
    if identity not in deleted():
        return False
    back = services.store().undelete(identity)
    state.put(_DELETED, [other for other in deleted() if other != identity])
    return back


def open_file(content: bytes) -> str:
    """Store an exported experiment from a file; return its new id.

    Raises:
        InvalidSpecError: If the file is not an exported experiment or has impossible values.
        StoreError: If it cannot be stored.
    """
    services.use("imports")
    dossier, store = from_json(content), services.store()
    result = dossier.result
    with contextlib.suppress(DataError):  # an export of a visitor's own data does not contain that data
        result = with_answers(result, partial(services.task_data, result.spec))
    record = imported_record(dossier, state.control())
    store.keep(record, result, "Opened from a file; trained elsewhere.")
    for note in dossier.notes:
        store.add_note(record.id, note)
    for decision in (*dossier.earlier_decisions, dossier.decision):
        store.set_decision(record.id, decision)
    store.set_tags(record.id, dossier.tags)
    return record.id
