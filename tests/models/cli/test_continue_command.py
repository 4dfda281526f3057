"""`python -m models compare --continue ID`: trains what a stored experiment lacks, and keeps the whole."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.cli.main import main
from models.engine.run_here import run_experiment
from models.records.experiment import ExperimentRecord, new_id
from models.records.results import RunResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec
from models.store.sql import open_store
from models.worker import execute

SPEC = ExperimentSpec(dataset="airline", hidden_size=4, updates=20, evaluations=2, seeds=2)


@pytest.fixture
def stored() -> str:
    """Keep a finished experiment with two repeats, and return its id."""
    result = run_experiment(SPEC)
    record = ExperimentRecord(
        id=new_id(),
        spec=SPEC,
        runs=tuple(run.spec for run in result.runs),
        control="",
        baselines=result.baselines,
        repeat_baselines=result.repeat_baselines,
    )
    store = open_store()
    try:
        store.keep(record, result)
    finally:
        store.close()
    return record.id


def test_continue_trains_what_is_missing_and_keeps_the_whole(
    stored: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four repeats from two have the bits of four at once; the first two are not trained again; the store has both."""
    asked: list[int] = []
    monkeypatch.setattr(execute, "run_trainer", _counted(asked))
    written = tmp_path / "result.json"
    assert main(["compare", "--continue", stored, "--seeds", "4", "--json", str(written)]) == 0
    assert asked == [2, 2]  # per architecture: from which repeat on
    kept = capsys.readouterr().err.split("Stored as experiment ")[1].split(".")[0]
    at_once = run_experiment(ExperimentSpec.from_dict(SPEC.to_dict() | {"seeds": 4}))
    store = open_store()
    try:
        whole, before = store.view(kept), store.view(stored)
    finally:
        store.close()
    assert whole is not None
    assert whole.result is not None
    assert before is not None
    assert (whole.spec.seeds, before.spec.seeds) == (4, 2)
    assert whole.result.repeat_baselines == at_once.repeat_baselines
    for run, other in zip(whole.result.runs, at_once.runs, strict=True):
        assert run.spec == other.spec
        assert [seed.test_metrics for seed in run.seeds] == [seed.test_metrics for seed in other.seeds]
        for name, value in other.weights.items():
            np.testing.assert_array_equal(run.weights[name], value)
    document = json.loads(written.read_text())
    assert [len(run["seeds"]) for run in document["results"]] == [4, 4]


def _counted(asked: list[int]) -> Callable[..., RunResult]:
    """Return a trainer that notes from which repeat on it is asked to train."""
    real = execute.run_trainer

    def counting(run: RunSpec, *, first: int = 0, **settings: Any) -> RunResult:
        asked.append(first)
        return real(run, first=first, **settings)

    return counting


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--seeds", "2"], "2 repeats already"),
        ([], "needs `--seeds` with more than the 2 repeats that exist"),
        (["--seeds", "4", "--updates", "30"], "give `--seeds` and nothing else"),
    ],
)
def test_continue_says_what_it_cannot_do(
    stored: str, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As many repeats as there are, none, or other settings: one sentence and exit status 2."""
    assert main(["compare", "--continue", stored, *arguments]) == 2
    assert sentence in capsys.readouterr().err


def test_continue_of_an_unknown_experiment_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence that names it."""
    assert main(["compare", "--continue", "nobody", "--seeds", "4"]) == 2
    assert "no finished experiment `nobody` to continue" in capsys.readouterr().err
