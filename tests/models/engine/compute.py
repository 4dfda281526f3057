"""A trainer that computes: each run keeps one core busy for the same amount of arithmetic."""

from collections.abc import Callable, Generator

import numpy as np

from data.task import TaskData
from models.records.results import ProgressRecord, RunResult
from models.spec.run import RunSpec
from tests.models.engine import fake

TRAINER = f"{__name__}:train"
ROUNDS = 800  # four tenths of a second


def work(rounds: int = ROUNDS) -> float:
    """Do a fixed amount of arithmetic on one core."""
    total, numbers = 0.0, np.linspace(0.0, 1.0, 20_000)
    for _ in range(rounds):
        for _ in range(20):
            total += float(np.sum(np.tanh(numbers + total * 1e-9)))
    return total


def train(
    run: RunSpec, data: TaskData, *, attempt: int, should_stop: Callable[[], bool]
) -> Generator[ProgressRecord, None, RunResult]:
    """Compute, then do what the fake trainer does."""
    work()
    return (yield from fake.train(run, data, attempt=attempt, should_stop=should_stop))
