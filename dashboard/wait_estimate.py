"""Estimate the time until a result is on the screen: a formula, corrected by earlier trainings on this machine."""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

FORGET = 0.5  # weight of the latest training
MIN_SCALE, MAX_SCALE = 0.05, 50.0
MIN_OVERHEAD, MAX_OVERHEAD = 0.2, 120.0  # seconds; a busy machine takes this long to begin
STRANGE = 8.0  # times the expected time; one such training waited for others or the machine slept, so it is ignored


@dataclass(frozen=True, slots=True)
class Pace:
    """A machine's correction of the formula: seconds = overhead + scale x seconds by formula.

    Attributes:
        scale: See above.
        overhead: See above.
        ignored: Whether the latest training took too long to be believed; a second one in a row is believed.
    """

    scale: float = 1.0
    overhead: float = 1.0
    ignored: bool = False

    def expected(self, work: float) -> float:
        """Return the expected seconds of a training that takes `work` seconds by formula."""
        return self.overhead + self.scale * work

    def learned(self, work: float, took: float) -> "Pace":
        """Return the updated pace: a long training corrects the scale, a short one the overhead."""
        if took > STRANGE * self.expected(work) and not self.ignored:
            return replace(self, ignored=True)
        if self.scale * work > self.overhead:
            scale = (1 - FORGET) * self.scale + FORGET * max(0.0, took - self.overhead) / work
            return Pace(min(MAX_SCALE, max(MIN_SCALE, scale)), self.overhead)
        overhead = (1 - FORGET) * self.overhead + FORGET * (took - self.scale * work)
        return Pace(self.scale, min(MAX_OVERHEAD, max(MIN_OVERHEAD, overhead)))


class WaitEstimate:
    """Paces by kind of kernel, kept in a file between starts; an unreadable or unwritable file is ignored.

    Args:
        file: The file.
    """

    def __init__(self, file: Path) -> None:
        self._file, self._lock = file, threading.Lock()
        self._paces: dict[str, Pace] = _read(file)

    def expected(self, kind: str, work: float) -> float:
        """Return the expected seconds from the press of Train to the result."""
        return self._paces.get(kind, Pace()).expected(work)

    def learn(self, kind: str, work: float, took: float) -> None:
        """Record the duration of a training."""
        with self._lock:
            self._paces[kind] = self._paces.get(kind, Pace()).learned(work, took)
            _write(self._file, self._paces)


def _read(file: Path) -> dict[str, Pace]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return {
            str(kind): Pace(float(pace["scale"]), float(pace["overhead"]), bool(pace.get("ignored")))
            for kind, pace in kept.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _write(file: Path, paces: Mapping[str, Pace]) -> None:
    fresh = file.with_suffix(".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps({kind: asdict(pace) for kind, pace in paces.items()}), encoding="utf-8")
        os.replace(fresh, file)
    except OSError:
        return
