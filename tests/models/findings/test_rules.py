"""What rules share: who solved it, paired tests, and that equal numbers show no difference."""

from dataclasses import replace

import numpy as np
import pytest

from models.findings.finding import findings, get_finding
from models.findings.measured import Measured, RunNumbers
from models.findings.reproduce import read_result
from models.findings.rules import compare, not_shown_worse, paired, shown_better, solved_by

NO_DIFFERENCE = {  # claims that two are equal, or that both fail
    *("greff_coupled_gates", "greff_peepholes", "yunita_sunspots", "zhou_minimal_gate"),
    *("arjovsky_copy_baseline", "elnaggar_long_counting", "velarde_prices", "zeng_linear"),
}


def numbers(scores: list[float], *, solved: int = 0, stretches: list[int] | None = None) -> RunNumbers:
    """Return the numbers of a run with given scores."""
    repeats = len(scores)
    return RunNumbers(
        hidden_size=8,
        parameters=100,
        kernel="fused",
        updates=10,
        learning_rate=0.01,
        status=["finished"] * repeats,
        metrics={"rmse_x": scores},
        solved=[10] * solved + [None] * (repeats - solved),
        stretches=stretches or list(range(repeats)),
        timed=stretches is not None,
    )


def measured(**runs: RunNumbers) -> Measured:
    """Return the numbers of one experiment."""
    return Measured(experiments={"only": runs})


@pytest.mark.parametrize(
    ("able", "unable", "state"),
    [(8, 0, "reproduced"), (7, 1, "reproduced"), (8, 2, "partly"), (6, 0, "not reproduced")],
)
def test_solved_by_asks_for_seven_of_eight(able: int, unable: int, state: str) -> None:
    """Seven of eight repeats count as nearly all, one of eight as nearly none."""
    runs = measured(lstm=numbers([1.0] * 8, solved=able), rnn=numbers([2.0] * 8, solved=unable))
    assert solved_by(("lstm",), ("rnn",), "rmse_x")(runs).state == state


def test_shown_better_needs_a_significant_difference_in_the_right_direction() -> None:
    """Eight wins of eight show it, eight losses and a mixture do not."""
    low, high = numbers([1.0 + 0.01 * place for place in range(8)]), numbers([2.0] * 8)
    mixed = numbers([1.0, 3.0] * 4)
    rule = shown_better("lstm", ("gru",), "rmse_x")
    assert rule(measured(lstm=low, gru=high)).state == "reproduced"
    assert rule(measured(lstm=high, gru=low)).state == "not reproduced"
    assert rule(measured(lstm=mixed, gru=high)).state == "not reproduced"
    assert "p = 0.0078" in rule(measured(lstm=low, gru=high)).here


def test_not_shown_worse_fails_for_eight_losses_alone() -> None:
    """A mixture of wins and losses shows nothing, eight losses do."""
    rule = not_shown_worse("lstm", ("gru",), "rmse_x")
    assert rule(measured(lstm=numbers([1.0, 3.0] * 4), gru=numbers([2.0] * 8))).state == "reproduced"
    losing = numbers([3.0 + 0.01 * place for place in range(8)])
    assert rule(measured(lstm=losing, gru=numbers([2.0] * 8))).state == "not reproduced"


def test_repeats_on_one_stretch_of_time_count_once() -> None:
    """Starts on the same stretch are averaged before the test, as in the verdict."""
    stretches = [0, 0, 1, 1]
    run = numbers([1.0, 3.0, 5.0, 7.0], stretches=stretches)
    assert paired(run, run.of("rmse_x"), np.zeros(4)).tolist() == [2.0, 6.0]
    (test,) = compare({"a": run, "b": numbers([0.0] * 4, stretches=stretches)}, [("a", "b")], "rmse_x")
    assert test.repeats == 2
    assert test.outcome == "too_few"


TRAINED = {name for name, entry in findings().items() if entry.measure is None}


@pytest.mark.parametrize("name", sorted(TRAINED - NO_DIFFERENCE))
def test_equal_numbers_reproduce_no_difference(name: str) -> None:
    """Where all runs score 1 and solve nothing, no claim of a difference is reproduced: rules decide by numbers."""
    kept = read_result(name)
    assert kept is not None
    flat = {
        label: {
            run: replace(
                values,
                metrics={metric: [1.0] * values.repeats for metric in values.metrics},
                baselines={
                    title: {metric: [1.0] * len(scores) for metric, scores in each.items()}
                    for title, each in values.baselines.items()
                },
                solved=[None] * values.repeats,
                gradient={part: [1.0] * len(norms) for part, norms in values.gradient.items()},
            )
            for run, values in runs.items()
        }
        for label, runs in kept.measured.experiments.items()
    }
    assert get_finding(name).rule(Measured(experiments=flat)).state != "reproduced"
