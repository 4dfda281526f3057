"""Copy an experiment with its curves, results, notes, tags and decisions from one store to another."""

from models.records.results import CURVE_COLUMNS, RunView
from models.store.interface import Store


def copy_experiment(source: Store, target: Store, experiment: str) -> None:
    """Copy a final experiment.

    Every step is safe to repeat: after an error, the next call completes the copy.

    Args:
        source: The store that has it; it is not changed.
        target: The store that gets it, or the parts of it that are missing there.
        experiment: Its id.

    Raises:
        StoreError: If one of the stores cannot be read or written.
    """
    view, record = source.view(experiment), source.record(experiment)
    if view is None or record is None:
        return
    target.create(record)
    target.set_baselines(experiment, record.baselines, record.repeat_baselines)
    present = target.view(experiment)
    empty = {run.spec.architecture for run in present.runs if not run.curves} if present else set()
    for run in view.runs:
        _copy_run(target, experiment, run, with_curve=run.spec.architecture in empty)
    known = {note.id for note in target.notes(experiment)}
    for note in source.notes(experiment):
        if note.id not in known:
            target.add_note(experiment, note)
    target.set_tags(experiment, source.tags(experiment))
    kept = target.earlier_decisions(experiment)
    for decision in source.earlier_decisions(experiment):
        if decision not in kept:
            target.set_decision(experiment, decision)
    target.set_decision(experiment, source.decision(experiment))
    target.set_closed(experiment, closed=source.closed(experiment))
    target.set_status(experiment, view.status, view.message)


def _copy_run(target: Store, experiment: str, run: RunView, *, with_curve: bool) -> None:
    name = run.spec.architecture
    if run.result is not None:
        target.save_result(experiment, name, run.result)
        return
    if run.curves and with_curve:
        points = list(zip(*(run.curves[column] for column in CURVE_COLUMNS), strict=True))
        target.append_curve(experiment, name, points)
    target.set_run_status(experiment, name, run.status, attempt=run.attempt, message=run.message)
