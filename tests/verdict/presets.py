"""Presets: whether a preset's own run shows what its sentence promises."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from dashboard.presets import Preset, presets
from models.analysis.compare_experiments import Labelled, compare_across
from models.analysis.pairs import PairComparison
from models.analysis.statistics import LEVEL
from models.analysis.verdict import Verdict, judge
from models.engine.run_here import run_experiment
from models.records.results import ExperimentResult
from tests.verdict.tables import Row

ALL_DO_WELL = 0.9  # share of right answers


class Promise(NamedTuple):
    """What a preset promises, and how its finished run shows whether that holds."""

    words: str
    holds: Callable[[ExperimentResult, Verdict], bool]


def testable(_: ExperimentResult, verdict: Verdict) -> bool:
    """Return whether every pair could have been claimed to differ."""
    return bool(verdict.comparisons) and all(pair.outcome != "too_few" for pair in verdict.comparisons)


def gates_matter(_: ExperimentResult, verdict: Verdict) -> bool:
    """Return whether the tanh RNN is shown to be worse than LSTM and GRU, in solved shares or in scores."""
    pairs = [pair for pair in verdict.comparisons if "rnn" in pair.pair]
    return len(pairs) == 2 and all(_lost_by(pair, "rnn") for pair in pairs)


def _lost_by(pair: PairComparison, name: str) -> bool:
    place = pair.pair.index(name)
    worse = pair.better == pair.pair[1 - place]
    if pair.solved is None or pair.solved_p is None:
        return worse
    return worse or (pair.solved_p < LEVEL and pair.solved[place][0] < pair.solved[1 - place][0])


def all_do_well(result: ExperimentResult, verdict: Verdict) -> bool:
    """Return whether every mean accuracy is high, every network beats the baseline, and sizes differ."""
    scores = [seed.test_metrics["accuracy"] for run in result.runs for seed in run.seeds]
    sizes = {run.parameters for run in result.runs}
    return min(scores) > ALL_DO_WELL and learned(result, verdict) and len(sizes) == len(result.runs)


def lstm_counts(_: ExperimentResult, verdict: Verdict) -> bool:
    """Return whether the LSTM is shown to be better than the GRU."""
    return verdict.comparisons[0].better == "lstm"


def learned(_: ExperimentResult, verdict: Verdict) -> bool:
    """Return whether every network beats the best simple predictor."""
    return bool(verdict.baselines) and all(item.outcome == "beats" for item in verdict.baselines)


def filters(result: ExperimentResult, verdict: Verdict) -> bool:
    """Return whether minGRU, whose gate does not see the state, is shown to be worse than another one."""
    return any(_lost_by(pair, "min_gru") for pair in verdict.comparisons if "min_gru" in pair.pair)


def tested_against_baselines(_: ExperimentResult, verdict: Verdict) -> bool:
    """Return whether every network could have been said to beat the best simple predictor, or not to."""
    return bool(verdict.baselines) and all(item.outcome != "too_few" for item in verdict.baselines)


def in_nats(result: ExperimentResult, verdict: Verdict) -> bool:
    """Return whether the score is in nats, as in the paper that the preset names, and can be tested."""
    metric = result.spec.source().metric(result.spec.dataset_options())
    return "nats" in metric and testable(result, verdict)


def bias_matters(result: ExperimentResult, _: Verdict) -> bool:
    """Train the LSTM again with a bias of 0; return whether that is shown to be worse, as the preset lets one see."""
    lstm = result.runs[0]
    again = run_experiment(replace(result.spec, architectures=("lstm",), forget_bias=0.0), threads=1)
    (pair,) = compare_across(
        Labelled(label="A", result=result), Labelled(label="B", result=again), [(lstm, again.runs[0])]
    )
    return _lost_by(pair, pair.pair[1])


PROMISES: Mapping[str, Promise] = {
    "Sunspots forecast": Promise("its question can be answered", testable),
    "Adding problem: gates matter": Promise("the network without gates fails", gates_matter),
    "Digits": Promise("all do well, at different cost", all_do_well),
    "Counting: who really counts?": Promise("the LSTM is better than the GRU", lstm_counts),
    "Selective copying: who filters?": Promise("one layer of minGRU is worse than another one", filters),
    "A linear model on the same window": Promise("every network is tested against it", tested_against_baselines),
    "Twelve shops, one model": Promise("its cells can be compared", testable),
    "Chorales: what sounds next": Promise("nats per frame, as in the paper", in_nats),
    "US economy: a series it never saw": Promise("every network is tested against others", tested_against_baselines),
    "Delayed recall: how to begin": Promise("a forget-gate bias of 0 is worse than 1 for the LSTM", bias_matters),
    "Writing: founding documents": Promise("every network learns to write", learned),
}


def kept_promises(most: int) -> Iterator[Row]:
    """Train presets as a visitor does, the first ones where not all are wanted; yield a row each."""
    for title, preset in list(presets().items())[:most]:
        yield row(title, preset)


def row(title: str, preset: Preset) -> Row:
    """Train a preset and say what it promises, what its verdict says and whether the promise holds."""
    result = run_experiment(preset.spec(), threads=1)
    verdict, promise = judge(result), PROMISES[title]
    solved = [fact.split(" (")[0].rstrip(".") for fact in verdict.facts if fact.startswith("Solved")]
    said = "; ".join([verdict.headline.rstrip("."), *solved])
    return title, promise.words, said, "yes" if promise.holds(result, verdict) else "no"
