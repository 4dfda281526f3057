"""Compare the time of some work with a reference measured at the same moment, or count its function calls."""

import sys
import time
import tracemalloc
from collections.abc import Callable

PATIENCE = 240.0  # seconds until a test gives up waiting; no test measures anything with it
Work = Callable[[], object]


def seconds(work: Work) -> float:
    """Return the processor time of this thread that work takes: other threads and processes do not count."""
    started = time.thread_time()
    work()
    return time.thread_time() - started


def ratio(work: Work, reference: Work, *, enough: float, tries: int = 7) -> float:
    """Return how many times as long as a reference some work takes, least against least of several tries in turn.

    Args:
        work: What is judged.
        reference: What it is compared with.
        enough: A ratio that needs no further try.
        tries: How often both are done at most; a busy machine makes single tries longer, never shorter.
    """
    ours = theirs = float("inf")
    for _ in range(tries):
        theirs = min(theirs, seconds(reference))
        ours = min(ours, seconds(work))
        if ours <= enough * theirs:
            break
    return ours / max(theirs, 1e-9)


def calls(work: Work) -> int:
    """Return how many functions work calls in this thread, those of C included: the same on every machine."""
    count = 0

    def note(_frame: object, happened: str, _argument: object) -> None:
        nonlocal count
        count += happened in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def peak_bytes(work: Work) -> int:
    """Return the most memory that work holds at a time, as far as Python and NumPy ask for it."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def wait_until(happened: Callable[[], object], *, patience: float = PATIENCE, pause: float = 0.01) -> None:
    """Wait until something is so.

    Raises:
        AssertionError: If it is not within the patience.
    """
    until = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(pause)
