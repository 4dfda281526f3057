"""Frames of sweeps on made-up runs."""

from dataclasses import replace

import numpy as np
import pytest

from models.analysis.sweeps import (
    MAP_COLUMNS,
    axis_column,
    described,
    lag_frame,
    map_frame,
    reach_frame,
    score_column,
    sweep_frame,
    sweep_summary,
)
from models.records.results import RunResult, SeedResult
from models.records.summaries import run_without_arrays
from models.records.sweep import SweepOutcome
from models.spec.sweep import SweepSpec
from models.spec.sweep_plan import SweepRun, plan_sweep
from tests.models.records.samples import a_result, a_spec

SWEEP = SweepSpec(base=a_spec(architectures=("lstm", "rnn")), axes=(("option.length", (10, 20, 40)),))


def outcome(run: SweepRun, errors: tuple[float, ...], *, diverged: int = 0) -> SweepOutcome:
    """Return a run that is done, with one mean absolute error per seed."""
    result: RunResult = run_without_arrays(a_result(run.run))
    seeds: list[SeedResult] = [
        replace(
            seed,
            status="diverged" if place < diverged else "finished",
            test_metrics={"mae_value": error},
            final_validation_loss=error,
        )
        for place, (seed, error) in enumerate(zip(result.seeds, errors, strict=True))
    ]
    return SweepOutcome(run=run, status="finished", experiment="e", result=replace(result, seeds=tuple(seeds)))


def outcomes(*, diverged: int = 0) -> list[SweepOutcome]:
    """Return all runs but the last: the LSTM solves up to 20 steps, the tanh RNN nothing."""
    errors = {("lstm", 10): (0.01, 0.02), ("lstm", 20): (0.03, 0.3), ("lstm", 40): (0.2, 0.3)}
    return [
        outcome(
            run, errors.get((run.run.architecture, dict(run.values)["option.length"]), (0.3, 0.4)), diverged=diverged
        )
        for run in plan_sweep(SWEEP).runs[:-1]
    ]


def test_frame_has_a_row_per_run_and_seed() -> None:
    """What is not done is left out, and whether a seed solved the task is told."""
    frame = sweep_frame(SWEEP, [*outcomes(), SweepOutcome(run=plan_sweep(SWEEP).runs[-1])])
    assert len(frame) == 10
    first = frame.iloc[0]
    assert (first["option.length"], first["title"], first["seed_value"], first["score"]) == (10, "LSTM", 0, 0.01)
    assert frame[frame["architecture"] == "lstm"]["solved"].tolist() == [True, True, True, False, False, False]
    assert sweep_frame(SWEEP, []).empty


def test_diverged_seeds_have_no_score() -> None:
    """They count as not solved, and the summary says how many there are."""
    frame = sweep_frame(SWEEP, outcomes(diverged=1))
    assert np.isnan(frame["score"][0])
    assert frame["solved"][0] is False or not frame["solved"][0]
    summary = sweep_summary(SWEEP, frame)
    assert summary["diverged"].tolist() == [0.5] * 5
    assert summary["median"].tolist()[:2] == [0.02, 0.4]
    assert summary["solved"].tolist()[0] == 0.5


def test_reach_ends_at_the_first_lag_that_less_than_half_solve() -> None:
    """One that fails at the shortest lag has none."""
    lags = lag_frame(SWEEP, sweep_frame(SWEEP, outcomes()), "option.length")
    assert set(lags["variant"]) == {""}
    reach = reach_frame(lags).set_index("title")
    assert reach.loc["LSTM", "reach"] == 20
    assert np.isnan(reach.loc["tanh RNN", "reach"])
    assert reach.loc["LSTM", "longest"] == 40


def test_other_axes_become_variants() -> None:
    """Their labels say what differs."""
    axes = (("option.length", (10, 20)), ("forget_bias", (0.0, 1.0)), ("initialisation", ("standard", "chrono")))
    spec = SweepSpec(base=SWEEP.base, axes=axes)
    made = [outcome(run, (0.1, 0.1)) for run in plan_sweep(spec).runs]
    lags = lag_frame(spec, sweep_frame(spec, made), "option.length")
    assert lags["variant"].unique().tolist() == [
        f"forget-gate bias {bias}, {start}"
        for bias in (0, 1)
        for start in ("Standard (PyTorch)", "Chrono (Tallec and Ollivier 2018)")
    ]


def test_map_takes_the_median_final_loss() -> None:
    """One row per cell and architecture, divergence as a share."""
    spec = SweepSpec(
        base=replace(SWEEP.base, rate_search=0), axes=(("learning_rate", (0.001, 0.01)), ("hidden_size", (4, 8)))
    )
    runs = plan_sweep(spec).runs
    made = [
        outcome(runs[0], (0.1, 0.3)),
        outcome(runs[1], (0.5, 0.7), diverged=1),
        outcome(runs[2], (1, 2), diverged=2),
    ]
    frame = map_frame(spec, sweep_frame(spec, made), "learning_rate", "hidden_size")
    assert list(frame.columns) == list(MAP_COLUMNS)
    assert len(frame) == 8
    lstm, rnn = (frame[frame["architecture"] == name].set_index(["x", "y"]) for name in ("lstm", "rnn"))
    assert (lstm.loc[(0.001, 4), "loss"], rnn.loc[(0.001, 4), "loss"]) == (0.2, 0.7)
    assert np.isnan(lstm.loc[(0.001, 8), "loss"])
    assert (rnn.loc[(0.001, 4), "diverged"], lstm.loc[(0.001, 8), "diverged"]) == (0.5, 1)
    assert frame["seeds"].tolist() == [2, 2, 0, 0, 2, 0, 0, 0]


def test_axes_and_scores_are_described_with_units() -> None:
    """As headings of charts and tables."""
    assert axis_column(SWEEP, "option.length").heading == "Length (steps)"
    assert score_column(SWEEP).heading == "MAE (value)"
    assert described(SWEEP) == "Length (steps) 10, 20, 40 · LSTM, tanh RNN"


@pytest.mark.parametrize("value", ["score", "validation_loss", "final_validation_loss", "test_loss"])
def test_summary_of_nothing_is_empty(value: str) -> None:
    """No run is done yet."""
    assert sweep_summary(SWEEP, sweep_frame(SWEEP, []), value).empty


def test_axis_over_the_first_seed_keeps_replicas_apart() -> None:
    """The axis and the replica's own seed are two columns."""
    spec = SweepSpec(base=SWEEP.base, axes=(("seed", (5, 50)), ("option.length", (10, 20))))
    made = [outcome(run, (0.1, 0.2)) for run in plan_sweep(spec).runs]
    frame = sweep_frame(spec, made)
    assert frame[["seed", "seed_value"]].drop_duplicates().to_numpy().tolist() == [[5, 5], [5, 6], [50, 50], [50, 51]]
    assert len(sweep_summary(spec, frame)) == 8
    lags = lag_frame(spec, frame, "option.length")
    assert lags["variant"].unique().tolist() == ["first seed 5", "first seed 50"]
    assert lags["seed"].tolist()[:2] == [5, 6]
