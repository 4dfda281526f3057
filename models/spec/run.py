"""One architecture of an experiment with all its seeds: the unit of work that goes to a worker."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.errors import InvalidSpecError
from models.spec.experiment_settings import ExperimentSpec
from models.spec.spec_key import spec_hash

MAX_HIDDEN, MAX_UPDATES, MAX_RATE = 100_000, 10_000_000, 1e6  # after fairness rule and search
MAX_TRIED = 20
_SETTINGS = ("architecture", "hidden_size", "updates", "learning_rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """One architecture of an experiment with all its seeds: the unit of work that goes to a worker.

    Attributes:
        experiment: The experiment.
        architecture: Which of its architectures.
        hidden_size: Hidden size after the fairness rule.
        updates: Updates after the fairness rule.
        learning_rate: Learning rate after the search, or the experiment's.
        tried: Learning rates that the search tried with the best validation loss each reached; empty without a search,
            and before it.
    """

    experiment: ExperimentSpec
    architecture: str
    hidden_size: int
    updates: int
    learning_rate: float
    tried: tuple[tuple[float, float], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values, which any version can read or refuse."""
        return {"experiment": self.experiment.to_dict(), **self.settings()}

    def settings(self) -> dict[str, Any]:
        """Return what a run adds to its experiment, as plain values."""
        return {name: getattr(self, name) for name in _SETTINGS} | {"tried": [list(pair) for pair in self.tried]}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any], experiment: ExperimentSpec | None = None) -> "RunSpec":
        """Build a run from untrusted values: a worker's message, a stored row, a file.

        Args:
            raw: What `to_dict` returned or, with an experiment, what `settings` returned.
            experiment: Its experiment, if already known.

        Raises:
            InvalidSpecError: If the values are not those of a run of this experiment.
        """
        spec = experiment or ExperimentSpec.from_dict(raw["experiment"])
        found: dict[str, Any] = {name: raw.get(name) for name in _SETTINGS}
        hidden, updates, rate = found["hidden_size"], found["updates"], found["learning_rate"]
        whole = type(hidden) is int and type(updates) is int and type(rate) in (int, float)
        if not whole or not (1 <= hidden <= MAX_HIDDEN and 1 <= updates <= MAX_UPDATES and 0 < rate < MAX_RATE):
            raise InvalidSpecError(["A run has a hidden size, updates and a learning rate within bounds."])
        if found["architecture"] not in spec.architectures:
            raise InvalidSpecError(["A run must train one of its experiment's architectures."])
        return cls(
            experiment=spec,
            architecture=found["architecture"],
            hidden_size=hidden,
            updates=updates,
            learning_rate=float(rate),
            tried=tuple((_number(one), _number(loss)) for one, loss in raw.get("tried", ())[:MAX_TRIED]),
        )

    def key(self) -> str:
        """Return the hash that identifies this run's numbers.

        It leaves out the other architectures, so that the same run in another comparison has the same key, and it is the
        same before and after a search of the learning rate.
        """
        plain = self.experiment.to_dict()
        for name in ("architectures", "fairness", "margin"):  # the margin does not affect training
            del plain[name]
        plain |= {"architecture": self.architecture, "hidden_size": self.hidden_size, "updates": self.updates}
        if not self.experiment.rate_search:
            del plain["rate_search"]
            plain["learning_rate"] = self.learning_rate
        return spec_hash(plain)


def _number(value: Any) -> float:
    """Return a number from JSON, where the infinite losses of diverged rates are strings."""
    if type(value) not in (int, float) and value not in ("nan", "inf", "-inf"):
        raise InvalidSpecError(["What a search tried are pairs of numbers."])
    return float(value)
