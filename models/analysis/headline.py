"""The headline of a verdict: at most fifteen words that name the data; anything that limits the comparison comes first."""

from collections.abc import Sequence

import numpy as np

from models.analysis.comparison import sound_scores
from models.analysis.comparison_columns import deciding_metric
from models.analysis.pairs import PairComparison
from models.analysis.statistics import min_repeats
from models.analysis.training_ends import TrainingEnd, missing, training_ends
from models.analysis.wording import counted, data_name, joined, metric_name, number, short, short_data_name
from models.cells import get_cell
from models.records.results import ExperimentResult, RunResult

MAX_WORDS = 15
MAX_NAMES = 3  # architectures that a headline lists before it counts them


def headline(result: ExperimentResult, comparisons: Sequence[PairComparison], cheaper: str | None = None) -> str:
    """Say what a comparison found, and on what.

    Args:
        result: The comparison.
        comparisons: Its pairs, tested.
        cheaper: Title of the cheaper of two, if there is one.
    """
    names = dict.fromkeys((data_name(result.spec), short_data_name(result.spec), "your data"))
    if result.spec.source().family != "own":
        del names["your data"]
    return _fitting(*(_headline(result, comparisons, cheaper, data) for data in names))


def _headline(result: ExperimentResult, comparisons: Sequence[PairComparison], cheaper: str | None, data: str) -> str:
    ends = training_ends(result)
    if spoiled := _no_verdict(ends, comparisons, data):
        return spoiled
    if absent := missing(result):
        return _fitting(f"{joined(absent)} failed, so there is no comparison on {data}.", f"No comparison on {data}.")
    core = _core(result, comparisons, data, cheaper)
    for warning in _warnings(result, ends):
        for candidate in core:
            text = f"{warning}: {candidate[:3].replace('Too', 'too')}{candidate[3:]}"
            if words(text) <= MAX_WORDS:
                return text
    return _fitting(*core)


def words(text: str) -> int:
    """Count words as a reader does."""
    return len(text.split())


def _fitting(*candidates: str) -> str:
    """Return the first text that is short enough, else the last."""
    return next((text for text in candidates if words(text) <= MAX_WORDS), candidates[-1])


def _no_verdict(ends: Sequence[TrainingEnd], comparisons: Sequence[PairComparison], data: str) -> str:
    """Return a sentence if stopped training left nothing to test, else an empty text."""
    stopped = [end for end in ends if end.stopped]
    if not stopped or any(pair.outcome != "too_few" for pair in comparisons):
        return ""
    done = [f"{end.updates:,}" for end in ends]
    caption = joined(done) if len(done) <= MAX_NAMES else f"{min(done)} to {max(done)}"
    text = f"Stopped after {caption} of {max(end.planned for end in ends):,} updates: no verdict on the architectures"
    return _fitting(f"{text} ({data}).", f"{text}.")


def _warnings(result: ExperimentResult, ends: Sequence[TrainingEnd]) -> list[str]:
    """Return warnings that belong before the claim, the most serious first; a headline has room for one."""
    found = ["Some repeats stopped early" for end in ends if end.stopped][:1]
    diverged = [end for end in ends if end.diverged]
    found += [f"{end.title} diverged in {end.diverged} of {counted(end.seeds, 'repeat')}" for end in diverged]
    found += [f"{counted(end.diverged, f'{end.title} repeat')} diverged" for end in diverged]
    found += ["Ended early by patience" for end in ends if end.patient][:1]
    if len({end.planned for end in ends}) > 1:
        found.append("At equal training time")
    return found


def _core(
    result: ExperimentResult, comparisons: Sequence[PairComparison], data: str, cheaper: str | None
) -> tuple[str, ...]:
    """Return wordings of the finding, the longest first."""
    if not comparisons:
        return (_alone(result, data), f"{data} has one architecture, so nothing to compare.")
    if len(comparisons) == 1:
        return _of_one_pair(comparisons[0], data, cheaper)
    return _of_several(result.runs, comparisons, data)


def _alone(result: ExperimentResult, data: str) -> str:
    if not result.runs:
        return f"Nothing was trained on {data}."
    run = result.runs[0]
    metric, column = deciding_metric(result)
    scores = list(sound_scores(run, metric).values())
    mean = number(float(np.mean(scores))) if scores else "no value"
    title = get_cell(run.spec.architecture).title
    return f"{title} reaches {metric_name(column)} {mean} on {data}; nothing to compare it with."


def _of_one_pair(pair: PairComparison, data: str, cheaper: str | None) -> tuple[str, ...]:
    both = joined(pair.titles)
    if pair.outcome == "better":
        plain = f"{pair.winner} is better than {pair.loser} on {data}"
        return (f"{plain}.",) if pair.tested.matters else (f"{plain}, by less than matters.", f"{plain}, barely.")
    if pair.outcome == "same":
        plain = f"{both} do equally well on {data}"
        return (f"{plain}; {cheaper} is cheaper.", f"{plain}.") if cheaper else (f"{plain}.",)
    if pair.outcome == "too_close":
        return (f"Too close to call: {both} on {data}.",)
    least = min_repeats(pair.tested.level)
    text = f"Too few repeats to compare {both} on {data}"
    return (f"{text}: {pair.tested.repeats} of {least}.", f"{text}.", f"Too few repeats on {data}.")


def _of_several(runs: Sequence[RunResult], comparisons: Sequence[PairComparison], data: str) -> tuple[str, ...]:
    titles = [get_cell(run.spec.architecture).title for run in runs]
    names = _names(titles, "architectures")
    outcomes = {pair.outcome for pair in comparisons}
    if "better" in outcomes:
        return _claims(titles, comparisons, data)
    if outcomes == {"same"}:
        return (f"{names} do equally well on {data}.",)
    if outcomes == {"too_few"}:
        fewest = min(pair.tested.repeats for pair in comparisons)
        least = max(min_repeats(pair.tested.level) for pair in comparisons)
        text = f"Too few repeats to compare {names} on {data}"
        return (f"{text}: {fewest} of {least}.", f"{text}.")
    return (f"Too close to call: {names} on {data}.",)


def _claims(titles: Sequence[str], comparisons: Sequence[PairComparison], data: str) -> tuple[str, ...]:
    """Say which architectures were shown to be worse than another, and which were not."""
    beaten = [title for title in titles if any(pair.loser == title for pair in comparisons)]
    ahead = [title for title in titles if title not in beaten]
    if len(ahead) == 1 and all(pair.winner for pair in comparisons if ahead[0] in pair.titles):
        return (f"{ahead[0]} is better than {_names(beaten, 'others')} on {data}.",)
    verb = "is" if len(beaten) == 1 else "are"
    worse = f"{_names(beaten, 'architectures')} {verb} worse"
    return (f"On {data}, {worse} than {_names(ahead, 'others')}; the rest is open.", f"On {data}, {worse} than others.")


def _names(titles: Sequence[str], noun: str) -> str:
    return joined(titles) if len(titles) <= MAX_NAMES else f"{len(titles)} {noun}"


def short_of_all(result: ExperimentResult, comparisons: Sequence[PairComparison]) -> str:
    """Return a verdict of at most five words."""
    ends = training_ends(result)
    if any(end.stopped for end in ends) and all(pair.outcome == "too_few" for pair in comparisons):
        return "stopped: no verdict"
    if missing(result):
        return "incomplete: no verdict"
    if not comparisons:
        return "nothing to compare"
    if len(comparisons) == 1:
        return short(comparisons[0])
    claims = [pair for pair in comparisons if pair.outcome == "better"]
    if claims:
        return f"{len(claims)} of {len(comparisons)} pairs differ"
    outcomes = {pair.outcome for pair in comparisons}
    return short(comparisons[0]) if len(outcomes) == 1 else "too close to call"
