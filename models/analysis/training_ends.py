"""How the training of each architecture ended, which a verdict must mention first."""

from dataclasses import dataclass

import numpy as np

from models.cells import get_cell
from models.records.results import ExperimentResult, RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingEnd:
    """How the repeats of one architecture ended.

    Attributes:
        architecture: Name.
        title: Title.
        seeds: Repeats in all.
        planned: Updates that were planned.
        updates: Updates done, median over repeats that did not diverge; all repeats if every one did.
        stopped: Repeats that were stopped before the planned updates.
        patient: Repeats that ended early because their patience ran out.
        diverged: Repeats whose loss was not finite.
        unsolved: Repeats that never met the solved criterion; None if the task has none.
    """

    architecture: str
    title: str
    seeds: int
    planned: int
    updates: int
    stopped: int
    patient: int
    diverged: int
    unsolved: int | None


def training_ends(result: ExperimentResult) -> tuple[TrainingEnd, ...]:
    """Return how each run of a result ended."""
    solvable = result.spec.source().solved(result.spec.dataset_options()) is not None
    return tuple(_end(run, solvable=solvable) for run in result.runs)


def _end(run: RunResult, *, solvable: bool) -> TrainingEnd:
    planned = run.spec.updates
    sound = [seed.updates for seed in run.seeds if seed.status != "diverged"]
    early = [seed for seed in run.seeds if seed.updates < planned]
    return TrainingEnd(
        architecture=run.spec.architecture,
        title=get_cell(run.spec.architecture).title,
        seeds=len(run.seeds),
        planned=planned,
        updates=int(np.median(sound or [seed.updates for seed in run.seeds] or [0])),
        stopped=sum(seed.status not in ("finished", "diverged") for seed in early),
        patient=sum(seed.status == "finished" for seed in early),
        diverged=sum(seed.status == "diverged" for seed in run.seeds),
        unsolved=sum(seed.solved_update is None for seed in run.seeds) if solvable else None,
    )


def missing(result: ExperimentResult) -> tuple[str, ...]:
    """Return the titles of requested architectures without a result."""
    present = {run.spec.architecture for run in result.runs}
    return tuple(get_cell(name).title for name in result.spec.architectures if name not in present)
