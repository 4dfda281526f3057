"""Loaded data and who may see it: an uploaded file is visible to its owner and to visitors with its experiment's link."""

import streamlit as st

from dashboard import state
from dashboard.services import singletons
from data.task import TaskData
from data.uploads.inspect import Inspection, Report, describe, digest, inspect
from data.uploads.reading import ReadingChoices
from models.records.results import ExperimentView
from models.spec.cost import flops_per_update
from models.spec.experiment_settings import ExperimentSpec, Options
from models.spec.repeats import repeat_data
from models.spec.sizes import DataShape, run_size

_MAX_TASKS = 12
_MAX_UPLOADS = 8


def content(spec: ExperimentSpec) -> bytes | None:
    """Return the uploaded file that a spec uses, if this visitor may see it.

    That is this session's file, or the file of the experiment whose link was opened.
    """
    expected = dict(spec.options).get("content")
    if not expected:
        return None
    kept = state.upload()
    if kept is not None and kept.digest == expected:
        return kept.content
    shown = state.experiment()
    record = singletons.store().record(shown) if shown else None
    return record.content if record and record.content and digest(record.content) == expected else None


def lacks_file(spec: ExperimentSpec) -> bool:
    """Return whether a spec needs an uploaded file and none was uploaded yet."""
    return spec.source().family == "own" and not dict(spec.options).get("content")


def inspection(name: str, dataset: str, choices: ReadingChoices, *, content: bytes) -> Inspection:
    """Inspect an uploaded file.

    Raises:
        DataError: If it cannot be read.
    """
    return _inspection(digest(content), name, dataset, choices, content)


@st.cache_resource(show_spinner=False, max_entries=_MAX_UPLOADS)
def _inspection(key: str, name: str, dataset: str, choices: ReadingChoices, _content: bytes) -> Inspection:
    return inspect(_content, name, dataset=dataset, choices=choices)


def report(spec: ExperimentSpec) -> Report | None:
    """Return a report on how a spec uses its uploaded file, or None if it has none.

    Raises:
        DataError: If the file cannot be used with these options.
    """
    given = content(spec)
    return _report(spec.dataset, spec.options, spec.seed, given) if given is not None else None


@st.cache_resource(show_spinner=False, max_entries=_MAX_UPLOADS)
def _report(dataset: str, options: Options, seed: int, _content: bytes) -> Report:
    return describe(dataset, dict(options), _content, seed=seed)


def task_data(spec: ExperimentSpec, repeat: int = 0) -> TaskData:
    """Return the arrays of one repeat of a spec; they are shared, so do not modify them.

    Args:
        spec: The settings.
        repeat: The repeat; 0 has the newest stretch of a series.

    Raises:
        DataError: If the options leave too little data, or their file is missing.
    """
    return data_with(spec, content(spec), repeat)


def data_with(spec: ExperimentSpec, given: bytes | None, repeat: int = 0) -> TaskData:
    """Return the arrays of one repeat of a spec for a given file; see `task_data`.

    Raises:
        DataError: If the options leave too little data, or the file is missing.
    """
    own = repeat if spec.resampling == "data" else 0
    subject = (spec.dataset, spec.options, spec.seed, spec.resampling, own)
    return _task_data(subject, given is not None, spec, given)


@st.cache_resource(show_spinner=False, max_entries=_MAX_TASKS)
def _task_data(
    subject: tuple[str, Options, int, str, int], present: bool, _spec: ExperimentSpec, _content: bytes | None
) -> TaskData:
    """Load data; `present` separates the cache for visitors without the file from that of those who have it."""
    return repeat_data(_spec, _content, subject[-1])


def update_flops(view: ExperimentView) -> dict[str, float]:
    """Return each architecture's FLOPs per update of one seed, by formula."""
    shape = DataShape.of(task_data(view.spec))
    batch = min(view.spec.batch_size, shape.train.sequences)
    return {
        run.spec.architecture: flops_per_update(run_size(run.spec, shape), shape.train.steps, batch)
        for run in view.runs
    }
