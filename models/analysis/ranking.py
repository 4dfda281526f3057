"""Many architectures in one list: their order, which cannot be told apart, and each against one reference."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from models.analysis.comparison_columns import deciding_metric
from models.analysis.pairs import PairComparison, compare_sides, completed_scores, side
from models.cells import get_cell
from models.records.results import ExperimentResult

RANKING_COLUMNS = ("rank", "architecture", "title", "score", "groups", "repeats")
REFERENCE_COLUMNS = (
    *("architecture", "title", "reference", "difference", "low", "high", "margin", "corrected_p", "outcome", "better"),
)
MIN_LISTED = 3  # architectures; two are a pair


def ranking_frame(result: ExperimentResult, comparisons: Sequence[PairComparison]) -> pd.DataFrame:
    """Return one row per architecture, best mean first.

    Args:
        result: A finished comparison.
        comparisons: All of its pairs, corrected by Holm; see `models.analysis.pairs.compare_all`.

    Returns:
        Columns `RANKING_COLUMNS`. `groups` holds letters: two architectures without a common letter are shown to differ.
    """
    metric, column = deciding_metric(result)
    scores = {run.spec.architecture: list(completed_scores(run, metric).values()) for run in result.runs}
    means = {name: float(np.mean(values)) if values else float("nan") for name, values in scores.items()}
    sign = -1 if column.better == "high" else 1
    order = sorted(means, key=lambda name: (np.isnan(means[name]), sign * means[name]))
    letters = group_letters(order, {pair.pair for pair in comparisons if pair.outcome == "better"})
    rows = [
        (place, name, get_cell(name).title, means[name], letters[name], len(scores[name]))
        for place, name in enumerate(order, start=1)
    ]
    return pd.DataFrame(rows, columns=list(RANKING_COLUMNS))


def group_letters(order: Sequence[str], different: set[tuple[str, str]]) -> Mapping[str, str]:
    """Return letters of groups so that two names share none exactly if they are shown to differ.

    Source: Piepho 2004, "An Algorithm for a Letter-Based Representation of All-Pairwise Comparisons": groups are split at
    each difference, and those inside another one are dropped.

    Args:
        order: Names, best first.
        different: Pairs that are shown to differ, in any order.
    """
    groups = [frozenset(order)]
    for first, second in different:
        parts = [part for group in groups for part in _split(group, first, second)]
        groups = [part for part in dict.fromkeys(parts) if not any(part < other for other in parts)]
    groups.sort(key=lambda group: sorted(order.index(name) for name in group))
    return {
        name: "".join(chr(ord("a") + place) for place, group in enumerate(groups) if name in group) for name in order
    }


def _split(group: frozenset[str], first: str, second: str) -> list[frozenset[str]]:
    return [group - {first}, group - {second}] if {first, second} <= group else [group]


def reference_frame(result: ExperimentResult, reference: str) -> pd.DataFrame:
    """Compare every other architecture with one, corrected by Holm for these comparisons alone.

    Args:
        result: A finished comparison.
        reference: Name of the architecture to compare with.

    Returns:
        Columns `REFERENCE_COLUMNS`, in the order of the runs: `difference` is the architecture minus the reference, with the
        interval that the corrected test does not reject; `better` is a name, or empty where no difference is shown.
    """
    metric, column = deciding_metric(result)
    chosen = next(run for run in result.runs if run.spec.architecture == reference)
    others = [run for run in result.runs if run.spec.architecture != reference]
    criterion = result.spec.source().solved(result.spec.dataset_options())
    compared = compare_sides(
        [(side(run), side(chosen)) for run in others],
        metric,
        column,
        percent=result.spec.margin,
        solvable=criterion is not None,
    )
    rows = [
        (
            pair.pair[0],
            pair.titles[0],
            pair.titles[1],
            pair.tested.difference,
            *(pair.tested.interval or (np.nan, np.nan)),
            pair.tested.margin,
            pair.tested.corrected_p,
            pair.outcome,
            pair.better or "",
        )
        for pair in compared
    ]
    return pd.DataFrame(rows, columns=list(REFERENCE_COLUMNS))
