"""Train all replicas of one architecture: `train` yields progress and returns the result.

Every replica has its own initialisation, batch order, dropout, clipping, best weights and end; replicas that end are
dropped from the group, so the others pay nothing for them. Axes: R replicas still training, S seeds in all.
"""

import time
from collections.abc import Callable, Generator

import torch

from data.task import TaskData
from models.records.results import ProgressRecord, RunResult
from models.spec.run import RunSpec
from models.training.group import TrainingGroup
from models.training.outcome import finish

PROGRESS_INTERVAL = 0.2  # seconds


def never() -> bool:
    """Do not stop."""
    return False


def train(
    run: RunSpec, data: TaskData, *, attempt: int = 1, should_stop: Callable[[], bool] = never
) -> Generator[ProgressRecord, None, RunResult]:
    """Train one architecture with all its seeds.

    Args:
        run: What to train; it alone decides the numbers.
        data: Arrays of its dataset.
        attempt: Counts up when a lost run is taken up again.
        should_stop: Asked after every update; True ends the run with what was learned so far.

    Yields:
        A record per evaluation, and at least five times a second in between.

    Returns:
        The result; its status is `stopped` if `should_stop` ended it.
    """
    torch.set_num_threads(1)
    group = TrainingGroup(run, data)
    key = run.key()
    points: list[tuple[float, ...]] = group.evaluate_all()
    yield group.record(key, attempt, points)
    due = time.perf_counter() + PROGRESS_INTERVAL
    stopped = False
    while group.active and group.update < run.updates and not stopped:
        group.step()
        points = group.evaluate_all() if group.evaluation_is_due() else []
        stopped = should_stop()
        if points or time.perf_counter() >= due:
            due = time.perf_counter() + PROGRESS_INTERVAL
            yield group.record(key, attempt, points)
    if stopped:
        yield group.record(key, attempt, group.evaluate_all())
    status = "stopped" if stopped else "finished"
    group.end_all(status)
    return finish(group, status, attempt)
