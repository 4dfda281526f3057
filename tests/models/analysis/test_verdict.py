"""The verdict: what it says, and what it must not say."""

import json
from dataclasses import replace

import numpy as np
import pytest

from models.analysis.comparison import comparison_table
from models.analysis.statistics import LEVEL
from models.analysis.verdict import judge
from models.analysis.wording import short, statement
from tests.models.analysis.builders import METRIC, result_of

NOISE = np.array([0.01, -0.02, 0.03, 0.0, -0.01, 0.02, 0.015, -0.005, 0.012, -0.017])


def test_judge_claims_a_clear_difference_and_says_what_by_how_much_and_how_sure() -> None:
    """Ten seeds with a large difference: the better one, both means, interval, p and its floor are in the paragraph."""
    verdict = judge(result_of({"lstm": list(0.1 + NOISE), "gru": list(0.3 - NOISE)}))
    (pair,) = verdict.comparisons
    assert pair.better == "lstm"
    assert pair.difference == pytest.approx(np.mean(2 * NOISE) - 0.2)
    assert pair.interval is not None
    assert pair.interval[0] < pair.difference < pair.interval[1] < 0
    assert pair.p == pair.smallest_p == 2 / 1024
    for words in ("LSTM is better than GRU", "p = 0.002", "smallest possible 0.002", "95 % bootstrap interval"):
        assert words in verdict.paragraph
    assert verdict.short == "LSTM better, p 0.002"


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_judge_makes_no_claim_below_six_seeds(seeds: int) -> None:
    """However large the difference, few seeds are "not distinguishable", with the floor of p stated."""
    verdict = judge(result_of({"lstm": list(0.1 + NOISE[:seeds]), "gru": list(9.0 + NOISE[:seeds])}))
    (pair,) = verdict.comparisons
    assert pair.better is None
    assert f"not distinguishable with {seeds} seeds" in verdict.headline
    assert f"smallest possible {2 / 2**seeds:.2g}" in verdict.paragraph
    assert "6 are the least" in verdict.paragraph
    assert "significan" not in verdict.paragraph


def test_judge_gives_no_spread_and_no_verdict_for_one_seed() -> None:
    """One seed: no interval, no p, no winner."""
    verdict = judge(result_of({"lstm": [0.1], "gru": [0.9]}))
    (pair,) = verdict.comparisons
    assert (pair.interval, pair.p, pair.better, pair.seeds_needed) == (None, None, None, None)
    assert "no verdict" in verdict.headline
    assert verdict.short == "no verdict from one seed"


def test_judge_estimates_the_seeds_that_would_be_needed() -> None:
    """Ten seeds without a claim: the estimate is named."""
    scores = 0.2 + NOISE
    verdict = judge(result_of({"lstm": list(scores), "gru": list(scores[::-1] + 0.003)}))
    (pair,) = verdict.comparisons
    assert pair.better is None
    assert pair.seeds_needed is not None
    assert f"about {pair.seeds_needed:,} seeds would probably be needed" in verdict.paragraph


def test_judge_corrects_for_several_architectures() -> None:
    """Three pairs: a p of 0.03 alone would be a claim; corrected it is not."""
    six = NOISE[:6]
    verdict = judge(result_of({"lstm": list(0.1 + six), "gru": list(0.9 + six), "rnn": list(1.8 + six)}))
    assert len(verdict.comparisons) == 3
    assert all(pair.p == 0.03125 and pair.corrected_p == pytest.approx(0.09375) for pair in verdict.comparisons)
    assert all(pair.better is None for pair in verdict.comparisons)
    assert verdict.short == "0 of 3 pairs differ"
    assert "too few for any claim: 7 seeds are the least" in verdict.paragraph


def test_judge_counts_failures_and_leaves_diverged_seeds_out_of_the_pairs() -> None:
    """A diverged seed is named, and its pair takes no part in the difference."""
    scores = {"lstm": list(0.1 + NOISE), "gru": [*(0.3 + NOISE[:8]), float("nan"), float("inf")]}
    verdict = judge(result_of(scores, solved={"lstm": [10] * 9 + [None], "gru": [None] * 10}))
    assert verdict.comparisons[0].seeds == 8
    assert [(item.diverged, item.unsolved) for item in verdict.failures] == [(0, 1), (2, 10)]
    assert "2 of 10 GRU seeds diverged" in verdict.paragraph
    assert "LSTM in 9 of 10 seeds (median 10 updates) and GRU in 0 of 10 seeds" in verdict.paragraph


def test_diverged_seed_with_a_score_counts_as_a_failure_alone() -> None:
    """Its last weights may still score; neither differences nor means use that."""
    result = result_of({"lstm": list(0.1 + NOISE), "gru": list(0.3 + NOISE)})
    seeds = (
        replace(result.runs[1].seeds[0], status="diverged", test_metrics={METRIC: 99.0}),
        *result.runs[1].seeds[1:],
    )
    result = replace(result, runs=(result.runs[0], replace(result.runs[1], seeds=seeds)))
    verdict = judge(result)
    assert verdict.comparisons[0].seeds == 9
    assert abs(verdict.comparisons[0].difference) < 1
    assert verdict.failures[1].diverged == 1
    assert comparison_table(result).loc[1, "test_mean"] < 1


def test_judge_names_the_best_baseline_and_who_beats_it() -> None:
    """The better of two baselines is the one to beat, and lower is better here."""
    baselines = {"Mean": {METRIC: 0.5}, "Persistence": {METRIC: 0.25}}
    verdict = judge(result_of({"lstm": list(0.1 + NOISE), "gru": list(0.3 + NOISE)}, baselines=baselines))
    assert "LSTM beats the best naive baseline, Persistence (0.25); GRU does not" in verdict.sentences["baseline"]
    none = judge(result_of({"lstm": [0.6] * 6, "gru": [0.7] * 6}, baselines=baselines))
    assert none.sentences["baseline"].startswith("No architecture beats")


def test_judge_says_what_it_does_not_show() -> None:
    """Dataset, learning rate and split are named as limits."""
    assert "one dataset" in judge(result_of({"lstm": [0.1] * 3, "gru": [0.2] * 3})).sentences["limits"]


def test_verdict_to_dict_is_plain_json_with_what_a_reader_needs() -> None:
    """Every comparison has pair, metric, difference, interval, p, smallest_p and statement; nothing is NaN."""
    scores = {"lstm": [float("nan")], "gru": [0.2]}
    for result in (result_of(scores), result_of({"lstm": list(0.1 + NOISE), "gru": list(0.2 - NOISE)})):
        plain = json.loads(json.dumps(judge(result).to_dict(), allow_nan=False))
        (pair,) = plain["comparisons"]
        assert {"pair", "metric", "difference", "interval", "p", "smallest_p", "statement"} <= set(pair)
        assert pair["pair"] == ["lstm", "gru"]


def test_short_verdicts_have_at_most_five_words() -> None:
    """They must fit into a table's cell."""
    for scores in ([0.1] * 10, [0.1] * 3, [0.1], [float("nan")]):
        verdict = judge(result_of({"rnn": scores, "gru": [score + 0.5 for score in scores]}))
        assert len(short(verdict.comparisons[0]).split()) <= 5


def test_statement_has_no_winner_where_no_claim_is_allowed() -> None:
    """The word "better" appears only with a claim."""
    (pair,) = judge(result_of({"lstm": list(NOISE), "gru": list(-NOISE)})).comparisons
    assert pair.better is None
    assert "better" not in statement(pair)


@pytest.mark.slow
def test_judge_claims_as_rarely_as_the_statistics_promise() -> None:
    """The whole verdict, words included, on 2,000 pairs of identical models: claims stay near the stated level."""
    generator = np.random.default_rng(3)
    claims = 0
    for _ in range(2000):
        scores = generator.normal(size=(2, 7))
        claims += "is better than" in judge(result_of({"lstm": list(scores[0]), "gru": list(scores[1])})).headline
    assert claims / 2000 <= LEVEL
