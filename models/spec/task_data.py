"""Load the arrays of a spec once per process, and compress uploads for workers."""

import hashlib
import zlib

from data.task import TaskData
from data.uploads.decode import LARGEST_BYTES
from models.bounded_cache import BoundedCache
from models.errors import DataError
from models.spec.experiment import ExperimentSpec

_MAX_TASKS = 4


_LOADED: BoundedCache[tuple[object, ...], TaskData] = BoundedCache(_MAX_TASKS)  # runs of one experiment load it once


def task_data(spec: ExperimentSpec, content: bytes | None = None) -> TaskData:
    """Return the arrays of a spec's dataset; runs share them, so do not modify them.

    Raises:
        DataError: If the options leave too little data.
    """
    digest = None if content is None else hashlib.sha256(content).digest()
    key = (spec.dataset, spec.options, spec.seed, digest)
    return _LOADED.get_or_make(key, lambda: spec.source().load(spec.dataset_options(), spec.seed, content))


def deflate(content: bytes | None) -> bytes | None:
    """Compress an upload for transfer to a worker."""
    return None if content is None else zlib.compress(content, 1)


def inflate(content: bytes | None) -> bytes | None:
    """Undo `deflate`.

    Raises:
        DataError: If it is larger than any upload may be.
    """
    if content is None:
        return None
    unpacking = zlib.decompressobj()
    whole = unpacking.decompress(content, LARGEST_BYTES + 1)
    if len(whole) > LARGEST_BYTES:
        raise DataError(f"The file is larger than {LARGEST_BYTES // 2**20} MB, the most that is read.")
    return whole
