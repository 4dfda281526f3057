"""Suggest settings for a series once its columns are chosen: find leaking inputs, growth, season and window."""

from dataclasses import dataclass, field, replace

import numpy as np

from data.calendar_steps import Step, step_of
from data.task import Array
from data.uploads import advice
from data.uploads.draft import Draft
from data.uploads.findings import Question
from data.uploads.series_table import SeriesSteps, series_table
from data.uploads.table import Column, Table, shown_name
from data.uploads.table_steps import column_of, sort_by_time, times_of
from data.uploads.time_axis import NO_TIME

MAX_FIRST_INPUTS = 64  # of a wide table
GROWTH_RANK = 80
_MAX_LEAKS = 3  # sentences


@dataclass(slots=True, kw_only=True)
class State:
    """What is passed from step to step: the table, its time column, and the steps so far."""

    table: Table
    clock: Column | None = None
    steps: SeriesSteps = field(default_factory=SeriesSteps)
    aside: list[Column] = field(default_factory=list)


def settle_leaks(state: State, draft: Draft, targets: list[str], inputs: list[Column]) -> set[str]:
    """Warn of inputs that leak the target, and return those that contain its future."""
    future: set[str] = set()
    columns = {one.name: one.numbers for one in _own(state).columns if one.numbers is not None}
    for target in targets:
        if target not in columns:
            continue
        names = tuple(dict.fromkeys([target, *(one.name for one in inputs[:MAX_FIRST_INPUTS] if one.name in columns)]))
        values = np.column_stack([columns[name] for name in names])
        leaks = advice.find_leaks(values, names, target)
        draft.warnings += _leak_words(leaks, target)
        future |= {leak.column for leak in leaks if leak.lag}
    return future


def _leak_words(leaks: tuple[advice.Leak, ...], target: str) -> list[str]:
    """Describe the inputs that leak the target, grouped by how they do."""
    said = []
    for words in dict.fromkeys(leak.words for leak in leaks):
        alike = [leak for leak in leaks if leak.words == words]
        names = ", ".join(f"`{shown_name(leak.column)}`" for leak in alike[:8])
        more = f" and {len(alike) - 8} more" if len(alike) > 8 else ""
        many = f"Each of {names}{more}" if len(alike) > 1 else names
        ending = "left out" if alike[0].lag else "windows end one row before the answer, so it is not seen with it"
        said.append(f"{many} {words} (lag {alike[0].lag}, target `{shown_name(target)}`); {ending}.")
    hidden = len(said) - _MAX_LEAKS
    return (
        said
        if hidden <= 0
        else [*said[:_MAX_LEAKS], f"{hidden} more kinds of columns hold later rows of the target and are left out."]
    )


def _own(state: State) -> Table:
    steps = replace(state.steps, turn="no", time=NO_TIME)
    return _sorted(series_table(state.table, steps).table, state.clock)


def _sorted(table: Table, clock: Column | None) -> Table:
    if clock is None or clock.kind == "text":
        return table
    return sort_by_time(table, column_of(table, clock.name)).table


def settle_advice(state: State, draft: Draft, targets: list[str]) -> None:
    """Suggest season, window and differencing, and say when rows are too few."""
    table = _own(state)
    columns = {one.name: one for one in table.columns}
    numbers = columns[targets[0]].numbers if targets and targets[0] in columns else None
    if numbers is None or not np.isfinite(numbers).any():
        return
    step = _step(table, state.clock)
    _settle_growth(draft, targets[0], numbers)
    season, strength = advice.find_season(numbers, step)
    if season:
        draft.options["season"] = season
        draft.notes.append(
            f"`{shown_name(targets[0])}` repeats every {season:,} rows (autocorrelation {strength:.2f}): taken as its season."
        )
    window = advice.fitting_window(len(numbers), season)
    draft.options.setdefault("window", window)
    if advice.largest_window(len(numbers), 1) < 24:
        most = max(0, advice.largest_window(len(numbers), 1))
        draft.warnings.append(
            f"{len(numbers):,} rows are few; a window of at most {most} rows leaves training samples."
        )


def _step(table: Table, clock: Column | None) -> Step:
    nothing: Array = np.zeros(0)
    if clock is None or clock.dates is None:
        return Step(words="", unit="", count=0, sizes=nothing)
    times = times_of(column_of(table, clock.name))
    unique = np.unique(times[~np.isnan(times)])
    return step_of((unique * 1e6).round().astype(np.int64).astype("datetime64[us]"))


def _settle_growth(draft: Draft, target: str, numbers: Array) -> None:
    if not advice.only_grows(numbers):
        if draft.choices.differencing:
            draft.options["differencing"] = draft.choices.differencing
        return
    draft.options["differencing"] = draft.choices.differencing or "first"
    if draft.choices.differencing:
        return
    draft.guesses.append("differencing")
    reason = f"`{shown_name(target)}` never falls, and a network cannot predict values beyond those it has seen."
    choices = (("first", "Predict the change"), ("none", "Predict the value"))
    words = f"The values of `{shown_name(target)}` only grow: predict the change?"
    draft.ask(Question("differencing", words, choices, "first", reason), rank=GROWTH_RANK)
