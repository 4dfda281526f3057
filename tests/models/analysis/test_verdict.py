"""The verdict: what it says, and what it must not say."""

import json
from dataclasses import replace

import numpy as np
import pytest

from data.catalog import catalogue
from models.analysis.comparison import comparison_table
from models.analysis.facts import busy, cheaper
from models.analysis.headline import MAX_WORDS, headline, words
from models.analysis.pairs import PairComparison
from models.analysis.statistics import LEVEL
from models.analysis.verdict import Verdict, judge
from models.analysis.wording import short, statement
from models.cells import architectures
from models.records.results import ExperimentResult
from models.spec.experiment_settings import MAX_ARCHITECTURES, ONE_SPLIT, ExperimentSpec
from tests.models.analysis.builders import METRIC, ended, on_stretches, result_of

NOISE = np.array([0.01, -0.02, 0.03, 0.0, -0.01, 0.02, 0.015, -0.005, 0.012, -0.017])
CLEAR = {"lstm": list(0.1 + NOISE), "gru": list(0.3 - NOISE)}
CLOSE = {"lstm": list(0.2 + NOISE), "gru": list(0.2 + NOISE[::-1] + 0.003)}
SAME = {"lstm": list(0.2 + NOISE), "gru": list(0.2 + NOISE + 0.01 * NOISE)}


def only_pair(verdict: Verdict) -> PairComparison:
    """Return the one pair of a verdict."""
    (pair,) = verdict.comparisons
    return pair


def detail(verdict: Verdict, heading: str) -> str:
    """Return a paragraph of the details, empty if it is not there."""
    return dict(verdict.details).get(heading, "")


def test_judge_claims_a_clear_difference_in_three_layers() -> None:
    """Ten repeats with a large difference: winner and data first, then means and wins, then the test."""
    verdict = judge(result_of(CLEAR))
    pair = only_pair(verdict)
    assert (pair.outcome, pair.better, pair.wins) == ("better", "lstm", (10, 0))
    assert pair.tested.interval is not None
    assert pair.tested.interval[0] < pair.tested.difference < pair.tested.interval[1] < 0
    assert verdict.headline == "LSTM is better than GRU on Adding problem."
    assert "LSTM 0.104" in verdict.facts[1]
    assert verdict.facts[2] == "LSTM won 10 of 10 repeats, GRU 0."
    assert (
        "exact sign-flip test over 10 repeats: p = 0.002 (smallest possible 0.002)" in detail(verdict, "Test").lower()
    )
    assert verdict.short == "LSTM better"
    assert verdict.leader == "lstm"


@pytest.mark.parametrize("repeats", [2, 3, 5])
def test_too_few_repeats_are_the_headline(repeats: int) -> None:
    """However large the difference, a handful of repeats is said to be too few, never to show anything."""
    verdict = judge(result_of({"lstm": list(0.1 + NOISE[:repeats]), "gru": list(9.0 + NOISE[:repeats])}))
    pair = only_pair(verdict)
    assert (pair.outcome, pair.better) == ("too_few", None)
    assert verdict.headline == f"Too few repeats to compare LSTM and GRU on Adding problem: {repeats} of 6."
    assert "At least 6 completed repeats" in detail(verdict, "What would decide")
    assert "distinguishable" not in json.dumps(verdict.to_dict())


def test_one_repeat_has_no_test() -> None:
    """One repeat: no interval, no p, no winner."""
    pair = only_pair(judge(result_of({"lstm": [0.1], "gru": [0.9]})))
    assert (pair.tested.interval, pair.tested.p, pair.better, pair.outcome) == (None, None, None, "too_few")


def test_equality_is_shown_by_the_margin_and_recommends_the_cheaper() -> None:
    """Differences far below 2 % on average: the same for practical purposes, and the smaller one is recommended."""
    result = result_of(SAME)
    small = replace(result.runs[1], parameters=750, cost={"milliseconds_per_update": 1.6})
    verdict = judge(replace(result, runs=(result.runs[0], small)))
    assert only_pair(verdict).outcome == "same"
    assert verdict.headline == "LSTM and GRU do equally well on Adding problem; GRU is cheaper."
    cost = next(fact for fact in verdict.facts if "parameters" in fact)
    assert "25 % fewer parameters and takes 20 % less time" in cost
    assert cost.endswith("take the GRU.")


def test_a_wider_margin_makes_equality_easier_to_show() -> None:
    """The margin is a setting of the experiment: what is too close at 2 % is the same at 30 %."""
    result = result_of(CLOSE)
    assert only_pair(judge(result)).outcome == "too_close"
    wide = replace(result, spec=replace(result.spec, margin=30.0))
    assert only_pair(judge(wide)).outcome == "same"
    assert "(30 %)" in " ".join(judge(wide).facts)


def test_too_close_to_call_says_what_would_decide() -> None:
    """No number of repeats above the maximum is suggested."""
    verdict = judge(result_of(CLOSE))
    assert verdict.headline == "Too close to call: LSTM and GRU on Adding problem."
    assert verdict.leader is None
    assert "the maximum here" in detail(verdict, "What would decide")


def test_equality_that_is_out_of_reach_is_said() -> None:
    """Where differences vary more than the margin, nobody is left to hope that a few repeats show equality."""
    result = result_of(CLOSE)
    assert "hardly possible here: the margin of 0.004" in detail(judge(result), "What would decide")
    wide = replace(result, spec=replace(result.spec, margin=12.0))
    assert only_pair(judge(wide)).tested.margin > 0.02
    assert "hardly possible" not in detail(judge(wide), "What would decide")
    assert "hardly possible" not in detail(judge(result_of(CLEAR)), "What would decide")


def test_better_by_less_than_matters_is_said() -> None:
    """A sure difference of a thousandth of the mean."""
    close = result_of({"lstm": list(1 + NOISE), "gru": list(1 + NOISE + 0.001 + NOISE / 100)})
    verdict = judge(close)
    assert only_pair(verdict).outcome == "better"
    assert verdict.headline == "LSTM is better than GRU on Adding problem, by less than matters."
    assert verdict.short == "LSTM better, barely"


def test_judge_corrects_for_several_architectures() -> None:
    """Three pairs of six repeats: a p of 0.03 alone would be a claim; together they are too few for any."""
    six = NOISE[:6]
    verdict = judge(result_of({"lstm": list(0.1 + six), "gru": list(0.9 + six), "rnn": list(1.8 + six)}))
    assert len(verdict.comparisons) == 3
    assert {pair.outcome for pair in verdict.comparisons} == {"too_few"}
    assert verdict.headline == "Too few repeats to compare LSTM, GRU and tanh RNN on Adding problem."


def test_several_architectures_with_one_clearly_worse() -> None:
    """The worse one is named, and the others are said to be open."""
    verdict = judge(result_of({**CLOSE, "rnn": list(0.9 + NOISE)}))
    assert verdict.headline == "On Adding problem, tanh RNN is worse than LSTM and GRU; the rest is open."
    assert verdict.short == "2 of 3 pairs differ"
    assert verdict.leader is None
    best = judge(result_of({"lstm": list(0.1 + NOISE), "gru": list(0.5 - NOISE), "rnn": list(0.9 + NOISE)}))
    assert best.headline == "LSTM is better than GRU and tanh RNN on Adding problem."
    assert best.leader == "lstm"


def test_stopped_training_is_the_headline_and_no_verdict() -> None:
    """Two architectures stopped at different updates: nothing is said about them, whatever their scores are."""
    result = ended(ended(result_of(CLEAR), "lstm", "stopped", 77), "gru", "stopped", 96)
    verdict = judge(result)
    assert (
        verdict.headline == "Stopped after 77 and 96 of 100 updates: no verdict on the architectures (Adding problem)."
    )
    assert only_pair(verdict).outcome == "too_few"
    assert verdict.short == "stopped: no verdict"
    assert "LSTM was stopped after 77 of 100 updates" in detail(verdict, "Training")


def test_diverged_and_impatient_training_is_named_first() -> None:
    """Training that ended early is named before the claim."""
    result = result_of({**CLEAR, "gru": [*CLEAR["gru"][:8], float("nan"), float("nan")]})
    verdict = judge(result)
    assert verdict.headline.startswith("GRU diverged in 2 of 10 repeats: LSTM is better")
    assert only_pair(verdict).tested.repeats == 8
    assert judge(ended(result_of(CLEAR), "gru", "finished", 40)).headline.startswith("Ended early by patience: LSTM is")


def test_architecture_without_result_gives_no_verdict() -> None:
    """One of two failed: its name comes first, and there is nothing to compare."""
    result = result_of(CLEAR)
    verdict = judge(replace(result, runs=result.runs[:1]))
    assert verdict.headline == "GRU failed, so there is no comparison on Adding problem."
    assert verdict.short == "incomplete: no verdict"


def test_diverged_repeat_with_a_score_counts_as_a_failure_alone() -> None:
    """Its last weights may still score; neither differences nor means use that."""
    result = result_of(CLEAR)
    broken = replace(result.runs[1].seeds[0], status="diverged", test_metrics={METRIC: 99.0})
    runs = (result.runs[0], replace(result.runs[1], seeds=(broken, *result.runs[1].seeds[1:])))
    verdict = judge(replace(result, runs=runs))
    assert only_pair(verdict).tested.repeats == 9
    assert abs(only_pair(verdict).tested.difference) < 1
    assert verdict.ends[1].diverged == 1
    assert comparison_table(replace(result, runs=runs)).loc[1, "test_mean"] < 1


def test_solved_shares_come_first_and_forbid_equality() -> None:
    """Nine of ten against none: the shares and Fisher's test come first, and equal means do not make them equal."""
    verdict = judge(result_of(SAME, solved={"lstm": [3] * 9 + [None], "gru": [None] * 10}))
    assert verdict.facts[0] == "Solved: LSTM in 9 of 10 and GRU in 0 of 10 repeats (Fisher's exact test: p = 1e-04)."
    assert only_pair(verdict).outcome == "too_close"
    assert "a mean over both describes neither" in detail(verdict, "Solved")


def test_starts_of_one_stretch_are_one_repeat() -> None:
    """Ten starts on five stretches: five repeats, oldest first, too few to test, and why is said."""
    verdict = judge(on_stretches(result_of(CLEAR), 5))
    pair = only_pair(verdict)
    assert (pair.tested.repeats, pair.outcome) == (5, "too_few")
    assert [repeat.start for repeat in pair.repeats] == ["2004", "2008", "2012", "2016", "2020"]
    assert {repeat.starts for repeat in pair.repeats} == {2}
    assert pair.repeats[-1].difference == pytest.approx(np.mean([0.1 - 0.3 + 2 * NOISE[0], 0.1 - 0.3 + 2 * NOISE[5]]))
    assert "holds 5 stretches" in detail(verdict, "What would decide")
    assert "its own stretch of time, 5 in all" in detail(verdict, "What was varied")


def test_wins_count_stretches() -> None:
    """What a team remembers: who won how many stretches."""
    verdict = judge(on_stretches(result_of(CLEAR), 10))
    assert any("LSTM won 10 of 10 stretches, GRU 0" in fact for fact in verdict.facts)


def test_all_stretches_in_use_is_said_where_more_repeats_would_add_starts_alone() -> None:
    """Eight stretches are the most: what is open then is not decided by more of them."""
    close = result_of({name: scores[:8] for name, scores in CLOSE.items()})
    assert "All 8 stretches are in use" in detail(judge(on_stretches(close, 8)), "What would decide")


def test_starts_on_one_split_of_several_are_one_repeat() -> None:
    """Ten repeats on five splits, without any time: five differences, each the mean of two starts."""
    result = on_stretches(result_of(CLEAR), 5)
    runs = tuple(replace(run, seeds=tuple(replace(seed, stretch=None) for seed in run.seeds)) for run in result.runs)
    pair = only_pair(judge(replace(result, runs=runs)))
    assert (pair.tested.repeats, pair.timed) == (5, False)


def test_old_result_says_that_the_data_was_not_varied() -> None:
    """A result without stretches or splits of its own says so in a fact, the details and the limits."""
    old = result_of(CLEAR)
    verdict = judge(replace(old, spec=ExperimentSpec.from_dict(_of_version_0_1(old.spec))))
    assert len([fact for fact in verdict.facts if fact.endswith(ONE_SPLIT)]) == 1
    assert len(verdict.facts) <= 5
    assert detail(verdict, "What was varied").startswith(ONE_SPLIT)
    assert "one split of the data" in detail(verdict, "Limits")
    newer = judge(on_stretches(old, 8))
    assert ONE_SPLIT not in f"{newer.facts} {newer.details}"


def _of_version_0_1(spec: ExperimentSpec) -> dict[str, object]:
    return {name: value for name, value in spec.to_dict().items() if name not in ("resampling", "margin")}


def test_interval_says_why_its_mean_is_not_that_of_the_cards() -> None:
    """Ten starts on seven stretches: three stretches have two starts. Where all have as many, the means agree."""
    said = "so that each stretch counts once here"
    assert said in detail(judge(on_stretches(result_of(CLEAR), 7)), "Interval")
    assert said not in detail(judge(on_stretches(result_of(CLEAR), 5)), "Interval")


def test_data_that_come_round_again_are_said() -> None:
    """Ten repeats on five draws: memory held no more, and the details say which repeats share their data."""
    result = on_stretches(result_of(CLEAR), 5)
    runs = tuple(replace(run, seeds=tuple(replace(seed, stretch=None) for seed in run.seeds)) for run in result.runs)
    text = detail(judge(replace(result, runs=runs)), "What was varied")
    assert "5 different data for 10 repeats: repeat 6 has the data of repeat 1" in text


def test_limits_name_data_horizon_settings_tuning_and_machine() -> None:
    """One line says where the verdict ends."""
    text = detail(judge(result_of(CLEAR)), "Limits")
    for part in ("Adding problem", "length 50", "32 units", "3 learning rates tried for each", "this machine"):
        assert part in text


@pytest.mark.parametrize(("load", "expected"), [("5.2", True), ("1.0", False), ("", False)])
def test_times_of_a_busy_machine_are_marked(load: str, expected: bool) -> None:
    """More threads than cores: the cost line says so; results without a load are not suspected."""
    result = result_of(CLEAR)
    runs = tuple(replace(run, environment={"load": load, "cores": "2"}) for run in result.runs)
    assert busy(runs) == expected
    assert any("busy machine" in fact for fact in judge(replace(result, runs=runs)).facts) == expected


def test_cheaper_needs_no_contradiction() -> None:
    """Smaller and faster is cheaper; smaller and slower is a choice."""
    first, second = result_of(CLEAR).runs
    small = replace(second, parameters=500)
    assert cheaper((first, small)) == "GRU"
    assert cheaper((first, replace(small, cost={"milliseconds_per_update": 4.0}))) is None
    assert cheaper((first, second)) is None


@pytest.mark.parametrize("dataset", list(catalogue()))
def test_headlines_have_at_most_fifteen_words_on_any_data(dataset: str) -> None:
    """For every dataset, outcome and pair of titles, with and without a warning in front."""
    spec = ExperimentSpec(dataset=dataset, architectures=("gru_textbook", "peephole"), seeds=10)
    for scores in (CLEAR, CLOSE, SAME, {name: values[:3] for name, values in CLEAR.items()}):
        plain = result_of({"gru_textbook": scores["lstm"], "peephole": scores["gru"]})
        for result in (plain, ended(plain, "peephole", "finished", 40), ended(plain, "peephole", "stopped", 40)):
            text = headline(replace(result, spec=spec), judge(result).comparisons, "Peephole LSTM")
            assert words(text) <= MAX_WORDS, text


def test_headline_of_many_architectures_stays_short() -> None:
    """As many as one experiment takes are counted, not listed."""
    names = list(architectures())[:MAX_ARCHITECTURES]
    scores = {name: list(0.1 * (place + 1) + NOISE) for place, name in enumerate(names)}
    assert words(judge(result_of(scores)).headline) <= MAX_WORDS


KEYS = {
    "pair",
    "outcome",
    "better",
    "p",
    "smallest_p",
    "difference",
    "interval",
    "margin",
    "wins",
    "repeats",
    "statement",
}


@pytest.mark.parametrize("scores", [{"lstm": [float("nan")], "gru": [0.2]}, CLEAR, CLOSE, SAME, {"gru": [0.1]}])
def test_verdict_to_dict_is_plain_json_with_what_was_promised(scores: dict[str, list[float]]) -> None:
    """Three layers, pairs and baselines with the promised names; nothing is NaN."""
    result = result_of(scores, baselines={"Mean": {METRIC: 0.5}})
    plain = json.loads(json.dumps(judge(result).to_dict(), allow_nan=False))
    assert isinstance(plain["headline"], str)
    assert all(isinstance(line, str) for line in [*plain["facts"], *plain["details"]])
    assert all(set(pair) >= KEYS for pair in plain["comparisons"])
    assert all({"architecture", "baseline", "outcome", "p"} <= set(entry) for entry in plain["baselines"])
    assert {"paragraph", "short", "failures"} <= set(plain)  # of version 0.1


@pytest.mark.parametrize("scores", [CLEAR, CLOSE, SAME])
def test_facts_are_three_to_five_short_lines(scores: dict[str, list[float]]) -> None:
    """With everything there is to say, a solved task with baselines, there are five; a sentence has at most 25 words."""
    result = result_of(scores, baselines={"Mean": {METRIC: 0.5}}, solved={"lstm": [3] * 10, "gru": [9] * 10})
    facts = judge(result).facts
    assert 3 <= len(facts) <= 5
    assert all(words(sentence) <= 25 for fact in facts for sentence in fact.split(". "))


def test_short_verdicts_have_at_most_five_words() -> None:
    """They must fit into a table's cell."""
    for scores in ([0.1] * 10, [0.1] * 3, [0.1], [float("nan")]):
        verdict = judge(result_of({"rnn": scores, "gru": [score + 0.5 for score in scores]}))
        assert len(verdict.short.split()) <= 5
        assert len(short(verdict.comparisons[0]).split()) <= 5


def test_statement_has_no_winner_where_no_claim_is_allowed() -> None:
    """The word "better" appears only with a claim."""
    pair = only_pair(judge(result_of({"lstm": list(NOISE), "gru": list(-NOISE)})))
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


def test_result_of_one_architecture_has_facts_and_no_pair() -> None:
    """Nothing to compare with is said, and the score is given."""
    verdict = judge(result_of({"gru": [0.1] * 6}))
    assert verdict.comparisons == ()
    assert "nothing to compare" in verdict.headline
    assert isinstance(result_of(CLEAR), ExperimentResult)
