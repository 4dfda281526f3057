"""The parts of the check that train: the same networks against themselves, next year, and planted differences."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np

from models.analysis.comparison_columns import deciding_metric
from models.analysis.pairs import PairComparison, Side, compare_sides
from models.analysis.verdict import judge
from models.engine.run_here import run_experiment
from models.records.results import ExperimentResult, RunResult
from tests.verdict.first_table import outcome_and_p
from tests.verdict.series import Series, every_series, spec_of
from tests.verdict.tables import Row, percent

BLOCKS = 12  # groups of repeats with starts of their own; every two of a series are a comparison
OUTCOMES = ("better", "same", "too_close", "too_few")
PLANTED = {"a quarter of the units": {"hidden_size": 4}, "a tenth of the updates": {"updates": 30}}


def trained(series: Series, **changes: object) -> ExperimentResult:
    """Train an experiment on a series in this process."""
    return run_experiment(spec_of(series, **changes), content=series.content(), threads=1)


def against(first: ExperimentResult, second: ExperimentResult) -> PairComparison:
    """Compare the first architecture of two results, paired by stretch whatever their seeds are called."""
    metric, column = deciding_metric(first)
    sides = [_side(name, result.runs[0]) for name, result in (("A", first), ("B", second))]
    (pair,) = compare_sides([(sides[0], sides[1])], metric, column)
    return pair


def _side(name: str, run: RunResult) -> Side:
    seeds = tuple(replace(seed, seed=place) for place, seed in enumerate(run.seeds))
    return Side(name=name, title=name, run=replace(run, seeds=seeds))


def itself(most: int) -> Iterator[Row]:
    """Compare a GRU with itself, starts and order of batches new, on so many series; one row a kind of series."""
    pairs: list[PairComparison] = []
    for series in every_series()[:most]:
        blocks = [
            trained(series, architectures=("gru",), seed=1000 * block, rate_search=0, learning_rate=0.01)
            for block in range(BLOCKS)
        ]
        pairs += [against(first, second) for first, second in combinations(blocks, 2)]
    outcomes = [pair.outcome for pair in pairs]
    yield (f"{len(pairs)} comparisons", *(percent(outcomes.count(outcome) / len(pairs)) for outcome in OUTCOMES))


def one_split(most: int) -> Iterator[Row]:
    """Do the same as the first version did: one split, eight starts, one learning rate."""
    yield from next_year(most, resampling="start", rate_search=0)


def next_year(most: int, **early_settings: object) -> Iterator[Row]:
    """Hold what is claimed on the first 80 % of each series against the last rows, which it never saw."""
    claims = right = small = 0
    for series in every_series()[:most]:
        early = judge(trained(series.first(0.8), **early_settings)).comparisons[0]
        late = judge(trained(series, resampling="start")).comparisons[0]
        winner = late.pair[0] if late.tested.difference < 0 else late.pair[1]
        if early.outcome == "better":
            claims, right = claims + 1, right + (early.better == winner)
            small += early.better != winner and not late.tested.matters
        yield (series.name, *outcome_and_p(early), f"{winner.upper()} by {100 * _relative(late):.1f} %")
    yield (f"**{claims} claims, {right} right, {small} wrong by less than the margin**", "", "", "")


def _relative(pair: PairComparison) -> float:
    return abs(pair.tested.difference) / min(pair.means)


def planted(most: int) -> Iterator[Row]:
    """Compare a GRU with one that was made worse in a known way."""
    found: dict[str, list[PairComparison]] = {name: [] for name in PLANTED}
    for series in every_series()[:most]:
        whole = trained(series, architectures=("gru",), rate_search=0, learning_rate=0.01)
        for name, change in PLANTED.items():
            worse = trained(series, architectures=("gru",), rate_search=0, learning_rate=0.01, seed=5000, **change)
            found[name].append(against(whole, worse))
    for name, pairs in found.items():
        for low, high in ((0.0, 0.75), (0.75, 1.5), (1.5, np.inf)):
            chosen = [pair for pair in pairs if low <= _effect(pair) < high]
            if chosen:
                right = sum(pair.better == "A" for pair in chosen) / len(chosen)
                wrong = sum(pair.better == "B" for pair in chosen) / len(chosen)
                told = f"{low:g} to {high:g}" if np.isfinite(high) else f"above {low:g}"
                yield (f"{name}: effect {told}", str(len(chosen)), percent(right), percent(wrong))


def _effect(pair: PairComparison) -> float:
    """Return the mean difference over the standard deviation of the differences."""
    values = [repeat.difference for repeat in pair.repeats]
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return abs(pair.tested.difference) / spread if spread else float("inf")
