"""Train all replicas of one architecture: `train` yields progress and returns the result."""

import time
from collections.abc import Callable, Generator

import torch

from data.repeat_splits import RepeatedData
from data.task import TaskData
from models.records.results import ProgressRecord, RunResult
from models.spec.run import RunSpec
from models.training.group import TrainingGroup, repeats_of
from models.training.outcome import finish
from models.training.search import search_rate

PROGRESS_INTERVAL = 0.2  # seconds


def never() -> bool:
    """Never ask to stop; the default of `should_stop`."""
    return False


def train(
    run: RunSpec,
    data: TaskData | RepeatedData,
    *,
    attempt: int = 1,
    should_stop: Callable[[], bool] = never,
    first: int = 0,
) -> Generator[ProgressRecord, None, RunResult]:
    """Train one architecture with all its repeats.

    Args:
        run: What to train; together with the data, it determines the numbers.
        data: The data of each repeat, or one set for all of them.
        attempt: Incremented when a lost run is started again.
        should_stop: Called after every update, and may wait while the run is paused; True ends the run with its results
            so far.
        first: Number of repeats that already have results and are not trained again.

    Yields:
        A record per evaluation, and at least five per second in between.

    Returns:
        The result of the repeats from `first` on; its status is `stopped` if `should_stop` ended it.
    """
    torch.set_num_threads(1)
    repeated = data if isinstance(data, RepeatedData) else RepeatedData.shared(data, run.experiment.seeds)
    started = time.perf_counter()
    if run.experiment.rate_search and not run.tried:
        run = yield from search_rate(run, repeated, attempt=attempt, should_stop=should_stop)
    searched = time.perf_counter() - started
    group = TrainingGroup(run, repeated, repeats_of(run, repeated, first))
    stopped = yield from _train(group, attempt, should_stop)
    group.end_all("stopped" if stopped else "finished")
    result = finish(group, "stopped" if stopped else "finished", attempt, first=first)
    return result.with_cost(search_seconds=searched) if run.tried else result


def _train(
    group: TrainingGroup, attempt: int, should_stop: Callable[[], bool]
) -> Generator[ProgressRecord, None, bool]:
    """Train a group to its end; return whether it was stopped."""
    key = group.run.key()
    yield group.record(key, attempt, group.evaluate_all())
    due = time.perf_counter() + PROGRESS_INTERVAL
    stopped = should_stop()
    while group.active and group.update < group.run.updates and not stopped:
        group.step()
        points = group.evaluate_all() if group.evaluation_is_due() else []
        if points or time.perf_counter() >= due:
            due = time.perf_counter() + PROGRESS_INTERVAL
            yield group.record(key, attempt, points)
        stopped = should_stop()
    if stopped:
        yield group.record(key, attempt, group.evaluate_all())
    return stopped
