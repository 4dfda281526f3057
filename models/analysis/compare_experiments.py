"""Several experiments side by side: what differs in their settings, their curves, and a verdict if the comparison is fair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import pandas as pd

from data.escape_output import plain, spreadsheet
from models.analysis import wording
from models.analysis.comparison import band_frame, curve_frame
from models.analysis.comparison_columns import deciding_metric
from models.analysis.pairs import PairComparison, Side, compare_sides, stretch_of
from models.cells import get_cell
from models.records.results import ExperimentResult, RunResult
from models.spec.experiment_settings import ExperimentSpec

OVERLAY_COLUMNS = ("label", "architecture", "title", "update", "seconds", "mean")
MAX_PAIRS = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """An experiment with its letter in a comparison."""

    label: str
    result: ExperimentResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The comparison of two experiments.

    Attributes:
        labels: Their letters.
        obstacle: Why they cannot be compared, one sentence; empty if they can.
        statements: One per pair of runs.
    """

    labels: tuple[str, str]
    obstacle: str
    statements: tuple[str, ...] = ()


def obstacle(first: ExperimentSpec, second: ExperimentSpec) -> str:
    """Return why a comparison of two experiments would not be fair, or an empty text."""
    if first.dataset != second.dataset:
        return f"They were trained on different data: {first.source().title} and {second.source().title}."
    mine, other = dict(first.options), dict(second.options)
    different = [name for name in mine if mine[name] != other.get(name)]
    if "content" in different:
        return "They were trained on different files."
    if different:
        return f"The same dataset was prepared differently: {wording.joined([name.replace('_', ' ') for name in different])}."
    if first.resampling != second.resampling:
        return "One varied the data from repeat to repeat, the other did not."
    if first.seed != second.seed:
        return f"Data and split were drawn from different first seeds: {first.seed} and {second.seed}."
    return ""


def findings(experiments: Sequence[Labelled]) -> tuple[Finding, ...]:
    """Compare every two experiments: the same architecture in both, or all pairs if they share none."""
    return tuple(_finding(first, second) for first, second in combinations(experiments, 2))


def _finding(first: Labelled, second: Labelled) -> Finding:
    labels = (first.label, second.label)
    reason = obstacle(first.result.spec, second.result.spec)
    if reason:
        return Finding(labels=labels, obstacle=reason)
    pairs = _pairs(first.result, second.result)
    if any(_tested_elsewhere(a, b) for a, b in pairs):
        return Finding(labels=labels, obstacle="Their repeats were tested on different stretches of time.")
    caption = tuple(wording.statement(pair) for pair in compare_across(first, second, pairs))
    return Finding(labels=labels, obstacle="", statements=caption)


def _pairs(first: ExperimentResult, second: ExperimentResult) -> list[tuple[RunResult, RunResult]]:
    every = list(product(first.runs, second.runs))
    same = [(a, b) for a, b in every if a.spec.architecture == b.spec.architecture]
    return (same or every)[:MAX_PAIRS]


def compare_across(
    first: Labelled, second: Labelled, pairs: Sequence[tuple[RunResult, RunResult]]
) -> tuple[PairComparison, ...]:
    """Compare pairs of runs of two experiments, corrected for their number; names carry the experiments' letters."""
    metric, column = deciding_metric(first.result)
    sides = [(_side(mine, first), _side(other, second)) for mine, other in pairs]
    spec = first.result.spec
    solvable = spec.source().solved(spec.dataset_options()) is not None
    return compare_sides(sides, metric, column, percent=spec.margin, solvable=solvable)


def _side(run: RunResult, experiment: Labelled) -> Side:
    title = f"{get_cell(run.spec.architecture).title} of {experiment.label}"
    return Side(name=title, title=title, run=run)


def _tested_elsewhere(first: RunResult, second: RunResult) -> bool:
    """Return whether a repeat that both have was tested on different stretches of time."""
    other = {seed.seed: stretch_of(seed) for seed in second.seeds}
    return any(seed.seed in other and other[seed.seed] != stretch_of(seed) for seed in first.seeds)


def overlay_frame(experiments: Sequence[Labelled]) -> pd.DataFrame:
    """Return the mean validation loss of every run of several experiments, in long format.

    Columns: `OVERLAY_COLUMNS`; `title` is the architecture's with the experiment's letter.
    """
    parts = []
    for experiment in experiments:
        curves = curve_frame(experiment.result.runs)
        bands = band_frame(curves[curves["measure"] == "validation_loss"]) if len(curves) else curves
        if len(bands):
            titles = bands["title"] + f" of {experiment.label}"
            parts.append(bands.assign(label=experiment.label, title=titles).reindex(columns=list(OVERLAY_COLUMNS)))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(OVERLAY_COLUMNS))


def settings_frame(specs: Mapping[str, ExperimentSpec], *, differences_only: bool = False) -> pd.DataFrame:
    """Return one row per setting and one column per experiment; `differs` says whether the values do.

    Args:
        specs: Letter to settings.
        differences_only: Leave out settings that are equal in all.
    """
    from models.records.setting_rows import setting_rows

    columns = {label: dict(setting_rows(spec)) for label, spec in specs.items()}
    names = list(dict.fromkeys(name for values in columns.values() for name in values))
    frame = pd.DataFrame(
        {label: [spreadsheet(plain(values.get(name, "–"))) for name in names] for label, values in columns.items()},
        index=pd.Index(names, name="setting"),
    )
    frame["differs"] = frame.nunique(axis=1) > 1
    return frame[frame["differs"]] if differences_only else frame
