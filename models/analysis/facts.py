"""The facts below a headline: three to five short lines on scores, wins, cost, baseline and margin."""

from collections.abc import Sequence

import numpy as np

from models.analysis.baselines import BaselineComparison
from models.analysis.comparison import sound_scores
from models.analysis.comparison_columns import Column, is_share
from models.analysis.outcomes import MARGIN_OF_ERRORS, MARGIN_OF_SHARES
from models.analysis.pairs import PairComparison
from models.analysis.wording import joined, metric_name, number, probability, unit_of, won
from models.cells import get_cell
from models.records.results import ExperimentResult, RunResult
from models.spec.experiment_settings import ONE_SPLIT

EQUAL_TIME = 0.05  # times per update within five percent count as equal
_HUGE = 10_000  # times; above it a ratio is only said to be more
EQUAL_SIZE = 0.01  # as fair planning does


def facts(
    result: ExperimentResult,
    metric: str,
    column: Column,
    comparisons: Sequence[PairComparison],
    baselines: Sequence[BaselineComparison],
) -> tuple[str, ...]:
    """Return the lines below the headline; the shares of repeats that solved the task come first, if there are any."""
    lines = (
        solved_line(result, comparisons),
        score_line(result, metric, column),
        _wins(result, comparisons),
        cost_line(result.runs, comparisons),
        baseline_line(baselines),
        margin_line(result, comparisons, column),
    )
    told = [line for line in lines if line]
    if len(told) == 6:  # a solved task: scores and wins share a line
        told[1:3] = [f"{told[1]} {told[2]}"]
    return tuple(told)


def solved_line(result: ExperimentResult, comparisons: Sequence[PairComparison]) -> str:
    """Say how many repeats of each architecture solved the task, with Fisher's exact test for a pair."""
    if result.spec.source().solved(result.spec.dataset_options()) is None or not result.runs:
        return ""
    shares = [
        f"{get_cell(run.spec.architecture).title} in {sum(seed.solved_update is not None for seed in run.seeds)} of {len(run.seeds)}"
        for run in result.runs
    ]
    text = f"Solved: {joined(shares)} repeats"
    if len(comparisons) != 1 or comparisons[0].solved_p is None:
        return f"{text}."
    return f"{text} (Fisher's exact test: p = {probability(comparisons[0].solved_p)})."


def score_line(result: ExperimentResult, metric: str, column: Column) -> str:
    """Give the mean score of each architecture."""
    scores = []
    for run in result.runs:
        finite = list(sound_scores(run, metric).values())
        mean = number(float(np.mean(finite))) if finite else "no value"
        scores.append(f"{get_cell(run.spec.architecture).title} {mean}")
    unit = unit_of(column)
    way = "lower" if column.better == "low" else "higher"
    return f"Test {metric_name(column)}: {joined(scores)}{unit}; {way} is better." if scores else ""


def _wins(result: ExperimentResult, comparisons: Sequence[PairComparison]) -> str:
    """Say how often each of two architectures won, and whether the repeats share their data."""
    shared = ONE_SPLIT if result.spec.shares_one_split() else ""
    if len(comparisons) != 1 or comparisons[0].tested.repeats < 2:
        return shared
    return f"{won(comparisons[0])}. {shared}".rstrip()


def cheaper(runs: Sequence[RunResult]) -> str | None:
    """Return the title of the cheaper of two: smaller or faster, and not worse in the other respect."""
    if len(runs) != 2:
        return None
    size = _ratio(runs[1].parameters, runs[0].parameters, EQUAL_SIZE)
    time = time_ratio(runs[1], runs[0])
    pace = 0 if time is None else _ratio(time, 1.0, EQUAL_TIME)
    if size * pace < 0 or size == pace == 0:
        return None
    return get_cell(runs[1 if size + pace < 0 else 0].spec.architecture).title


def _ratio(value: float, reference: float, tolerance: float) -> int:
    """Return -1, 0 or 1: clearly smaller, about equal, clearly larger."""
    if not reference or abs(value / reference - 1) <= tolerance:
        return 0
    return -1 if value < reference else 1


def time_ratio(run: RunResult, first: RunResult) -> float | None:
    """Return measured time per update against another run's; None where kernels differ or a time is missing."""
    times = [one.cost.get("milliseconds_per_update", np.nan) for one in (run, first)]
    if run.kernel != first.kernel or not np.isfinite(times).all() or min(times) <= 0:
        return None
    ratio = float(times[0] / times[1])
    return ratio if np.isfinite(ratio) else None


def cost_line(runs: Sequence[RunResult], comparisons: Sequence[PairComparison]) -> str:
    """Compare parameters and measured time per update with the first architecture; recommend where quality is the same."""
    if len(runs) < 2:
        return ""
    parts = [_cost(run, runs[0]) for run in runs[1:]]
    text = f"Against {get_cell(runs[0].spec.architecture).title}: {'; '.join(parts)}"
    if busy(runs):
        text += " (timed on a busy machine)"
    choice = cheaper(runs)
    if len(comparisons) == 1 and comparisons[0].outcome == "same" and choice is not None:
        return f"{text}: take the {choice}."
    return f"{text}."


def _cost(run: RunResult, first: RunResult) -> str:
    title = get_cell(run.spec.architecture).title
    text = f"{title} has {_more(run.parameters / first.parameters, 'fewer', 'as many')} parameters"
    time = time_ratio(run, first)
    return text if time is None else f"{text} and takes {_more(time, 'less', 'as much')} time per update"


def _more(ratio: float, less: str, equal: str) -> str:
    if ratio > _HUGE:
        return f"over {_HUGE:,} times more"
    percent = round(100 * abs(ratio - 1))
    return f"{percent} % {less if ratio < 1 else 'more'}" if percent else equal


def busy(runs: Sequence[RunResult]) -> bool:
    """Return whether there were more runnable threads than cores while a run was timed."""
    return any(_noted(run, "load", 0.0) > _noted(run, "cores", 1.0) for run in runs)


def _noted(run: RunResult, name: str, otherwise: float) -> float:
    """Return a number from a run's environment; an imported file may contain anything there."""
    try:
        return float(run.environment.get(name, "") or otherwise)
    except ValueError:
        return otherwise


def baseline_line(baselines: Sequence[BaselineComparison]) -> str:
    """Say what the test says about each architecture and the best simple predictor."""
    if not baselines:
        return ""
    verbs = {
        "beats": ("beats", "beat"),
        "no_better": ("is no better than", "are no better than"),
        "worse": ("is worse than", "are worse than"),
        "too_few": ("has too few repeats to compare with", "have too few repeats to compare with"),
    }
    groups = {outcome: [item.title for item in baselines if item.outcome == outcome] for outcome in verbs}
    told = [(joined(titles), verbs[outcome][len(titles) > 1]) for outcome, titles in groups.items() if titles]
    first = baselines[0]
    name = first.baseline.split(":")[0]
    against = f"the best simple predictor, {name} ({number(first.score)})"
    if not first.always:
        against = f"the best simple predictor of each repeat ({number(first.score)} on average, mostly {name})"
    rest = "".join(f"; {titles} {verb} it" for titles, verb in told[1:])
    return f"{told[0][0]} {told[0][1]} {against}{rest}."


def margin_line(result: ExperimentResult, comparisons: Sequence[PairComparison], column: Column) -> str:
    """Say which difference matters, and whether the measured one is that large."""
    known = [pair for pair in comparisons if pair.tested.repeats]
    if not known:
        return ""
    share = is_share(known[0].metric)
    percent = result.spec.margin or (MARGIN_OF_SHARES if share else MARGIN_OF_ERRORS)
    size = f"{percent:g} percentage points" if share else f"{percent:g} %"
    if share and percent == 1:
        size = "1 percentage point"
    if len(known) > 1:
        return f"Differences below {size} do not matter here."
    pair = known[0]
    way = "at least" if pair.tested.matters else "less than"
    unit = unit_of(column)
    return f"The difference of {number(abs(pair.tested.difference))}{unit} is {way} the {number(pair.tested.margin)} ({size}) that matters."
