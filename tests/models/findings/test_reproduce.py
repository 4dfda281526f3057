"""Running findings: the same bits twice, going on after a kill, what is kept, and what is written."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from models.cli.main import main
from models.cli.reproduce import cheapest
from models.errors import EngineError, UnknownNameError
from models.findings import finding as registry
from models.findings.finding import Finding, Ruling, Source, findings
from models.findings.measured import Measured
from models.findings.reproduce import Reproduced, is_current, read_result, reproduce, write_result
from models.findings.run_all import reproduce_all
from models.findings.trainers import train_here
from models.records.results import ExperimentResult
from models.spec.experiment_settings import ExperimentSpec

SOURCE = Source(authors="Nobody", year=2000, title="Nothing", place="Nowhere", part="none", link="https://example.org")


def small(architecture: str) -> ExperimentSpec:
    """Return an experiment of a second."""
    return ExperimentSpec(
        dataset="adding",
        options=(("length", 10),),
        architectures=(architecture,),
        hidden_size=2,
        seeds=2,
        updates=2,
        evaluations=1,
        rate_search=0,
    )


def rule(measured: Measured) -> Ruling:
    """Say the median error."""
    return Ruling(state="partly", here=f"{measured.run('lstm', 'first').of('mae_value').mean():.6g}.")


def made(**changes: object) -> Finding:
    """Return a finding with two experiments."""
    entry = Finding(
        name="nobody_nothing",
        topic="cost",
        claim="Nothing.",
        source=SOURCE,
        then="Nothing.",
        expected="Nothing.",
        experiments={"first": small("lstm"), "second": small("rnn")},
        rule=rule,
        differs="Nothing.",
    )
    return replace(entry, **changes)  # type: ignore[arg-type]


@pytest.fixture
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command know the small finding alone."""
    findings()
    monkeypatch.setattr(registry, "_FINDINGS", {"nobody_nothing": made()})


def test_running_twice_gives_the_same_bits(tmp_path: Path) -> None:
    """The measured numbers and the sentence are equal, and the digest tells it."""
    one, two = reproduce(made()), reproduce(made(), folder=tmp_path)
    assert one.measured == two.measured
    assert one.digest == two.digest
    other = replace(two, measured=replace(two.measured, numbers={"more": {"lstm": [1.0]}}))
    assert other.digest != two.digest


def test_a_killed_command_goes_on_after_the_finished_experiments(tmp_path: Path) -> None:
    """The first experiment is not trained again, the result is that of an uninterrupted run, and no parts are left."""
    trained: list[str] = []

    def train(spec: ExperimentSpec) -> ExperimentResult:
        trained.extend(spec.architectures)
        if trained == ["lstm", "rnn"]:
            raise KeyboardInterrupt
        return train_here(spec)

    with pytest.raises(KeyboardInterrupt):
        reproduce(made(), train=train, folder=tmp_path)
    assert read_result("nobody_nothing", tmp_path) is None
    result = reproduce(made(), train=train, folder=tmp_path)
    assert trained == ["lstm", "rnn", "rnn"]
    assert result.digest == reproduce(made()).digest
    assert not list((tmp_path / "parts").iterdir())


def test_what_is_kept_is_read_unless_it_is_asked_again(tmp_path: Path) -> None:
    """Kept results of other experiments do not count."""
    (first,) = reproduce_all([made()], folder=tmp_path)
    write_result(replace(first, here="Kept."), tmp_path)
    (kept,) = reproduce_all([made()], folder=tmp_path)
    assert kept.here == "Kept."
    (again,) = reproduce_all([made()], folder=tmp_path, again=True)
    assert again.digest == first.digest
    changed = made(experiments={"first": small("lstm")})
    assert not is_current(changed, again)
    (other,) = reproduce_all([changed], folder=tmp_path)
    assert set(other.keys) == {"first"}


def test_several_at_a_time_give_the_numbers_of_one_at_a_time(tmp_path: Path) -> None:
    """The order of the results is that of the findings, and those that measure time come last."""
    told: list[str] = []
    entries = [made(name="timed", timed=True), made(name="one"), made(name="two")]
    both = reproduce_all(entries, jobs=2, on_result=lambda result: told.append(result.finding))
    assert [result.finding for result in both] == ["timed", "one", "two"]
    assert told[-1] == "timed"
    assert len({result.digest for result in both} | {reproduce(made()).digest}) == 1


def test_a_failed_experiment_ends_the_command_and_is_not_kept(tmp_path: Path) -> None:
    """A stop is an error for whoever waits in another thread."""
    stop = threading.Event()
    stop.set()
    with pytest.raises(EngineError, match="stopped"):
        train_here(small("lstm"), stop=stop)


def test_numbers_without_training_are_kept_and_read(tmp_path: Path) -> None:
    """A finding may only measure; its numbers come back from the file."""
    entry = made(
        experiments={},
        measure=lambda: {"kernel": {"lstm": [1.23456789]}},
        opens=small("lstm"),
        rule=lambda measured: Ruling(state="reproduced", here=f"{measured.numbers['kernel']['lstm'][0]}."),
    )
    result = reproduce(entry, folder=tmp_path)
    assert result.here == "1.23457."
    assert read_result(entry.name, tmp_path) == result
    assert "cores" in result.machine


@pytest.mark.parametrize("text", ["", "{", "[]", '{"finding": "x"}'])
def test_an_unreadable_result_counts_as_not_run(text: str, tmp_path: Path) -> None:
    """Half a file or another JSON is no result."""
    (tmp_path / "nobody_nothing.json").write_text(text, encoding="utf-8")
    assert read_result("nobody_nothing", tmp_path) is None


@pytest.mark.usefixtures("_registered")
def test_command_writes_what_it_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON on request, one line per finding, and status 0 where the shipped state is the same or none ships."""
    target = tmp_path / "found.json"
    assert main(["reproduce", "--all", "--results", str(tmp_path / "kept"), "--json", str(target)]) == 0
    (written,) = json.loads(target.read_text(encoding="utf-8"))["findings"]
    assert (written["state"], len(written["digest"])) == ("partly", 16)
    assert "nobody_nothing: partly." in capsys.readouterr().out
    assert Reproduced.from_dict(written).digest == written["digest"]


@pytest.mark.usefixtures("_registered")
def test_command_reports_another_state_than_the_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The status is 1, so that a nightly run fails."""
    shipped = replace(reproduce(made()), state="reproduced")
    monkeypatch.setattr("models.cli.reproduce.read_result", lambda name: shipped)
    assert main(["reproduce", "nobody_nothing", "--results", str(tmp_path)]) == 1
    assert "Another state than the shipped one: nobody_nothing." in capsys.readouterr().out


def test_command_refuses_unknown_names_and_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence each, and status 2."""
    assert main(["reproduce", "hochreiter_addin"]) == 2
    assert "did you mean `hochreiter_adding`" in capsys.readouterr().err
    assert main(["reproduce", "--all", "--jobs", "0"]) == 2
    with pytest.raises(UnknownNameError):
        registry.get_finding("nothing")


def test_cheapest_take_the_least_time_and_measure_none() -> None:
    """What every check runs is quick and gives the same bits."""
    chosen = [findings()[name] for name in cheapest(3)]
    others = [entry.seconds for name, entry in findings().items() if name not in cheapest(3) and not entry.timed]
    assert max(entry.seconds for entry in chosen) <= min(others, default=300)
    assert not any(entry.timed for entry in chosen)


@pytest.mark.slow
@pytest.mark.parametrize("name", cheapest(3))
def test_the_cheapest_findings_come_out_as_shipped(name: str) -> None:
    """Run here, they end in the shipped state."""
    shipped = read_result(name)
    assert shipped is not None
    assert reproduce(findings()[name]).state == shipped.state
