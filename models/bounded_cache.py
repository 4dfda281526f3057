"""A thread-safe cache with a size limit, which drops the least recently used value first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BoundedCache(Generic[Key, Value]):
    """Values by key, up to a limit on the sum of their sizes.

    Args:
        limit: Maximum sum of sizes.
        size_of: Returns the size of a value; without it each counts as one. A value larger than the limit is not kept.
    """

    def __init__(self, limit: int, *, size_of: Callable[[Value], int] = lambda value: 1) -> None:
        self._limit, self._size_of = limit, size_of
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._size = 0
        self._lock = threading.RLock()

    def __contains__(self, key: Key) -> bool:
        return key in self._kept

    def get(self, key: Key) -> Value | None:
        """Return a value, or None."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: Key, value: Value) -> None:
        """Keep a value, replacing an earlier one."""
        size = self._size_of(value)
        with self._lock:
            self._size -= self._kept.pop(key, (value, 0))[1]
            if size > self._limit:
                return
            self._kept[key] = (value, size)
            self._size += size
            while self._size > self._limit:
                self._size -= self._kept.popitem(last=False)[1][1]

    def remove(self, key: Key) -> None:
        """Forget a value, if it is kept."""
        with self._lock:
            if key in self._kept:
                self._size -= self._kept.pop(key)[1]

    def get_or_make(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return a value, making it if it is missing; concurrent callers wait for the first to make it."""
        with self._lock:
            if key not in self._kept:
                made = make()
                self.put(key, made)
                return made
            self._kept.move_to_end(key)
            return self._kept[key][0]
