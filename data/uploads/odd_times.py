"""Read a column of dates in which a few values cannot be read: a typing mistake, a missing date, a line of totals."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from data.calendar_steps import step_of
from data.task import Array
from data.uploads import date_parsing
from data.uploads.column import RawColumn, shown_name
from data.uploads.date_patterns import is_format
from data.uploads.find_date_format import Dates, read_dates, usual_format
from data.uploads.findings import Found, Question, TableChoices

MAX_ODD_SHARE = 0.05  # of the values; with a larger share the column is text, unless the visitor chose the format
_MIN_VALUES = 10
_TWO_DIGITS = re.compile(r"\d.*\d")
_TOGETHER = re.compile("%.(?=%)|%[^YmdyHMS]")  # fields that digits alone do not tell apart


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OddTimes:
    """A column of dates with values that are none.

    Attributes:
        dates: The dates; an odd value has the likely time, or `NaT` where there is none.
        rows: Rows of the odd values.
        first: The first odd value as it stands in the file, with its place.
        taken: The time that the first one is taken for; empty if its row is left out.
    """

    dates: Dates
    rows: Array
    first: str
    taken: str

    def left_out(self) -> int:
        """Return how many rows have no time."""
        return int(np.isnat(self.dates.times[self.rows]).sum())

    def words(self) -> str:
        """Say which value cannot be read and what is done with it, in one sentence."""
        more = f" and {len(self.rows) - 1:,} more values" if len(self.rows) > 1 else ""
        are = "are" if more else "is"
        said = f"{self.first}{more} {are} not written {self.dates.words()} like the rest of the column"
        lost = self.left_out()
        if not lost:
            return f"{said}; {'the first is' if more else 'it is'} taken for {self.taken}."
        rows = f"{lost:,} rows without a readable time are" if lost > 1 else "its row is"
        filled = f"; the first is taken for {self.taken}, and " if self.taken else "; "
        return f"{said}{filled}{rows} left out."


def read_odd_times(raw: RawColumn, missing: Array, choices: TableChoices) -> OddTimes | None:
    """Read a column of which nearly all values are dates.

    An odd value is taken for the date that its digits give, if this lies between its neighbours; else for the time between its
    neighbours, if exactly one step is missing there; else it has no time.

    Args:
        raw: The column.
        missing: `(L,)` bool; these values are left out.
        choices: The visitor's choices; `not_times` = `missing` fills nothing in, `text` leaves the column as it is.
    """
    rows = np.flatnonzero(~missing)
    if choices.not_times == "text" or len(rows) < _MIN_VALUES:
        return None
    values = [str(text) for text in raw.texts.iloc[rows]]
    wanted = choices.date_format if is_format(choices.date_format) else ""
    letters = wanted or (usual_format(values) if _could_be_dates(values) else "")
    if not letters:
        return None
    codes, uniques = pd.factorize(pd.Series(values, dtype="str"))
    valid = date_parsing.read([str(one) for one in uniques], letters).valid[codes]
    odd = rows[~valid]
    most = len(rows) // 2 if wanted or choices.not_times else max(1, int(MAX_ODD_SHARE * len(rows)))
    if not 0 < len(odd) <= most:
        return None
    gaps = missing.copy()
    gaps[odd] = True
    dates = read_dates(raw.texts, gaps, choices.date_format)
    if dates is None:
        return None
    if choices.not_times != "missing":
        dates = replace(dates, times=_with_likely_times(dates, raw.texts, odd))
    taken = dates.times[odd[0]]
    first = f"{raw.where(int(odd[0]))} holds `{shown_name(str(raw.texts.iloc[odd[0]]))}`, which"
    return OddTimes(dates=dates, rows=odd, first=first, taken="" if np.isnat(taken) else _shown(taken))


def _could_be_dates(values: Sequence[str]) -> bool:
    """Return whether most of a few values are long enough for a date and have two digits; this saves trying every format."""
    sample = values[:: max(1, len(values) // 8)]
    return 2 * sum(len(value) >= 5 and bool(_TWO_DIGITS.search(value)) for value in sample) >= len(sample)


def _shown(time: np.datetime64) -> str:
    day = time.astype("datetime64[D]")
    return str(day if day == time else time.astype("datetime64[s]"))


def _with_likely_times(dates: Dates, texts: "pd.Series[str]", odd: Array) -> Array:
    times = dates.times.copy()
    steps = _usual_step(dates.times)
    for row in odd:
        before, after = (times[row - 1] if row else None), (times[row + 1] if row + 1 < len(times) else None)
        likely = _by_digits(str(texts.iloc[row]), dates.format)
        if likely is None or not _between(likely, before, after):
            likely = _in_gap(before, after, *steps)
        if likely is not None:
            times[row] = likely
    return times


def _by_digits(text: str, letters: str) -> np.datetime64 | None:
    """Return the date of a text whose digits are those of the format, whatever stands between them."""
    groups = re.findall(r"\d+", text)
    if _TOGETHER.search(letters) or len(groups) != letters.count("%"):
        return None
    remaining = iter(groups)
    written = re.sub("%.", lambda _: next(remaining), letters)
    parsed = date_parsing.read([written], letters)
    return None if not parsed.valid[0] else parsed.times[0]


def _between(time: np.datetime64, before: np.datetime64 | None, after: np.datetime64 | None) -> bool:
    """Return whether a time fits between its neighbours, of which one may be missing."""
    known = [one for one in (before, after) if one is not None and not np.isnat(one)]
    return len(known) < 2 or bool(min(known) < time < max(known))


def _usual_step(times: Array) -> tuple[str, int]:
    """Return unit and size of the usual step: months (`M`) or microseconds (`us`); 0 without one."""
    known = np.unique(times[~np.isnat(times)])
    step = step_of(known)
    if step.unit in ("year", "quarter", "month"):
        return "M", int(np.median(np.diff(known.astype("datetime64[M]").astype(np.int64))))
    return "us", int(np.median(np.diff(known).astype(np.int64))) if step.words and step.unit != "working day" else 0


def _in_gap(before: np.datetime64 | None, after: np.datetime64 | None, unit: str, size: int) -> np.datetime64 | None:
    """Return the time between two neighbours if exactly one usual step is missing there."""
    if before is None or after is None or np.isnat(before) or np.isnat(after) or not size:
        return None
    first, last = sorted((before, after))
    start, end = (one.astype(f"datetime64[{unit}]") for one in (first, last))
    if (end - start).astype(np.int64) != 2 * size:
        return None
    within = first - start.astype("datetime64[us]")
    middle: np.datetime64 = (start + size).astype("datetime64[us]") + within
    return middle if first < middle < last else None


def odd_question(odd: Sequence[tuple[RawColumn, OddTimes]], choices: TableChoices) -> list[Question]:
    """Ask what becomes of values that are no dates, in the first column that has some."""
    if not odd or choices.not_times:
        return []
    raw, found = odd[0]
    likely = f"Take the likely time ({found.taken})" if found.taken else "Take the likely time where there is one"
    offered = (
        ("likely", likely),
        ("missing", "Leave the row out" if len(found.rows) == 1 else "Leave these rows out"),
        ("text", f"Do not use `{shown_name(raw.name)}` as the time"),
    )
    kept = tuple(one for one in offered if one[0] != "likely" or found.taken or found.left_out() < len(found.rows))
    token = shown_name(str(raw.texts.iloc[int(found.rows[0])]))
    many = "is no date" if len(found.rows) == 1 else f"and {len(found.rows) - 1:,} more are no dates"
    text = (
        f"In line {raw.lines[int(found.rows[0])]:,}, `{token}` in `{shown_name(raw.name)}` {many}: what becomes of it?"
    )
    return [Question("not_times", text, kept, kept[0][0], found.words())]


def odd_findings(odd: Sequence[tuple[RawColumn, OddTimes]], choices: TableChoices) -> dict[str, Found]:
    """Report how values that are no dates were treated, if there are any."""
    if choices.not_times:
        said = f"You chose it. {odd[0][1].words()}" if odd else "You chose it."
        return {"not_times": Found(choices.not_times, said)}
    if not odd:
        return {}
    value = "missing" if odd[0][1].left_out() == len(odd[0][1].rows) else "likely"
    return {"not_times": Found(value, odd[0][1].words(), guessed=True)}
