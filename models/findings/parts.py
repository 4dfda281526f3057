"""Finished experiments of a finding that is not finished yet: a killed command goes on after them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.findings.measured import Measured, RunNumbers
from models.findings.written import write_text
from models.spec.experiment_settings import ExperimentSpec
from models.version import VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One finished experiment.

    Attributes:
        numbers: Architecture to its numbers.
        machine: Where it trained.
        seconds: How long that took.
    """

    numbers: Mapping[str, RunNumbers]
    machine: str
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        plain = Measured(experiments={"": self.numbers}).to_dict()[""]
        return {"numbers": plain, "machine": self.machine, "seconds": self.seconds, "version": VERSION}

    def rounded(self) -> "Part":
        """Return what a file would keep."""
        return replace(self, numbers=Measured.from_dict({"": self.to_dict()["numbers"]}).experiments[""])


class Parts:
    """The finished experiments of one finding.

    Args:
        folder: Where results are kept; None keeps nothing.
        finding: Its name.
    """

    def __init__(self, folder: Path | None, finding: str) -> None:
        self._folder = folder / "parts" if folder is not None else None
        self._finding = finding

    def find(self, label: str, spec: ExperimentSpec) -> Part | None:
        """Return an experiment that this version finished, None if there is none or it cannot be read."""
        path = self._path(label, spec)
        if path is None:
            return None
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            if raw["version"] != VERSION:
                return None
            numbers = Measured.from_dict({"": raw["numbers"]}).experiments[""]
            return Part(numbers=numbers, machine=str(raw["machine"]), seconds=float(raw["seconds"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def keep(self, label: str, spec: ExperimentSpec, part: Part) -> None:
        """Keep a finished experiment.

        Raises:
            GatescopeError: If it cannot be written.
        """
        path = self._path(label, spec)
        if path is not None:
            write_text(path, json.dumps(part.to_dict()))

    def clear(self) -> None:
        """Forget the experiments of a finding that is finished."""
        if self._folder is None:
            return
        for path in self._folder.glob(f"{self._finding}.*.json"):
            path.unlink(missing_ok=True)

    def _path(self, label: str, spec: ExperimentSpec) -> Path | None:
        if self._folder is None:
            return None
        place = "".join(letter if letter.isalnum() else "_" for letter in label)
        return self._folder / f"{self._finding}.{place}.{spec.key()}.json"
