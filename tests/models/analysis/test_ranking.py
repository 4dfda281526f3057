"""Ranking of many architectures: order, letters of groups, one reference; mean ranks over datasets."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dashboard.charts.ranking import against_reference, mean_ranks
from models.analysis.comparison_columns import deciding_metric
from models.analysis.critical_difference import (
    critical_difference,
    friedman_p,
    needed_datasets,
    rank_comparison,
    ranks_of,
)
from models.analysis.pairs import compare_all
from models.analysis.ranking import RANKING_COLUMNS, REFERENCE_COLUMNS, group_letters, ranking_frame, reference_frame
from models.cells import architectures
from models.records.results import ExperimentResult
from models.spec.experiment_settings import MAX_ARCHITECTURES, ExperimentSpec
from tests.models.analysis.builders import result_of

NOISE = np.array([0.011, -0.013, 0.017, -0.019, 0.023, -0.029, 0.031, -0.037, 0.041, -0.007])
THREE = {"lstm": list(0.1 + NOISE), "gru": list(0.105 + NOISE[::-1]), "rnn": list(0.9 + NOISE)}
ON = ("sunspots", "co2", "elnino", "airline", "us_macro", "adding", "mixed_sines", "multiplication")


@settings(max_examples=60, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda pair: pair[0] < pair[1])))
def test_letters_are_shared_exactly_by_those_not_shown_to_differ(pairs: set[tuple[int, int]]) -> None:
    """For any set of differences among six names."""
    names = list("uvwxyz")
    letters = group_letters(names, {(names[a], names[b]) for a, b in pairs})
    for first in range(6):
        assert letters[names[first]]
        for second in range(first + 1, 6):
            shared = set(letters[names[first]]) & set(letters[names[second]])
            assert bool(shared) == ((first, second) not in pairs)


def test_ranking_orders_by_mean_and_groups_what_cannot_be_told_apart() -> None:
    """LSTM and GRU share a letter, the tanh RNN has its own."""
    result = result_of(THREE)
    metric, column = deciding_metric(result)
    frame = ranking_frame(result, compare_all(result, metric, column))
    assert tuple(frame.columns) == RANKING_COLUMNS
    assert frame["architecture"].tolist() == ["lstm", "gru", "rnn"]
    assert frame["groups"].tolist() == ["a", "a", "b"]


def test_reference_is_corrected_for_its_own_comparisons_alone() -> None:
    """With eight architectures there are seven comparisons and not 28, so that ten repeats suffice for a claim."""
    names = list(architectures())[:MAX_ARCHITECTURES]
    result = result_of({name: list(0.1 * (place + 1) + NOISE) for place, name in enumerate(names)})
    frame = reference_frame(result, names[0])
    assert tuple(frame.columns) == REFERENCE_COLUMNS
    assert len(frame) == MAX_ARCHITECTURES - 1
    assert set(frame["better"]) == {names[0]}
    np.testing.assert_allclose(frame["corrected_p"].min(), 7 * 2 / 2**10)
    _, column = deciding_metric(result)
    chart = against_reference(frame, column)
    assert [trace.x[0] for trace in chart.data] == pytest.approx(frame["difference"].tolist())
    assert "shown to be worse" in chart.layout.meta


def on_dataset(dataset: str, scores: dict[str, list[float]]) -> ExperimentResult:
    """Return a result with scores of the dataset's deciding metric."""
    made = result_of(scores)
    spec = ExperimentSpec(dataset=dataset, architectures=tuple(scores), seeds=made.spec.seeds)
    metric = spec.source().metric(spec.dataset_options())
    runs = tuple(
        replace(
            run,
            spec=replace(run.spec, experiment=spec),
            seeds=tuple(replace(seed, test_metrics={metric: seed.test_loss}) for seed in run.seeds),
        )
        for run in made.runs
    )
    return replace(made, spec=spec, runs=runs)


def test_mean_ranks_over_datasets_tell_the_worst_apart() -> None:
    """Eight datasets on which the tanh RNN is last differ; the first two alternate and share a letter."""
    swapped = {"lstm": THREE["gru"], "gru": THREE["lstm"], "rnn": THREE["rnn"]}
    compared = rank_comparison([on_dataset(name, swapped if place % 2 else THREE) for place, name in enumerate(ON)])
    assert compared is not None
    frame = compared.frame()
    assert frame.set_index("architecture")["mean_rank"].to_dict() == {"lstm": 1.5, "gru": 1.5, "rnn": 3.0}
    assert frame.set_index("architecture")["groups"].to_dict() == {"lstm": "a", "gru": "a", "rnn": "b"}
    assert compared.p < 0.01
    chart = mean_ranks(frame, len(ON))
    assert len(chart.data) == 3
    assert "tanh RNN 3.00 (group b)" in chart.layout.meta


def test_same_dataset_counts_once_and_too_few_claim_nothing() -> None:
    """Twelve experiments on one dataset are one dataset: nothing is claimed."""
    compared = rank_comparison([on_dataset("co2", THREE)] * 12)
    assert compared is not None
    assert len(compared.datasets) == 1
    assert not compared.enough
    assert set(compared.frame()["groups"]) == {"a"}


def test_ranking_needs_two_architectures_in_common() -> None:
    """Experiments that share one only cannot be ranked."""
    one, other = {"lstm": [0.1, 0.2], "gru": [0.3, 0.4]}, {"lstm": [0.1, 0.2], "rnn": [0.3, 0.4]}
    assert rank_comparison([on_dataset("co2", one), on_dataset("elnino", other)]) is None
    assert rank_comparison([]) is None


def test_critical_difference_of_demsars_table() -> None:
    """Demsar 2006, table 5: q at 5 % is 1.960 for two, 2.343 for three and 3.031 for eight classifiers."""
    for architectures_, q in ((2, 1.960), (3, 2.343), (8, 3.031)):
        expected = q * math.sqrt(architectures_ * (architectures_ + 1) / (6 * 14))
        assert critical_difference(architectures_, 14) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("count", [2, 3, 5, 8])
def test_needed_datasets_are_the_least_that_allow_a_claim(count: int) -> None:
    """With one fewer even the first and the last cannot be told apart."""
    needed = needed_datasets(count)
    assert critical_difference(count, needed) < count - 1
    assert needed == 2 or critical_difference(count, needed - 1) >= count - 1


def test_friedman_agrees_with_the_chi_square_test_for_many_datasets() -> None:
    """Shuffling within datasets gives about scipy's p, and a small one where ranks are the same everywhere."""
    scores = np.random.default_rng(5).normal(size=(30, 4)) + np.array([0.0, 0.2, 0.4, 0.6])
    ranks = np.array([ranks_of(row) for row in scores])
    assert friedman_p(ranks) == pytest.approx(stats.friedmanchisquare(*scores.T).pvalue, abs=0.02)
    assert friedman_p(np.tile([1.0, 2.0, 3.0], (8, 1))) < 1e-3
    assert friedman_p(np.tile([2.0, 2.0, 2.0], (8, 1))) == 1.0
    assert ranks_of([0.3, 0.1, 0.3]).tolist() == [2.5, 1.0, 2.5]
