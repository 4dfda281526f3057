"""Find which columns hold the time of a series or have times as names, and ask about both if needed."""

from dataclasses import replace

import numpy as np

from data.uploads.date_patterns import is_format
from data.uploads.dates_as_columns import time_columns, turned
from data.uploads.draft import Draft
from data.uploads.find_date_format import format_words
from data.uploads.findings import Found, Question
from data.uploads.series_advice import State
from data.uploads.shared_options import join_names, split_names
from data.uploads.table import Column, Table, shown_name
from data.uploads.time_axis import NO_TIME, digit_dates, find_time, unreadable_time, with_time

_RANK = {"turn": 10, "date_format": 20}


def settle_turn(state: State, draft: Draft) -> None:
    """Turn a table whose columns are times, so that each time gets a row, unless the visitor chose otherwise."""
    found = time_columns(state.table)
    if found is None and draft.choices.turn != "yes":
        return
    count, kind = (len(found.columns), found.kind) if found else (0, "dates")
    reason = f"{count} columns are named by {kind}; turned, each time has a row."
    if draft.settle("turn", "yes", reason, guessed=True) == "yes":
        state.table, note = turned(state.table)
        state.steps = replace(state.steps, turn="yes")
        draft.notes.append(note)
    draft.ask(
        Question(
            "turn",
            f"{kind.capitalize()} stand in the columns: turn the table?",
            (("yes", "Turn it: one row per time"), ("no", "Leave it as it is")),
            "yes",
            f"{count} columns are named by {kind}.",
        ),
        rank=_RANK["turn"],
    )


def settle_time(state: State, draft: Draft) -> None:
    """Find the columns of the time, combine them, and ask if the order of day and month is ambiguous."""
    table = state.table
    found = find_time(table)
    if not draft.choices.time and not found.value:
        panel = _cycle_column(table)
        if panel is not None:
            found = replace(
                found,
                value=join_names([panel[1].name]),
                reason=f"`{shown_name(panel[1].name)}` counts within `{shown_name(panel[0].name)}`.",
            )
    names = draft.choices.time or found.value
    if unreadable := unreadable_time(table, names):
        draft.warnings.insert(0, unreadable)
    names = draft.settle("time", found.value, found.reason, guessed=found.guessed and bool(found.value))
    letters = _digit_format(table, names)
    if letters and not table.choices.date_format:
        table = replace(table, choices=table.choices.changed("date_format", letters))
        draft.options["table"] = table.choices.to_text()
    parts = [one for one in table.columns if one.name in split_names(names)]
    state.aside += parts
    state.table, state.clock = with_time(table, names, table.choices.date_format)
    state.steps = replace(state.steps, time=names or NO_TIME)
    _ask_date_format(parts, draft)
    _say_date_format(parts, unreadable, draft)


def _say_date_format(parts: list[Column], unreadable: str, draft: Draft) -> None:
    """Say how dates are written, so that the format can be changed wherever a column could hold the time."""
    chosen = draft.choices.table.date_format
    if chosen and not is_format(chosen):
        draft.warnings.append(
            f"`{shown_name(chosen)}` is no date format; write letters such as %d.%m.%Y for 31.12.2024, or choose Automatic."
        )
    read = next((column for column in parts if column.dates is not None), None)
    if read is not None and read.dates is not None:
        reason = f"`{shown_name(read.name)}` is written {read.dates.words()}."
        if chosen and is_format(chosen) and read.dates.format != chosen:
            reason = f"You chose {format_words(chosen)}, which does not fit. {reason}"
        draft.found["date_format"] = Found(read.dates.format, reason, guessed=bool(read.dates.other) and not chosen)
    elif unreadable or any(column.kind == "text" for column in parts):
        draft.found["date_format"] = Found(chosen, unreadable or "No format reads the column of the time.")


def _digit_format(table: Table, names: str) -> str:
    listed = split_names(names)
    if len(listed) != 1 or listed[0] == NO_TIME:
        return ""
    column = table.column(listed[0], "time")
    dates = digit_dates(column, first=True) if column.kind == "number" else None
    return dates.format if dates else ""


def _ask_date_format(parts: list[Column], draft: Draft) -> None:
    for column in parts:
        dates = column.dates
        if dates is None or not dates.other or draft.choices.table.date_format:
            continue
        example = shown_name(str(column.texts[~column.missing].iloc[0]))
        draft.ask(
            Question(
                "date_format",
                f"Which comes first in `{example}` (`{shown_name(column.name)}`): the day or the month?",
                ((dates.format, dates.words()), (dates.other, format_words(dates.other))),
                dates.format,
                "Both orders fit; read so, the steps are at least as even.",
            ),
            rank=_RANK["date_format"],
        )
        draft.options["table"] = draft.choices.table.changed("date_format", dates.format).to_text()


def _cycle_column(table: Table) -> tuple[Column, Column] | None:
    """Return a first column that names units, and a second one that counts up by 1 within each of them."""
    if len(table.columns) < 3 or any(column.numbers is None or column.missing.any() for column in table.columns[:2]):
        return None
    unit, cycle = table.columns[:2]
    units, cycles = unit.numbers, cycle.numbers
    if units is None or cycles is None:
        return None
    inside = np.diff(units) == 0
    count = len(np.unique(units))
    counts = inside.any() and bool((np.diff(cycles)[inside] == 1).all()) and 2 <= count <= table.rows / 3
    return (unit, cycle) if counts else None
