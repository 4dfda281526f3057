"""How far a sweep is: which of its runs are there, under way, waiting or given up, and how long the rest takes.

Nothing here knows threads, engine or store; `models.engine.sweep_runner` drives it.
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
_EARLIEST = 1.0  # seconds of work from which the rest can be told


class SweepProgress:
    """A sweep while it is carried out.

    Args:
        record: The sweep.
        runs: Its runs, of `models.spec.sweep_plan.plan_sweep`.
        clock: Seconds that only grow.
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
        """Return every run as far as it is."""
        return tuple(replace(self._outcomes[run.key], run=run) for run in self._runs)

    def unsettled(self) -> tuple[str, ...]:
        """Return the keys of the runs that still have to come."""
        return tuple(key for key, outcome in self._outcomes.items() if not outcome.settled)

    def live(self) -> tuple[str, ...]:
        """Return the experiments that are under way for this sweep, or not yet written to the end."""
        return tuple(self._open)

    def running(self) -> frozenset[str]:
        """Return the keys of the runs that are under way."""
        return frozenset(key for key, outcome in self._outcomes.items() if outcome.status == RUNNING)

    def take_found(self, found: Mapping[str, FoundRun]) -> None:
        """Take in runs that the store has; nobody trains them again."""
        for key in found.keys() & self._outcomes.keys():
            if not self._outcomes[key].settled:
                if self._outcomes[key].status == WAITING:
                    self._reused.add(key)
                self._settle(key, found[key].result, found[key].experiment)

    def next_runs(self, busy: Set[str]) -> tuple[SweepRun, ...]:
        """Return the waiting runs of the first point that has some, those left out that another sweep has under way."""
        waiting = [o.run for key, o in self._outcomes.items() if o.status == WAITING and key not in busy]
        return tuple(run for run in waiting if run.point == waiting[0].point)

    def begin(self, runs: Iterable[SweepRun], experiment: str) -> None:
        """Note that runs were handed to the engine."""
        self._started = self._clock() if self._started is None else self._started
        self._open.append(experiment)
        for run in runs:
            self._change(run.key, status=RUNNING, experiment=experiment, share=0.0)

    def keys_of(self, experiment: str) -> tuple[str, ...]:
        """Return the keys of the runs that an experiment has under way."""
        return tuple(
            key
            for key, outcome in self._outcomes.items()
            if (outcome.status, outcome.experiment) == (RUNNING, experiment)
        )

    def take_view(self, experiment: str, view: ExperimentView | None) -> None:
        """Take in how far an experiment is; one that is no longer kept is begun anew."""
        seen = {run.spec.key(): run for run in view.runs} if view is not None else {}
        for key in self.keys_of(experiment):
            self._take_run(key, seen.get(key))

    def close(self, experiment: str) -> None:
        """Note that an experiment is over and written."""
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
        """Try a failed run once more: the engine may have been away. One that a person stopped is left alone."""
        self._tries[key] += MAX_TRIES if run.status == "stopped" else 1
        message = run.message or "It was stopped."
        again = self._tries[key] < MAX_TRIES
        self._change(key, status=WAITING if again else FAILED, share=0.0, message=message)

    def _change(self, key: str, **changes: object) -> None:
        self._outcomes[key] = replace(self._outcomes[key], **changes)  # type: ignore[arg-type]

    def over(self) -> bool:
        """Say whether nothing is under way and nothing will be."""
        return not self._open and (self.stopping or not self.unsettled())

    def closing_record(self) -> SweepRecord:
        """Return the record of a sweep that is over."""
        failed = [outcome for outcome in self._outcomes.values() if outcome.status == FAILED]
        total = len(self._outcomes)
        message = f"{len(failed)} of {total} runs failed. The first: {failed[0].message}" if failed else ""
        return replace(self.record, status="stopped" if self.unsettled() else "finished", message=message)

    def seconds_left(self) -> float | None:
        """Return the expected time to the end at the pace so far, or None before it can be told."""
        if self._started is None:
            return None
        elapsed = self._clock() - self._started
        done = sum(self._weight(key) * o.share for key, o in self._outcomes.items() if key not in self._reused)
        left = sum(self._weight(key) * (1 - o.share) for key, o in self._outcomes.items() if not o.settled)
        return left * elapsed / done if done > 0 and elapsed >= _EARLIEST else None

    def estimate(self) -> float:
        """Return the estimated seconds of what is still to be trained, one run after the other."""
        return sum(self._weight(key) for key in self.unsettled())

    def _weight(self, key: str) -> float:
        """Return the estimated seconds of a run; only ratios matter once it trains."""
        return self._outcomes[key].run.seconds

    def view(self) -> SweepView:
        """Return what a page shows while it goes on."""
        return SweepView(
            spec=self.record.spec,
            status=self.record.status,
            outcomes=self.outcomes(),
            seconds_left=self.seconds_left(),
            message=self.record.message,
            control=self.record.control,
        )
