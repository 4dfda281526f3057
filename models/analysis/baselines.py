"""Networks against the best simple predictor, by the same test as networks against each other."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.analysis.comparison_columns import Column, deciding_metric, is_share
from models.analysis.outcomes import Tested, compare_differences, margin_of
from models.analysis.pairs import completed_scores, group_repeats
from models.cells import get_cell
from models.records.results import ExperimentResult, RunResult

BaselineOutcome = Literal["beats", "no_better", "worse", "too_few"]
Scores = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineComparison:
    """One architecture against the best baseline of each repeat.

    Attributes:
        architecture: Name.
        title: Title.
        baseline: The baseline that was best most often.
        score: Mean of the best baseline over the repeats.
        outcome: `beats`, `no_better`, `worse`, or `too_few` repeats to test.
        tested: The test of the differences, network minus best baseline.
        one_split: Whether all repeats share one test part, so that only the start of the networks was varied.
        always: Whether that baseline was the best in every repeat.
    """

    architecture: str
    title: str
    baseline: str
    score: float
    outcome: BaselineOutcome
    tested: Tested
    one_split: bool
    always: bool = True


def compare_with_baselines(result: ExperimentResult, metric: str, column: Column) -> tuple[BaselineComparison, ...]:
    """Test every architecture against the best baseline of each repeat; empty where there is no baseline."""
    higher = column.better == "high"
    kept = [(run, found) for run in result.runs if (found := _best_of_each(result, run, metric, higher))]
    scores = [completed_scores(run, metric) for run, _ in kept]
    values = [
        {seed: score[seed] - best[seed][1] for seed in score} for score, (_, best) in zip(scores, kept, strict=True)
    ]
    samples = [
        [repeat.difference for repeat in group_repeats(run, each)] for (run, _), each in zip(kept, values, strict=True)
    ]
    bests = [float(np.mean([value for _, value in best.values()])) for _, best in kept]
    means = [float(np.mean([*score.values()])) if score else np.nan for score in scores]
    margins = [
        margin_of(pair, share=is_share(metric), higher_is_better=higher, percent=result.spec.margin)
        for pair in zip(means, bests, strict=True)
    ]
    one_split = not result.repeat_baselines or result.spec.resampling == "start"
    return tuple(
        BaselineComparison(
            architecture=run.spec.architecture,
            title=get_cell(run.spec.architecture).title,
            baseline=_usual(best),
            score=score,
            outcome=_outcome(tested, higher, one_split),
            tested=tested,
            one_split=one_split,
            always=len({title for title, _ in best.values()}) == 1,
        )
        for (run, best), score, tested in zip(kept, bests, compare_differences(samples, margins), strict=True)
    )


def usual_baseline(result: ExperimentResult) -> str:
    """Return the title of the baseline that was best most often, as the verdict names it; empty without one."""
    metric, column = deciding_metric(result)
    each = (_best_of_each(result, run, metric, column.better == "high") for run in result.runs)
    return next((_usual(best) for best in each if best), "")


def _usual(best: Mapping[int, tuple[str, float]]) -> str:
    return Counter(title for title, _ in best.values()).most_common(1)[0][0]


def _best_of_each(result: ExperimentResult, run: RunResult, metric: str, higher: bool) -> dict[int, tuple[str, float]]:
    """Return seed to title and value of the best baseline of that repeat; empty if a repeat has none."""
    every = result.repeat_baselines or (result.baselines,) * len(run.seeds)
    found = {}
    for seed, baselines in zip(run.seeds, every, strict=False):
        best = _best(baselines, metric, higher)
        if best is None:
            return {}
        found[seed.seed] = best
    return found if len(found) == len(run.seeds) else {}


def _best(baselines: Scores, metric: str, higher: bool) -> tuple[str, float] | None:
    scores = {title: values[metric] for title, values in baselines.items() if np.isfinite(values.get(metric, np.nan))}
    if not scores:
        return None
    title = (max if higher else min)(scores, key=lambda name: scores[name])
    return title, scores[title]


def _outcome(tested: Tested, higher: bool, one_split: bool) -> BaselineOutcome:
    """Turn the test into an outcome about a baseline.

    If all repeats share one test part, a network that learned nothing may differ from the baseline by the same tiny
    amount in each of them, so there the difference must also matter.
    """
    if tested.outcome == "too_few":
        return "too_few"
    if tested.outcome != "better" or (one_split and not tested.matters):
        return "no_better"
    return "beats" if (tested.difference > 0) == higher else "worse"
