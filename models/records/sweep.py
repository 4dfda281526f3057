"""Records of a sweep: its settings and status, the runs found in a store, and the progress and outcome of each run."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from models.records.experiment import now
from models.records.results import RunResult
from models.spec.sweep import SweepSpec
from models.spec.sweep_plan import SweepRun

REUSABLE = ("finished", "diverged")  # final states of a run that need not be trained again
WAITING, RUNNING, FAILED = "waiting", "running", "failed"
_SETTLED = frozenset({*REUSABLE, FAILED})


class FoundRun(NamedTuple):
    """A run found in a store.

    Attributes:
        experiment: Id of its experiment.
        result: Its result without arrays (see `models.records.summaries.run_without_arrays`).
    """

    experiment: str
    result: RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRecord:
    """A stored sweep; its results are those of its runs.

    Attributes:
        spec: The sweep.
        status: `running`, `stopped` or `finished`.
        message: One sentence about the sweep, or empty.
        control: Token of the browser that started it; whoever has it may stop the sweep.
        created: When it was first started, UTC.
    """

    spec: SweepSpec
    status: str = "running"
    message: str = ""
    control: str = ""
    created: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SweepOutcome:
    """One run of a sweep and its progress.

    Attributes:
        run: The run.
        status: `waiting`, `running`, `finished`, `diverged` or `failed`.
        share: Fraction done, 0 to 1.
        experiment: Id of its experiment, empty before there is one.
        message: One sentence when `failed`, else empty.
        result: Its result without arrays, once it has one.
    """

    run: SweepRun
    status: str = WAITING
    share: float = 0.0
    experiment: str = ""
    message: str = ""
    result: RunResult | None = None

    @property
    def settled(self) -> bool:
        """Whether it is final unless started again."""
        return self.status in _SETTLED


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SweepView:
    """What a page shows of a sweep.

    Attributes:
        spec: The sweep.
        status: `new` (never started), `running`, `elsewhere` (another server has it), `stopped` or `finished`.
        outcomes: One per run, in order.
        seconds_left: Expected remaining time, or None before it can be estimated.
        message: One sentence about the sweep, or empty.
        control: Its control token.
    """

    spec: SweepSpec
    status: str
    outcomes: tuple[SweepOutcome, ...]
    seconds_left: float | None = None
    message: str = ""
    control: str = ""

    @property
    def done(self) -> int:
        """How many runs have a result."""
        return self.count(*REUSABLE)

    @property
    def complete(self) -> bool:
        """Whether every run has a result."""
        return self.done == len(self.outcomes)

    def count(self, *statuses: str) -> int:
        """Return how many runs have one of these statuses."""
        return sum(outcome.status in statuses for outcome in self.outcomes)
