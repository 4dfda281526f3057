"""Experiments in memory, and how lists of them are filtered, sorted and summarised."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from models.records.experiment import (
    Decision,
    ExperimentQuery,
    ExperimentRecord,
    ExperimentSummary,
    Note,
    SortBy,
    search_text,
    spec_search_text,
)
from models.records.results import ExperimentView, RunResult, RunView
from models.records.summaries import loss_line, view_without_arrays


@dataclass
class StoredExperiment:
    """An experiment with its notes, tags and decision."""

    record: ExperimentRecord
    view: ExperimentView
    notes: list[Note] = field(default_factory=list)
    decision: Decision | None = None
    tags: tuple[str, ...] = ()
    purge_after: float | None = None


def with_result(run: RunView, result: RunResult) -> RunView:
    """Return a run with its result."""
    update = max((seed.updates for seed in result.seeds), default=0)
    ended = replace(run, spec=result.spec, status=result.status, update=update, attempt=result.attempt)
    return replace(ended, curves=result.curves, result=result, message="")


def matches(kept: StoredExperiment, query: ExperimentQuery) -> bool:
    """Return whether an experiment matches a query."""
    spec, decision = kept.record.spec, kept.decision
    texts = [spec_search_text(spec), *kept.tags, *(search_text(note.text, note.author) for note in kept.notes)]
    if decision is not None:
        texts.append(search_text(decision.question, decision.decision, decision.reason, *decision.options))
    return (
        all(any(word in text for text in texts) for word in query.words())
        and (not query.status or kept.view.status in query.status)
        and (not query.datasets or spec.dataset in query.datasets)
        and (not query.architecture or query.architecture in spec.architectures)
        and (not query.tag or query.tag.casefold() in kept.tags)
        and (query.sweep is None or kept.record.sweep == query.sweep)
        and (query.control is None or kept.record.control in (query.control, ""))
    )


def in_order(found: list[StoredExperiment], query: ExperimentQuery) -> list[StoredExperiment]:
    """Sort, newest first among equals; `found` is in the order of acceptance."""
    keys: dict[SortBy, Callable[[StoredExperiment], str]] = {
        SortBy.DATASET: lambda kept: kept.record.spec.dataset,
        SortBy.ARCHITECTURES: lambda kept: ",".join(kept.record.spec.architectures),
        SortBy.STATUS: lambda kept: kept.view.status,
    }
    newest_first = list(reversed(found))
    if query.sort is SortBy.CREATED:
        return newest_first if query.descending else found
    return sorted(newest_first, key=keys[query.sort], reverse=query.descending)


def summary(kept: StoredExperiment) -> ExperimentSummary:
    """Return an experiment as a row of a list."""
    results = {run.spec.architecture: run.result for run in kept.view.runs if run.result is not None}
    return ExperimentSummary(
        view=view_without_arrays(kept.view),
        created=kept.record.created,
        tags=kept.tags,
        notes=len(kept.notes),
        decision=kept.decision,
        losses={name: loss_line(result.curves) for name, result in results.items()},
        control=kept.record.control,
    )
