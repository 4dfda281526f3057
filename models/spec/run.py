"""One architecture of an experiment with all its seeds: the unit of work that goes to a worker."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.errors import InvalidSpecError
from models.spec.experiment_settings import LATER, MAX_UPDATES, ExperimentSpec
from models.spec.spec_key import spec_hash, without_file_name

MAX_HIDDEN_SIZE = 1024  # after the fairness rule
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
        tried: Pairs of a learning rate that the search tried and its best validation loss; empty before or without a
            search.
    """

    experiment: ExperimentSpec
    architecture: str
    hidden_size: int
    updates: int
    learning_rate: float
    tried: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        sizes = type(self.hidden_size) is int and type(self.updates) is int and type(self.learning_rate) in (int, float)
        if (
            not sizes
            or not (1 <= self.hidden_size <= MAX_HIDDEN_SIZE and 1 <= self.updates <= MAX_UPDATES)
            or not 0 < self.learning_rate < float("inf")
        ):
            raise InvalidSpecError(
                [
                    f"A run takes 1 to {MAX_HIDDEN_SIZE:,} hidden units, 1 to {MAX_UPDATES:,} updates and a positive "
                    "learning rate."
                ]
            )
        if self.architecture not in self.experiment.architectures:
            raise InvalidSpecError(["A run must train one of its experiment's architectures."])

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
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
        settings: dict[str, Any] = {name: raw.get(name) for name in _SETTINGS}
        if type(settings["learning_rate"]) is int:
            settings["learning_rate"] = float(settings["learning_rate"])
        tried = tuple((_number(one), _number(loss)) for one, loss in raw.get("tried", ())[:MAX_TRIED])
        return cls(experiment=spec, tried=tried, **settings)

    def key(self) -> str:
        """Return the hash that identifies this run's numbers.

        It leaves out the other architectures, so that the same run in another comparison has the same key. A
        learning-rate search does not change it.
        """
        plain = {name: value for name, value in self.experiment.to_dict().items() if (name, value) not in LATER}
        for name in ("architectures", "fairness", "margin"):  # the margin does not affect training
            del plain[name]
        plain |= {"architecture": self.architecture, "hidden_size": self.hidden_size, "updates": self.updates}
        if not self.experiment.rate_search:
            del plain["rate_search"]
            plain["learning_rate"] = self.learning_rate
        return spec_hash(without_file_name(plain))


def _number(value: Any) -> float:
    """Return a number from JSON, where the infinite losses of diverged rates are strings."""
    if type(value) not in (int, float) and value not in ("nan", "inf", "-inf"):
        raise InvalidSpecError(["Tried learning rates must be pairs of numbers."])
    return float(value)
