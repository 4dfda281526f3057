"""Find a learning rate before training: every architecture gets the same small search, on validation data only.

Several rates around the chosen one are tried with a few starts each for a quarter of the updates; all of them are replicas
that train together. Where repeats are tested on stretches of time, the search uses the data of the oldest one, which precede
every test, so that no repeat's rate depends on its future. The search's networks are not part of the comparison, and the
result does not depend on the number of repeats.
"""

from collections.abc import Callable, Generator
from dataclasses import replace

import numpy as np

from data.repeat_splits import RepeatedData
from models.records.results import ProgressRecord
from models.spec.cost import SEARCH_SHARE, SEARCH_STARTS, search_updates
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import best_rate
from models.spec.run import RunSpec
from models.training.group import Replica, TrainingGroup

SEARCH_EVALUATIONS = 10
HALF_DECADES = (0, -1, 1, -2, 2)  # learning rates around the chosen one, in this order
LOWEST_RATE, HIGHEST_RATE = 1e-5, 1.0  # as in the spec
_FIRST_START, _SEEDS = 500_000_000, 1_000_000_000
_EVERY = 10  # updates between two records

__all__ = ["SEARCH_SHARE", "candidate_rates", "search_rate"]


def candidate_rates(spec: ExperimentSpec) -> tuple[float, ...]:
    """Return the learning rates that a search tries: the chosen one, then half a decade below and above, and so on."""
    wanted = [spec.learning_rate * 10 ** (step / 2) for step in HALF_DECADES[: spec.rate_search]]
    bounded = [min(max(rate, LOWEST_RATE), HIGHEST_RATE) for rate in wanted]
    return tuple(sorted({float(f"{rate:.3g}") for rate in bounded}))


def search_rate(
    run: RunSpec, data: RepeatedData, *, attempt: int, should_stop: Callable[[], bool]
) -> Generator[ProgressRecord, None, RunSpec]:
    """Return the run with the best learning rate and the tried rates, or unchanged after a stop.

    Yields:
        Records with the fraction of the search that is done; the run's own update count stays 0.
    """
    group = _group(run, data)
    key, planned = run.key(), group.run.updates

    def record() -> ProgressRecord:
        done = group.update / planned
        return ProgressRecord(run=key, attempt=attempt, update=0, updates=run.updates, seconds=0.0, search=done)

    yield record()
    group.evaluate_all()
    while group.active and group.update < planned:
        group.step()
        if group.evaluation_is_due():
            group.evaluate_all()
        if should_stop():
            return run
        if group.update % _EVERY == 0:
            yield record()
    tried = _losses(group)
    return replace(run, learning_rate=best_rate(tried), tried=tried)


def _group(run: RunSpec, data: RepeatedData) -> TrainingGroup:
    spec = run.experiment
    updates = search_updates(run.updates)
    trial = replace(spec, updates=updates, evaluations=min(SEARCH_EVALUATIONS, updates), patience=0)
    oldest = len(data.tasks) - 1 if data.tasks[-1].stretch is not None else 0
    replicas = [
        Replica(seed=(spec.seed + _FIRST_START + start) % _SEEDS, number=oldest, learning_rate=rate)
        for rate in candidate_rates(spec)
        for start in range(SEARCH_STARTS)
    ]
    return TrainingGroup(replace(run, experiment=trial, updates=updates), data, replicas, losses_only=True)


def _losses(group: TrainingGroup) -> tuple[tuple[float, float], ...]:
    """Return each rate with the mean of its starts' best validation losses, infinite if one diverged."""
    found: dict[float, list[float]] = {}
    for replica, state in zip(group.replicas, group.seeds, strict=True):
        diverged = state.status == "diverged"
        found.setdefault(replica.learning_rate, []).append(float("inf") if diverged else state.best_loss)
    return tuple((rate, float(np.mean(losses))) for rate, losses in found.items())
