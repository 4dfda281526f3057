"""Load the arrays of a spec once per process, and compress uploads for workers."""

import hashlib
import threading
import zlib
from collections import OrderedDict

from data.task import TaskData
from data.uploads.decode import LARGEST_BYTES
from models.errors import DataError
from models.malloc import hand_back_memory
from models.spec.experiment import ExperimentSpec

_MAX_TASKS = 4


class _Tasks:
    """Cache of the most recently loaded datasets; two runs of one experiment share theirs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], TaskData] = OrderedDict()

    def get(self, spec: ExperimentSpec, content: bytes | None) -> TaskData:
        digest = None if content is None else hashlib.sha256(content).digest()
        key = (spec.dataset, spec.options, spec.seed, digest)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = spec.source().load(spec.dataset_options(), spec.seed, content)
                if content is not None:
                    hand_back_memory()  # reading a table takes much more than the table
            self._kept.move_to_end(key)
            while len(self._kept) > _MAX_TASKS:
                self._kept.popitem(last=False)
            return self._kept[key]


_TASKS = _Tasks()


def task_data(spec: ExperimentSpec, content: bytes | None = None) -> TaskData:
    """Return the arrays of a spec's dataset; runs share them, so do not modify them.

    Raises:
        DataError: If the options leave too little data.
    """
    return _TASKS.get(spec, content)


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
