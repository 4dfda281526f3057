"""The visitor's own file in this session: upload, how it is read, the visitor's choices, and the form that fits it.

The visitor's choices about a file are one text (`ReadingChoices.to_text`). They override every guess, and also apply to
the next file if it has the same columns.
"""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from dashboard import services, state
from dashboard.components.file_drop import file_drop
from dashboard.form_words import in_form_words
from dashboard.formatting import escaped
from dashboard.held_file_card import note_upload, show_held_file
from dashboard.presets import comparison_of
from dashboard.streamlit_uploads import was_removed
from data.fields import Value
from data.uploads.inspect import Inspection, examples, inspect
from data.uploads.reading import DATASETS, ReadingChoices
from data.uploads.shared_options import table_choices
from data.uploads.stored_part import kept_part
from models.errors import GatescopeError
from models.spec.experiment_settings import ExperimentSpec
from models.spec.installation_limits import Limits, check_upload
from models.spec.recommended import recommended

ONE_COLUMN = {"time": "-", "step": "-", "label": "", "sequence": ""}  # option to its value for "none", if it has one
MANY_COLUMNS = ("target", "inputs", "features")
SUGGESTED = ("window", "season", "differencing", "missing")  # suggested by the file unless the visitor sets them
COLUMN_CHOICES = ("target", "inputs", "time", "label", "sequence")  # options that are also choices of the reading
SIDEBAR, CARD, DROPPED, READING = "upload_file", "upload_file_card", "dropped_file", "reading"
TYPES = ["csv", "tsv", "tab", "txt", "dat", "data", "xlsx", "parquet", "gz", "zip", "ts"]
_PROBLEM, _CHOICES, _SHAPE, _FORM = "upload_problem", "reading_choices", "reading_shape", "chosen_form"
_DROPS = "dropped_files"  # number of files dropped on the page in this session


def uploader(key: str = SIDEBAR) -> None:
    """Draw the uploader, why a file was refused, and an example of every form.

    Args:
        key: Where it stands: `SIDEBAR`, or `CARD` in the gallery.
    """
    most, kept = _max_megabytes(), state.upload()
    st.file_uploader(
        "Replace it with another file" if kept else "Your file",
        type=TYPES,
        key=key,
        on_change=_uploaded,
        args=(key, key),
        max_upload_size=most,
        help=f"A table (CSV, Excel, Parquet, `.ts`, packed or not) or a plain text, of at most {most} MB. It stays with the "
        "experiments that you train on it.",
    )
    refused = problem(key)
    if refused:
        st.error(escaped(in_form_words(refused), longest=2 * len(refused)))
        if kept:
            st.caption(f"Still in use: {escaped(kept.name)}")
    if key == SIDEBAR:
        _example_files()


def held_file() -> None:
    """Draw the file that this session holds, whatever the settings are about."""
    show_held_file(use=use_held_file, remove=remove_held_file, choices=choices())


def drop_anywhere() -> None:
    """Accept a file dropped anywhere on the page, and say why if it is refused."""
    key = f"{DROPPED}_{state.get(_DROPS, 0)}"  # a new uploader for each file, so that the last file's bytes are freed
    most = _max_megabytes()
    file_drop(
        lambda: st.file_uploader(
            "Dropped file",
            key=key,
            on_change=_dropped,
            args=(key,),
            max_upload_size=most,
        ),
        megabytes=most,
    )
    if refused := problem(DROPPED):
        st.error(escaped(in_form_words(refused), longest=2 * len(refused)))


def _dropped(key: str) -> None:
    _uploaded(key, DROPPED)
    state.put(_DROPS, state.get(_DROPS, 0) + 1)


def _max_megabytes() -> int:
    return int(max(1, Limits.from_environment().upload_megabytes))


def _example_files() -> None:
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


def choose_form(dataset: str) -> None:
    """Remember that the visitor chose a dataset in the list: no guess overrides a chosen form."""
    form = next((form for form, name in DATASETS.items() if name == dataset), "")
    state.put(_FORM, form)
    kept = state.upload()
    if form and kept is not None:
        change("form", form)


def _uploaded(key: str, place: str) -> None:
    """Inspect a new file, keep it for this session, and adapt the form to it; a refusal is shown at `place`."""
    file = state.get(key)
    if was_removed(file):
        return
    state.put(_PROBLEM, None)
    if file is None:
        return
    try:
        services.use("uploads")
        content = file.getvalue()
        check_upload(content)
        content = kept_part(content, filename=file.name)
        form = state.get(_FORM, "")
        seen, choices = _looked_at(content, file.name, ReadingChoices(form=form))
        before: ExperimentSpec = state.get("spec")
        note_upload(seen.filename, str(seen.options["content"]), seen.reading.rows)
        state.keep_upload(seen.filename, content, services.forget_file)
        state.put(_CHOICES, _with_link(before, seen, choices).to_text())
        state.fill(_fitting(before, seen))
    except GatescopeError as error:
        state.put(_PROBLEM, (place, str(error)))


def _looked_at(content: bytes, name: str, chosen: ReadingChoices) -> tuple[Inspection, ReadingChoices]:
    """Inspect a file, with the choices that were made for an earlier file with the same columns."""
    seen = inspect(content, name, choices=chosen)
    before, shape = choices(), (chosen.form, seen.names)
    if before.chosen() and seen.names and state.get(_SHAPE) == shape:
        return inspect(content, name, choices=before), before
    state.put(_SHAPE, shape)
    return seen, chosen


def _with_link(before: ExperimentSpec, seen: Inspection, chosen: ReadingChoices) -> ReadingChoices:
    """Return the choices completed by those in a link's settings, if these are about the same file."""
    options = dict(before.options)
    if before.dataset != seen.dataset or options.get("content") != seen.options["content"]:
        return chosen
    for name in COLUMN_CHOICES:
        value = options.get(name)
        if isinstance(value, str) and value and value != seen.options.get(name):
            chosen = chosen.changed(name, value)
    return chosen


def use_held_file() -> None:
    """Set the form to the file that is held, read as chosen before; used as a callback."""
    kept = state.upload()
    if kept is None:
        return
    try:
        state.fill(_fitting(state.get("spec"), inspect(kept.content, kept.name, choices=choices())))
    except GatescopeError as error:
        state.put(_PROBLEM, (READING, str(error)))


def remove_held_file() -> None:
    """Let the file go, with everything that was chosen about it; used as a callback."""
    before: ExperimentSpec = state.get("spec")
    for key in ("upload", _CHOICES, _SHAPE, _PROBLEM, _FORM):
        state.take(key)
    if before.source().family == "own":
        state.fill(recommended(before.dataset, **comparison_of(before)))


def choices() -> ReadingChoices:
    """Return the visitor's choices about the file."""
    return ReadingChoices.from_text(state.get(_CHOICES, ""))


def change(name: str, value: str) -> None:
    """Read the file again with a choice of the visitor; if that fails, show why and keep the old reading.

    Args:
        name: Field of `ReadingChoices` or `TableChoices`.
        value: The choice; empty for automatic.
    """
    answer({name: value})


def answer(values: Mapping[str, str]) -> None:
    """Read the file again with several choices; see `change`."""
    kept = state.upload()
    if kept is None:
        return
    state.put(_PROBLEM, None)
    chosen = choices()
    if "form" in values:  # choices of columns belong to the previous form
        chosen = ReadingChoices(table=chosen.table)
        state.put(_FORM, values["form"])
    try:
        for name, value in values.items():
            chosen = chosen.changed(name, value)
        seen = inspect(kept.content, kept.name, choices=chosen)
        state.put(_CHOICES, chosen.to_text())
        state.fill(_applied(state.get("spec"), seen))
    except GatescopeError as error:
        state.put(_PROBLEM, (READING, str(error)))


def problem(where: str) -> str:
    """Return the sentence with which the last file or change was refused, or empty.

    Args:
        where: Where it was given: `SIDEBAR`, `CARD`, `DROPPED` or `READING`.
    """
    place, sentence = state.get(_PROBLEM) or ("", "")
    return sentence if place == where else ""


def _applied(before: ExperimentSpec, seen: Inspection) -> ExperimentSpec:
    """Return the settings with everything that a new reading of the same file determines."""
    if before.dataset != seen.dataset:
        return recommended(seen.dataset, options=tuple(seen.options.items()), **comparison_of(before))
    return replace(before, options=tuple((dict(before.options) | dict(seen.options)).items()))


def _fitting(before: ExperimentSpec, seen: Inspection) -> ExperimentSpec:
    """Return the settings for a new file: those chosen for this kind of file, else the recommended ones.

    Choices of columns are kept only for the same file, as when the file of a link is uploaded again.
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
    options: dict[str, Value] = dict(seen.options)
    options |= {name: value for name, value in kept.items() if name not in columns}
    return replace(before, options=tuple(options.items()))


def inspection(dataset: str) -> Inspection | None:
    """Return this session's file read as one of the own datasets, or None."""
    kept = state.upload()
    if kept is None or not dataset.startswith("own_"):
        return None
    chosen = _choices_of(dataset)
    try:
        seen = services.inspection(kept, "", chosen)
        return seen if seen.dataset == dataset else services.inspection(kept, dataset, chosen)
    except GatescopeError:
        return None


def _choices_of(dataset: str) -> ReadingChoices:
    """Return the visitor's choices or, if this session has none, those of a link, which are in the options."""
    chosen = choices()
    if chosen.chosen():
        return chosen
    table, decimal = (state.get(state.option_widget(dataset, name)) for name in ("table", "decimal"))
    return ReadingChoices(table=table_choices(table or "", decimal or "auto"))
