"""Networks against simple predictors: tested, repeat by repeat."""

from dataclasses import replace

import numpy as np
import pytest

from models.analysis.baselines import BaselineComparison, compare_with_baselines
from models.analysis.comparison_columns import deciding_metric
from models.analysis.facts import baseline_line
from models.analysis.verdict import judge
from models.records.results import ExperimentResult
from tests.models.analysis.builders import METRIC, result_of

NOISE = np.array([0.01, -0.02, 0.03, 0.0, -0.01, 0.02, 0.015, -0.005])


def compared(result: ExperimentResult) -> tuple[BaselineComparison, ...]:
    """Return a result's comparison with its baselines."""
    return compare_with_baselines(result, *deciding_metric(result))


def with_baselines(scores: dict[str, list[float]], **baselines: list[float]) -> ExperimentResult:
    """Return a result whose baselines have a score in each repeat."""
    result = result_of(scores)
    repeats = len(next(iter(baselines.values())))
    each = tuple({title: {METRIC: values[place]} for title, values in baselines.items()} for place in range(repeats))
    return replace(result, repeat_baselines=each)


@pytest.mark.parametrize(("shift", "outcome"), [(-0.2, "beats"), (0.2, "worse"), (0.0, "no_better")])
def test_network_is_tested_against_the_baseline_of_each_repeat(shift: float, outcome: str) -> None:
    """Repeats differ a lot from each other; what counts is the difference within each."""
    hard = np.linspace(1, 5, 8)
    (found,) = compared(with_baselines({"gru": list(hard + shift + NOISE)}, Mean=list(hard)))
    assert (found.outcome, found.baseline) == (outcome, "Mean")


def test_the_best_baseline_of_each_repeat_is_the_opponent() -> None:
    """Beating either of two baselines on average is not beating the better one every time."""
    low, high = [1.0, 2.0] * 4, [2.0, 1.0] * 4
    (found,) = compared(with_baselines({"gru": list(1.3 + NOISE)}, Mean=low, Drift=high))
    assert found.outcome == "worse"
    assert found.score == pytest.approx(1.0)
    assert not found.always
    assert "the best simple predictor of each repeat (1 on average, mostly Mean)" in baseline_line([found])


def test_few_repeats_allow_no_word_against_a_baseline() -> None:
    """Three repeats far below a baseline are too few, and the facts say so."""
    result = result_of({"lstm": [0.1] * 3, "gru": [0.1] * 3}, baselines={"Mean": {METRIC: 0.5}})
    assert [item.outcome for item in compared(result)] == ["too_few", "too_few"]
    assert any("too few repeats to compare with the best simple predictor" in fact for fact in judge(result).facts)


def test_a_trifle_on_one_shared_test_part_is_no_win() -> None:
    """Starts that all end a thousandth below the mean of one split are no better than it; a fifth below is."""
    trifle = result_of({"gru": list(0.4996 + NOISE / 1000)}, baselines={"Mean": {METRIC: 0.5}})
    large = result_of({"gru": list(0.4 + NOISE / 10)}, baselines={"Mean": {METRIC: 0.5}})
    assert [item.outcome for item in (*compared(trifle), *compared(large))] == ["no_better", "beats"]


def test_facts_name_the_baseline_and_who_beats_it() -> None:
    """The winner first, then the others, in words that a reader needs no test for."""
    result = result_of({"lstm": list(0.1 + NOISE), "gru": list(0.3 + NOISE)}, baselines={"Mean": {METRIC: 0.25}})
    assert "LSTM beats the best simple predictor, Mean (0.25); GRU is worse than it." in judge(result).facts


def test_networks_that_learned_nothing_do_not_beat_the_mean() -> None:
    """A thousand trials of a constant guess around the mean on fresh data: at most 5 % are said to beat it."""
    generator = np.random.default_rng(0)
    wins = 0
    for _ in range(1000):
        truth = generator.normal(size=(8, 60))
        mean = np.sqrt(np.mean(truth**2, axis=1))
        guess = np.sqrt(np.mean((truth - generator.normal(0, 0.1, (8, 1))) ** 2, axis=1))
        (found,) = compared(with_baselines({"gru": list(guess)}, Mean=list(mean)))
        wins += found.outcome == "beats"
    assert wins <= 50


def test_no_baseline_says_nothing() -> None:
    """Without a predictor, or without its score, there is no sentence."""
    assert compared(result_of({"gru": [0.1] * 8})) == ()
    assert compared(result_of({"gru": [0.1] * 8}, baselines={"Mean": {"other": 0.3}})) == ()
