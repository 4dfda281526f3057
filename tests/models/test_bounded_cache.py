"""A cache that drops the least recently used value."""

import threading

from models.bounded_cache import BoundedCache


def test_least_recently_used_goes_first() -> None:
    """Reading counts as use."""
    cache: BoundedCache[str, int] = BoundedCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert [key in cache for key in "abc"] == [True, False, True]
    assert cache.get("b") is None


def test_sizes_count_and_what_is_too_large_is_not_kept() -> None:
    """Replacing a value frees its space."""
    cache: BoundedCache[str, bytes] = BoundedCache(10, size_of=len)
    cache.put("a", b"12345678")
    cache.put("a", b"123")
    cache.put("b", b"1234567")
    assert "a" in cache
    cache.put("c", b"12345678901")
    assert "c" not in cache
    cache.put("d", b"1")
    assert [key in cache for key in "abd"] == [False, True, True]


def test_value_is_made_once_however_many_ask() -> None:
    """Two runs of one experiment load their data once."""
    cache: BoundedCache[str, int] = BoundedCache(4)
    made: list[int] = []
    inside = threading.Event()

    def make() -> int:
        inside.wait(1.0)
        made.append(1)
        return len(made)

    threads = [threading.Thread(target=cache.get_or_make, args=("x", make)) for _ in range(4)]
    for thread in threads:
        thread.start()
    inside.set()
    for thread in threads:
        thread.join()
    assert made == [1]
    assert cache.get("x") == 1
