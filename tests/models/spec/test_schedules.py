"""Schedules of the learning rate, against PyTorch's and in training; keys of older experiments stay."""

from dataclasses import replace

import pytest
import torch

from models.engine.run_here import run_experiment
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from models.spec.schedules import SCHEDULES, rate_factor
from models.training.optimiser import Optimiser


def test_cosine_equals_torchs_annealing() -> None:
    """The factors are those of CosineAnnealingLR to zero."""
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=40)
    for update in range(40):
        assert rate_factor("cosine", update, 40) == pytest.approx(optimiser.param_groups[0]["lr"], abs=1e-9)
        optimiser.step()
        scheduler.step()


def test_one_cycle_rises_from_a_25th_and_falls_to_zero() -> None:
    """It is highest after 30 % of the updates."""
    factors = [rate_factor("one_cycle", update, 100) for update in range(101)]
    assert factors[0] == pytest.approx(1 / 25)
    assert factors.index(max(factors)) == 30
    assert max(factors) == pytest.approx(1.0)
    assert factors[100] == pytest.approx(0.0)


def test_factor_scales_the_rate_of_an_update() -> None:
    """Half the factor moves a parameter half as far; a constant schedule leaves every bit as it was."""
    moved = []
    for factor in (1.0, 0.5):
        parameter = torch.nn.Parameter(torch.zeros(1, 3))
        parameter.grad = torch.ones(1, 3)
        Optimiser("sgd", [parameter], 0.1).step(factor)
        moved.append(parameter.detach())
    torch.testing.assert_close(moved[1], 0.5 * moved[0])
    assert rate_factor("constant", 3, 10) == 1.0


@pytest.mark.parametrize("schedule", [name for name in SCHEDULES if name != "constant"])
def test_schedule_changes_training_and_keys(schedule: str) -> None:
    """Another schedule gives other numbers under another key; the default's keys do not name it."""
    plain = ExperimentSpec(
        dataset="adding", architectures=("gru",), hidden_size=4, seeds=1, updates=8, rate_search=0, evaluations=1
    )
    changed = replace(plain, schedule=schedule)
    losses = [run_experiment(spec, threads=1).runs[0].seeds[0].test_loss for spec in (plain, changed)]
    assert losses[0] != losses[1]
    assert plain.key() != changed.key()
    assert plan_runs(plain)[0].key() != plan_runs(changed)[0].key()
    assert "schedule" not in plain.key_values()
    assert ExperimentSpec.from_query(changed.to_query()) == changed
    assert ExperimentSpec.from_query(plain.to_query().replace("schedule=constant", "")) == plain
