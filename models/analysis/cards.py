"""The cards of a comparison: one for each architecture, one for the best simple predictor; planned, training or finished.

Every text is ready to be shown and may hold names from a visitor's file: escape it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.analysis.comparison import sound_scores, spread
from models.analysis.comparison_columns import Column, deciding_metric, spec_metric
from models.analysis.pairs import PairComparison
from models.analysis.verdict import Verdict
from models.analysis.wording import (
    chance,
    counted,
    duration,
    grouped,
    joined,
    metric_name,
    noun,
    number,
    probability,
    won,
)
from models.cells import get_cell
from models.records.results import Array, ExperimentResult, ExperimentView, RunResult, RunView
from models.spec.experiment_settings import ExperimentSpec
from models.spec.plan import Plan

SIMPLE = "Best simple predictor"
NONE = "–"
MAX_OUTLOOK = 110  # letters of what would decide, for which the line below a headline has room
ENDED = {
    "queued": "waiting",
    "finished": "finished",
    "stopped": "stopped early",
    "diverged": "diverged",
    "failed": "failed",
    "interrupted": "interrupted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a card shows of one architecture or predictor.

    Attributes:
        title: Its name.
        architecture: Name of the architecture; empty for a simple predictor.
        score: The score, or a dash before there is one.
        unit: Unit of the score, or empty.
        meaning: What the score is, with its spread: "test RMSE, ± 0.4 between repeats, lower is better".
        standing: How it stands: "won 3 of 8 stretches", "610 of 1 000 updates, 2 s left".
        size: Its parameters, with the relation to the first architecture.
        time: How long it trained, or will train.
        progress: Share of the training that is done; None for a simple predictor.
    """

    title: str
    architecture: str = ""
    score: str = NONE
    unit: str = ""
    meaning: str = ""
    standing: str = ""
    size: str = ""
    time: str = ""
    progress: float | None = None


def planned_cards(spec: ExperimentSpec, plan: Plan | None, *, seconds: float | None = None) -> tuple[Card, ...]:
    """Return the cards before training; without a plan, sizes are left out.

    Args:
        spec: The settings.
        plan: Their plan.
        seconds: Expected time of everything.
    """
    _, column = spec_metric(spec)
    sizes = {} if plan is None else {item.run.architecture: item.parameters for item in plan.runs}
    share = "" if seconds is None else f"about {duration(seconds)} for everything"
    meaning = f"test {metric_name(column)}, {_way(column)}"
    cards = [
        Card(
            title=get_cell(name).title,
            architecture=name,
            unit=_unit(column),
            meaning=meaning,
            standing="not trained yet",
            size=_size(name, sizes, spec.architectures[0]),
            time=share if place == 0 else "",
            progress=0.0,
        )
        for place, name in enumerate(spec.architectures)
    ]
    return (*cards, Card(title=SIMPLE, unit=_unit(column), meaning=meaning, standing="scored on the same data"))


def live_cards(view: ExperimentView, plan: Plan | None) -> tuple[Card, ...]:
    """Return the cards of a run that waits or trains: progress, and the score on validation data so far."""
    before = planned_cards(view.spec, plan)
    runs = {run.spec.architecture: run for run in view.runs}
    _, column = spec_metric(view.spec)
    return tuple(_live(card, runs[card.architecture], column) if card.architecture in runs else card for card in before)


def _live(card: Card, run: RunView, column: Column) -> Card:
    score = _latest(run.curves)
    return replace(
        card,
        score=NONE if score is None else number(score),
        meaning=f"validation {metric_name(column)} so far, {_way(column)}",
        standing=progress_text(run),
        time=_time_left(run),
        progress=min(1.0, run.update / max(1, run.spec.updates)),
    )


def _latest(curves: Mapping[str, Array]) -> float | None:
    """Return the mean metric of the newest evaluation; None before the first one."""
    updates, values = np.asarray(curves.get("update", ())), np.asarray(curves.get("metric", ()), dtype=np.float64)
    if not len(updates):
        return None
    newest = values[updates == updates.max()]
    finite = newest[np.isfinite(newest)]
    return float(finite.mean()) if len(finite) else None


def progress_text(run: RunView) -> str:
    """Say how far a run is: "610 of 1 000 updates"."""
    if run.status == "running" and run.search is not None:
        rates = counted(run.spec.experiment.rate_search, "learning rate")
        return f"trying {rates} first, {100 * run.search:.0f} % done"
    text = f"{grouped(run.update)} of {grouped(run.spec.updates)} updates"
    if run.attempt > 1:
        text += f", attempt {run.attempt}"
    return text if run.status == "running" else f"{text}, {ENDED[run.status]}"


def _time_left(run: RunView) -> str:
    if run.status != "running" or not run.updates_per_second:
        return ""
    speed = f"{grouped(run.updates_per_second)} updates/s" if run.updates_per_second >= 1 else ""
    left = "" if run.seconds_left is None else f"{duration(run.seconds_left)} left"
    return ", ".join(part for part in (speed, left) if part)


def result_cards(result: ExperimentResult, verdict: Verdict) -> tuple[Card, ...]:
    """Return the cards of a result: test scores, wins, sizes and times, and the best simple predictor."""
    sizes = {run.spec.architecture: run.parameters for run in result.runs}
    cards = [_finished(result, run, verdict, sizes) for run in result.runs]
    return (*cards, _simple(result, verdict))


def _finished(result: ExperimentResult, run: RunResult, verdict: Verdict, sizes: Mapping[str, int]) -> Card:
    metric, column = deciding_metric(result)
    scores, name = list(sound_scores(run, metric).values()), run.spec.architecture
    wide = spread(scores)
    around = f", ± {number(float(f'{wide:.2g}'))} between repeats" if np.isfinite(wide) else ""
    seconds = max((seed.seconds for seed in run.seeds), default=0.0)
    return Card(
        title=get_cell(name).title,
        architecture=name,
        score=number(float(np.mean(scores))) if scores else "no value",
        unit=_unit(column),
        meaning=f"test {metric_name(column)}{around}, {_way(column)}",
        standing=_standing(run, verdict),
        size=_size(name, sizes, next(iter(sizes))),
        time=f"trained in {duration(seconds)} ({counted(len(run.seeds), 'repeat')})",
        progress=1.0,
    )


def _standing(run: RunResult, verdict: Verdict) -> str:
    """Say how often an architecture won, or why that cannot be said."""
    name = run.spec.architecture
    end = next((end for end in verdict.ends if end.architecture == name), None)
    if end is not None and end.stopped:
        return f"stopped at {grouped(end.updates)} of {grouped(end.planned)} updates"
    if end is not None and end.diverged:
        return f"diverged in {end.diverged} of {counted(end.seeds, 'repeat')}"
    own = [pair for pair in verdict.comparisons if name in pair.pair]
    if len(own) == 1 and own[0].tested.repeats:
        return wins(own[0], name)
    better = sum(pair.better == name for pair in own)
    return f"shown better than {better} of {counted(len(own), 'other')}" if own else ""


def wins(pair: PairComparison, name: str) -> str:
    """Say how many repeats one of a pair won: "won 3 of 8 stretches"."""
    return f"won {pair.wins[pair.pair.index(name)]} of {counted(pair.tested.repeats, noun(pair))}"


def _simple(result: ExperimentResult, verdict: Verdict) -> Card:
    _, column = deciding_metric(result)
    if not verdict.baselines:
        return Card(title=SIMPLE, standing="none for this task")
    first = verdict.baselines[0]
    beaten = [item.title for item in verdict.baselines if item.outcome == "beats"]
    ahead = [item.title for item in verdict.baselines if item.outcome == "worse"]
    standing = f"beaten by {joined(beaten)}" if beaten else "beaten by none"
    if ahead:
        standing += f"; beats {joined(ahead)}"
    if all(item.outcome == "too_few" for item in verdict.baselines):
        standing = "too few repeats to compare"
    return Card(
        title=SIMPLE,
        score=number(first.score),
        unit=_unit(column),
        meaning=f"test {metric_name(column)}, {_way(column)}",
        standing=standing,
        size=first.baseline if first.always else f"mostly {first.baseline}",
    )


def _size(name: str, sizes: Mapping[str, int], first: str) -> str:
    """Return the parameters of an architecture, with the relation to the first one: "3 393 parameters (−25 %)"."""
    if name not in sizes:
        return ""
    text = f"{grouped(sizes[name])} parameters"
    percent = round(100 * (sizes[name] / sizes[first] - 1)) if sizes.get(first) else 0
    sign = "+" if percent > 0 else "\u2212"
    return text if name == first or not percent else f"{text} ({sign}{abs(percent)} %)"


def _unit(column: Column) -> str:
    return "" if column.unit in ("", "value") else column.unit


def _way(column: Column) -> str:
    return "lower is better" if column.better == "low" else "higher is better"


def sureness(verdict: Verdict, outlook: str) -> str:
    """Say in a few sentences how sure a finding is: wins and p, simple predictors, and what would decide an open one.

    Args:
        verdict: The verdict.
        outlook: What would decide; see `models.analysis.details.outlook`.
    """
    short = outlook if len(outlook) <= MAX_OUTLOOK else ""  # a longer one is among the reasons only
    return " ".join(part for part in (_evidence(verdict.comparisons), _against_simple(verdict), short) if part)


def _against_simple(verdict: Verdict) -> str:
    """Warn where no network beats the best simple predictor."""
    outcomes = {item.outcome for item in verdict.baselines}
    if not outcomes or outcomes & {"beats", "too_few"}:
        return ""
    several = len(verdict.baselines) > 1
    if outcomes == {"worse"}:
        who = ("both" if len(verdict.baselines) == 2 else "all") if several else verdict.baselines[0].title
        return f"The best simple predictor beats {who}."
    return "No network beats the best simple predictor."


def _evidence(comparisons: Sequence[PairComparison]) -> str:
    if len(comparisons) != 1 or comparisons[0].tested.repeats < 2:
        return ""
    p = comparisons[0].tested.p
    said = "" if p is None else f"; chance alone does at least as much {chance(p)} (p = {probability(p)})"
    return f"{won(comparisons[0])}{said}."
