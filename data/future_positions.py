"""Positions after the last row of a series: dates that continue the data's own steps, or numbers."""

import re
from typing import Literal

import numpy as np

from data.calendar_steps import Step, step_of
from data.task import Array

_QUARTER = re.compile(r"(\d{4})Q([1-4])")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_UNITS: dict[int, Literal["Y", "M", "D", "h", "m"]] = {
    4: "Y",
    7: "M",
    10: "D",
    13: "h",
    16: "m",
}  # by length of the text
_SECONDS = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}


def following(positions: Array, count: int) -> Array:
    """Return the next positions of a time axis, written like the given ones.

    Month ends stay month ends, working days skip weekends, quarters stay quarters. Without a usual step, the median step
    is used. Texts that are not dates are followed by `+1`, `+2` and so on.

    Args:
        positions: `(L,)` numbers, or texts such as `2009Q3`, `1960-12`, `2015-12-31`, `2015-12-31T23:00`.
        count: How many.

    Example:
        >>> following(np.array(["2009Q2", "2009Q3"]), 2).tolist()
        ['2009Q4', '2010Q1']
    """
    steps = np.arange(1, count + 1)
    if positions.dtype.kind in "iuf":
        return _numbers(positions, steps)
    texts = [str(text) for text in positions]
    times = times_of_positions(texts)
    if times is None or len(times) < 2:
        return np.array([f"+{step}" for step in steps])
    return _written(_later(times, steps), texts[-1])


def _numbers(positions: Array, steps: Array) -> Array:
    step = np.median(np.diff(positions)) if len(positions) > 1 else 1
    result: Array = positions[-1] + steps * step
    return result.astype(positions.dtype) if step == np.round(step) else result


def times_of_positions(texts: list[str]) -> Array | None:
    """Return `(L,)` datetime64 in seconds, or None if a text is not a date."""
    quarters = [_QUARTER.fullmatch(text) for text in texts]
    if all(quarters):
        texts = [f"{found[1]}-{3 * int(found[2]) - 2:02d}" for found in quarters if found]
    try:
        times = np.array(texts, dtype="datetime64[s]")
    except ValueError:
        return None
    return None if bool(np.isnat(times).any()) else times


def _later(times: Array, steps: Array) -> Array:
    """Return the times that come `steps` steps after the last."""
    step, last = step_of(times), times[-1]
    if step.unit in _MONTHS:
        return _months_later(times, steps * step.count * _MONTHS[step.unit])
    if step.unit == "working day":
        day = last.astype("datetime64[D]")
        clock = last - day
        working: Array = np.busday_offset(day, steps, roll="forward").astype("datetime64[s]") + clock
        return working
    result: Array = last + steps * _usual(times, step)
    return result


def _months_later(times: Array, months: Array) -> Array:
    """Add months and keep the day of the month (or the last day of a shorter month) and the time of day."""
    last = times[-1].astype("datetime64[M]")
    days = (times.astype("datetime64[D]") - times.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
    first = (last + months).astype("datetime64[D]")
    longest = ((last + months + 1).astype("datetime64[D]") - first).astype(np.int64) - 1
    clock = times[-1] - times[-1].astype("datetime64[D]")
    result: Array = (first + np.minimum(days.max(), longest)).astype("datetime64[s]") + clock
    return result


def _usual(times: Array, step: Step) -> np.timedelta64:
    if step.unit in _SECONDS and step.count:
        return np.timedelta64(_SECONDS[step.unit] * step.count, "s")
    return np.timedelta64(int(np.median(np.diff(times).astype(np.int64))), "s")


def _written(times: Array, like: str) -> Array:
    """Format times like a given text."""
    if _QUARTER.fullmatch(like):
        months = times.astype("datetime64[M]").astype(np.int64)
        return np.array([f"{1970 + month // 12}Q{month % 12 // 3 + 1}" for month in months])
    return np.array([str(np.datetime64(time, _UNITS.get(len(like), "s"))) for time in times])
