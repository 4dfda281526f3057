"""Pairs of architectures on one metric: paired by repeat, averaged within a stretch of time, tested together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from models.analysis.comparison import sound_scores
from models.analysis.comparison_columns import Column, is_share
from models.analysis.outcomes import Outcome, Tested, compare_differences, margin_of, without_equality
from models.analysis.statistics import LEVEL, fisher_p
from models.cells import get_cell
from models.records.results import ExperimentResult, RunResult, SeedResult

DIFFERENCE_COLUMNS = (
    "pair",
    "first",
    "second",
    "repeat",
    "from",
    "to",
    "starts",
    "difference",
    "mean",
    "low",
    "high",
    "margin",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """One difference in the test: from one split of the data, or from one stretch of time with all its starts.

    Attributes:
        index: Number of the stretch (0 is the newest), or the seed without stretches.
        start: First position of its stretch, or empty.
        end: Last position.
        difference: Score of the first minus score of the second, averaged over starts.
        starts: How many starts of the networks were averaged.
    """

    index: int
    start: str
    end: str
    difference: float
    starts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PairComparison:
    """Two architectures on the deciding metric.

    Attributes:
        pair: Names; differences are the first minus the second.
        titles: Their titles.
        metric: Name of the metric.
        higher_is_better: Which way is better.
        means: Mean of each over the repeats that both completed; NaN without any.
        repeats: The differences in the test, oldest first.
        tested: The test.
        better: Name of the better one if the outcome is `better`, else None.
        wins: In how many repeats each was better.
        solved: (solved, trained) of each if the task has a criterion, else None.
        solved_p: Fisher's exact p of the two shares, None without a criterion.
    """

    pair: tuple[str, str]
    titles: tuple[str, str]
    metric: str
    higher_is_better: bool
    means: tuple[float, float]
    repeats: tuple[Repeat, ...]
    tested: Tested
    better: str | None
    wins: tuple[int, int]
    solved: tuple[tuple[int, int], tuple[int, int]] | None = None
    solved_p: float | None = None

    @property
    def outcome(self) -> Outcome:
        """The outcome of the test."""
        return self.tested.outcome

    @property
    def winner(self) -> str:
        """Title of the better one, empty without a claim."""
        return self.titles[self.pair.index(self.better)] if self.better is not None else ""

    @property
    def loser(self) -> str:
        """Title of the other one, empty without a claim."""
        return self.titles[1 - self.pair.index(self.better)] if self.better is not None else ""

    @property
    def timed(self) -> bool:
        """Whether its repeats are stretches of time."""
        return any(repeat.start for repeat in self.repeats)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """One side of a pair: a run and its name."""

    name: str
    title: str
    run: RunResult


def side(run: RunResult) -> Side:
    """Return a run under its architecture's name."""
    return Side(name=run.spec.architecture, title=get_cell(run.spec.architecture).title, run=run)


def completed(run: RunResult, seed: SeedResult) -> bool:
    """Return whether a replica counts as a repeat: it trained to its planned end or until its patience ran out, and did not diverge."""
    return seed.status == "finished" or (seed.status == "stopped" and seed.updates >= run.spec.updates)


def completed_scores(run: RunResult, metric: str) -> dict[int, float]:
    """Return seed to finite test value of every replica that counts as a repeat."""
    ended = {seed.seed for seed in run.seeds if completed(run, seed)}
    return {seed: score for seed, score in sound_scores(run, metric).items() if seed in ended}


def compare_all(result: ExperimentResult, metric: str, column: Column) -> tuple[PairComparison, ...]:
    """Compare every pair of a result's architectures; p values are corrected for the number of pairs."""
    criterion = result.spec.source().solved(result.spec.dataset_options())
    sides = [side(run) for run in result.runs]
    return compare_sides(
        list(combinations(sides, 2)), metric, column, percent=result.spec.margin, solvable=criterion is not None
    )


def compare_sides(
    pairs: Sequence[tuple[Side, Side]], metric: str, column: Column, *, percent: float = 0.0, solvable: bool = False
) -> tuple[PairComparison, ...]:
    """Compare pairs of runs together.

    Args:
        pairs: The runs to compare.
        metric: Name of the deciding metric.
        column: How to read it.
        percent: The margin in the settings, see `models.analysis.outcomes.margin_of`.
        solvable: Whether the task has a solved criterion.
    """
    higher = column.better == "high"
    scores = [(completed_scores(a.run, metric), completed_scores(b.run, metric)) for a, b in pairs]
    repeats = [_repeats(a.run, left, right) for (a, _), (left, right) in zip(pairs, scores, strict=True)]
    means = [_common_means(left, right) for left, right in scores]
    margins = [margin_of(pair, share=is_share(metric), higher_is_better=higher, percent=percent) for pair in means]
    tested = compare_differences([[repeat.difference for repeat in each] for each in repeats], margins)
    compared = [
        _comparison(pair, metric, higher, mean, each, test)
        for pair, mean, each, test in zip(pairs, means, repeats, tested, strict=True)
    ]
    return tuple(map(_with_solved, compared, pairs)) if solvable else tuple(compared)


def _comparison(
    pair: tuple[Side, Side],
    metric: str,
    higher: bool,
    means: tuple[float, float],
    repeats: tuple[Repeat, ...],
    tested: Tested,
) -> PairComparison:
    signs = [np.sign(repeat.difference) * (1 if higher else -1) for repeat in repeats]
    first_is_better = (tested.difference > 0) == higher
    return PairComparison(
        pair=(pair[0].name, pair[1].name),
        titles=(pair[0].title, pair[1].title),
        metric=metric,
        higher_is_better=higher,
        means=means,
        repeats=repeats,
        tested=tested,
        better=pair[0 if first_is_better else 1].name if tested.outcome == "better" else None,
        wins=(signs.count(1), signs.count(-1)),
    )


def _with_solved(comparison: PairComparison, pair: tuple[Side, Side]) -> PairComparison:
    """Return a comparison with the shares that solved the task; if Fisher's test finds a difference, the outcome is not `same`."""
    solved = (_solved(pair[0].run), _solved(pair[1].run))
    p = fisher_p(*zip(*solved, strict=True))
    tested = without_equality(comparison.tested) if p < LEVEL else comparison.tested
    return replace(comparison, solved=solved, solved_p=p, tested=tested)


def _solved(run: RunResult) -> tuple[int, int]:
    return sum(seed.solved_update is not None for seed in run.seeds), len(run.seeds)


def _common_means(left: Mapping[int, float], right: Mapping[int, float]) -> tuple[float, float]:
    common = [seed for seed in left if seed in right]
    if not common:
        return float("nan"), float("nan")
    return float(np.mean([left[seed] for seed in common])), float(np.mean([right[seed] for seed in common]))


def _repeats(run: RunResult, left: Mapping[int, float], right: Mapping[int, float]) -> tuple[Repeat, ...]:
    values = {seed: left[seed] - right[seed] for seed in left if seed in right}
    return group_repeats(run, values)


def stretch_of(seed: SeedResult) -> tuple[str, str] | None:
    """Return the first and last position of the stretch of time on which a replica was tested, or None."""
    return None if seed.stretch is None else (_position(seed.stretch.first), _position(seed.stretch.last))


def _position(value: str | float) -> str:
    """Return a position on the time axis as text, whole numbers without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def group_repeats(run: RunResult, values: Mapping[int, float]) -> tuple[Repeat, ...]:
    """Average values per seed over the starts on the same data, oldest stretch first; with one split a seed is a repeat.

    Args:
        run: A run that has these seeds.
        values: Seed to value.
    """
    shared = any(stretch_of(seed) for seed in run.seeds) or len({seed.stretch_index for seed in run.seeds}) > 1
    groups: dict[int, list[SeedResult]] = {}
    for seed in run.seeds:
        if seed.seed in values:
            groups.setdefault(seed.stretch_index if shared else seed.seed, []).append(seed)
    timed = any(stretch_of(seed) is not None for seed in run.seeds)
    return tuple(
        Repeat(
            index=index,
            start=(stretch_of(seeds[0]) or ("", ""))[0],
            end=(stretch_of(seeds[0]) or ("", ""))[1],
            difference=float(np.mean([values[seed.seed] for seed in seeds])),
            starts=len(seeds),
        )
        for index, seeds in sorted(groups.items(), reverse=timed)
    )


def leader(runs: Sequence[RunResult], comparisons: Sequence[PairComparison]) -> str | None:
    """Return the architecture that is shown to be better than every other one, or None."""
    names = [run.spec.architecture for run in runs]
    wins = [pair.better for pair in comparisons]
    return next((name for name in names if len(names) > 1 and wins.count(name) == len(names) - 1), None)


def differences_frame(comparisons: Sequence[PairComparison]) -> pd.DataFrame:
    """Return one row per pair and repeat, oldest first.

    Returns:
        Columns `DIFFERENCE_COLUMNS`: `pair` in words ("LSTM minus GRU"), `first` and `second` (titles), `repeat` (number
        of the stretch, 0 is the newest, or the seed), `from` and `to` of its stretch of time (or empty), `starts` averaged
        in it, `difference` in the metric's unit. `mean`, `low` and `high` (the interval, NaN without one) and `margin` are
        those of the pair, the same in each of its rows.
    """
    rows = [
        (
            " minus ".join(pair.titles),
            *pair.titles,
            repeat.index,
            repeat.start,
            repeat.end,
            repeat.starts,
            repeat.difference,
            pair.tested.difference,
            *(pair.tested.interval or (np.nan, np.nan)),
            pair.tested.margin,
        )
        for pair in comparisons
        for repeat in pair.repeats
    ]
    return pd.DataFrame(rows, columns=list(DIFFERENCE_COLUMNS))
