"""Prediction intervals from errors on unseen data: split conformal prediction, one width per step ahead.

The half width of an interval is a quantile of a network's absolute errors on the stretches of time that it was tested on.
If the new error is exchangeable with these, the interval holds at least as often as its level says: Vovk, Gammerman and
Shafer 2005; Lei et al. 2018, theorem 2.1. Axes: n errors, O outputs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.task import Array

LEVELS = (0.5, 0.8, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How often an interval held on data not used to set its width.

    Attributes:
        level: The requested level, as a share.
        held: Points inside.
        points: Points in all.
    """

    level: float
    held: int
    points: int

    @property
    def share(self) -> float:
        """Return the share of points inside; NaN without points."""
        return self.held / self.points if self.points else math.nan

    def sentence(self) -> str:
        """Return the coverage in words."""
        return f"The {self.level:.0%} band held {self.held} of {self.points} points that took no part in its width."


def fewest_errors(level: float) -> int:
    """Return the smallest number of errors that allows an interval of this level."""
    return math.ceil(level / (1 - level) - 1e-9)


def half_width(errors: Array, level: float) -> Array | None:
    """Return `(O,)` half widths of an interval, or None if there are too few errors for its level.

    Args:
        errors: `(n, O)` predictions minus true values on data that the model was not trained on.
        level: Share of new points that the interval must contain.
    """
    count = len(errors)
    if count < fewest_errors(level):
        return None
    rank = min(count, math.ceil((count + 1) * level - 1e-9))
    ordered: Array = np.sort(np.abs(errors), axis=0)
    width: Array = ordered[rank - 1]
    return width


def offered_levels(count: int) -> tuple[float, ...]:
    """Return the levels for which this number of errors is enough."""
    return tuple(level for level in LEVELS if count >= fewest_errors(level))


def held_out_coverage(stretches: Sequence[Array], level: float) -> Coverage:
    """Test intervals on each stretch of time, with a width from the stretches before it only.

    Args:
        stretches: `(n_s, O)` errors per stretch, oldest first.
        level: See `half_width`.
    """
    held = points = 0
    for place in range(1, len(stretches)):
        width = half_width(np.concatenate(stretches[:place]), level)
        if width is None:
            continue
        inside = np.abs(stretches[place]) <= width
        held, points = held + int(inside.sum()), points + inside.size
    return Coverage(level=level, held=held, points=points)
