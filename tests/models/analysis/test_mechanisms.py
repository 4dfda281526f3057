"""Mechanisms of a better score: what is offered, and that planted ones are named and chance is not."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from models.analysis.mechanisms import NOTHING, better_pair, conclusion, explain, mechanisms, strongest
from models.records.results import ExperimentResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.repeats import repeat_data
from tests.dashboard.fakes import made_up_result

SPEC = ExperimentSpec(
    dataset="adding", options=(("length", 40),), architectures=("lstm", "gru"), hidden_size=3, seeds=8, updates=10
)


def scored(spec: ExperimentSpec, scores: Mapping[str, np.ndarray]) -> ExperimentResult:
    """Return a result whose repeats have given test scores."""
    result = made_up_result(spec)
    name = spec.source().metric(spec.dataset_options())
    runs = tuple(
        replace(
            run,
            status="finished",
            seeds=tuple(
                replace(seed, status="finished", test_metrics={**seed.test_metrics, name: float(value)})
                for seed, value in zip(run.seeds, scores[run.spec.architecture], strict=True)
            ),
        )
        for run in result.runs
    )
    return replace(result, runs=runs)


def with_advantage(spec: ExperimentSpec, winner: str, advantage: float, number: int) -> ExperimentResult:
    """Return a result in which one architecture's error is lower by an amount, with noise of repeats."""
    draw = np.random.default_rng(number)
    shared = 1 + 0.2 * draw.random(spec.seeds)
    scores = {name: shared + 0.02 * draw.standard_normal(spec.seeds) for name in spec.architectures}
    scores[winner] = scores[winner] - advantage
    return scored(spec, scores)


def test_gates_of_the_winner_and_shorter_inputs_are_offered() -> None:
    """Each with the settings that train both without it; the loser stays as it is."""
    found = {one.name: one for one in mechanisms(SPEC, repeat_data(SPEC, None), winner="lstm", loser="gru")}
    ablated = {"gate:lstm_no_forget", "gate:lstm_no_input", "gate:lstm_no_output"}
    assert set(found) == ablated | {"gate:cifg", "gate:janet", "gate:rnn", "length:20", "length:10"}
    assert found["gate:cifg"].spec.architectures == ("cifg", "gru")
    assert dict(found["length:20"].spec.options)["length"] == 20
    assert found["length:20"].spec.seeds == SPEC.seeds


@pytest.mark.parametrize("number", range(8))
def test_a_planted_mechanism_is_named_and_no_other(number: int) -> None:
    """Without the planted one the advantage is gone; without the others it stays."""
    result = with_advantage(SPEC, "lstm", 0.3, number)
    pair = better_pair(result)
    assert pair is not None
    assert pair.better == "lstm"
    asked = mechanisms(SPEC, repeat_data(SPEC, None), winner="lstm", loser="gru")
    planted = asked[number % len(asked)].name
    answers = [
        (one, with_advantage(one.spec, one.winner, 0.0 if one.name == planted else 0.3, 100 + 10 * number + place))
        for place, one in enumerate(asked)
    ]
    found = explain(result, "lstm", "gru", answers)
    assert [one.mechanism.name for one in found if one.found] == [planted]
    told = conclusion(found, "lstm")
    assert told.startswith("LSTM won by ")
    assert "% of the advantage is gone" in told


@pytest.mark.parametrize("number", range(8))
def test_an_advantage_that_stays_has_no_mechanism(number: int) -> None:
    """Nothing found is an answer."""
    result = with_advantage(SPEC, "lstm", 0.3, 50 + number)
    asked = mechanisms(SPEC, repeat_data(SPEC, None), winner="lstm", loser="gru")
    answers = [(one, with_advantage(one.spec, one.winner, 0.3, 500 + 10 * number + i)) for i, one in enumerate(asked)]
    assert conclusion(explain(result, "lstm", "gru", answers), "lstm") == NOTHING


def test_a_clear_shrinkage_of_less_than_half_is_not_the_reason() -> None:
    """The test alone would claim it."""
    result = with_advantage(SPEC, "lstm", 0.3, 7)
    one = mechanisms(SPEC, repeat_data(SPEC, None), winner="lstm", loser="gru")[0]
    (found,) = explain(result, "lstm", "gru", [(one, with_advantage(one.spec, one.winner, 0.22, 8))])
    assert found.tested.outcome == "better"
    assert not found.found


def test_any_gate_is_named_only_where_no_single_gate_was_found() -> None:
    """A network without gates loses what any of them gives, so it says nothing beside one of them."""
    result = with_advantage(SPEC, "lstm", 0.3, 7)
    asked = mechanisms(SPEC, repeat_data(SPEC, None), winner="lstm", loser="gru")

    def named(*gone: str) -> list[str]:
        answers = [
            (one, with_advantage(one.spec, one.winner, 0.0 if one.name in gone else 0.3, 200 + place))
            for place, one in enumerate(asked)
        ]
        return [one.mechanism.name for one in strongest(explain(result, "lstm", "gru", answers))]

    assert named("gate:rnn") == ["gate:rnn"]
    assert named("gate:rnn", "gate:cifg") == ["gate:cifg"]
