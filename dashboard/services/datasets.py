"""Loaded data and who may see it: an uploaded file is visible to its owner and to visitors with its experiment's link."""

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from dashboard import state
from dashboard.held_uploads import Upload
from dashboard.services import singletons
from data.task import TaskData
from data.uploads.inspect import Inspection, Report, describe, digest, inspect
from data.uploads.reading import ReadingChoices
from models.bounded_cache import BoundedCache
from models.errors import GatescopeError
from models.malloc import hand_back_memory
from models.records.results import ExperimentView
from models.spec.cost import flops_per_update
from models.spec.experiment_settings import ExperimentSpec, Options
from models.spec.installation_limits import MEGABYTE
from models.spec.repeats import repeat_data
from models.spec.sizes import DataShape, run_size

_MAX_TASKS = 12
_MAX_FILE_MEGABYTES = 32  # files of which something is cached; that takes about three times as much memory
Made = TypeVar("Made")


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


def inspection(upload: Upload, dataset: str, choices: ReadingChoices) -> Inspection:
    """Inspect an uploaded file.

    Raises:
        DataError: If it cannot be read.
    """
    name, content = upload.name, upload.content
    key = (name, dataset, choices)
    return _made_from(content, upload.digest, key, lambda: inspect(content, name, dataset=dataset, choices=choices))


def report(spec: ExperimentSpec) -> Report | None:
    """Return a report on how a spec uses its uploaded file, or None if it has none.

    Raises:
        DataError: If the file cannot be used with these options.
    """
    given = content(spec)
    if given is None:
        return None
    key = ("report", spec.dataset, spec.options, spec.seed)
    made = partial(describe, spec.dataset, dict(spec.options), given, seed=spec.seed)
    return _made_from(given, _digest_of(spec, given), key, made)


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
    if given is None:
        return _embedded_data(subject, spec)
    return _made_from(given, _digest_of(spec, given), ("data", *subject), lambda: repeat_data(spec, given, own))


def _digest_of(spec: ExperimentSpec, given: bytes) -> str:
    return str(dict(spec.options).get("content") or digest(given))


@st.cache_resource(show_spinner=False, max_entries=_MAX_TASKS)
def _embedded_data(subject: tuple[str, Options, int, str, int], _spec: ExperimentSpec) -> TaskData:
    return repeat_data(_spec, None, subject[-1])


class _FromOneFile:
    """What was made from one uploaded file, for all visitors who may see it."""

    def __init__(self, megabytes: float) -> None:
        self.megabytes = megabytes
        self.made: BoundedCache[Hashable, Any] = BoundedCache(_MAX_TASKS)


def _made_from(content: bytes, name: str, key: Hashable, make: Callable[[], Made]) -> Made:
    """Return what was made from a file, making it if it is missing; the files used least recently are forgotten.

    Args:
        content: The bytes.
        name: Their digest.
        key: What is made.
        make: Makes it.
    """

    def make_and_hand_back() -> Made:
        made = make()
        if len(content) > MEGABYTE:  # reading a file takes several times the memory of what is made from it
            hand_back_memory()
        return made

    file = _files().get_or_make(name, lambda: _FromOneFile(len(content) / MEGABYTE))
    answer: Made = file.made.get_or_make(key, make_and_hand_back)
    return answer


def forget_file(name: str) -> None:
    """Forget what was made from a file, by its digest; whoever still looks at it has it made again."""
    _files().remove(name)
    hand_back_memory()


@st.cache_resource(show_spinner=False)
def _files() -> BoundedCache[str, _FromOneFile]:
    """Cache what was made from files, by their digests: of some megabytes of files together, and of the newest in any case."""
    return BoundedCache(
        _MAX_FILE_MEGABYTES, size_of=lambda file: min(_MAX_FILE_MEGABYTES, max(1, round(file.megabytes)))
    )


def update_flops(view: ExperimentView) -> dict[str, float]:
    """Return each architecture's FLOPs per update of one seed, by formula; none where the data's file is not here."""
    try:
        shape = DataShape.of(task_data(view.spec))
    except GatescopeError:
        return {}
    batch = min(view.spec.batch_size, shape.train.sequences)
    return {
        run.spec.architecture: flops_per_update(run_size(run.spec, shape), shape.train.steps, batch)
        for run in view.runs
    }
