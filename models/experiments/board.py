"""The engine's table of live experiments and their order, behind one lock."""

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from models.errors import CapacityError
from models.experiments.live import LiveExperiment, LiveRun
from models.experiments.records import ExperimentRecord
from models.experiments.results import ExperimentView

SOON = 2.0  # seconds to its end in which a run of a sweep need not make room


class Board:
    """Live experiments in the order of acceptance. Every method may be called from any thread.

    Args:
        limit: How many experiments may wait.
    """

    def __init__(self, limit: int) -> None:
        self.lock = threading.RLock()
        self._limit = limit
        self._places = 0
        self._experiments: dict[str, LiveExperiment] = {}

    def claim_place(self) -> None:
        """Reserve a place in the queue until `add` or `return_place`.

        Raises:
            CapacityError: If all are taken.
        """
        with self.lock:
            waiting = sum(live.queued and not live.background for live in self._experiments.values())
            if waiting + self._places >= self._limit:
                raise CapacityError(
                    f"{self._limit} experiments are waiting already, which is the most there may be; try again in a few minutes."
                )
            self._places += 1

    def return_place(self) -> None:
        """Give a reserved place back."""
        with self.lock:
            self._places -= 1

    def add(self, record: ExperimentRecord) -> None:
        """Put an experiment behind all others, on a place reserved before; those of sweeps need no place."""
        runs = [LiveRun(spec=run) for run in record.runs]
        with self.lock:
            self._places -= not record.sweep
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
        """Return what a page shows of an experiment, if it is live."""
        with self.lock:
            found = self._experiments.get(experiment)
            if found is None:
                return None
            ordered = sorted(self._experiments.items(), key=lambda item: item[1].background)
            waiting = [key for key, live in ordered if live.queued]
            return found.view(waiting.index(experiment) + 1 if experiment in waiting else 0)

    def all(self) -> list[LiveExperiment]:
        """Return all live experiments, in order."""
        with self.lock:
            return list(self._experiments.values())

    def submitted(self) -> list[tuple[LiveExperiment, LiveRun]]:
        """Return the runs that a worker has."""
        with self.lock:
            return [pair for pair in self._pairs() if pair[1].submission is not None]

    def next_waiting(self) -> tuple[LiveExperiment, LiveRun] | None:
        """Return the first run that waits for a worker; those of sweeps come last."""
        with self.lock:
            return min((pair for pair in self._pairs() if pair[1].waiting), key=_background, default=None)

    def to_give_way(self, slots: int) -> list[tuple[LiveExperiment, LiveRun]]:
        """Return the runs of sweeps that keep visitors' runs waiting, those with the least to lose first.

        Args:
            slots: How many runs may be submitted at a time.
        """
        with self.lock:
            waiting = sum(run.waiting and not live.background for live, run in self._pairs())
            submitted = [pair for pair in self._pairs() if pair[1].submission is not None]
            coming = max(0, slots - len(submitted)) + sum(run.yielding for _, run in submitted)
            rivals = [pair for pair in submitted if pair[0].background and _can_give_way(pair[1])]
            return sorted(rivals, key=lambda pair: pair[1].update)[: max(0, waiting - coming)]

    def by_submission(self, submission: int) -> tuple[LiveExperiment, LiveRun] | None:
        """Return the run that was submitted under a number, if it still is."""
        with self.lock:
            return next((pair for pair in self._pairs() if pair[1].submission == submission), None)

    def take(self, message: Mapping[str, Any]) -> tuple[LiveExperiment, LiveRun, list[tuple[float, ...]], bool] | None:
        """Take a progress message in; return its run, the new points and whether the attempt is a new one."""
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
    """Say whether stopping a run is sooner than waiting for its end."""
    left = run.seconds_left()
    return not run.yielding and run.stop_due is None and (left is None or left > SOON)
