"""A sweep as a value: its axes, its runs, its problems."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidSpecError
from models.spec.experiment_settings import ExperimentSpec
from models.spec.sweep import MAX_RUNS, SweepSpec
from models.spec.sweep_plan import plan_sweep

BASE = ExperimentSpec(dataset="adding", architectures=("lstm",), seeds=2, updates=10, rate_search=0)


def test_sweep_expands_to_ordinary_runs() -> None:
    """Each combination is an experiment of its own, and the runs have the keys that the same experiment has alone."""
    sweep = SweepSpec(
        base=BASE, axes=(("option.length", (20, 10)), ("hidden_size", (4, 8)), ("architecture", ("lstm", "gru")))
    )
    runs = plan_sweep(sweep).runs
    assert sweep.size == len(runs) == 8
    assert [dict(run.values) for run in runs[:4:2]] == [
        {"option.length": 10, "hidden_size": 4},
        {"option.length": 10, "hidden_size": 8},
    ]
    assert [run.run.architecture for run in runs[:3]] == ["lstm", "gru", "lstm"]
    alone = replace(BASE, options=(("length", 20),), hidden_size=8)
    assert plan_sweep(SweepSpec(base=alone)).runs[0].key == runs[-2].key
    assert len({run.key for run in runs}) == 8


def test_equal_sweeps_are_equal_however_they_are_written() -> None:
    """Order of numbers, the varied field's own value, and the way architectures are given do not matter."""
    first = SweepSpec(base=BASE, axes=(("hidden_size", (8, 4)), ("architecture", ("gru", "lstm"))))
    second = SweepSpec(
        base=replace(BASE, hidden_size=17, architectures=("gru", "lstm")), axes=(("hidden_size", ("4", "8")),)
    )
    assert first == second
    assert first.key() == second.key()
    assert first.key() != SweepSpec(base=BASE, axes=(("hidden_size", (4, 8)),)).key()
    assert first.values("hidden_size") == (4, 8)
    assert first.values("option.length") == (50,)


@given(
    lengths=st.lists(st.integers(10, 400), min_size=1, max_size=4, unique=True),
    rates=st.lists(st.floats(1e-5, 1.0), min_size=1, max_size=4, unique=True),
    starts=st.lists(st.sampled_from(["standard", "chrono"]), min_size=1, max_size=2, unique=True),
)
def test_sweep_survives_link_and_json(lengths: list[int], rates: list[float], starts: list[str]) -> None:
    """Query and JSON hold all of it."""
    axes = (("option.length", tuple(lengths)), ("learning_rate", tuple(rates)), ("initialisation", tuple(starts)))
    sweep = SweepSpec(base=BASE, axes=axes)
    assert SweepSpec.from_query(sweep.to_query()) == sweep
    assert SweepSpec.from_dict(json.loads(json.dumps(sweep.to_dict()))) == sweep
    assert SweepSpec.from_query(sweep.to_query()).key() == sweep.key()


def test_every_problem_is_reported_at_once() -> None:
    """Unknown axes, bad values and repeated ones, in one error."""
    axes = (("option.lenght", (10,)), ("hidden_size", (0, 4)), ("seeds", (2, 2)), ("architecture", ("lsm",)))
    with pytest.raises(InvalidSpecError) as caught:
        SweepSpec(base=BASE, axes=axes)
    text = str(caught.value)
    assert "did you mean `option.length`" in text
    assert "`hidden_size` must be a whole number from 1 to 256, not 0" in text
    assert "Axis `seeds` must have each value once" in text
    assert "did you mean `lstm`" in text


@pytest.mark.parametrize(
    ("changes", "axes", "message"),
    [
        ({}, (("seed", ()),), "1 to 50 values, not 0"),
        ({}, (("seed", tuple(range(51))),), "1 to 50 values, not 51"),
        ({}, (("seed", tuple(range(50))), ("hidden_size", tuple(range(1, 22)))), f"at most {MAX_RUNS:,} runs"),
        ({}, (("seed", (0,)), ("seeds", (1,)), ("clip", (1.0,)), ("layers", (1,))), "at most 3 axes"),
        ({"fairness": "same_time"}, (), "could not be resumed"),
        ({"rate_search": 3}, (("learning_rate", (0.1,)),), "needs `rate_search` 0"),
        ({}, (("fairness", ("same_hidden",)),), "There is no axis `fairness`"),
    ],
)
def test_sweep_is_bounded_and_can_go_on(changes: dict[str, object], axes: object, message: str) -> None:
    """Too many runs, and rules under which a stopped sweep could not be resumed, are refused."""
    with pytest.raises(InvalidSpecError, match=message):
        SweepSpec(base=replace(BASE, **changes), axes=axes)


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"base": 3, "axes": {}},
        {"base": {"dataset": "adding"}, "axes": []},
        {"base": {"dataset": "adding"}, "axes": {"seed": 3}},
        {"base": {"dataset": "adding"}, "axes": {"seed": [[3]]}},
        {"base": {"dataset": "adding"}, "axes": {"seed": [float("nan")]}},
        {"base": {"dataset": "adding"}, "extra": 1},
        {"base": {"dataset": "own_series"}},
    ],
)
def test_foreign_values_are_refused_with_a_sentence(raw: dict[str, object]) -> None:
    """Whatever a link or a stored row holds, the answer is one error of ours."""
    with pytest.raises(InvalidSpecError):
        SweepSpec.from_dict(raw)


def test_same_parameters_matches_sizes_at_every_point() -> None:
    """The fairness rule is applied to each experiment with all its architectures."""
    base = replace(BASE, architectures=("lstm", "gru"), fairness="same_parameters")
    runs = plan_sweep(SweepSpec(base=base, axes=(("hidden_size", (8, 16)),))).runs
    sizes = [run.run.hidden_size for run in runs]
    assert sizes[1] > sizes[0]
    assert sizes[3] > sizes[2] > sizes[0]


def test_whole_numbers_in_place_of_real_ones_make_the_same_key() -> None:
    """A spec has one key, whether its learning rate was written as 1 or 1.0."""
    first, second = replace(BASE, learning_rate=1, clip=2), replace(BASE, learning_rate=1.0, clip=2.0)
    assert first.key() == second.key()
    assert ExperimentSpec.from_dict(first.to_dict()).key() == first.key()
