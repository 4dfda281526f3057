"""Reproduce several findings at a time; those that measure time come last and alone."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path

from models.findings.finding import Finding
from models.findings.reproduce import Reproduced, is_current, read_result, reproduce
from models.findings.trainers import trainer
from models.version import VERSION


def reproduce_all(
    entries: Sequence[Finding],
    *,
    folder: Path | None = None,
    jobs: int = 1,
    again: bool = False,
    on_result: Callable[[Reproduced], None] | None = None,
) -> list[Reproduced]:
    """Return the result of every finding, in order.

    Args:
        entries: The findings.
        folder: Where results are kept. One that this version measured there for the same experiments is not measured again.
        jobs: Findings at a time. The numbers do not depend on it.
        again: Whether to measure anew what is kept.
        on_result: Called with each result as soon as it is known, by this thread.

    Raises:
        GatescopeError: If an experiment failed; the message names the finding.
    """
    found = {} if again else {entry.name: kept for entry in entries if (kept := _kept(entry, folder)) is not None}
    for kept in found.values():
        _tell(on_result, kept)
    left = [entry for entry in entries if entry.name not in found]
    stop = threading.Event()
    if left:
        with trainer(stop) as train:
            one = partial(reproduce, train=train, folder=folder)
            rounds = ([entry for entry in left if not entry.timed], [entry for entry in left if entry.timed])
            for batch, at_a_time in zip(rounds, (jobs, 1), strict=True):
                found |= _side_by_side(one, batch, at_a_time, stop, on_result)
    return [found[entry.name] for entry in entries]


def _kept(entry: Finding, folder: Path | None) -> Reproduced | None:
    kept = read_result(entry.name, folder) if folder is not None else None
    return kept if kept is not None and kept.version == VERSION and is_current(entry, kept) else None


def _side_by_side(
    one: Callable[[Finding], Reproduced],
    entries: Sequence[Finding],
    jobs: int,
    stop: threading.Event,
    on_result: Callable[[Reproduced], None] | None,
) -> dict[str, Reproduced]:
    found = {}
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        futures = {pool.submit(one, entry): entry for entry in entries}
        try:
            for future in as_completed(futures):
                result = future.result()
                found[result.finding] = result
                _tell(on_result, result)
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return found


def _tell(on_result: Callable[[Reproduced], None] | None, result: Reproduced) -> None:
    if on_result is not None:
        on_result(result)
