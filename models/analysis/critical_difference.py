"""Architectures over several datasets: mean ranks, Friedman's test, and the critical difference of Nemenyi.

Source: Demsar 2006, "Statistical Comparisons of Classifiers over Multiple Data Sets", sections 3.2.2 and 3.2.4. Axes: N datasets,
k architectures.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from data.escape_output import plain
from models.analysis.comparison_columns import deciding_metric
from models.analysis.pairs import completed_scores
from models.analysis.ranking import group_letters
from models.analysis.statistics import LEVEL, Floats
from models.cells import get_cell
from models.records.results import ExperimentResult

RANK_COLUMNS = ("architecture", "title", "mean_rank", "low", "high", "groups")
SHUFFLES = 20_000  # orders within datasets that Friedman's test tries


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankComparison:
    """Architectures ranked on several datasets.

    Attributes:
        names: Architectures that every dataset has, best mean rank first.
        datasets: What they were ranked on.
        ranks: `(N, k)`, 1 is best; ties share their mean.
        p: Friedman's p by shuffling within datasets: how often equally good architectures would rank so differently.
        critical: Mean ranks that differ by more are shown to differ (Nemenyi, 5 %).
        needed: The least number of datasets at which any two could be shown to differ.
    """

    names: tuple[str, ...]
    datasets: tuple[str, ...]
    ranks: Floats
    p: float
    critical: float
    needed: int

    @property
    def enough(self) -> bool:
        """Whether there are enough datasets for a claim."""
        return len(self.datasets) >= self.needed

    def frame(self) -> pd.DataFrame:
        """Return one row per architecture with the columns `RANK_COLUMNS`; two whose low to high overlap share a letter."""
        means = self.ranks.mean(axis=0)
        claims = self.enough and self.p < LEVEL
        different = {
            (first, second)
            for place, first in enumerate(self.names)
            for other, second in enumerate(self.names[:place])
            if claims and abs(means[place] - means[other]) > self.critical
        }
        letters = group_letters(self.names, different)
        half = self.critical / 2
        rows = [
            (name, get_cell(name).title, mean, mean - half, mean + half, letters[name])
            for name, mean in zip(self.names, means.tolist(), strict=True)
        ]
        return pd.DataFrame(rows, columns=list(RANK_COLUMNS))


def rank_comparison(results: Sequence[ExperimentResult]) -> RankComparison | None:
    """Rank the architectures that all results have, by their mean test score on each dataset.

    Several results on one dataset with the same options count once, by their mean rank: repeats of a dataset are not further
    datasets.

    Returns:
        None if fewer than two architectures stand in all results.
    """
    scored = [(_dataset(result), _scores(result)) for result in results]
    shared = [name for name in (scored[0][1] if scored else {}) if all(name in scores for _, scores in scored)]
    if len(shared) < 2:
        return None
    by_dataset: dict[str, list[Floats]] = {}
    for dataset, scores in scored:
        by_dataset.setdefault(dataset, []).append(ranks_of([scores[name] for name in shared]))
    ranks = np.stack([np.mean(found, axis=0) for found in by_dataset.values()])
    order = np.argsort(ranks.mean(axis=0), kind="stable")
    return RankComparison(
        names=tuple(shared[place] for place in order),
        datasets=tuple(by_dataset),
        ranks=ranks[:, order],
        p=friedman_p(ranks),
        critical=critical_difference(len(shared), len(ranks)),
        needed=needed_datasets(len(shared)),
    )


def _dataset(result: ExperimentResult) -> str:
    changed = ", ".join(f"{name} {plain(str(value))[:20]}" for name, value in result.spec.options)
    return f"{result.spec.source().title} ({changed})" if changed else result.spec.source().title


def _scores(result: ExperimentResult) -> dict[str, float]:
    """Return the mean test score of every architecture with a completed repeat; smaller is better."""
    metric, column = deciding_metric(result)
    sign = -1.0 if column.better == "high" else 1.0
    found = {run.spec.architecture: list(completed_scores(run, metric).values()) for run in result.runs}
    return {name: sign * float(np.mean(values)) for name, values in found.items() if values}


def ranks_of(scores: Sequence[float]) -> Floats:
    """Return ranks from 1 for the smallest; equal scores share the mean of theirs."""
    values = np.asarray(scores, dtype=np.float64)
    below = (values[None, :] < values[:, None]).sum(axis=1)
    equal = (values[None, :] == values[:, None]).sum(axis=1)
    return np.asarray(below + (equal + 1) / 2, dtype=np.float64)


def friedman_p(ranks: Floats) -> float:
    """Test whether mean ranks differ: the share of shuffles within datasets that spread them at least as much.

    Args:
        ranks: `(N, k)`.
    """
    draws = np.random.default_rng(0)
    spread = np.var(ranks.mean(axis=0))
    shuffled = np.broadcast_to(ranks, (SHUFFLES, *ranks.shape))
    means = draws.permuted(shuffled, axis=2).mean(axis=1)
    as_wide = int(np.sum(np.var(means, axis=1) >= spread - 1e-12))
    return (as_wide + 1) / (SHUFFLES + 1)


@lru_cache(maxsize=32)
def _studentised(architectures: int) -> float:
    """Return the 95 % quantile of the studentised range of so many means, divided by the square root of 2."""
    from scipy import stats  # imported late, as it takes longer than everything else

    return float(stats.studentized_range.ppf(1 - LEVEL, architectures, np.inf)) / math.sqrt(2)


def critical_difference(architectures: int, datasets: int) -> float:
    """Return by how much two mean ranks must differ (Nemenyi)."""
    spread = math.sqrt(architectures * (architectures + 1) / (6 * datasets))
    return _studentised(architectures) * spread


def needed_datasets(architectures: int) -> int:
    """Return the least number of datasets at which the largest possible difference of ranks, k - 1, exceeds the critical one."""
    datasets = 2
    while critical_difference(architectures, datasets) >= architectures - 1:
        datasets += 1
    return datasets
