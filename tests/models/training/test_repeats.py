"""Repeats as replicas: a replica alone, in a group and added later has the same bits; each has its own data."""

from dataclasses import replace

import numpy as np
import pytest

from data.repeat_splits import RepeatedData
from models.records.results import RunResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from models.spec.task_data import repeated_data, task_data
from models.training.loop import train
from tests.models.training.test_search import last

SETTINGS = {"updates": 30, "evaluations": 3, "rate_search": 0}
CASES = {
    "stretches": {"dataset": "airline", "hidden_size": 7},
    "splits": {"dataset": "japanese_vowels", "hidden_size": 5, "batch_size": 7},
    "drawn": {"dataset": "adding", "options": (("length", 10),), "hidden_size": 9, "clip": 0.1},
    "text": {"dataset": "first_names", "hidden_size": 6, "batch_size": 8},
    "two layers": {"dataset": "airline", "layers": 2, "dropout": 0.3, "optimiser": "rmsprop", "encoder_size": 3},
    "one split": {"dataset": "airline", "resampling": "start", "hidden_size": 7},
}


def run_of(case: str, seeds: int, name: str, first: int = 0) -> RunResult:
    """Train one architecture of a case."""
    spec = ExperimentSpec(architectures=(name,), seeds=seeds, **SETTINGS | CASES[case])
    run = plan_runs(spec)[0]
    return last(train(run, repeated_data(spec), first=first))  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", ["lstm", "gru", "mgu"])
@pytest.mark.parametrize("case", CASES)
def test_repeats_added_later_have_the_bits_of_those_asked_for_at_once(case: str, name: str) -> None:
    """Four repeats at once equal three and one more, to the last bit: weights, scores, answers, gradients."""
    together, before, added = run_of(case, 4, name), run_of(case, 3, name), run_of(case, 4, name, first=3)
    for key, values in together.weights.items():
        np.testing.assert_array_equal(values, np.concatenate([before.weights[key], added.weights[key]]))
    answers = np.concatenate([before.sample_outputs, added.sample_outputs])
    np.testing.assert_array_equal(together.sample_outputs, answers)
    for key, values in together.gradient_flow.items():
        both = np.concatenate([before.gradient_flow[key], added.gradient_flow[key]])
        np.testing.assert_array_equal(values, both, err_msg=key)
    timeless = [replace(seed, seconds=0.0, solved_seconds=None) for seed in together.seeds]
    assert timeless == [replace(seed, seconds=0.0, solved_seconds=None) for seed in (*before.seeds, *added.seeds)]


def test_repeats_are_tested_on_their_own_stretch_and_scored_in_its_scale() -> None:
    """Stretches follow each other from the newest back, and a ninth repeat starts anew on the newest."""
    result = run_of("stretches", 9, "gru")
    spec = result.spec.experiment
    assert [seed.stretch_index for seed in result.seeds] == [0, 1, 2, 3, 4, 5, 6, 7, 0]
    assert result.seeds[8].stretch == result.seeds[0].stretch
    for index, seed in enumerate(result.seeds):
        data = task_data(spec, repeat=index)
        assert seed.stretch == data.stretch
        part = data.test
        predicted = data.in_unit(part, result.sample_outputs[index])
        error = predicted - data.in_unit(part, part.targets)
        rmse = float(np.sqrt(np.mean(error[result.sample_indices].astype(np.float64) ** 2)))
        assert seed.test_metrics["rmse_thousand_passengers"] == pytest.approx(rmse, rel=1e-4)


def test_best_weights_are_chosen_on_each_repeats_own_validation_part() -> None:
    """Other validation data of one repeat change its kept weights and no other's."""
    run = plan_runs(ExperimentSpec(architectures=("gru",), seeds=3, **SETTINGS | CASES["stretches"]))[0]
    data = repeated_data(run.experiment)
    validation = data.tasks[1].validation
    turned = replace(data.tasks[1], validation=replace(validation, targets=-validation.targets))
    other = RepeatedData(tasks=(data.tasks[0], turned, *data.tasks[2:]), numbers=data.numbers)
    one, two = last(train(run, data)), last(train(run, other))
    same = [all(np.array_equal(one.weights[key][r], two.weights[key][r]) for key in one.weights) for r in range(3)]
    assert [seed.validation_loss for seed in one.seeds][1] != [seed.validation_loss for seed in two.seeds][1]
    assert (same[0], same[2]) == (True, True)


def test_cost_counts_the_sequences_that_were_seen() -> None:
    """A batch larger than the data is no faster, and the time per update is that of the run's own seconds."""
    spec = ExperimentSpec(architectures=("gru",), seeds=2, dataset="airline", resampling="start", **SETTINGS)
    small, large = (
        last(train(plan_runs(replace(spec, batch_size=size))[0], repeated_data(spec))) for size in (1_000 // 2, 76)
    )
    assert len(task_data(spec).train) == 76
    for result in (small, large):
        seconds = max(seed.seconds for seed in result.seeds)
        assert result.cost["milliseconds_per_update"] * 30 / 1000 == pytest.approx(seconds, rel=0.1)
        assert result.cost["sequences_per_second"] * seconds == pytest.approx(30 * 2 * 76, rel=0.1)
