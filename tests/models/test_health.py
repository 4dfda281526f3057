"""What is found out about an installation, and that a problem is one."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.cli.main import main
from models.engine.engine import Engine, EngineSettings
from models.errors import StoreError
from models.health import examine, healthy, line, sizes
from models.spec.installation_limits import variable
from models.store.sql import open_store
from models.store.sql.in_memory import MemoryStore

PARTS = ["versions", "machine", "engine", "queue", "store", "sizes", "limits"]


@pytest.fixture
def engine() -> Any:
    """Return an engine that was not started."""
    made = Engine(MemoryStore(), EngineSettings())
    yield made
    made.close()


def test_examine_finds_every_part(engine: Engine) -> None:
    """Nothing is wrong with a fresh installation."""
    findings = examine(engine, MemoryStore())
    assert [finding.part for finding in findings] == PARTS
    assert [finding for finding in findings if finding.problem and finding.part != "machine"] == []
    assert "torch 2." in findings[0].value
    assert findings[3].value == "0 training, 0 waiting, 0 runs at a time"


def test_sizes_say_when_the_database_was_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An administrator sees that there are backups."""
    monkeypatch.setenv("GATESCOPE_DATA_DIR", str(tmp_path))
    assert "last copied" not in sizes().value
    open_store().close()
    assert "last copied 20" in sizes().value


class Broken(MemoryStore):
    """A store that cannot be reached, and whose error holds an address."""

    def purge(self) -> int:
        """Fail."""
        raise StoreError("cannot reach postgresql://team:s3cret@db/runs")


def test_problem_is_reported_without_secrets_and_comes_first(engine: Engine) -> None:
    """The rest of the report is there all the same."""
    findings = examine(engine, Broken())
    assert not healthy(findings)
    assert line(findings).startswith("Not healthy. ")
    assert "store: cannot reach postgresql://team:***@db/runs" in line(findings)
    assert [finding.part for finding in findings] == PARTS


def test_variable_that_makes_no_sense_is_a_problem(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistyped limit is reported."""
    monkeypatch.setenv(variable("seeds"), "many")
    findings = examine(engine, MemoryStore())
    assert "`GATESCOPE_MAX_SEEDS` must be a whole number from 1 to 32, not 'many'." in findings[-1].problem


@pytest.mark.slow
def test_doctor_exits_with_one_if_something_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON and text say the same; the exit status follows."""
    target = tmp_path / "doctor.json"
    status = main(["doctor", "--json", str(target)])
    report = json.loads(target.read_text())
    assert status == (0 if report["healthy"] else 1)
    assert [finding["part"] for finding in report["findings"]] == [*PARTS[:2], *PARTS[4:], "kernels"]
    assert "Device: " in report["findings"][-1]["value"]
    assert "kernels" in capsys.readouterr().out
    monkeypatch.setenv(variable("seeds"), "many")
    assert main(["doctor"]) == 1
    assert "PROBLEM limits" in capsys.readouterr().out
