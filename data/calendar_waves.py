"""Parts of a date as inputs: the hour, the weekday or the month as sine and cosine, so that December is next to January."""

import numpy as np

from data.task import Array

CALENDAR = {"hour": "Hour of the day", "weekday": "Day of the week", "month": "Month of the year"}
_HOURS, _WEEKDAYS, _MONTHS_OF_YEAR = 24.0, 7.0, 12.0


def wave_names(part: str) -> tuple[str, str]:
    """Return the names of the two columns of a part."""
    return f"{part} sine", f"{part} cosine"


def waves(times: Array, part: str) -> Array:
    """Return `(L, 2)` sine and cosine of a part of `(L,)` datetime64.

    Args:
        times: The dates.
        part: A key of `CALENDAR`.
    """
    days = times.astype("datetime64[D]")
    if part == "hour":
        turn = (times - days).astype("timedelta64[s]").astype(np.float64) / 3_600 / _HOURS
    elif part == "weekday":
        turn = (days.astype(np.int64) + 3) % 7 / _WEEKDAYS  # day 0 of 1970 was a Thursday
    else:
        turn = times.astype("datetime64[M]").astype(np.int64) % 12 / _MONTHS_OF_YEAR
    return np.stack([np.sin(2 * np.pi * turn), np.cos(2 * np.pi * turn)], axis=1)
