"""The details of a verdict: all numbers of the test, what varied, how many repeats would decide, and its limits."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from data import fields
from data.repeat_splits import MAX_STRETCHES, repeats_note
from data.uploads.unconfirmed import unconfirmed_sentence
from models.analysis.baselines import BaselineComparison
from models.analysis.comparison import median_time
from models.analysis.comparison_columns import Column, metric_column
from models.analysis.outcomes import EQUIVALENCE
from models.analysis.pairs import PairComparison, stretch_of
from models.analysis.statistics import LEVEL
from models.analysis.training_ends import TrainingEnd
from models.analysis.wording import (
    capitalised,
    counted,
    data_name,
    joined,
    metric_name,
    noun,
    number,
    p_value,
    probability,
    statement,
    test_name,
    unit_of,
)
from models.cells import get_cell
from models.records.results import ExperimentResult
from models.spec.experiment_settings import FAIRNESS, ONE_SPLIT, ExperimentSpec


class Detail(NamedTuple):
    """A paragraph of the details."""

    heading: str
    text: str


def details(
    result: ExperimentResult,
    column: Column,
    comparisons: Sequence[PairComparison],
    baselines: Sequence[BaselineComparison],
    ends: Sequence[TrainingEnd],
) -> tuple[Detail, ...]:
    """Return the paragraphs for a statistician, without empty ones."""
    caption = (
        Detail("Test", _test(comparisons)),
        Detail("Interval", _intervals(comparisons, column)),
        Detail("Pairs", " ".join(statement(pair) for pair in comparisons) if len(comparisons) > 1 else ""),
        Detail("What would decide", f"{outlook(result, comparisons)} {_out_of_reach(comparisons)}".strip()),
        Detail("Solved", _solved(result, comparisons, ends)),
        Detail("Baselines", _baselines(baselines)),
        Detail("What was varied", varied(result)),
        Detail("Training", _training(result, ends)),
        Detail("Limits", limits(result)),
    )
    return tuple(detail for detail in caption if detail.text)


def _test(comparisons: Sequence[PairComparison]) -> str:
    tested = [pair for pair in comparisons if pair.tested.p is not None]
    if not tested:
        return ""
    pair = tested[0]
    name = capitalised(test_name(pair.tested.repeats))
    what = "It asks how often flipping the signs of the differences gives a mean at least as far from zero."
    if len(tested) > 1:
        return f"{name}, one per pair, corrected for {len(tested)} pairs (Holm). {what}"
    return f"{name} over {counted(pair.tested.repeats, noun(pair))}: {p_value(pair)}. {what}"


def _intervals(comparisons: Sequence[PairComparison], column: Column) -> str:
    parts = [_interval(pair, column) for pair in comparisons if pair.tested.repeats > 1]
    if any(pair.tested.interval for pair in comparisons):
        parts.append("An interval holds the shifts that the test does not reject.")
    if any(len({repeat.starts for repeat in pair.repeats}) > 1 for pair in comparisons):
        parts.append(
            "Starts on the same stretch are averaged first, so that each stretch counts once here; the means on the cards "
            "count every start once, so they may differ by another amount."
        )
    return " ".join(parts)


def _interval(pair: PairComparison, column: Column) -> str:
    test, unit = pair.tested, unit_of(column)
    name = " minus ".join(pair.titles)
    if test.interval is None:
        return f"{name}: mean {number(test.difference)}{unit}; so few repeats have no interval."
    text = (
        f"{name}: mean {number(test.difference)}{unit}, {100 * (1 - test.level):.3g} % interval {_range(test.interval)}"
    )
    if test.equivalence is None:
        return f"{text}."
    margin = f"{100 * EQUIVALENCE:.0f} % interval, held against the margin of {number(test.margin)}: {_range(test.equivalence)}"
    return f"{text} and {margin}."


def _range(ends: tuple[float, float]) -> str:
    return f"{number(ends[0])} to {number(ends[1])}"


def max_repeats() -> int:
    """Return the largest number of repeats that can be set."""
    return int(fields.infos(ExperimentSpec)["seeds"].high)


def outlook(result: ExperimentResult, comparisons: Sequence[PairComparison]) -> str:
    """Say how many repeats would probably decide an open comparison, if that many can be set."""
    undecided = [pair for pair in comparisons if pair.outcome in ("too_close", "too_few")]
    if not undecided:
        return ""
    if stuck := next((pair for pair in undecided if _series_too_short(pair)), None):
        return (
            f"The series holds {counted(stuck.tested.repeats, 'stretch')} that can be tested; more repeats add starts, not "
            "stretches. A longer series or a shorter window would give more."
        )
    if again := next((pair for pair in undecided if _data_come_again(pair)), None):
        return (
            f"There are {again.tested.repeats} different splits of the data; more repeats add starts, not splits. More data, or "
            "more people, would give more."
        )
    if any(pair.timed and pair.tested.repeats >= MAX_STRETCHES for pair in undecided):
        return (
            f"All {MAX_STRETCHES} stretches are in use. More repeats add starts on them, which averages out the luck of a "
            "start; what differs between stretches stays. A longer series may decide, or a wider margin if it suits the use."
        )
    most = max_repeats()
    if all(pair.outcome == "too_few" for pair in undecided):
        least = max(pair.tested.repeats_needed or 0 for pair in undecided)
        return f"At least {least} completed repeats are needed before any difference can be claimed."
    needed = [pair.tested.repeats_needed for pair in undecided]
    if any(count is None or count > most for count in needed):
        return f"More than {most} repeats, the maximum here, would probably be needed to decide."
    return f"About {max(count for count in needed if count is not None)} repeats would probably decide, if the differences stay as they are."


def _out_of_reach(comparisons: Sequence[PairComparison]) -> str:
    """Say of two architectures that are too close to call where a margin is so narrow that equality is hardly ever shown."""
    if len(comparisons) != 1 or comparisons[0].outcome != "too_close":
        return ""
    test, values = comparisons[0].tested, [repeat.difference for repeat in comparisons[0].repeats]
    spread = float(np.std(values, ddof=1))
    if test.margin >= spread:
        return ""
    return (
        f"To show that both are the same is hardly possible here: the margin of {number(test.margin)} is small beside how much "
        f"the differences vary (standard deviation {number(spread)})."
    )


def _series_too_short(pair: PairComparison) -> bool:
    """Return whether more repeats would only add starts on the same stretches."""
    return pair.timed and pair.tested.repeats < MAX_STRETCHES and any(repeat.starts > 1 for repeat in pair.repeats)


def _data_come_again(pair: PairComparison) -> bool:
    """Return whether further repeats would share the splits or draws of those that there are."""
    return not pair.timed and any(repeat.starts > 1 for repeat in pair.repeats)


def _solved(result: ExperimentResult, comparisons: Sequence[PairComparison], ends: Sequence[TrainingEnd]) -> str:
    criterion = result.spec.source().solved(result.spec.dataset_options())
    if criterion is None:
        return ""
    way = "at least" if criterion.higher_is_better else "below"
    metric = metric_name(metric_column(criterion.metric, higher_is_better=criterion.higher_is_better))
    text = f"Solved means {metric} {way} {criterion.threshold:g} on the validation part."
    times = [median_time([seed.solved_update for seed in run.seeds]) for run in result.runs]
    fast = [f"{end.title} {time:,.0f}" for end, time in zip(ends, times, strict=True) if np.isfinite(time)]
    text += f" Median updates to solve it: {joined(fast)}." if fast else ""
    tests = [
        f"{' and '.join(pair.titles)} p = {probability(pair.solved_p)}"
        for pair in comparisons
        if pair.solved_p is not None
    ]
    if tests:
        text += f" Fisher's exact test of the shares that solved it: {'; '.join(tests)}."
    mixed = [end.title for end in ends if end.unsolved and end.unsolved < end.seeds]
    if mixed:
        text += f" {joined(mixed)} solved it in some repeats and not in others: a mean over both describes neither."
    return text


def _baselines(baselines: Sequence[BaselineComparison]) -> str:
    if not baselines:
        return ""
    tests = [f"{item.title} p = {probability(item.tested.p)}" for item in baselines if item.tested.p is not None]
    text = "Each repeat is compared with its own best simple predictor, fitted on the same rows as the networks."
    if baselines[0].one_split:
        text = "All repeats share one test part, so this holds for that part alone, and only a difference that matters counts."
    return f"{text} Sign-flip tests: {'; '.join(tests)}." if tests else text


def varied(result: ExperimentResult) -> str:
    """Say what differed between repeats: initial weights and batch order, and the data if it was resampled."""
    if not result.runs:
        return ""
    seeds = result.runs[0].seeds
    if any(stretch_of(seed) for seed in seeds):
        stretches = len({seed.stretch_index for seed in seeds})
        return (
            f"Each repeat starts from its own weights and is tested on its own stretch of time, {stretches} in all; it "
            "learned only from what lies before. In each repeat the architectures share stretch and order of batches."
        )
    if result.spec.resampling == "data":
        own = "Each repeat has its own start, order of batches and split or draw of the data; order and data are the same for all architectures."
        different = len({seed.stretch_index for seed in seeds})
        return f"{own} {repeats_note(different, len(seeds)) if different > 1 else ''}".rstrip()
    return (
        f"{ONE_SPLIT} So this says how the architectures compare on this test part, not on next year's data."
        if result.spec.shares_one_split()
        else "Nothing: there is one repeat."
    )


def _training(result: ExperimentResult, ends: Sequence[TrainingEnd]) -> str:
    parts = []
    for end in ends:
        if end.stopped:
            parts.append(f"{end.title} was stopped after {end.updates:,} of {end.planned:,} updates")
        if end.patient:
            parts.append(f"patience ended {end.patient} of {counted(end.seeds, f'{end.title} repeat')}")
        if end.diverged:
            parts.append(f"{end.diverged} of {counted(end.seeds, f'{end.title} repeat')} diverged and are left out")
    if len({end.planned for end in ends}) > 1:
        parts.append("updates for the same time: " + joined([f"{end.title} {end.planned:,}" for end in ends]))
    rates = [f"{get_cell(run.spec.architecture).title} {run.spec.learning_rate:g}" for run in result.runs]
    if rates:
        sought = f", each the best of {result.spec.rate_search}" if result.spec.rate_search > 1 else ""
        parts.append(f"learning rates: {joined(rates)}{sought}")
    return f"{capitalised('; '.join(parts))}." if parts else ""


def limits(result: ExperimentResult) -> str:
    """Say in one line where the verdict applies: data, horizon, settings, tuning budget, machine."""
    spec = result.spec
    tuning = (
        f"{counted(spec.rate_search, 'learning rate')} tried for each"
        if spec.rate_search > 1
        else f"one learning rate ({spec.learning_rate:g}), not tuned"
    )
    parts = [
        data_name(spec) if spec.source().family == "own" else spec.source().title,
        *_horizon(spec),
        f"{spec.hidden_size} units, {spec.updates:,} updates, {FAIRNESS[spec.fairness].lower()}",
        tuning,
        *(["one split of the data"] if spec.resampling == "start" else []),
        f"this machine ({_machine(result)})",
    ]
    said = (
        f"This holds for {'; '.join(parts)}. Elsewhere the order may change. Claims at the {100 * LEVEL:.0f} % level."
    )
    return f"{said} {unconfirmed_sentence(dict(spec.options))}".rstrip()


def _horizon(spec: ExperimentSpec) -> list[str]:
    """Return how far ahead or back the task looks, if it has an option for that."""
    options = spec.dataset_options()
    known = fields.infos(type(options))
    name = "horizon" if "horizon" in known else spec.source().lag_option
    if name is None or name not in known:
        return []
    value, unit = getattr(options, name), known[name].unit
    singular = unit.removesuffix("s") if value == 1 else unit
    return [f"{known[name].label.lower()} {value} {singular}".strip()]


def _machine(result: ExperimentResult) -> str:
    known = result.runs[0].environment if result.runs else {}
    return known.get("cpu") or known.get("device") or "unknown processor"
