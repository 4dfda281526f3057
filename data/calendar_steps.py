"""The step of a time axis: seconds, days, or the calendar's own months, quarters, years and working days.

All months count as equally long: a step is a number of months, quarters or years.
"""

from dataclasses import dataclass

import numpy as np

from data.task import Array

_SECONDS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_WEEK = 7 * 86_400
_LONGER = 1.5  # a step is long if it exceeds this multiple of the usual one


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """The usual step between two rows of a time axis.

    Attributes:
        words: `month`, `working day`, `15 minutes`; empty without a usual step.
        unit: `year`, `quarter`, `month`, `week`, `working day`, `day`, `hour`, `minute`, `second`, or empty.
        count: Units of a usual step; 0 if steps are shorter than a second or uneven.
        sizes: `(L - 1,)` steps, in usual steps; 1.0 everywhere on an even axis.
    """

    words: str
    unit: str
    count: int
    sizes: Array

    @property
    def longer(self) -> Array:
        """`(L - 1,)` bool: steps longer than usual."""
        result: Array = self.sizes > _LONGER
        return result

    @property
    def even(self) -> bool:
        """Whether every step is the usual one."""
        return bool(np.allclose(self.sizes, 1.0, atol=1e-3))


def step_of(times: Array) -> Step:
    """Find the usual step of times.

    Args:
        times: `(L,)` datetime64, ascending and different.
    """
    if len(times) < 2:
        return Step(words="", unit="", count=0, sizes=np.zeros(0))
    return _months(times) or _working_days(times) or _seconds(times)


def step_count(times: Array) -> int:
    """Return how many different steps there are between ascending times, months counted as months."""
    if len(times) < 2:
        return 0
    return len(np.unique(np.round(step_of(times).sizes, 6)))


def _months(times: Array) -> Step | None:
    """Return steps of whole months: the same day and clock in each, or each month's last day."""
    months = times.astype("datetime64[M]")
    clock = times - times.astype("datetime64[D]")
    day = (times.astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
    last = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64) - 1
    if len(np.unique(clock)) > 1 or not bool((day == np.minimum(last, day.max())).all()):
        return None
    steps = np.diff(months.astype(np.int64))
    usual = int(np.median(steps))
    if usual < 1 or bool((steps < 1).any()):
        return None
    for unit, size in (("year", 12), ("quarter", 3), ("month", 1)):
        if usual % size == 0:
            return Step(words=_words(unit, usual // size), unit=unit, count=usual // size, sizes=steps / usual)
    return None


def _working_days(times: Array) -> Step | None:
    """Return steps from Monday to Friday, if there is never a weekend and mostly a step of one day."""
    days = times.astype("datetime64[D]")
    if len(times) < 8 or not bool(np.is_busday(days).all()) or len(np.unique(times - days)) > 1:
        return None
    plain = np.diff(days.astype(np.int64))
    if np.median(plain) != 1 or not bool((plain == 3).any()):
        return None
    return Step(words="working day", unit="working day", count=1, sizes=np.busday_count(days[:-1], days[1:]) * 1.0)


def _seconds(times: Array) -> Step:
    steps = np.diff(times).astype("timedelta64[us]").astype(np.int64) / 1e6
    usual = float(np.median(steps))
    sizes = steps / usual if usual > 0 else np.ones(len(steps))
    common = float(np.mean(np.abs(sizes - 1) < 1e-3)) if usual > 0 else 0.0
    if usual < 1 or usual != round(usual) or common < 0.5:
        return Step(words="", unit="", count=0, sizes=sizes)
    if usual == _WEEK:
        return Step(words="week", unit="week", count=1, sizes=sizes)
    for unit, size in _SECONDS.items():
        if usual % size == 0:
            count = int(usual // size)
            return Step(words=_words(unit, count), unit=unit, count=count, sizes=sizes)
    return Step(words="", unit="", count=0, sizes=sizes)


def _words(unit: str, count: int) -> str:
    return unit if count == 1 else f"{count} {unit}s"
