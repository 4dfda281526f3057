"""The visitor's own file in the sidebar: upload, examples, and choice of columns."""

from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard import services, state
from dashboard.formatting import escaped
from dashboard.presets import comparison_of, recommended
from data.fields import FieldInfo
from data.uploads.inspect import Inspection, examples, inspect, join_names, split_names
from data.uploads.shared_options import table_choices
from models.errors import GatescopeError
from models.spec.experiment import ExperimentSpec
from models.spec.limits import check_upload

ONE_COLUMN = {"time": "-", "step": "-", "label": "", "sequence": ""}  # option to its value for "none", if it has one
MANY_COLUMNS = ("target", "inputs", "features")
SUGGESTED = (
    "window",
    "season",
    "differencing",
    "missing",
)  # suggested by the file, overridden by the visitor's setting
_FILE = "upload_file"
_PROBLEM = "upload_problem"
_TYPES = ["csv", "tsv", "txt"]


def uploader(dataset: str) -> None:
    """Draw the uploader, the uploaded file or why it was refused, and an example of every form."""
    st.file_uploader(
        "Your file",
        type=_TYPES,
        key=_FILE,
        on_change=_uploaded,
        help="A CSV or a plain text of at most 10 MB. It stays with the experiments that you train on it.",
    )
    problem, kept = state.get(_PROBLEM), state.upload()
    if problem:
        st.error(escaped(problem, longest=len(problem)))
    if kept:
        st.caption(f"{'Still in' if problem else 'In'} use: {escaped(kept.name)}")
    with st.popover("Example files", icon=":material/description:", width="stretch"):
        for example in examples():
            st.download_button(
                example.title,
                example.content,
                file_name=example.filename,
                key=f"example_{example.filename}",
                on_click="ignore",
                icon=":material/download:",
                type="tertiary",
            )


def _uploaded() -> None:
    """Inspect a new file, keep it for this session, and adapt the form to it."""
    file = state.get(_FILE)
    state.put(_PROBLEM, "")
    if file is None:
        return
    try:
        content = file.getvalue()
        check_upload(content)
        seen = inspect(content, file.name)
        state.keep_upload(seen.filename, content)
        state.fill(_fitting(state.get("spec"), seen))
    except GatescopeError as error:
        state.put(_PROBLEM, str(error))


def _fitting(before: ExperimentSpec, seen: Inspection) -> ExperimentSpec:
    """Return the settings for a new file: those that were chosen for this kind of file, else what it recommends.

    Choices of columns stay only for the same file, as when the file of a link is uploaded again.
    """
    if before.dataset != seen.dataset:
        return recommended(seen.dataset, options=tuple(seen.options.items()), **comparison_of(before))
    chosen = dict(before.options)
    if chosen["content"] == seen.options["content"]:
        return before
    defaults = before.source().Options()
    settings = {name: value for name, value in chosen.items() if value != getattr(defaults, name)}
    kept = {name: value for name, value in settings.items() if name in SUGGESTED or name not in seen.options}
    columns = (*MANY_COLUMNS, *ONE_COLUMN)
    options = dict(seen.options) | {name: value for name, value in kept.items() if name not in columns}
    return replace(before, options=tuple(options.items()))


def column_widget(dataset: str, name: str, key: str, info: FieldInfo) -> str | None:
    """Draw the choice of columns that an option asks for, if the file that it is about is there.

    Args:
        dataset: The chosen dataset.
        name: Name of the option.
        key: Key of its widget.
        info: What it is.

    Returns:
        The option's value, or None if it is no choice of columns.
    """
    if name not in MANY_COLUMNS and name not in ONE_COLUMN:
        return None
    seen = inspection(dataset)
    if seen is None or not seen.names:
        return None
    return _many(key, info, seen) if name in MANY_COLUMNS else _one(key, info, seen, none=ONE_COLUMN[name])


def inspection(dataset: str) -> Inspection | None:
    """Return this session's file read as one of the own datasets, or None."""
    kept = state.upload()
    if kept is None or not dataset.startswith("own_"):
        return None
    table, decimal = (state.get(state.option_widget(dataset, name)) for name in ("table", "decimal"))
    try:
        return services.inspection(
            kept.name, dataset, table_choices(table or "", decimal or "auto"), content=kept.content
        )
    except GatescopeError:
        return None


def _many(key: str, info: FieldInfo, seen: Inspection) -> str:
    own = f"{key}_columns"
    given = state.get(key, "")
    if state.get(own) is None or state.get(f"{own}_of") != given:
        state.put(own, [name for name in split_names(given) if name in seen.numbers])
    chosen = st.multiselect(info.label, list(seen.numbers), key=own, help=info.help, placeholder="automatic")
    return _remember(key, own, join_names(chosen) if chosen else "")


def _one(key: str, info: FieldInfo, seen: Inspection, *, none: str) -> str:
    own = f"{key}_column"
    given = state.get(key, "")
    offered = ["", *([none] if none else []), *seen.names]
    offered += [given] if given and given not in offered else []  # several columns that hold the time together
    if state.get(own) is None or state.get(f"{own}_of") != given:
        state.put(own, given if given in offered else "")
    labels: dict[str, Any] = {"": "automatic", "-": "none"}
    chosen = st.selectbox(info.label, offered, key=own, help=info.help, format_func=lambda name: labels.get(name, name))
    return _remember(key, own, chosen)


def _remember(key: str, own: str, value: str) -> str:
    """Store the option's text under its own key too, where the form and the link look for it."""
    state.put(key, value)
    state.put(f"{own}_of", value)
    return value
