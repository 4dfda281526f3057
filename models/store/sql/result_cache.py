"""Cache of results: a final result never changes, and pages read it often."""

import threading
from collections import OrderedDict

from models.records.results import RunResult

MAX_BYTES = 150_000_000
Key = tuple[str, str]


class ResultCache:
    """The most recently used results by experiment and architecture, up to `most_bytes`."""

    def __init__(self, most_bytes: int = MAX_BYTES) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[Key, tuple[RunResult, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Key) -> RunResult | None:
        """Return a result if it is cached."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: Key, result: RunResult) -> None:
        """Cache a result and evict the least recently used ones."""
        size = _bytes_of(result)
        with self._lock:
            if key in self._kept or size > self._most:
                return
            self._kept[key] = (result, size)
            self._bytes += size
            while self._bytes > self._most:
                _, (_, freed) = self._kept.popitem(last=False)
                self._bytes -= freed


def _bytes_of(result: RunResult) -> int:
    arrays = [*result.curves.values(), *result.weights.values(), result.sample_indices, result.sample_outputs]
    arrays += [*result.gradient_flow.values()]
    arrays += [value for snapshot in result.snapshots for value in snapshot.weights.values()]
    return sum(array.nbytes for array in arrays)
