"""Run findings, keep what they measured in files, and read what ships with the project."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.findings.finding import Finding, Ruling, State
from models.findings.measured import Measured, numbers_of
from models.findings.parts import Part, Parts
from models.findings.trainers import Train, train_here
from models.findings.written import write_text
from models.spec.experiment_settings import ExperimentSpec
from models.version import VERSION

SHIPPED = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduced:
    """What one run of a finding gave.

    Attributes:
        finding: Its name.
        state: What the rule decided.
        here: The numbers in words.
        seconds: Wall seconds of its trainings and measurements, one after another.
        date: Day of the run.
        version: Version of this project.
        machine: Kind of machine: processor, cores, vector instructions, version of torch.
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
        plain |= {"kernels": list(self.kernels), "measured": self.measured.to_dict()}
        return plain | ({"numbers": self.measured.plain_numbers()} if self.measured.numbers else {})

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> "Reproduced":
        """Read what `to_dict` wrote."""
        measured = Measured.from_dict(raw["measured"], raw.get("numbers"))
        known = {name: raw[name] for name in cls.__dataclass_fields__ if name != "measured"}
        return cls(**known | {"kernels": tuple(raw["kernels"]), "measured": measured})

    @property
    def digest(self) -> str:
        """A hash of the measured numbers and of what the rule said: equal where two runs measured the same bits."""
        plain = [self.measured.to_dict(), self.measured.plain_numbers(), self.state, self.here]
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]


def reproduce(
    entry: Finding,
    *,
    train: Train = train_here,
    folder: Path | None = None,
    on_experiment: Callable[[str], None] | None = None,
) -> Reproduced:
    """Train a finding's experiments, measure what else it needs, and apply its rule.

    Args:
        entry: The finding.
        train: Trains one experiment.
        folder: Where finished experiments are kept until the finding is finished, so that a killed command goes on.
        on_experiment: Called with the label of each experiment before it starts.
    """
    parts = Parts(folder, entry.name)
    done: dict[str, Part] = {}
    for label, spec in entry.experiments.items():
        if on_experiment is not None:
            on_experiment(label)
        known = parts.find(label, spec)
        done[label] = known or _part(entry, spec, train)
        if known is None:
            parts.keep(label, spec, done[label])
    begun = time.monotonic()
    numbers = entry.measure() if entry.measure is not None else {}
    plain = Measured(experiments={label: part.numbers for label, part in done.items()}, numbers=numbers)
    measured = Measured.from_dict(plain.to_dict(), plain.plain_numbers())  # rounded, as a file keeps them
    decided = entry.rule(measured)
    runs = [run for part in done.values() for run in part.numbers.values()]
    seconds = time.monotonic() - begun + sum(part.seconds for part in done.values())
    result = Reproduced(
        finding=entry.name,
        state=decided.state,
        here=decided.here,
        seconds=round(seconds, 1),
        date=datetime.now(UTC).date().isoformat(),
        version=VERSION,
        machine=next((part.machine for part in done.values()), "") or machine(),
        kernels=tuple(sorted({run.kernel for run in runs})),
        keys={label: spec.key() for label, spec in entry.experiments.items()},
        measured=measured,
    )
    if folder is not None:
        write_result(result, folder)
    parts.clear()
    return result


def _part(entry: Finding, spec: ExperimentSpec, train: Train) -> Part:
    begun = time.monotonic()
    result = train(spec)
    numbers = numbers_of(result, entry.further(result) if entry.further else None)
    seconds = time.monotonic() - begun
    return Part(numbers=numbers, machine=_kind(result.runs[0].environment), seconds=seconds)


def machine() -> str:
    """Return what kind of machine this is: processor, cores, vector instructions, version of torch."""
    import torch

    from models.training.environment import environment

    return _kind(environment("", torch.device("cpu")))


def _kind(found: Mapping[str, str]) -> str:
    cores, capability = found.get("cores", "?"), found.get("capability", "?")
    return f"{found.get('cpu', 'unknown CPU')}, {cores} cores, {capability}, torch {found.get('torch', '?')}"


def write_result(result: Reproduced, folder: Path) -> Path:
    """Write a result under its finding's name, all or nothing; return the path.

    Raises:
        GatescopeError: If it cannot be written.
    """
    return write_text(folder / f"{result.finding}.json", _written(result))


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
