"""What each fairness rule holds equal."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import TOLERANCE, matched_updates, plan_runs
from models.spec.plan import make_plan
from models.spec.sizes import DataShape, PartShape, network_size, parameter_count

PART = PartShape(sequences=100, steps=20)


def shape_of(inputs: int = 1, outputs: int = 1, *, tokens: bool = False) -> DataShape:
    """Return sizes of a task."""
    return DataShape(
        input_size=inputs,
        output_size=outputs,
        tokens=tokens,
        each_step=tokens,
        train=PART,
        validation=PART,
        test=PART,
    )


def spec_of(fairness: str, *architectures: str, **fields: object) -> ExperimentSpec:
    """Return an experiment."""
    return ExperimentSpec(dataset="adding", architectures=architectures, fairness=fairness, **fields)


def counts(spec: ExperimentSpec, shape: DataShape) -> list[int]:
    """Return the parameters of every planned run."""
    runs = plan_runs(spec, shape)
    return [parameter_count(network_size(spec, run.architecture, run.hidden_size, shape)) for run in runs]


sizes = st.fixed_dictionaries(
    {
        "hidden_size": st.integers(16, 256),
        "layers": st.integers(1, 4),
        "encoder_size": st.sampled_from([0, 0, 8, 64]),
    }
)
shapes = st.builds(shape_of, st.integers(1, 64), st.integers(1, 64), tokens=st.booleans())


@given(sizes, shapes, st.permutations(["lstm", "gru"]))
@settings(max_examples=150, deadline=None)
def test_same_parameters_of_lstm_and_gru_agree_within_one_percent(
    fields: dict[str, int], shape: DataShape, names: list[str]
) -> None:
    """Whole networks, encoder and head included, from 16 hidden units on; the LSTM stays near the asked size."""
    spec = spec_of("same_parameters", *names, **fields)
    first, second = counts(spec, shape)
    assert abs(first - second) / max(first, second) <= 0.01
    lstm = next(run for run in plan_runs(spec, shape) if run.architecture == "lstm")
    assert abs(lstm.hidden_size - spec.hidden_size) <= 0.2 * spec.hidden_size


@given(sizes, shapes, st.permutations(["lstm", "gru", "rnn"]))
@settings(max_examples=150, deadline=None)
def test_same_parameters_of_three_lie_within_one_percent_of_their_budget(
    fields: dict[str, int], shape: DataShape, names: list[str]
) -> None:
    """Each count is within 1 % of the middle of all."""
    found = counts(spec_of("same_parameters", *names, **fields), shape)
    middle = (max(found) + min(found)) / 2
    assert all(abs(count / middle - 1) <= TOLERANCE for count in found)


def test_same_parameters_gives_the_gru_more_units_than_the_lstm() -> None:
    """LSTM 64 and GRU 74 with one input and without a head are 17,152 and 17,094: near that with a head."""
    runs = plan_runs(spec_of("same_parameters", "lstm", "gru", hidden_size=64), shape_of())
    assert [run.hidden_size for run in runs] == [64, 74]


def test_same_parameters_below_sixteen_units_shows_the_mismatch() -> None:
    """Few units cannot match exactly; the plan says by how much they differ."""
    plan = make_plan(spec_of("same_parameters", "lstm", "gru", hidden_size=2), shape_of())
    assert all(abs(run.mismatch) < 0.2 for run in plan.runs)
    assert any(run.mismatch for run in plan.runs)


def test_same_parameters_loads_the_dataset_where_no_sizes_are_given() -> None:
    """The command line need not know the data's sizes."""
    runs = plan_runs(spec_of("same_parameters", "lstm", "gru"))
    assert runs[1].hidden_size > runs[0].hidden_size


def test_same_hidden_changes_nothing() -> None:
    """Every architecture gets the spec's sizes, in the spec's order, without asking for the data."""
    spec = spec_of("same_hidden", "gru", "lstm", hidden_size=20, updates=50)

    def refuse() -> DataShape:
        raise AssertionError

    runs = plan_runs(spec, refuse)
    assert [(run.architecture, run.hidden_size, run.updates) for run in runs] == [("gru", 20, 50), ("lstm", 20, 50)]


def test_same_time_gives_the_faster_architecture_the_asked_updates() -> None:
    """At 2 and 3 ms per update, 600 updates of the fast one take as long as 400 of the slow one."""
    spec = spec_of("same_time", "lstm", "gru", updates=600)
    assert matched_updates(spec, {"lstm": 3.0, "gru": 2.0}) == {"lstm": 400, "gru": 600}
    plan = make_plan(spec, shape_of(), speeds={"lstm": 3.0, "gru": 2.0})
    assert [run.seconds for run in plan.runs] == pytest.approx([1.2, 1.2])


def test_same_time_without_speeds_falls_back_to_the_asked_updates() -> None:
    """Before anything was measured the plan is the same updates for all."""
    assert {run.updates for run in plan_runs(spec_of("same_time", "lstm", "gru", updates=70))} == {70}


def test_resolved_updates_make_a_run_of_their_own() -> None:
    """What was measured is part of the run's key, so a repeated run trains to the same bits."""
    spec = spec_of("same_time", "lstm", "gru", updates=600)
    first = plan_runs(spec, speeds={"lstm": 3.0, "gru": 2.0})[0]
    assert first.key() != plan_runs(spec)[0].key()
    assert first.key() == replace(first, experiment=replace(spec, fairness="same_hidden")).key()


def test_seeds_and_data_order_are_the_same_under_every_rule() -> None:
    """Runs of one experiment share its seeds."""
    for fairness in ("same_hidden", "same_parameters", "same_time"):
        runs = plan_runs(spec_of(fairness, "lstm", "gru", seeds=4, seed=7), shape_of())
        assert {run.experiment.seed_values() for run in runs} == {(7, 8, 9, 10)}
