"""A trainer that computes: each run keeps one core busy for the same amount of arithmetic."""

import os
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Where and when a run computed, by the clock that all processes of this machine share."""

    process: int
    begun: float
    ended: float

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Done":
        """Read what `train` has put into a result."""
        return cls(
            process=int(environment["process"]), begun=float(environment["begun"]), ended=float(environment["ended"])
        )

    def beside(self, other: "Done") -> bool:
        """Say whether two runs computed at the same time in different processes."""
        return self.process != other.process and self.begun < other.ended and other.begun < self.ended


def train(
    run: RunSpec, data: TaskData, *, attempt: int, should_stop: Callable[[], bool]
) -> Generator[ProgressRecord, None, RunResult]:
    """Compute, then do what the fake trainer does, and say where and when."""
    begun = time.monotonic()
    work()
    result = yield from fake.train(run, data, attempt=attempt, should_stop=should_stop)
    told = {"process": str(os.getpid()), "begun": str(begun), "ended": str(time.monotonic())}
    return replace(result, environment=told)
