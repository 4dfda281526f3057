"""Sentences of the verdict. Plain words, every number with its unit, no claim that the test does not allow."""

from collections.abc import Sequence

import numpy as np

from models.analysis.comparison import Column, median_time, metric_column, sound_scores
from models.analysis.pairs import Failures, PairComparison
from models.analysis.statistics import (
    CONFIDENCE,
    LEVEL,
    MAX_SEEDS_NAMED,
    MIN_FOR_CLAIM,
    fewest_for_claim,
    smallest_p,
)
from models.cells import get_cell
from models.records.results import ExperimentResult, RunResult
from models.spec.experiment import FAIRNESS


def number(value: float) -> str:
    """Return a value with three significant digits, a true minus, and thin-spaced thousands."""
    if not np.isfinite(value):
        return "no value"
    text = f"{value:,.0f}".replace(",", "\u202f") if abs(value) >= 1000 else f"{value:.3g}"
    return f"\u2212{text[1:]}" if text.startswith("-") else text


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: `1 seed`, `3 seeds`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def joined(parts: Sequence[str]) -> str:
    """Join words: `a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def probability(value: float) -> str:
    """Return a probability with two significant digits."""
    return f"{value:.2g}" if value >= 0.001 else f"{value:.0e}"


def short(comparison: PairComparison) -> str:
    """Return a verdict of at most five words."""
    if comparison.seeds < 2:
        return "no verdict from one seed" if comparison.seeds else "no seeds to compare"
    if comparison.better is None:
        return f"not distinguishable, {comparison.seeds} seeds"
    return f"{_winner(comparison)} better, p {probability(_p(comparison))}"


def short_of_all(comparisons: Sequence[PairComparison]) -> str:
    """Return a verdict of at most five words on several pairs."""
    if not comparisons:
        return "nothing to compare"
    if len(comparisons) == 1:
        return short(comparisons[0])
    claims = sum(comparison.better is not None for comparison in comparisons)
    return f"{claims} of {len(comparisons)} pairs differ"


def _winner(comparison: PairComparison) -> str:
    return comparison.titles[comparison.pair.index(comparison.better)] if comparison.better else ""


def _p(comparison: PairComparison) -> float:
    found = comparison.p if comparison.corrected_p is None else comparison.corrected_p
    return 1.0 if found is None else found


def statement(comparison: PairComparison) -> str:
    """Say in one or two sentences what a pair's numbers allow to say, and no more."""
    return f"{_claim(comparison)}: {evidence(comparison)}"


def _claim(comparison: PairComparison) -> str:
    first, second = comparison.titles
    if not comparison.seeds:
        return f"{first} and {second} cannot be compared"
    if comparison.seeds == 1:
        return "One seed gives no spread and no verdict"
    if comparison.better is not None:
        return f"{_winner(comparison)} is better than {_loser(comparison)}"
    return f"{first} and {second} are not distinguishable with {comparison.seeds} seeds"


def evidence(comparison: PairComparison) -> str:
    """Give the numbers behind a pair's claim, and what more seeds would bring where there is none."""
    if not comparison.seeds:
        return "they have no seed in common that finished."
    values = ", ".join(
        f"{title} {number(mean)}" for title, mean in zip(comparison.titles, comparison.means, strict=True)
    )
    if comparison.seeds == 1:
        return f"{values} in this one training."
    text = f"{values}; {_difference(comparison)}; {_test(comparison)}."
    return text if comparison.better is not None else f"{text} {_outlook(comparison)}"


def _loser(comparison: PairComparison) -> str:
    return next(title for title in comparison.titles if title != _winner(comparison))


def _difference(comparison: PairComparison) -> str:
    text = f"mean difference {number(comparison.difference)}"
    if comparison.interval is None:
        return text
    low, high = comparison.interval
    return f"{text}, {100 * CONFIDENCE:.0f} % bootstrap interval {number(low)} to {number(high)}"


def _test(comparison: PairComparison) -> str:
    if comparison.p is None:
        return "no test"
    text = f"exact sign-flip test over {comparison.seeds} paired seeds p = {probability(comparison.p)}"
    if comparison.corrected_p is not None and comparison.corrected_p != comparison.p:
        text += f", corrected for several pairs (Holm) {probability(comparison.corrected_p)}"
    return f"{text}, smallest possible {probability(comparison.smallest_p)}"


def _outlook(comparison: PairComparison) -> str:
    if comparison.seeds < MIN_FOR_CLAIM:
        narrow = ", and their interval is too narrow" if comparison.interval else ""
        floor = f"So few seeds cannot support a claim at the {100 * LEVEL:.0f} % level{narrow}; {MIN_FOR_CLAIM} are the least."
    else:
        floor = ""
    if comparison.seeds_needed is None:
        return (
            floor or f"Finding so small a difference would take more than {MAX_SEEDS_NAMED:,} seeds, if there is one."
        )
    return f"{floor} To find a difference of this size, about {comparison.seeds_needed:,} seeds would probably be needed.".strip()


def headline(comparisons: Sequence[PairComparison], column: Column) -> str:
    """Say who is better on what, in one sentence."""
    if not comparisons:
        return f"There is one architecture, so there is nothing to compare on {_metric(column)}."
    claims = [comparison for comparison in comparisons if comparison.better is not None]
    if claims:
        found = joined([f"{_winner(pair)} is better than {_loser(pair)}" for pair in claims])
        rest = len(comparisons) - len(claims)
        more = f"; {counted(rest, 'other pair')} cannot be told apart" if rest else ""
        return f"On {_metric(column)}, {found}{more}."
    if max(comparison.seeds for comparison in comparisons) < 2:
        return f"One seed gives no spread and so no verdict on {_metric(column)}."
    titles = list(dict.fromkeys(title for comparison in comparisons for title in comparison.titles))
    seeds = max(comparison.seeds for comparison in comparisons)
    return f"On {_metric(column)}, {joined(titles)} are not distinguishable with {seeds} seeds."


def _metric(column: Column) -> str:
    way = "lower is better" if column.better == "low" else "higher is better"
    unit = f" in {column.unit}" if column.unit else ""
    return f"test {_name(column)}{unit} ({way})"


def _name(column: Column) -> str:
    """Return a metric's name inside a sentence: "accuracy", but "RMSE"."""
    return column.title if column.title.isupper() else column.title.lower()


def findings(comparisons: Sequence[PairComparison], column: Column) -> str:
    """Return the one pair's statement, or the headline with every mean where there are several pairs."""
    if len(comparisons) == 1:
        return f"{headline(comparisons, column)} {_capitalised(evidence(comparisons[0]))}"
    if not comparisons:
        return headline(comparisons, column)
    means = {title: mean for pair in comparisons for title, mean in zip(pair.titles, pair.means, strict=True)}
    listed = ", ".join(f"{title} {number(mean)}" for title, mean in means.items())
    fewest, pairs = min(comparison.seeds for comparison in comparisons), len(comparisons)
    text = (
        f"{headline(comparisons, column)} Means: {listed}. Exact sign-flip tests over paired seeds, corrected for "
        f"{pairs} pairs (Holm); with {counted(fewest, 'seed')} no p can be below {probability(smallest_p(fewest))}"
    )
    if 1 < fewest < fewest_for_claim(pairs):
        return (
            f"{text}, which for {pairs} pairs is too few for any claim: {fewest_for_claim(pairs)} seeds are the least."
        )
    return f"{text}."


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def failed(failures: Sequence[Failures], result: ExperimentResult) -> str:
    """Say how many seeds diverged or never solved the task, and how fast the others did."""
    parts = [
        f"{item.diverged} of {item.seeds} {item.title} seeds diverged and are left out of the differences."
        for item in failures
        if item.diverged
    ]
    criterion = result.spec.source().solved(result.spec.dataset_options())
    if criterion is not None:
        way = "at least" if criterion.higher_is_better else "below"
        solved = joined([_solved(run, item) for run, item in zip(result.runs, failures, strict=True)])
        metric = _name(metric_column(criterion.metric, higher_is_better=criterion.higher_is_better))
        parts.append(f"Solved means {metric} {way} {criterion.threshold:g} on the validation part: {solved}.")
    return " ".join(parts)


def _solved(run: RunResult, failures: Failures) -> str:
    solved = failures.seeds - (failures.unsolved or 0)
    text = f"{failures.title} in {solved} of {counted(failures.seeds, 'seed')}"
    median = median_time([seed.solved_update for seed in run.seeds])
    return f"{text} (median {median:,.0f} updates)" if np.isfinite(median) else text


def costs(runs: Sequence[RunResult]) -> str:
    """Compare parameters and measured time per update with the first architecture."""
    if len(runs) < 2:
        return ""
    first = runs[0]
    parts = [_cost(run, first) for run in runs[1:]]
    return f"Cost against {get_cell(first.spec.architecture).title}: {'; '.join(parts)}."


def _cost(run: RunResult, first: RunResult) -> str:
    text = f"{get_cell(run.spec.architecture).title} has {run.parameters / first.parameters:.2f} times the parameters"
    times = [r.cost.get("milliseconds_per_update", np.nan) for r in (run, first)]
    if not np.isfinite(times).all() or times[1] <= 0:
        return text
    kernels = f"{run.kernel} kernel" if run.kernel == first.kernel else f"{run.kernel} against {first.kernel} kernel"
    return f"{text} and {times[0] / times[1]:.2f} times the time per update (measured here, {kernels})"


def against_baselines(result: ExperimentResult, metric: str, column: Column) -> str:
    """Say which architectures beat the best naive baseline on average."""
    scores = {title: values[metric] for title, values in result.baselines.items() if metric in values}
    means = {run.spec.architecture: _mean_score(run, metric) for run in result.runs}
    means = {name: value for name, value in means.items() if np.isfinite(value)}
    if not scores or not means:
        return ""
    sign = 1 if column.better == "high" else -1
    best = max(scores, key=lambda title: sign * scores[title])
    beat = [get_cell(name).title for name, value in means.items() if sign * value > sign * scores[best]]
    against = f"the best naive baseline, {best} ({number(scores[best])})"
    if not beat:
        return f"No architecture beats {against}: at these settings none of them is worth its cost."
    rest = [get_cell(name).title for name in means if get_cell(name).title not in beat]
    lagging = f"; {joined(rest)} {'does' if len(rest) == 1 else 'do'} not" if rest else ""
    return f"{joined(beat)} {'beats' if len(beat) == 1 else 'beat'} {against}{lagging}."


def _mean_score(run: RunResult, metric: str) -> float:
    scores = list(sound_scores(run, metric).values())
    return float(np.mean(scores)) if scores else float("nan")


def limits(result: ExperimentResult) -> str:
    """Say what the comparison does not show."""
    spec = result.spec
    rate = (
        "each architecture's best of a small search over learning rates"
        if spec.rate_search
        else f"one learning rate ({spec.learning_rate:g})"
    )
    return (
        f"What this does not show: it is one dataset, {FAIRNESS[spec.fairness].lower()} ({spec.hidden_size} units asked for), "
        f"{rate} and one split; seeds vary initial weights and the order of batches, not the data."
    )
