"""Pairs of architectures on one metric, paired by seed, and what failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from models.analysis.comparison import Column, sound_scores
from models.analysis.statistics import (
    bootstrap_interval,
    holm,
    may_claim,
    seeds_needed,
    sign_flip_p,
    smallest_p,
)
from models.cells import get_cell
from models.records.results import ExperimentResult, RunResult

DIFFERENCE_COLUMNS = ("pair", "first", "second", "seed", "difference", "mean", "low", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class PairComparison:
    """Two architectures on the deciding metric, paired by seed.

    Attributes:
        pair: Names; differences are the first minus the second.
        titles: Their titles.
        metric: Name of the metric.
        higher_is_better: Which way is better.
        seeds: Seeds that both have a finite value for.
        means: Mean of each over those seeds; NaN without any.
        differences: (seed, difference) pairs.
        difference: Mean difference; NaN without any.
        interval: Bootstrap interval of the mean difference, None below three seeds.
        p: Two-sided p of the exact sign-flip test, None below two seeds.
        corrected_p: After Holm's correction for all pairs of the comparison.
        smallest_p: Smallest p that so many seeds can give.
        better: Name of the better one where a claim is allowed, else None.
        seeds_needed: Estimated seeds for a claim where there is none, or None where it cannot be estimated.
    """

    pair: tuple[str, str]
    titles: tuple[str, str]
    metric: str
    higher_is_better: bool
    seeds: int
    means: tuple[float, float]
    differences: tuple[tuple[int, float], ...]
    difference: float
    interval: tuple[float, float] | None
    p: float | None
    corrected_p: float | None
    smallest_p: float
    better: str | None
    seeds_needed: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """How many seeds of an architecture failed.

    Attributes:
        architecture: Name.
        title: Title.
        seeds: Seeds in all.
        diverged: Seeds whose loss was not finite.
        unsolved: Seeds that never met the solved criterion; None where the task has none.
    """

    architecture: str
    title: str
    seeds: int
    diverged: int
    unsolved: int | None


def compare_all(runs: tuple[RunResult, ...], metric: str, column: Column) -> tuple[PairComparison, ...]:
    """Compare every pair of runs on a metric; p values are corrected for the number of pairs."""
    higher = column.better == "high"
    pairs = list(combinations(runs, 2))
    compared = [_numbers(first, second, metric) for first, second in pairs]
    tested = [index for index, numbers in enumerate(compared) if numbers["p"] is not None]
    corrected = dict(zip(tested, holm([compared[index]["p"] for index in tested]), strict=True))
    return tuple(
        _comparison(numbers, corrected.get(index), len(pairs), higher) for index, numbers in enumerate(compared)
    )


def _numbers(first: RunResult, second: RunResult, metric: str) -> dict[str, Any]:
    """Return the fields of a `PairComparison` that do not depend on the other pairs."""
    left, right = sound_scores(first, metric), sound_scores(second, metric)
    seeds = [seed for seed in left if seed in right]
    values = np.array([left[seed] - right[seed] for seed in seeds])
    names = (first.spec.architecture, second.spec.architecture)
    return {
        "pair": names,
        "titles": tuple(get_cell(name).title for name in names),
        "metric": metric,
        "seeds": len(seeds),
        "means": tuple(float(np.mean([side[s] for s in seeds])) if seeds else float("nan") for side in (left, right)),
        "differences": tuple(zip(seeds, values.tolist(), strict=True)),
        "difference": float(np.mean(values)) if seeds else float("nan"),
        "interval": bootstrap_interval(values),
        "p": float(sign_flip_p(values)) if len(seeds) > 1 else None,
        "smallest_p": smallest_p(len(seeds)),
    }


def _comparison(numbers: dict[str, Any], corrected: float | None, pairs: int, higher: bool) -> PairComparison:
    claimed = corrected is not None and bool(may_claim(corrected, numbers["seeds"]))
    first_is_better = (numbers["difference"] > 0) == higher
    values = [difference for _, difference in numbers["differences"]]
    return PairComparison(
        **numbers,
        higher_is_better=higher,
        corrected_p=corrected,
        better=numbers["pair"][0 if first_is_better else 1] if claimed else None,
        seeds_needed=None if claimed else seeds_needed(values, pairs),
    )


def count_failures(run: RunResult, result: ExperimentResult) -> Failures:
    """Count the seeds of a run that diverged or never met the solved criterion."""
    criterion = result.spec.source().solved(result.spec.dataset_options())
    return Failures(
        architecture=run.spec.architecture,
        title=get_cell(run.spec.architecture).title,
        seeds=len(run.seeds),
        diverged=sum(seed.status == "diverged" for seed in run.seeds),
        unsolved=None if criterion is None else sum(seed.solved_update is None for seed in run.seeds),
    )


def differences_frame(comparisons: Sequence[PairComparison]) -> pd.DataFrame:
    """Return one row per pair and seed.

    Returns:
        Columns `DIFFERENCE_COLUMNS`: `pair` in words ("LSTM minus GRU"), `first` and `second` (titles), `seed`,
        `difference` in the metric's unit; `mean`, `low` and `high` of the pair are repeated in each of its rows, NaN
        where there is no interval.
    """
    rows = [
        {
            "pair": " minus ".join(pair.titles),
            "first": pair.titles[0],
            "second": pair.titles[1],
            "seed": seed,
            "difference": difference,
            "mean": pair.difference,
            "low": pair.interval[0] if pair.interval else np.nan,
            "high": pair.interval[1] if pair.interval else np.nan,
        }
        for pair in comparisons
        for seed, difference in pair.differences
    ]
    return pd.DataFrame(rows, columns=list(DIFFERENCE_COLUMNS))
