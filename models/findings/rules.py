"""What rules of findings share: paired tests by the verdict's own statistics, and numbers in words."""

from collections.abc import Mapping

import numpy as np

from models.analysis.outcomes import Tested, compare_differences, margin_of
from models.findings.finding import Ruling, State
from models.findings.measured import Floats, RunNumbers

MOST = 7 / 8  # share of repeats that counts as "reliably"


def ruling(holds: bool, here: str, *, partly: bool = False) -> Ruling:
    """Return `reproduced` if it holds, else `partly` or `not reproduced`."""
    state: State = "reproduced" if holds else "partly" if partly else "not reproduced"
    return Ruling(state=state, here=here)


def most(passed: Floats) -> bool:
    """Return whether at least seven of eight repeats passed."""
    return bool(np.mean(passed) >= MOST)


def paired(numbers: RunNumbers, first: Floats, second: Floats) -> Floats:
    """Return the differences that are tested: one per repeat, or one per stretch of time, averaged over starts."""
    differences = first - second
    if not numbers.timed:
        return differences
    places = np.array(numbers.stretches)
    return np.array([differences[places == place].mean() for place in sorted(set(numbers.stretches))])


def compare(
    runs: Mapping[str, RunNumbers],
    pairs: list[tuple[str, str]],
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
        higher: Whether a higher value is better, and the metric a share.
        percent: Smallest difference that matters; 0 takes the verdict's.
    """
    values = [(runs[one].of(metric), runs[two].of(metric)) for one, two in pairs]
    samples = [paired(runs[pair[0]], *both) for pair, both in zip(pairs, values, strict=True)]
    margins = [
        margin_of(
            [float(np.nanmean(one)), float(np.nanmean(two))], share=higher, higher_is_better=higher, percent=percent
        )
        for one, two in values
    ]
    return list(compare_differences(samples, margins))


def better(test: Tested, *, higher: bool = False) -> bool:
    """Return whether the first of a pair is shown to be better."""
    return test.outcome == "better" and (test.difference > 0) == higher


def worse(test: Tested, *, higher: bool = False) -> bool:
    """Return whether the first of a pair is shown to be worse."""
    return test.outcome == "better" and (test.difference > 0) != higher


def p_value(test: Tested) -> str:
    """Return the corrected p in words."""
    return "p unknown" if test.corrected_p is None else f"p = {test.corrected_p:.2g}"


def spread(values: Floats, digits: int = 3) -> str:
    """Return median and range in words."""
    low, middle, high = (f"{value:.{digits}g}" for value in (np.min(values), np.median(values), np.max(values)))
    return f"{middle} ({low} to {high})"


def solved(numbers: RunNumbers) -> str:
    """Return how many repeats met the criterion, in words."""
    return f"{numbers.solved_count} of {numbers.repeats}"
