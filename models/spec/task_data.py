"""Load the arrays of a spec once per process, and compress uploads for workers."""

import hashlib
import zlib
from dataclasses import replace

from data.catalog import load_repeats
from data.repeat_splits import RepeatedData
from data.task import TaskData
from data.uploads.decode import LARGEST_BYTES
from models.bounded_cache import BoundedCache
from models.errors import DataError
from models.spec.deciding_metric import for_loss
from models.spec.experiment_settings import ExperimentSpec
from models.spec.repeats import repeat_data

_MAX_TASKS = 2


_LOADED: BoundedCache[tuple[object, ...], TaskData] = BoundedCache(_MAX_TASKS)  # runs of one experiment load it once
_REPEATED: BoundedCache[tuple[object, ...], RepeatedData] = BoundedCache(1)  # one may take up to 256 MB


def task_data(spec: ExperimentSpec, content: bytes | None = None, repeat: int = 0) -> TaskData:
    """Return the arrays of one repeat of a spec; runs share them, so do not modify them.

    Raises:
        DataError: If the options leave too little data.
    """
    own = repeat if spec.resampling == "data" else 0
    return _LOADED.get_or_make((*_data_key(spec, content), own), lambda: repeat_data(spec, content, repeat))


def repeated_data(spec: ExperimentSpec, content: bytes | None = None) -> RepeatedData:
    """Return the data of all repeats of a spec; runs share them, so do not modify them.

    Raises:
        DataError: If the options leave too little data.
    """
    if spec.resampling == "start":
        return RepeatedData.shared(task_data(spec, content), spec.seeds)

    def load() -> RepeatedData:
        made = load_repeats(spec.source(), spec.dataset_options(), spec.seed, repeats=spec.seeds, content=content)
        return replace(made, tasks=tuple(for_loss(spec, task) for task in made.tasks))

    return _REPEATED.get_or_make((*_data_key(spec, content), spec.seeds), load)


def _data_key(spec: ExperimentSpec, content: bytes | None) -> tuple[object, ...]:
    digest = None if content is None else hashlib.sha256(content).digest()
    return spec.dataset, spec.options, spec.seed, spec.resampling, spec.loss, digest


def deflate(content: bytes | None) -> bytes | None:
    """Compress an upload for transfer to a worker."""
    return None if content is None else zlib.compress(content, 1)


def inflate(content: bytes | None) -> bytes | None:
    """Undo `deflate`.

    Raises:
        DataError: If the result is larger than any upload may be.
    """
    if content is None:
        return None
    unpacking = zlib.decompressobj()
    whole = unpacking.decompress(content, LARGEST_BYTES + 1)
    if len(whole) > LARGEST_BYTES:
        raise DataError(f"The file is larger than {LARGEST_BYTES // 2**20} MB, the largest size that can be read.")
    return whole
