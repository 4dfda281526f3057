"""The engine's table of live experiments and their order, behind one lock."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from models.engine.live_state import LiveExperiment, LiveRun
from models.errors import CapacityError
from models.records.experiment import ExperimentRecord
from models.records.results import ExperimentResult, ExperimentView

SOON = 2.0  # a run of a sweep with fewer seconds left than this need not give way
MAX_OF_ONE = 2  # experiments per visitor: one that trains and one that waits


class ExperimentQueue:
    """Live experiments in the order of acceptance. Every method may be called from any thread.

    Args:
        limit: How many experiments may wait.
    """

    def __init__(self, limit: int) -> None:
        self.lock = threading.RLock()
        self._limit = limit
        self._places: Counter[str] = Counter()
        self._experiments: dict[str, LiveExperiment] = {}

    def claim_place(self, control: str = "") -> None:
        """Reserve a place in the queue until `add` or `return_place`.

        Args:
            control: Token of the visitor; without one, only the total length of the queue is limited.

        Raises:
            CapacityError: If the queue is full, or the visitor has the maximum number of experiments.
        """
        with self.lock:
            if control and self._of_one(control) + self._places[control] >= MAX_OF_ONE:
                raise CapacityError(
                    "You already have one experiment training and one waiting, which is the limit: stop one of them, or "
                    "try again when one has ended."
                )
            waiting = sum(live.queued and not live.background for live in self._experiments.values())
            if waiting + self._places.total() >= self._limit:
                raise CapacityError(
                    f"{self._limit} experiments are already waiting, which is the limit; try again in a few minutes."
                )
            self._places[control] += 1

    def _of_one(self, control: str) -> int:
        own = (live for live in self._experiments.values() if live.record.control == control and not live.background)
        return sum(not live.over for live in own)

    def return_place(self, control: str = "") -> None:
        """Give a reserved place back."""
        with self.lock:
            self._places -= Counter([control])

    def add(self, record: ExperimentRecord, earlier: ExperimentResult | None = None) -> None:
        """Append an experiment to a place reserved before; experiments of sweeps need none.

        Args:
            record: The experiment.
            earlier: A result with some of its repeats; these are not trained again.
        """
        known = {} if earlier is None else {run.spec.architecture: run for run in earlier.runs}
        runs = [LiveRun(spec=run, earlier=known.get(run.architecture)) for run in record.runs]
        with self.lock:
            self._places -= Counter([] if record.sweep else [record.control])
            self._experiments[record.id] = LiveExperiment(record=record, runs=runs)

    def remove(self, experiment: str) -> None:
        """Forget an experiment."""
        with self.lock:
            self._experiments.pop(experiment, None)

    def find(self, experiment: str) -> LiveExperiment | None:
        """Return an experiment, if it is live."""
        with self.lock:
            return self._experiments.get(experiment)

    def view(self, experiment: str) -> ExperimentView | None:
        """Return what a page shows of a live experiment, and mark it as attended."""
        with self.lock:
            found = self._experiments.get(experiment)
            if found is None:
                return None
            found.attended = time.monotonic()
            ordered = sorted(self._experiments.items(), key=lambda item: item[1].background)
            waiting = [key for key, live in ordered if live.queued]
            return found.view(waiting.index(experiment) + 1 if experiment in waiting else 0)

    def empty(self) -> bool:
        """Return whether there is no live experiment."""
        return not self._experiments

    def load(self) -> tuple[int, int]:
        """Return how many experiments train, and how many wait."""
        with self.lock:
            waiting = sum(live.queued for live in self._experiments.values())
            return sum(not live.over for live in self._experiments.values()) - waiting, waiting

    def all(self) -> list[LiveExperiment]:
        """Return all live experiments, in order."""
        with self.lock:
            return list(self._experiments.values())

    def submitted(self) -> list[tuple[LiveExperiment, LiveRun]]:
        """Return the runs that were submitted to a worker."""
        with self.lock:
            return [pair for pair in self._pairs() if pair[1].submission is not None]

    def next_waiting(self) -> tuple[LiveExperiment, LiveRun] | None:
        """Return the first run that waits for a worker; runs of sweeps come last.

        A visitor's second experiment waits until the first is over.
        """
        with self.lock:
            return min(self._startable(), key=_background, default=None)

    def _startable(self) -> Iterator[tuple[LiveExperiment, LiveRun]]:
        at_work: dict[str, str] = {}
        for identity, live in self._experiments.items():
            if live.record.control and not live.background and not live.over:
                at_work.setdefault(live.record.control, identity)
        for live, run in self._pairs():
            if (
                run.waiting
                and live.paused is None
                and (live.background or at_work.get(live.record.control, live.record.id) == live.record.id)
            ):
                yield live, run

    def long_paused(self, seconds: float) -> list[LiveExperiment]:
        """Return the experiments that were paused for longer than `seconds`."""
        due = time.monotonic() - seconds
        with self.lock:
            return [one for one in self._experiments.values() if one.paused is not None and one.paused < due]

    def late(self, seconds: float) -> list[LiveRun]:
        """Return the runs that have trained for longer than `seconds` and were not asked to stop."""
        due = time.monotonic() - seconds
        return [run for _, run in self.submitted() if run.begun < due and run.stop_due is None]

    def unattended(self, seconds: float) -> list[LiveExperiment]:
        """Return visitors' experiments that no page has shown for `seconds`; sweeps need no page."""
        due = time.monotonic() - seconds
        with self.lock:
            theirs = [live for live in self._experiments.values() if live.record.control and not live.background]
            return [live for live in theirs if live.attended < due and not (live.over or live.stopping)]

    def to_give_way(self, slots: int) -> list[tuple[LiveExperiment, LiveRun]]:
        """Return the runs of sweeps that keep visitors' runs waiting, those with the least progress first.

        Args:
            slots: How many runs may be submitted at a time.
        """
        with self.lock:
            waiting = sum(not live.background for live, _ in self._startable())
            submitted = [pair for pair in self._pairs() if pair[1].submission is not None]
            coming = max(0, slots - len(submitted)) + sum(run.yielding for _, run in submitted)
            rivals = [pair for pair in submitted if pair[0].background and _can_give_way(pair[1])]
            return sorted(rivals, key=lambda pair: pair[1].update)[: max(0, waiting - coming)]

    def by_submission(self, submission: int) -> tuple[LiveExperiment, LiveRun] | None:
        """Return the run that was submitted under a number, if it is still submitted."""
        with self.lock:
            return next((pair for pair in self._pairs() if pair[1].submission == submission), None)

    def take(self, message: Mapping[str, Any]) -> tuple[LiveExperiment, LiveRun, list[tuple[float, ...]], bool] | None:
        """Handle a progress message; return its run, the new points and whether the attempt is new."""
        with self.lock:
            pair = self.by_submission(message["submission"])
            if pair is None:
                return None
            attempt = pair[1].attempt
            points = pair[1].take(message)
            return *pair, points, pair[1].attempt > attempt

    def _pairs(self) -> Iterator[tuple[LiveExperiment, LiveRun]]:
        for experiment in self._experiments.values():
            for run in experiment.runs:
                yield experiment, run


def _background(pair: tuple[LiveExperiment, LiveRun]) -> bool:
    return pair[0].background


def _can_give_way(run: LiveRun) -> bool:
    """Return whether stopping a run is faster than waiting for its end."""
    left = run.seconds_left()
    return not run.yielding and run.stop_due is None and (left is None or left > SOON)
