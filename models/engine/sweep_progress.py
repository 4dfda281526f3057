"""The progress of a sweep: which runs are done, running, waiting or failed, and how long the rest takes.

It knows no threads, engine or store; `models.engine.sweep_runner` drives it.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace

from models.records.results import ExperimentView, RunResult, RunView
from models.records.summaries import run_without_arrays
from models.records.sweep import FAILED, REUSABLE, RUNNING, WAITING, FoundRun, SweepOutcome, SweepRecord, SweepView
from models.spec.sweep_plan import SweepRun

MAX_TRIES = 2
_ONGOING = frozenset({"queued", RUNNING})
_EARLIEST = 1.0  # seconds of work before the rest can be estimated


class SweepProgress:
    """A sweep while it runs.

    Args:
        record: The sweep.
        runs: Its runs, from `models.spec.sweep_plan.plan_sweep`.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        record: SweepRecord,
        runs: Sequence[SweepRun],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.record = record
        self.stopping = False
        self._clock = clock
        self._runs = tuple(runs)
        self._outcomes = {run.key: SweepOutcome(run=run) for run in reversed(self._runs)}  # two points may share a run
        self._outcomes = dict(reversed(self._outcomes.items()))
        self._tries = dict.fromkeys(self._outcomes, 0)
        self._reused: set[str] = set()
        self._open: list[str] = []
        self._started: float | None = None

    def outcomes(self) -> tuple[SweepOutcome, ...]:
        """Return every run with its progress."""
        return tuple(replace(self._outcomes[run.key], run=run) for run in self._runs)

    def unsettled(self) -> tuple[str, ...]:
        """Return the keys of the runs that are not done."""
        return tuple(key for key, outcome in self._outcomes.items() if not outcome.settled)

    def live(self) -> tuple[str, ...]:
        """Return the experiments that run for this sweep or are not completely stored yet."""
        return tuple(self._open)

    def running(self) -> frozenset[str]:
        """Return the keys of the runs in progress."""
        return frozenset(key for key, outcome in self._outcomes.items() if outcome.status == RUNNING)

    def take_found(self, found: Mapping[str, FoundRun]) -> None:
        """Add runs that the store has; they are not trained again."""
        for key in found.keys() & self._outcomes.keys():
            if not self._outcomes[key].settled:
                if self._outcomes[key].status == WAITING:
                    self._reused.add(key)
                self._settle(key, found[key].result, found[key].experiment)

    def next_runs(self, busy: Set[str]) -> tuple[SweepRun, ...]:
        """Return the waiting runs of the first point that has any, without those that another sweep is training."""
        waiting = [o.run for key, o in self._outcomes.items() if o.status == WAITING and key not in busy]
        return tuple(run for run in waiting if run.point == waiting[0].point)

    def begin(self, runs: Iterable[SweepRun], experiment: str) -> None:
        """Record that runs were submitted to the engine."""
        self._started = self._clock() if self._started is None else self._started
        self._open.append(experiment)
        for run in runs:
            self._change(run.key, status=RUNNING, experiment=experiment, share=0.0)

    def keys_of(self, experiment: str) -> tuple[str, ...]:
        """Return the keys of the runs that an experiment is training."""
        return tuple(
            key
            for key, outcome in self._outcomes.items()
            if (outcome.status, outcome.experiment) == (RUNNING, experiment)
        )

    def take_view(self, experiment: str, view: ExperimentView | None) -> None:
        """Update the progress of an experiment; the runs of one that is no longer stored start again."""
        seen = {run.spec.key(): run for run in view.runs} if view is not None else {}
        for key in self.keys_of(experiment):
            self._take_run(key, seen.get(key))

    def close(self, experiment: str) -> None:
        """Record that an experiment is over and stored."""
        self._open.remove(experiment)

    def _take_run(self, key: str, run: RunView | None) -> None:
        if run is None or run.status == "interrupted":
            self._change(key, status=WAITING, experiment="", share=0.0)
        elif run.status in _ONGOING:
            self._change(key, share=min(1.0, run.update / run.spec.updates))
        elif run.status in REUSABLE and run.result is not None:
            self._settle(key, run.result, self._outcomes[key].experiment)
        elif self.stopping:
            self._change(key, status=WAITING, share=0.0)
        else:
            self._fail(key, run)

    def _settle(self, key: str, result: RunResult, experiment: str) -> None:
        light = run_without_arrays(result)
        self._change(key, status=result.status, share=1.0, experiment=experiment, message="", result=light)

    def _fail(self, key: str, run: RunView) -> None:
        """Retry a failed run once, since the engine may have been unreachable. A run that somebody stopped is not retried."""
        self._tries[key] += MAX_TRIES if run.status == "stopped" else 1
        message = run.message or "It was stopped."
        again = self._tries[key] < MAX_TRIES
        self._change(key, status=WAITING if again else FAILED, share=0.0, message=message)

    def _change(self, key: str, **changes: object) -> None:
        self._outcomes[key] = replace(self._outcomes[key], **changes)  # type: ignore[arg-type]

    def over(self) -> bool:
        """Return whether nothing runs or waits."""
        return not self._open and (self.stopping or not self.unsettled())

    def closing_record(self) -> SweepRecord:
        """Return the record of a sweep that is over."""
        failed = [outcome for outcome in self._outcomes.values() if outcome.status == FAILED]
        total = len(self._outcomes)
        message = f"{len(failed)} of {total} runs failed. The first: {failed[0].message}" if failed else ""
        return replace(self.record, status="stopped" if self.unsettled() else "finished", message=message)

    def seconds_left(self) -> float | None:
        """Return the expected remaining time at the pace so far, or None before it can be estimated."""
        if self._started is None:
            return None
        elapsed = self._clock() - self._started
        done = sum(self._weight(key) * o.share for key, o in self._outcomes.items() if key not in self._reused)
        left = sum(self._weight(key) * (1 - o.share) for key, o in self._outcomes.items() if not o.settled)
        return left * elapsed / done if done > 0 and elapsed >= _EARLIEST else None

    def estimate(self) -> float:
        """Return the estimated seconds of the remaining runs, one after another."""
        return sum(self._weight(key) for key in self.unsettled())

    def _weight(self, key: str) -> float:
        """Return the estimated seconds of a run; only ratios matter once it trains."""
        return self._outcomes[key].run.seconds

    def view(self) -> SweepView:
        """Return what a page shows while it runs."""
        return SweepView(
            spec=self.record.spec,
            status=self.record.status,
            outcomes=self.outcomes(),
            seconds_left=self.seconds_left(),
            message=self.record.message,
            control=self.record.control,
        )
