"""What this server lets one experiment take, checked before it is accepted."""

import os
from dataclasses import dataclass

from models.errors import CapacityError
from models.experiments.cost import Estimate, estimate
from models.experiments.sizes import DataShape
from models.experiments.spec import ExperimentSpec

MINUTES_VARIABLE = "GATESCOPE_MOST_MINUTES"
MEGABYTES_VARIABLE = "GATESCOPE_MOST_MEGABYTES"
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that one experiment may take.

    Attributes:
        seconds: Estimated training time.
        bytes: Estimated memory of its largest run.
    """

    seconds: float = 30 * 60.0
    bytes: int = 1_000 * _MEGABYTE

    @classmethod
    def from_environment(cls) -> "Limits":
        """Return the limits that `GATESCOPE_MOST_MINUTES` and `GATESCOPE_MOST_MEGABYTES` ask for."""
        usual = cls()
        minutes = _positive(MINUTES_VARIABLE, usual.seconds / 60)
        return cls(seconds=minutes * 60, bytes=int(_positive(MEGABYTES_VARIABLE, usual.bytes / _MEGABYTE) * _MEGABYTE))


def _positive(variable: str, usual: float) -> float:
    try:
        value = float(os.environ.get(variable, ""))
    except ValueError:
        return usual
    return value if 0 < value < float("inf") else usual


def check_capacity(spec: ExperimentSpec, shape: DataShape, limits: Limits | None = None) -> Estimate:
    """Return what an experiment will take.

    Args:
        spec: The experiment.
        shape: Sizes of its data.
        limits: What is allowed; None takes the environment's.

    Raises:
        CapacityError: If that is more than is allowed; the message names a setting that fits.
    """
    allowed = limits or Limits.from_environment()
    cost = estimate(spec, shape)
    if cost.bytes > allowed.bytes:
        batch = max(1, int(spec.batch_size * allowed.bytes / cost.bytes))
        raise CapacityError(
            f"This needs about {cost.bytes / _MEGABYTE:,.0f} MB of memory and {allowed.bytes / _MEGABYTE:,.0f} MB are "
            f"allowed here: choose a batch size of at most {batch}, fewer seeds, or fewer hidden units."
        )
    if cost.seconds > allowed.seconds:
        updates = max(1, int(spec.updates * allowed.seconds / cost.seconds))
        raise CapacityError(
            f"This would train for about {cost.seconds / 60:,.0f} minutes and {allowed.seconds / 60:,.0f} are allowed "
            f"here: choose at most {updates:,} updates, fewer seeds, or fewer hidden units."
        )
    return cost
