"""Run findings, keep what they measured in files, and read what ships with the project."""

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.errors import GatescopeError
from models.findings.finding import Finding, Ruling, State
from models.findings.measured import Measured, RunNumbers, numbers_of
from models.version import VERSION

SHIPPED = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduced:
    """What one run of a finding gave.

    Attributes:
        finding: Its name.
        state: What the rule decided.
        here: The numbers in words.
        seconds: Wall seconds on one core.
        date: Day of the run.
        version: Version of this project.
        machine: CPU, and version of torch.
        kernels: Implementations of the recurrence that trained.
        keys: Label to the key of its experiment: another key means that the experiment has changed since.
        measured: The numbers, see `models.findings.measured`.
    """

    finding: str
    state: State
    here: str
    seconds: float
    date: str
    version: str
    machine: str
    kernels: tuple[str, ...]
    keys: Mapping[str, str]
    measured: Measured

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "measured"}
        return plain | {"kernels": list(self.kernels), "measured": self.measured.to_dict()}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> "Reproduced":
        """Read what `to_dict` wrote."""
        return cls(**{**raw, "kernels": tuple(raw["kernels"]), "measured": Measured.from_dict(raw["measured"])})


def reproduce(entry: Finding, *, threads: int = 1, on_experiment: Callable[[str], None] | None = None) -> Reproduced:
    """Train a finding's experiments in this process and apply its rule.

    Args:
        entry: The finding.
        threads: Runs at a time.
        on_experiment: Called with the label of each experiment before it starts.
    """
    from models.engine.run_here import run_experiment  # imports the training code only when needed

    begun = time.monotonic()
    numbers: dict[str, Mapping[str, RunNumbers]] = {}
    machine = ""
    for label, spec in entry.experiments.items():
        if on_experiment is not None:
            on_experiment(label)
        result = run_experiment(spec, threads=threads)
        numbers[label] = numbers_of(result, entry.further(result) if entry.further else None)
        environment = result.runs[0].environment
        machine = f"{environment.get('cpu', 'unknown CPU')}, torch {environment.get('torch', '?')}"
    measured = Measured.from_dict(Measured(experiments=numbers).to_dict())  # rounded, as a file keeps them
    decided = entry.rule(measured)
    return Reproduced(
        finding=entry.name,
        state=decided.state,
        here=decided.here,
        seconds=round(time.monotonic() - begun, 1),
        date=datetime.now(UTC).date().isoformat(),
        version=VERSION,
        machine=machine,
        kernels=tuple(sorted({run.kernel for runs in numbers.values() for run in runs.values()})),
        keys={label: spec.key() for label, spec in entry.experiments.items()},
        measured=measured,
    )


def write_result(result: Reproduced, folder: Path) -> Path:
    """Write a result under its finding's name, all or nothing; return the path.

    Raises:
        GatescopeError: If it cannot be written.
    """
    target = folder / f"{result.finding}.json"
    partial = target.with_suffix(f".{os.getpid()}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        partial.write_text(_written(result), encoding="utf-8")
        partial.replace(target)
    except OSError as error:
        raise GatescopeError(f"Cannot write `{target}`: {error.strerror}; choose another folder.") from error
    return target


def _written(result: Reproduced) -> str:
    """Return JSON with one line per value, and the measured numbers in one."""
    lines = (f" {json.dumps(name)}: {json.dumps(value)}" for name, value in result.to_dict().items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read_result(name: str, folder: Path = SHIPPED) -> Reproduced | None:
    """Return a kept result, None if there is none or it cannot be read.

    Args:
        name: Name of the finding.
        folder: Where results are kept; by default those that ship with the project.
    """
    try:
        return Reproduced.from_dict(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def is_current(entry: Finding, result: Reproduced) -> bool:
    """Return whether a result belongs to the experiments that the finding has now."""
    return dict(result.keys) == {label: spec.key() for label, spec in entry.experiments.items()}


def rule_again(entry: Finding, result: Reproduced) -> Ruling:
    """Return what the rule says to the kept numbers now."""
    return entry.rule(result.measured)
