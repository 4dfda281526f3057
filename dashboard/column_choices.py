"""Widgets for options that name columns of the visitor's own file."""

from typing import Any

import streamlit as st

from dashboard import state
from dashboard.uploads import COLUMN_CHOICES, MANY_COLUMNS, ONE_COLUMN, change, inspection
from data.fields import FieldInfo
from data.uploads.inspect import Inspection, join_names, split_names


def column_widget(dataset: str, name: str, key: str, info: FieldInfo) -> str | None:
    """Draw a widget for an option that is a choice of columns, if its file is present.

    Args:
        dataset: The chosen dataset.
        name: Name of the option.
        key: Key of its widget.
        info: Its description.

    Returns:
        The option's value, or None if it is not a choice of columns.
    """
    if name not in MANY_COLUMNS and name not in ONE_COLUMN:
        return None
    seen = inspection(dataset)
    if seen is None or not seen.names:
        return None
    if name in MANY_COLUMNS:
        return _many(name, key, info, seen)
    return _one(name, key, info, seen)


def _column_changed(name: str, key: str, own: str) -> None:
    """Read the file again with columns chosen in the form, so that reading and form agree."""
    value = state.get(own)
    text = join_names(value) if isinstance(value, list) else str(value or "")
    state.put(key, text)
    state.put(f"{own}_of", text)
    if name in COLUMN_CHOICES:
        change(name, text)


def _many(name: str, key: str, info: FieldInfo, seen: Inspection) -> str:
    own = f"{key}_columns"
    given = state.get(key, "")
    if state.get(own) is None or state.get(f"{own}_of") != given:
        state.put(own, [name for name in split_names(given) if name in seen.numbers])
    chosen = st.multiselect(
        info.label,
        list(seen.numbers),
        key=own,
        help=info.help,
        placeholder="automatic",
        on_change=_column_changed,
        args=(name, key, own),
    )
    return _remember(key, own, join_names(chosen) if chosen else "")


def _one(name: str, key: str, info: FieldInfo, seen: Inspection) -> str:
    own, none = f"{key}_column", ONE_COLUMN[name]
    given = state.get(key, "")
    offered = ["", *([none] if none else []), *seen.names]
    offered += [given] if given and given not in offered else []  # several columns that hold the time together
    if state.get(own) is None or state.get(f"{own}_of") != given:
        state.put(own, given if given in offered else "")
    labels: dict[str, Any] = {"": "automatic", "-": "none"}
    chosen = st.selectbox(
        info.label,
        offered,
        key=own,
        help=info.help,
        format_func=lambda column: labels.get(column, column),
        on_change=_column_changed,
        args=(name, key, own),
    )
    return _remember(key, own, chosen)


def _remember(key: str, own: str, value: str) -> str:
    """Store the option's text also under its own key, where form and link look for it."""
    state.put(key, value)
    state.put(f"{own}_of", value)
    return value
