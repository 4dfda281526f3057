"""Several experiments: what differs, what may be compared, and what a comparison says."""

from dataclasses import replace

import pytest

from models.analysis.compare_experiments import Labelled, findings, obstacle, overlay_frame, settings_frame
from models.records.results import ExperimentResult
from tests.models.records.samples import a_spec, an_experiment_result


def moved(result: ExperimentResult, architecture: str, by: float) -> ExperimentResult:
    """Return a result whose test errors of one architecture are larger by so much."""
    runs = []
    for run in result.runs:
        shift = by if run.spec.architecture == architecture else 0.0
        seeds = tuple(replace(seed, test_metrics={"mae_value": 0.5 + seed.seed / 100 + shift}) for seed in run.seeds)
        runs.append(replace(run, seeds=seeds))
    return replace(result, runs=tuple(runs))


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ({}, {}, ""),
        ({}, {"hidden_size": 9, "learning_rate": 0.1}, ""),
        ({}, {"dataset": "sunspots"}, "different data: Adding problem and Sunspots"),
        ({}, {"options": (("length", 99),)}, "prepared differently: length"),
        ({}, {"seed": 5}, "different first seeds: 0 and 5"),
        ({}, {"resampling": "start"}, "One varied the data"),
    ],
)
def test_obstacle_names_what_makes_a_comparison_unfair(
    first: dict[str, object], second: dict[str, object], reason: str
) -> None:
    """Other settings are what a comparison is about; other data is not."""
    told = obstacle(a_spec(**first), a_spec(**second))
    assert told == "" if not reason else reason in told


def test_same_architecture_is_compared_across_experiments() -> None:
    """Each architecture is held against itself, and the better one is named with its letter."""
    base = an_experiment_result(a_spec(seeds=8))
    first = Labelled(label="A", result=moved(base, "lstm", 0.0))
    second = Labelled(label="B", result=moved(base, "lstm", 0.2))
    (finding,) = findings([first, second])
    assert finding.obstacle == ""
    lstm, gru = finding.statements
    assert lstm.startswith("LSTM of A is better than LSTM of B")
    assert "are the same for practical purposes" in gru
    (swapped,) = findings([replace(first, result=second.result), replace(second, result=first.result)])
    assert swapped.statements[0].startswith("LSTM of B is better than LSTM of A")


def test_experiments_without_a_common_architecture_compare_all_with_all() -> None:
    """One architecture each: the two are compared."""
    lstm, gru = (an_experiment_result(a_spec(architectures=(name,), seeds=6)) for name in ("lstm", "gru"))
    (finding,) = findings([Labelled(label="A", result=lstm), Labelled(label="B", result=gru)])
    assert len(finding.statements) == 1
    assert "LSTM of A" in finding.statements[0]


def test_settings_frame_lists_differences() -> None:
    """Only what differs is listed on request; options of other datasets are dashes."""
    specs = {"A": a_spec(), "B": a_spec(dataset="sunspots", hidden_size=9)}
    every, different = settings_frame(specs), settings_frame(specs, differences_only=True)
    assert every.loc["Hidden size", ["A", "B"]].tolist() == ["4 units", "9 units"]
    assert not every.loc["Learning rate", "differs"]
    assert "Learning rate" not in different.index
    assert {"Dataset", "Hidden size", "Length"} <= set(different.index)
    assert different.loc["Length", "B"] == "–"


def test_overlay_frame_has_a_line_per_run_and_experiment() -> None:
    """Means over seeds at every evaluation, named by architecture and letter."""
    result = an_experiment_result()
    frame = overlay_frame([Labelled(label="A", result=result), Labelled(label="B", result=result)])
    assert frame.groupby("title")["update"].apply(list).to_dict() == {
        key: [5, 10, 15, 20] for key in ("LSTM of A", "GRU of A", "LSTM of B", "GRU of B")
    }
    assert overlay_frame([]).empty
