"""What rules of findings share: paired tests by the verdict's own statistics, and numbers in words."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.analysis.comparison_columns import metric_column
from models.analysis.outcomes import Tested, compare_differences, margin_of
from models.cells import get_cell
from models.findings.finding import Rule, Ruling, State
from models.findings.measured import Floats, Measured, RunNumbers

RELIABLE = 7 / 8  # share of repeats that counts as nearly all


def ruling(holds: bool, here: str, *, partly: bool = False) -> Ruling:
    """Return `reproduced` if it holds, else `partly` or `not reproduced`."""
    state: State = "reproduced" if holds else "partly" if partly else "not reproduced"
    return Ruling(state=state, here=here)


def nearly_all(passed: NDArray[np.bool_]) -> bool:
    """Return whether at least seven of eight repeats passed."""
    return bool(np.mean(passed) >= RELIABLE)


def paired(numbers: RunNumbers, first: Floats, second: Floats) -> Floats:
    """Return the differences that are tested: one per repeat, or one per stretch of time, averaged over starts."""
    differences = first - second
    if not numbers.timed:
        return differences
    places = np.array(numbers.stretches)
    return np.array([differences[places == place].mean() for place in sorted(set(numbers.stretches))])


def compare(
    runs: Mapping[str, RunNumbers],
    pairs: Sequence[tuple[str, str]],
    metric: str,
    *,
    higher: bool = False,
    percent: float = 0.0,
) -> list[Tested]:
    """Test pairs of architectures together, first minus second; Holm's correction over the pairs.

    Args:
        runs: Architecture to its numbers, of the same repeats.
        pairs: Names of the two.
        metric: Test metric.
        higher: Whether a higher value is better.
        percent: Smallest difference that matters; 0 takes the verdict's.
    """
    values = [(runs[one].of(metric), runs[two].of(metric)) for one, two in pairs]
    samples = [paired(runs[pair[0]], *both) for pair, both in zip(pairs, values, strict=True)]
    share = "accuracy" in metric
    margins = [
        margin_of([float(one.mean()), float(two.mean())], share=share, higher_is_better=higher, percent=percent)
        for one, two in values
    ]
    return list(compare_differences(samples, margins))


def better(test: Tested, *, higher: bool = False) -> bool:
    """Return whether the first of a pair is shown to be better."""
    return test.outcome == "better" and (test.difference > 0) == higher


def worse(test: Tested, *, higher: bool = False) -> bool:
    """Return whether the first of a pair is shown to be worse."""
    return test.outcome == "better" and (test.difference > 0) != higher


def title(architecture: str) -> str:
    """Return an architecture's title."""
    return get_cell(architecture).title


def p_value(test: Tested) -> str:
    """Return the corrected p in words."""
    return "p unknown" if test.corrected_p is None else f"p = {test.corrected_p:.2g}"


def spread(values: Floats, digits: int = 3) -> str:
    """Return median and range in words."""
    low, middle, high = (f"{value:.{digits}g}" for value in (np.min(values), np.median(values), np.max(values)))
    return f"{middle} ({low} to {high})"


def scores(runs: Mapping[str, RunNumbers], names: Sequence[str], metric: str) -> str:
    """Return the median and range of a metric of each architecture, in one sentence."""
    column = metric_column(metric, higher_is_better=True)
    head = f"{column.title} ({column.unit})" if column.unit else column.title
    return f"{head}: " + ", ".join(f"{title(name)} {spread(runs[name].of(metric))}" for name in names) + "."


def solved(numbers: RunNumbers) -> str:
    """Return how many repeats met the criterion, in words."""
    return f"{numbers.solved_count} of {numbers.repeats}"


def solved_by(able: Sequence[str], unable: Sequence[str], metric: str) -> Rule:
    """Return a rule: nearly all repeats of some architectures solve the task, and nearly none of others.

    It is `partly` reproduced if the first half holds alone.
    """

    def rule(measured: Measured) -> Ruling:
        runs = next(iter(measured.experiments.values()))
        can = all(runs[name].solved_count >= RELIABLE * runs[name].repeats for name in able)
        cannot = all(runs[name].solved_count <= (1 - RELIABLE) * runs[name].repeats for name in unable)
        names = [*able, *unable]
        counts = ", ".join(f"{title(name)} {solved(runs[name])}" for name in names)
        return ruling(can and cannot, f"Solved: {counts}. {scores(runs, names, metric)}", partly=can)

    return rule


def shown_better(first: str, others: Sequence[str], metric: str, *, higher: bool = False) -> Rule:
    """Return a rule: an architecture is shown to be better than each of some others, by the verdict's test.

    It is `partly` reproduced if that is shown against some of them.
    """

    def rule(measured: Measured) -> Ruling:
        runs = next(iter(measured.experiments.values()))
        tests = compare(runs, [(first, other) for other in others], metric, higher=higher)
        held = [better(test, higher=higher) for test in tests]
        against = ", ".join(f"{title(other)} {p_value(test)}" for other, test in zip(others, tests, strict=True))
        here = f"{scores(runs, [first, *others], metric)} {title(first)} against {against}."
        return ruling(all(held), here, partly=any(held))

    return rule


def not_shown_worse(first: str, others: Sequence[str], metric: str, *, higher: bool = False) -> Rule:
    """Return a rule: the verdict's test does not show an architecture to be worse than any of some others.

    It is `partly` reproduced if one is shown worse, but by less than the verdict's smallest difference that matters.
    """

    def rule(measured: Measured) -> Ruling:
        runs = next(iter(measured.experiments.values()))
        tests = compare(runs, [(first, other) for other in others], metric, higher=higher)
        lost = [test for test in tests if worse(test, higher=higher)]
        against = ", ".join(
            f"{title(other)} {test.difference:+.2g} ({p_value(test)}; {test.margin:.2g} would matter)"
            for other, test in zip(others, tests, strict=True)
        )
        here = f"{scores(runs, [first, *others], metric)} {title(first)} minus {against}."
        return ruling(not lost, here, partly=not any(test.matters for test in lost))

    return rule
