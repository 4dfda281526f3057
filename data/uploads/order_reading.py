"""Find the order of a file's rows and how to treat rows with the same time and missing values, and ask where needed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from data.calendar_steps import Step, step_of
from data.task import Array
from data.uploads.draft import Draft
from data.uploads.findings import Question
from data.uploads.series_table import REFUSE, ROWS, SeriesSteps, series_table
from data.uploads.shared_options import join_names, split_names
from data.uploads.table import Column, Table, shown_name
from data.uploads.table_steps import STEPS, bins_of, column_of, times_of
from data.uploads.time_axis import NO_TIME

_RANK = {"duplicates": 40, "resample": 70, "missing": 90}
_HOUR = 3_600.0
_EVEN = 0.95  # minimum share of usual steps for a time axis to count as even


def settle_order(table: Table, clock: Column | None, steps: SeriesSteps, draft: Draft) -> Table:
    """Settle order, rows of the same time, steps and missing values.

    Args:
        table: The table, turned if needed, with its time in one column.
        clock: Its column of time, or None.
        steps: The steps so far.
        draft: The reading under construction.

    Returns:
        The table after all steps.
    """
    own = replace(steps, turn="no", time=NO_TIME)
    one = series_table(table, own).table
    timed = clock is not None and clock.kind in ("date", "number")
    own = replace(own, time=_named(clock))
    if timed and clock is not None:
        own = _settle_sorting(one, column_of(one, clock.name), own, draft)
        own = _settle_steps(one, column_of(one, clock.name), own, draft)
    else:
        draft.settle("order", REFUSE, _untimed(draft, clock))
    options = {"order": own.order, "duplicates": own.duplicates, "resample": own.resample, "combine": own.combine}
    draft.options |= options
    single = replace(own, series="", only="", no_value="", time=_named(clock))
    prepared = series_table(one, single)
    draft.notes += prepared.notes
    _settle_missing(prepared.table, clock, draft)
    return prepared.table


def _named(clock: Column | None) -> str:
    return NO_TIME if clock is None else join_names([clock.name])


def _untimed(draft: Draft, clock: Column | None) -> str:
    if clock is not None:
        return (
            f"`{shown_name(clock.name)}` cannot be read as time, so the order of the file is kept and was not checked."
        )
    return "There is no time, so the order of the file is kept."


def _settle_sorting(table: Table, clock: Column, steps: SeriesSteps, draft: Draft) -> SeriesSteps:
    """Report the order of the rows, and ask how to treat rows with the same time."""
    times = times_of(clock)
    times = times[~np.isnan(times)]
    changes = np.diff(times)
    shared = _shared(times)
    rising, falling = bool((changes >= 0).all()), bool((changes <= 0).all())
    if rising:
        reason = "The rows run from early to late."
    elif falling:
        reason = "The rows run from late to early and are turned round."
    else:
        back = int((changes < 0).sum())
        reason = f"The rows are not in order of time: {back:,} {'row is' if back == 1 else 'rows are'} earlier than the row before; they are sorted."
    draft.settle("order", "sort", reason)
    order = draft.choices.order or "sort"
    how = draft.choices.duplicates or ("mean" if shared else REFUSE)
    if shared and not draft.choices.duplicates:
        _ask_duplicates(clock, times, shared, draft)
    return replace(steps, order=order, duplicates=how)


def _shared(times: Array) -> int:
    _, counts = np.unique(times, return_counts=True)
    return int(counts[counts > 1].sum())


def _ask_duplicates(clock: Column, times: Array, shared: int, draft: Draft) -> None:
    values, counts = np.unique(times, return_counts=True)
    doubled = values[counts > 1]
    shown = f"`{shown_name(clock.name)}`"
    reason = f"{shared:,} rows share their time with another one."
    if clock_change(clock, doubled, counts):
        reason += " They stand in one hour of an autumn night: the clock was set back."
    draft.guesses.append("duplicates")
    choices = (("mean", "Mean"), ("sum", "Sum"), ("first", "First row"), ("last", "Last row"))
    words = f"{shared:,} rows have the same {shown} as another row: what becomes of them?"
    draft.ask(Question("duplicates", words, choices, "mean", reason), rank=_RANK["duplicates"])
    draft.notes.append(reason)


def clock_change(clock: Column, doubled: Array, counts: Array) -> bool:
    """Return whether repeated times are the hour that local clocks repeat in autumn.

    Args:
        clock: The column of time.
        doubled: Seconds that occur more than once.
        counts: How often each different time occurs.
    """
    if clock.dates is None or clock.dates.zone or counts.max() > 2 or not len(doubled):
        return False
    moments = doubled.astype(np.int64).astype("datetime64[s]")
    days = moments.astype("datetime64[D]")
    hours = (moments - days).astype(np.int64) / _HOUR
    months = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    weekdays = (days.astype(np.int64) + 3) % 7
    autumn = np.isin(months, (3, 4, 9, 10, 11)) & (weekdays == 6) & (hours >= 0) & (hours < 4)
    one_hour = all(np.ptp(hours[days == day]) < 1 for day in np.unique(days))
    return bool(autumn.all() and one_hour)


def _settle_steps(table: Table, clock: Column, steps: SeriesSteps, draft: Draft) -> SeriesSteps:
    """Report the step between rows; offer one row per hour, day and so on if steps are uneven."""
    chosen = draft.choices.resample
    combine = draft.choices.combine or "mean"
    if chosen and chosen != ROWS:
        return replace(steps, resample=chosen, combine=combine, duplicates=draft.choices.duplicates or REFUSE)
    if clock.dates is None:
        return steps
    times = np.unique(clock.dates.times[~np.isnat(clock.dates.times)])
    step = step_of(times)
    if not len(step.sizes):
        return steps
    usual = float(np.mean(np.abs(step.sizes - 1) < 1e-3))
    if usual >= _EVEN and step.words:
        draft.notes.append(_step_words(step, times))
        return steps
    if not chosen:
        _offer_resampling(clock, times, step, draft)
    return steps


def _step_words(step: Step, times: Array) -> str:
    said = f"One row is one {step.words}." if step.count == 1 else f"One row is {step.words}."
    longer = np.flatnonzero(step.longer)
    if not len(longer):
        return said
    if all(_spring(times[index], times[index + 1]) for index in longer):
        return f"{said} An hour is missing in {len(longer)} spring {'night' if len(longer) == 1 else 'nights'}: the clock was set forward."
    many = "step is" if len(longer) == 1 else "steps are"
    after = np.datetime_as_string(times[longer[0]], unit="m")
    return f"{said} {len(longer):,} {many} longer, the first after {after}."


def _spring(before: np.datetime64, after: np.datetime64) -> bool:
    """Return whether a step of up to two hours ends in the night of a spring Sunday."""
    day = after.astype("datetime64[D]")
    month = int(day.astype("datetime64[M]").astype(np.int64)) % 12 + 1
    sunday = int(day.astype(np.int64) + 3) % 7 == 6
    night = bool(after - day <= np.timedelta64(4, "h"))
    return month in (3, 4) and sunday and night and bool(after - before <= np.timedelta64(2, "h"))


def _offer_resampling(clock: Column, times: Array, step: Step, draft: Draft) -> None:
    if clock.dates is None or clock.dates.precision == "clock":
        return
    offers = []
    for name in STEPS:
        bins = bins_of(replace(clock.dates, times=times), name)
        count = int(bins.max()) + 1
        if 20 <= count <= 20 * len(times):
            empty = 1 - len(np.unique(bins)) / count
            offers.append((empty, name, f"Mean per {name}: {count:,} rows, {empty:.0%} of them empty"))
    offers = [offer for offer in offers if offer[0] <= 0.9]
    if not offers:
        return
    draft.guesses.append("resample")
    choices = ((ROWS, "Take each row as one step"), *((name, label) for _, name, label in offers))
    reason = f"The steps between rows differ, from {_span(times, np.min)} to {_span(times, np.max)}."
    words = "The rows are not evenly spaced in time: make them even?"
    draft.ask(Question("resample", words, choices, ROWS, reason), rank=_RANK["resample"])
    draft.notes.append(reason)


def _span(times: Array, choose: Callable[[Array], Any]) -> str:
    seconds = float(choose(np.diff(times).astype("timedelta64[us]").astype(np.int64))) / 1e6
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} seconds"


def _settle_missing(table: Table, clock: Column | None, draft: Draft) -> None:
    """Count missing values in the used columns, and interpolate them unless the visitor chose otherwise."""
    used = {*split_names(draft.found["inputs"].value), *split_names(draft.found["target"].value)}
    columns = [column for column in table.columns if column.name in used]
    missing = np.zeros(table.rows, dtype=bool)
    for column in columns:
        missing |= column.missing
    count = sum(column.gaps for column in columns)
    if not count:
        draft.settle("missing", REFUSE, "No value that is used is missing.")
    else:
        listed = ", ".join(f"{column.gaps:,} in `{shown_name(column.name)}`" for column in columns if column.gaps)
        reason = f"Missing: {listed}; {missing.sum():,} of {table.rows:,} rows {'lacks' if missing.sum() == 1 else 'lack'} a value."
        draft.settle("missing", "interpolate", reason, guessed=True)
        choices = (("interpolate", "Fill on a straight line"), ("drop", "Drop the row"), (REFUSE, "Refuse the file"))
        many = (
            "1 value is missing: what becomes of it?"
            if count == 1
            else f"{count:,} values are missing: what becomes of them?"
        )
        draft.ask(Question("missing", many, choices, "interpolate", reason), rank=_RANK["missing"])
    draft.options["missing"] = draft.found["missing"].value
