"""What is allowed, where it is lowered, and that every way in is checked."""

from dataclasses import replace
from typing import Any

import pytest

from data import fields
from models.engine.engine import Engine, EngineSettings
from models.errors import CapacityError, InvalidSpecError
from models.spec.cost import estimate_run
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from models.spec.installation_limits import (
    Limits,
    check_run,
    check_upload,
    lowered,
    misread,
    variable,
)
from models.spec.plan import plan_for
from models.spec.run import RunSpec
from models.spec.sizes import DataShape
from models.spec.task_data import task_data
from models.store.sql.in_memory import MemoryStore

SPEC = ExperimentSpec(dataset="adding", options=(("length", 20),), updates=100, seeds=3, rate_search=0)
LARGE = ExperimentSpec(
    dataset="adding", options=(("length", 200),), hidden_size=256, layers=4, seeds=10, batch_size=512, updates=50_000
)


def shape(spec: ExperimentSpec) -> DataShape:
    """Return the sizes of a spec's data."""
    return DataShape.of(task_data(spec))


def test_usual_experiment_is_within_the_usual_limits() -> None:
    """The estimate is returned."""
    plan = plan_for(SPEC, limits=Limits())
    plan.check()
    assert plan.cost.updates == 200


def test_product_of_allowed_settings_is_refused_with_a_setting_that_fits() -> None:
    """Each setting is in its bounds, together they take hours; the sentence names a way out that works."""
    limits = Limits(megabytes=8_000, minutes=1e5, gigaflops=1e12, stored_megabytes=1e5)
    with pytest.raises(
        CapacityError, match="MB of memory and 8,000 MB are allowed here: choose a batch size of"
    ) as told:
        plan_for(LARGE, limits=limits).check()
    batch = int(str(told.value).split("at most ")[1].split(",")[0])
    plan_for(replace(LARGE, batch_size=batch), limits=limits).check()


def test_refusal_names_repeats_where_no_batch_is_small_enough() -> None:
    """And hidden units where one repeat is already too large."""
    limits = Limits(minutes=1e5, gigaflops=1e12, stored_megabytes=1e5)
    some = replace(LARGE, seeds=32, rate_search=0)
    least = plan_for(replace(some, batch_size=1)).cost.bytes / 1e6
    with pytest.raises(CapacityError, match=r"choose at most \d+ repeats, or fewer hidden units\."):
        plan_for(some, limits=replace(limits, megabytes=round(0.9 * least))).check()
    with pytest.raises(CapacityError, match=r"choose fewer hidden units, layers and repeats\."):
        plan_for(some, limits=replace(limits, megabytes=2.0)).check()


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (Limits(megabytes=1.0), "of memory and 1 MB are allowed here"),
        (Limits(minutes=0.01), "minutes and 0 are allowed here: choose at most"),
        (Limits(gigaflops=0.01), "gigaflops and 0 are allowed here: choose at most"),
        (Limits(stored_megabytes=0.1), "Its results would take about"),
        (Limits(hidden_size=16), r"Hidden size \(`hidden_size`\) is 32, and at most 16 is allowed here"),
        (Limits(updates=50, seeds=2), r"`seeds`.* at most 2 is.*`updates`.* at most 50 is"),
    ],
)
def test_every_limit_refuses_with_its_sentence(limits: Limits, sentence: str) -> None:
    """Time, memory, FLOPs, stored bytes and single settings, each by its own limit."""
    with pytest.raises(CapacityError, match=sentence):
        plan_for(SPEC, limits=limits).check()


def test_limits_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """One variable per field; one that makes no sense is named and changes nothing."""
    monkeypatch.setenv(variable("hidden_size"), "64")
    monkeypatch.setenv(variable("minutes"), "2.5")
    monkeypatch.setenv(variable("layers"), "9")
    monkeypatch.setenv("GATESCOPE_MAX_MINUTE", "3")
    assert Limits.from_environment() == Limits(hidden_size=64, minutes=2.5)
    assert sorted(misread()) == [
        "There is no environment variable `GATESCOPE_MAX_MINUTE`; did you mean `GATESCOPE_MAX_MINUTES`?",
        "`GATESCOPE_MAX_LAYERS` must be a whole number from 1 to 4, not 9.",
    ]


def test_bounds_of_a_setting_are_only_ever_lowered() -> None:
    """What the code cannot carry is not for configuration to allow."""
    with pytest.raises(InvalidSpecError, match="`hidden_size` must be a whole number from 1 to 256"):
        Limits(hidden_size=257)


def test_form_offers_the_lowered_bound_and_keeps_a_linked_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """A widget whose value lies outside its bounds would raise; the capacity check names the value instead."""
    monkeypatch.setenv(variable("hidden_size"), "64")
    info = fields.infos(ExperimentSpec)["hidden_size"]
    assert lowered("hidden_size", info).high == 64
    assert lowered("hidden_size", info, 128).high == 128
    assert lowered("learning_rate", fields.infos(ExperimentSpec)["learning_rate"]).high == 1.0
    with pytest.raises(CapacityError, match="at most 64"):
        plan_for(replace(SPEC, hidden_size=128), limits=Limits.from_environment()).check()


def test_worker_checks_a_run_that_nobody_admitted() -> None:
    """Sizes beyond every plan, a rate that is no number, and the product."""
    run = plan_runs(SPEC, shape(SPEC))[0]
    assert check_run(run, shape(SPEC), Limits()).bytes > 0
    sizes: tuple[dict[str, Any], ...] = (
        {"hidden_size": 100_000},
        {"updates": 10**9},
        {"learning_rate": float("nan")},
        {"hidden_size": 0},
        {"updates": True},
    )
    for changes in sizes:
        with pytest.raises(InvalidSpecError, match=r"A run takes 1 to 1,024 hidden units, 1 to 50,000 updates"):
            RunSpec.from_dict(run.to_dict() | changes)
    with pytest.raises(CapacityError, match="are allowed here"):
        check_run(plan_runs(LARGE, shape(LARGE))[0], shape(LARGE), Limits())


def test_worker_refuses_a_spec_out_of_bounds() -> None:
    """What arrives is parsed like a link."""
    packed = plan_runs(SPEC, shape(SPEC))[0].to_dict()
    packed["experiment"] = {**packed["experiment"], "hidden_size": 10**9}
    with pytest.raises(InvalidSpecError, match="`hidden_size` must be"):
        RunSpec.from_dict(packed)


def test_stored_bytes_are_those_of_weights_snapshots_and_curves() -> None:
    """By hand: 3 seeds of 4,385 + 33 numbers (LSTM, 2 inputs, 32 units, head), 16 snapshots, 51 points."""
    run = plan_runs(SPEC, shape(SPEC))[0]
    weights = 3 * 4 * (4 * 32 * (2 + 32) + 8 * 32 + 32 + 1)
    assert estimate_run(run, shape(SPEC)).stored_bytes == 17 * weights + 7 * 8 * 3 * 51


def test_upload_larger_than_configured_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the check, and by the engine whoever calls it."""
    monkeypatch.setenv(variable("upload_megabytes"), "0.5")
    check_upload(b"x" * 2**19)
    with pytest.raises(CapacityError, match=r"The file is 1\.0 MB, and at most 0\.5 MB are allowed here"):
        check_upload(b"x" * 2**20)
    engine = Engine(MemoryStore(), EngineSettings())
    engine._started = True
    with pytest.raises(CapacityError, match="The file is"):
        engine.submit(plan_for(SPEC), content=b"x" * 2**20)
    engine._started = False
    engine.close()


def test_old_names_of_the_environment_are_read_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """`GATESCOPE_MOST_...` of version 0.1 still counts, the present name wins, and one sentence says what to write."""
    monkeypatch.setenv("GATESCOPE_MOST_MINUTES", "3")
    monkeypatch.setenv("GATESCOPE_MOST_SEEDS", "2")
    monkeypatch.setenv("GATESCOPE_MAX_SEEDS", "5")
    limits = Limits.from_environment()
    assert (limits.minutes, limits.seeds) == (3.0, 5)
    assert misread() == (
        "`GATESCOPE_MOST_MINUTES` is now called `GATESCOPE_MAX_MINUTES`; version 0.3 will no longer read the old name.",
        "`GATESCOPE_MOST_SEEDS` is now called `GATESCOPE_MAX_SEEDS`; version 0.3 will no longer read the old name.",
    )
