"""Read which series of a file are used, one, some or all, and what a model over several of them is told and tested on."""

import re
from dataclasses import replace

import numpy as np

from data.calendar_waves import CALENDAR
from data.task import Array
from data.uploads.draft import Draft
from data.uploads.findings import Question
from data.uploads.roles import MAX_CATEGORIES, series_column
from data.uploads.series_advice import State
from data.uploads.series_table import ALL, ONE, SOME
from data.uploads.shared_options import join_names, split_names
from data.uploads.table import Column, Table, shown_name
from data.uploads.table_steps import PLACE, column_of, series_names, stacked
from data.uploads.time_axis import NO_TIME

EVERY = "*"  # answer to the question which series is used
_RANK = 30
_LISTED = 50
_STATIC = 8  # columns that are taken without being asked for
_WINDOW = 24
_NUMBERED = re.compile(r"(.*?)[ _.-]*\d+")


def settle_series(state: State, draft: Draft) -> None:
    """Find the column that names the series, or columns that are series, and choose one, some or all of them."""
    names, reason = _stacked(state, draft), "Each column is a series."
    if not names:
        names, reason = _series_names(state, draft)
    if not names:
        return
    draft.settle("series", names, reason, guessed=not draft.choices.stack)
    counts = series_names(state.table, names).value_counts(sort=False)
    first, which = _which(state.table, names, str(counts.index[0]), draft)
    state.aside += [column_of(state.table, name) for name in split_names(names)]
    state.steps = replace(state.steps, series=names, only=first)
    if len(counts) < 2:
        return
    draft.series_names = tuple(str(name) for name in counts.index)
    choices = [(str(name), f"{shown_name(str(name))} ({rows:,} rows)") for name, rows in counts.items()][:_LISTED]
    every = (EVERY, f"All {len(counts):,} series, one model")
    listed = [choice for choice in choices if choice[0] == first] + [every]
    listed += [choice for choice in choices if choice[0] != first]
    shown = ", ".join(f"`{shown_name(name)}`" for name in split_names(names))
    words = f"The file holds {len(counts):,} series, told apart by {shown}: which one?"
    if which == ONE:
        draft.ask(Question("only", words, tuple(listed), first, "It is the first in the file."), rank=_RANK)
    else:
        _settle_many(state, draft, counts.to_numpy())


def _stacked(state: State, draft: Draft) -> str:
    """Put columns that the visitor calls one quantity in different places below each other; return the series' column."""
    names = draft.choices.stack
    if names in ("", NO_TIME):
        _offer_stack(state, draft)
        return ""
    draft.settle("stack", names, "")
    clock = "" if state.clock is None else state.clock.name
    step = stacked(state.table, names, clock)
    state.table = step.table
    draft.notes.append(step.note)
    draft.options["stack"] = names
    return next(column.name for column in reversed(state.table.columns) if column.name.rstrip("_") == PLACE)


def _offer_stack(state: State, draft: Draft) -> None:
    """Say that numbered columns of numbers may be one quantity in different places."""
    numbers = [column for column in state.table.of_kind("number") if column not in state.aside]
    stems = [found.group(1).lower() for column in numbers if (found := _NUMBERED.fullmatch(column.name))]
    alike = len(stems) == len(numbers) > 2 and len(set(stems)) == 1
    if alike and state.clock is not None and state.table.header:
        words = "numbered columns may be one quantity in different places; choose them for one model over all."
        draft.settle("stack", "", f"{len(numbers):,} {words}")


def _series_names(state: State, draft: Draft) -> tuple[str, str]:
    """Return the columns that name the series, joined, and why."""
    clock, table, chosen = state.clock, state.table, draft.choices.series
    if chosen == NO_TIME or (clock is None and not chosen):
        if chosen:
            draft.settle("series", "", "")
        return "", ""
    keys = [one.name for one in table.columns if one.kind == "text"] if state.steps.turn == "yes" else []
    found = tuple(one for one in table.columns if one.name in keys)
    if not found and clock is not None:
        wanted = {*split_names(draft.choices.target), *split_names(draft.choices.inputs)}
        found = series_column(table, clock, [*state.aside, *(one for one in table.columns if one.name in wanted)])
    names = chosen or join_names([column.name for column in found])
    shown = ", ".join(f"`{shown_name(name)}`" for name in split_names(names))
    return names, f"{shown} tells apart rows of the same time."


def _which(table: Table, names: str, first: str, draft: Draft) -> tuple[str, str]:
    """Return a series by which the columns are judged, and whether one, some or all are used."""
    count = series_names(table, names).nunique()
    only = draft.choices.only
    which = draft.choices.which or (ALL if only == EVERY or (draft.choices.stack and not only) else ONE)
    chosen = [] if only in ("", EVERY) else (split_names(only) if which == SOME else [only])
    reason = f"It is the first of {count:,} series; windows never cross from one series to another."
    if which == ONE:
        draft.settle("only", first, reason, guessed=count > 1)
        return (chosen or [first])[0], which
    said = f"{len(chosen) if which == SOME else count:,} of {count:,} series with one model; windows never cross from one to another."
    draft.settle("which", which, said)
    if which == SOME:
        draft.settle("only", join_names([first]), "The series that are used.")
    return (chosen if which == SOME and chosen else [first])[0], which


def _settle_many(state: State, draft: Draft, lengths: Array) -> None:
    """Say how several series are split and scaled, and what stays the same within each."""
    reason = "Every series is tested on the same dates; hold whole series out to ask about new ones."
    split = draft.settle("split_by", "time", reason)
    scale = draft.settle(
        "scale_by", "series", "Series may be of different size, so each has its own mean and deviation."
    )
    names = series_names(state.table, state.steps.series).to_numpy(dtype=str)
    static = _static_columns(state, names)
    words = "Stays the same within each series." if static else "No column stays the same within each series."
    chosen = draft.settle("static", join_names([column.name for column in static]), words)
    state.aside += [column for column in state.table.columns if column.name in split_names(chosen)]
    usual = int(np.median(lengths))
    draft.options |= {
        "which": draft.found["which"].value,
        "split_by": split,
        "scale_by": scale,
        "static": "" if chosen == NO_TIME else chosen,
        "window": max(2, min(_WINDOW, usual // 5)),
    }
    if draft.found["which"].value == SOME:
        draft.options["only"] = draft.found["only"].value


def _static_columns(state: State, names: Array) -> list[Column]:
    """Return columns with one value in each series and several in the file."""
    first, codes = np.unique(names, return_index=True, return_inverse=True)[1:]
    asked: list[Column] = []
    for column in state.table.columns:
        texts = column.texts.to_numpy(dtype=object)
        if (
            column in state.aside
            or column is state.clock
            or column.missing.any()
            or column.kind not in ("text", "number")
        ):
            continue
        different = len(np.unique(texts.astype(str)))
        few = column.kind == "number" or different <= MAX_CATEGORIES
        if few and different > 1 and bool((texts == texts[first][codes]).all()):
            asked.append(column)
    return asked[:_STATIC]


def settle_known(state: State, draft: Draft) -> None:
    """Say which inputs are known for the rows to predict: planned columns and parts of the date."""
    if state.clock is None or draft.options.get("predict") == "classes":
        return
    known = draft.settle(
        "known", "", "No column is taken as known ahead; choose those that are planned, such as a price."
    )
    if known:
        draft.options["known"] = known
    if state.clock.dates is not None:
        words = f"Parts of the date that the network is told for the rows to predict: {', '.join(CALENDAR)}."
        calendar = draft.settle("calendar", "", words)
        if calendar:
            draft.options["calendar"] = calendar
