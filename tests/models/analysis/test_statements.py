"""Statements: rules read results by the verdict's standard; formulas are counted."""

from dataclasses import replace

import numpy as np
import pytest

from models.analysis.statements import statements
from models.records.results import ExperimentResult, RunResult, SeedResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs

BETTER, WORSE = 0.1, 0.9


def made_up(spec: ExperimentSpec, scores: dict[str, list[float]], **run_changes: dict[str, object]) -> ExperimentResult:
    """Return a result with given test scores per architecture and seed."""
    metric = spec.source().metric(spec.dataset_options())
    runs = []
    for run in plan_runs(spec):
        seeds = tuple(
            SeedResult(
                seed=seed,
                status="finished",
                updates=1,
                seconds=1.0,
                best_update=1,
                validation_loss=1.0,
                final_validation_loss=1.0,
                test_loss=1.0,
                test_metrics={metric: score},
            )
            for seed, score in enumerate(scores[run.architecture])
        )
        base = RunResult(
            spec=run,
            status="finished",
            parameters=1,
            kernel="fused",
            seeds=seeds,
            curves={},
            weights={},
            snapshots=(),
            sample_indices=np.empty(0),
            sample_outputs=np.empty(0),
            cost={"milliseconds_per_update": 1.0},
            environment={},
        )
        runs.append(replace(base, **run_changes.get(run.architecture, {})))
    return ExperimentResult(spec=spec, status="finished", runs=tuple(runs), baselines={})


def jittered(centre: float) -> list[float]:
    """Return eight scores near a centre, never twice the same."""
    return [centre + 0.001 * place**2 for place in range(8)]


@pytest.mark.parametrize(
    ("name", "lstm", "gru", "outcome"),
    [
        ("long_term", BETTER, WORSE, "supported"),
        ("long_term", WORSE, BETTER, "refuted"),
        ("comparable", WORSE, BETTER, "refuted"),
    ],
)
def test_rule_follows_the_verdict(name: str, lstm: float, gru: float, outcome: str) -> None:
    """Eight repeats that all agree decide; the direction is the metric's (an error: lower is better)."""
    statement = statements()[name]
    result = made_up(statement.spec, {"lstm": jittered(lstm), "gru": jittered(gru)[::-1]})
    assert statement.rule(result).outcome == outcome


@pytest.mark.parametrize(
    ("name", "spread", "outcome"),
    [
        ("long_term", 0.1, "undecided"),
        ("comparable", 0.1, "undecided"),
        ("long_term", 0.001, "refuted"),
        ("comparable", 0.001, "supported"),
    ],
)
def test_no_difference_supports_equality_only_within_the_margin(name: str, spread: float, outcome: str) -> None:
    """Large differences of changing sign support nothing; differences of a fifth of a percent show that both are the same."""
    statement = statements()[name]
    scores = [0.5, 0.5 + spread] * 4
    result = made_up(statement.spec, {"lstm": scores, "gru": scores[::-1]})
    assert statement.rule(result).outcome == outcome


def test_better_by_less_than_matters_does_not_refute_that_they_are_comparable() -> None:
    """A sure difference of a fifth of a percent leaves the statement open."""
    statement = statements()["comparable"]
    scores = jittered(0.5)
    result = made_up(statement.spec, {"lstm": scores, "gru": [score + 0.001 for score in scores]})
    assert statement.rule(result).outcome == "undecided"


def test_result_without_one_of_the_two_leaves_the_statement_open() -> None:
    """A failed architecture supports nothing."""
    statement = statements()["long_term"]
    result = made_up(statement.spec, {"lstm": jittered(0.5), "gru": jittered(0.9)})
    assert statement.rule(replace(result, runs=result.runs[:1])).outcome == "undecided"


@pytest.mark.parametrize(("ratio", "outcome"), [(0.75, "supported"), (1.0, "undecided"), (4.0, "refuted")])
def test_speed_is_judged_on_one_kernel_only(ratio: float, outcome: str) -> None:
    """A ratio decides where both ran on the same kernel; different kernels or a busy machine decide nothing."""
    statement = statements()["faster"]
    scores = {"lstm": jittered(0.5), "gru": jittered(0.5)}
    gru = {"cost": {"milliseconds_per_update": ratio}}
    assert statement.rule(made_up(statement.spec, scores, gru=gru)).outcome == outcome
    for spoiled in ({"kernel": "reference"}, {"environment": {"load": "9.0", "cores": "2"}}):
        assert statement.rule(made_up(statement.spec, scores, gru=gru | spoiled)).outcome == "undecided"


@pytest.mark.parametrize(
    ("lstm", "repeats", "outcome"), [(40.0, 8, "supported"), (12.0, 8, "undecided"), (40.0, 3, "undecided")]
)
def test_gates_reach_farther_by_the_measured_horizon(lstm: float, repeats: int, outcome: str) -> None:
    """Both gated cells must reach at least twice as far as the ungated one, in enough repeats for a test."""
    statement = statements()["vanishing"]
    reach = {"lstm": lstm, "gru": 50.0, "rnn": 10.0}
    flows = {name: {"gradient_flow": {"trained_horizon": np.full(repeats, steps)}} for name, steps in reach.items()}
    result = made_up(statement.spec, {name: [0.1, 0.2, 0.3] for name in reach}, **flows)
    assert statement.rule(result).outcome == outcome


def test_formulas_are_counted_for_the_chosen_sizes() -> None:
    """The parameter statement holds for any size and names the numbers."""
    finding = statements()["three_quarters"].formula(1, 32)
    assert finding.outcome == "supported"
    assert "4\u202f480" in finding.sentence
    assert "3\u202f360" in finding.sentence
    assert statements()["memory"].formula(3, 64).outcome == "supported"


def test_every_statement_has_evidence() -> None:
    """Each one carries a formula, or an experiment with a rule."""
    for statement in statements().values():
        assert (statement.formula is None) != (statement.rule is None)
        assert (statement.rule is None) == (statement.spec is None)
