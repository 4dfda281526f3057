"""`python -m models sweep`: trains, prints, writes JSON, and goes on where it was."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from models.cli.main import main
from models.records.experiment import ExperimentQuery
from models.store.sql.startup import connect_store
from tests.load.ledger import Ledger
from tests.models.engine.outside import Outside
from tests.timing import PATIENCE, wait_until

SMALL = ("--dataset", "adding", "--hidden", "4", "--updates", "5", "--seeds", "1", "--evaluations", "1")
AXES = ("--axis", "option.length=10,20", "--axis", "architecture=lstm,gru")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--axis", "option.length"), "`--axis` must have the form NAME=V1,V2,..."),
        (("--axis", "seeds=1", "--axis", "seeds=2"), "`--axis seeds` is given twice"),
        (("--axis", "option.lenght=10"), "did you mean `option.length`"),
        (("--axis", "hidden_size=0,4"), "must be a whole number from 1 to 256, not 0"),
        (("--axis", "architecture=lsm"), "did you mean `lstm`"),
        (("--fairness", "same_time"), "could not be resumed"),
    ],
)
def test_bad_arguments_are_answered_with_a_sentence(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error, with status 2, before anything is trained."""
    assert main(["sweep", *SMALL, *arguments]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.slow
def test_sweep_trains_prints_writes_and_does_not_train_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second time everything comes from the store, bit for bit; a larger sweep trains what is new alone."""
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert main(["sweep", *SMALL, *AXES, "--json", str(first)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [
        *("Length", "(steps)", "Architecture", "Test", "MAE", "(value),", "median", "Spread", "Solved", "Diverged")
    ]
    assert [line.split()[:2] for line in lines[1:]] == [["10", "LSTM"], ["10", "GRU"], ["20", "LSTM"], ["20", "GRU"]]
    assert main(["sweep", *SMALL, *AXES, "--json", str(second)]) == 0
    assert first.read_bytes() == second.read_bytes()
    document = json.loads(first.read_text())
    assert document["status"] == "finished"
    assert document["sweep"]["axes"] == {"option.length": [10, 20]}
    assert [entry["values"] for entry in document["results"]] == [{"option.length": n} for n in (10, 10, 20, 20)]
    assert main(["sweep", *SMALL, "--axis", "option.length=10,20,30", "--axis", "architecture=lstm,gru"]) == 0
    store = connect_store()
    assert store.list_experiments(ExperimentQuery(sweep=None)).total == 3
    assert len(store.sweeps()) == 2
    store.close()


@pytest.mark.slow
def test_interrupted_sweep_keeps_what_is_done(tmp_path: Path) -> None:
    """Ctrl+C ends it with status 130, a table of what is there, and a word on how to go on."""
    environment = os.environ | {"PYTHONPATH": os.getcwd(), "GATESCOPE_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "models", "sweep", "--dataset", "adding", "--architecture", "lstm", "--seeds", "1"]
    command += ["--updates", "2000", "--hidden", "16", "--axis", f"seed={','.join(map(str, range(1, 31)))}"]
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job would ignore it
    )
    ledger = Ledger(path=tmp_path / "experiments.sqlite")
    wait_until(lambda: list(ledger.statuses().values()).count("finished") >= 2, pause=0.3)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, errors
    assert "Stopped: the same command resumes it." in errors
    assert 2 <= len(output.splitlines()) - 1 < 30


@pytest.mark.slow
def test_sweep_trains_on_the_cluster_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the numbers of this process; an address without a cluster is answered with a sentence."""
    here, there = tmp_path / "here.json", tmp_path / "there.json"
    assert main(["sweep", *SMALL, *AXES, "--json", str(here)]) == 0
    monkeypatch.setenv("GATESCOPE_DATA_DIR", str(tmp_path / "other"))
    with Outside(workers=1, prepare=True) as cluster:
        monkeypatch.setenv("GATESCOPE_SCHEDULER", cluster.address)
        assert main(["sweep", *SMALL, *AXES, "--json", str(there)]) == 0
        assert scores(here) == scores(there)
        assert cluster.alive()
    monkeypatch.setenv("GATESCOPE_DATA_DIR", str(tmp_path / "third"))
    assert main(["sweep", *SMALL, *AXES]) == 2
    assert "cannot be reached" in capsys.readouterr().err


def scores(path: Path) -> list[object]:
    """Return what was measured, times left out."""
    results = json.loads(path.read_text())["results"]
    return [
        (entry["key"], [(seed["validation_loss"], seed["test_metrics"]) for seed in entry["seeds"]])
        for entry in results
    ]
